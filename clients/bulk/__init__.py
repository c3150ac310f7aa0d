"""Acting on many clients: choose them, see what would change, do it, take it back.

Law: domain.md, "The actions": one function each, which the bulk action calls too. What
is chosen is fixed when the preview is shown; who changed meanwhile is skipped and said.
"""
