"""The environment of the tests, set before Django reads its settings.

Loaded by pytest itself (`-p tests.environment` in pyproject.toml), because a
conftest would come too late. Only variables the product documents are set here,
and only where the caller left them open.
"""

import os

os.environ.setdefault("DEBUG", "1")
# Each refusal at once: a test looks for it in the next line.
os.environ.setdefault("API_REFUSALS_EVERY", "0")
# Playwright runs an event loop in the thread of the test, where Django would
# otherwise refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
