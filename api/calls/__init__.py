"""The calls of api.md about clients: stamping, and what a reseller automates.

Every call begins with the scoped fetch and ends in the same verb as the panel; a
refusal is raised and becomes problem+json in api/app.py.
"""

# In the order in which the docs tell them.
from api.calls import stamps, clients, selling, access  # noqa: F401, I001
from api.calls.base import router

__all__ = ["router"]
