"""Who may enter: resellers, people and the keys of their programs.

A person is identified by an e-mail address. What a person may do follows from fields
(`is_staff`, `reseller`), never from a stored role. Nothing here knows of clients.
"""

from accounts.models.events import AccessEvent, AccessKind
from accounts.models.keys import ApiKey, ApiKeyQuerySet, Scope
from accounts.models.lists import ListSettings, SavedView, SheetLink
from accounts.models.people import Role, User, UserManager
from accounts.models.resellers import Reseller, validate_time_zone

# Who acts: a person, or a program by its key. Both have `is_staff` and `reseller_id`.
Actor = User | ApiKey

__all__ = [
    "AccessEvent",
    "AccessKind",
    "Actor",
    "ApiKey",
    "ApiKeyQuerySet",
    "ListSettings",
    "Reseller",
    "Role",
    "SavedView",
    "SheetLink",
    "Scope",
    "User",
    "UserManager",
    "validate_time_zone",
]
