"""The calls of api.md about clients: stamping, and what a reseller automates.

Every call fetches only clients of the key's reseller, and changes facts through the
same verbs as the panel. A refusal is raised; api/app.py turns it into problem+json.
"""

# Imported in the order in which the docs list the calls.
from api.calls import stamps, clients, selling, access  # noqa: F401, I001
from api.calls.base import router

__all__ = ["router"]
