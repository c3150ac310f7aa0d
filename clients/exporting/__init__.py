"""Files of what a list shows, its clients or some of them, and of the movements of all
clients between two days.

Up to AT_ONCE rows are the response itself; more are made by a job (making.py), whose
ids are fixed first. What a row says is tables.py, which list was asked for lists.py,
which entries are of two days entries.py. Only to read: nothing of a client changes.
"""

from clients.exporting.asking import at_once, entries, everybody, some
from clients.exporting.lists import list_for

__all__ = ["at_once", "entries", "everybody", "list_for", "some"]
