"""The environment of the tests, set before Django reads its settings.

Loaded by pytest itself (`-p tests.environment` in pyproject.toml), because a
conftest would come too late. Only variables the product documents are set here,
and only where the caller left them open.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

# A thousand modules are imported, of which each worker would compile every one anew
# where writing the outcome down is forbidden, as it often is in containers.
sys.dont_write_bytecode = False

# There is no such server. The embedded one, in which the developer has a database too,
# is looked for when a test first asks for one, and under another name (conftest.py):
# what a test does by mistake reaches nothing, and a test of pure functions starts none.
NO_DATABASE = "postgresql:///none?host=/nowhere"

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DATABASE_URL", NO_DATABASE)
# Each refusal at once: a test looks for it in the next line.
os.environ.setdefault("API_REFUSALS_EVERY", "0")
# Playwright runs an event loop in the thread of the test, where Django would
# otherwise refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Seconds. What should take none is waited for this long before a test fails: the
# machine may be busy with something else.
GENEROUS_SECONDS = 120

# Whether the caller gave no server. (A worker of xdist inherits what is set above.)
EMBEDDED = os.environ["DATABASE_URL"] == NO_DATABASE


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: in this one Playwright may have a loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
