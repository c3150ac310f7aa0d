"""The calls of api.md about clients: stamping, and what a reseller automates.

Every call begins with the scoped fetch and ends in the same verb as the panel; a
refusal is raised and becomes problem+json in reseller_panel/api.py.
"""

# In the order in which the docs tell them.
from clients.api import stamping, table, selling, access  # noqa: F401, I001
from clients.api.parts import router

__all__ = ["router"]
