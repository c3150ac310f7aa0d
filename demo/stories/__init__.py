"""The clients of the demo: every status, every combination, every rhythm.

There is one Story per client; year.py explains its fields. A comment says what a story
shows where its fields do not make that clear.
"""

from demo.stories.beto import BETO
from demo.stories.companies import OTHER_COMPANIES
from demo.stories.names import KEMPER, SHARED
from demo.stories.persons import PERSONS
from demo.stories.taxpayers import TAXPAYERS

ALICIA = [*TAXPAYERS, *OTHER_COMPANIES, *PERSONS]

__all__ = ["ALICIA", "BETO", "KEMPER", "SHARED"]
