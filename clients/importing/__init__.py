"""Clients from another system: a file or a pasted table becomes rows with a fate.

`reading` bytes → table, `workbooks` the same of XLSX, `pasting` of a copied table,
`recognition` which column is what, `values` the text of one cell → a value, `checking`
a row → its fate. Nothing is created here (lifecycle/importing.py), and nothing of a
file is ever evaluated.
"""
