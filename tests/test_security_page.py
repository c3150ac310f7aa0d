"""docs/security.md against the code: what it names exists, and nothing is left out."""

import ast
import re
from collections import Counter
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
CHAPTERS = PAGE.partition("\n## V1 ")[2]
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0 has.
OF_CHAPTER = dict(
    enumerate([27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7], start=1)
)
PARTS = [
    *("sat", "accounts", "packages", "clients", "api", "portal", "followup", "manual"),
    *("demo", "reseller_panel"),
]


def numbers(text: str) -> list[str]:
    """«6.6.1–3» is three."""
    found = re.findall(r"(\d+\.\d+)\.(\d+)(?:–(\d+))?", text)
    return [
        f"{section}.{number}"
        for section, first, last in found
        for number in range(int(first), int(last or first) + 1)
    ]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def status(row: list[str]) -> str:
    return row[1].partition(":")[0].strip("* ")


def test_every_requirement_stands_there_once() -> None:
    found = [number for row in rows(CHAPTERS) for number in numbers(row[0])]
    assert len(found) == len(set(found))
    assert Counter(int(number.partition(".")[0]) for number in found) == OF_CHAPTER


def test_the_counts_are_right() -> None:
    of = {"met": 0, "n/a": 0, "not met": 0}
    for row in rows(CHAPTERS):
        of[status(row)] += len(numbers(row[0]))
    said = (
        f"**{of['met']} met, {of['n/a']} not applicable, {of['not met']} not met, "
        f"of {sum(of.values())}.**"
    )
    assert said in PAGE


def test_what_is_not_met_stands_first() -> None:
    first = PAGE.partition("\n## Not met")[2].partition("\n## ")[0]
    missing = [row[0] for row in rows(CHAPTERS) if status(row) == "not met"]
    assert [row[0] for row in rows(first)] == missing


def test_what_is_met_says_where() -> None:
    for row in rows(CHAPTERS):
        assert len(row) == 3 or status(row) == "n/a", row
        assert status(row) == "n/a" or row[2].rstrip(" |"), row


def test_every_file_test_and_setting_that_it_names_exists() -> None:
    quoted = set(re.findall(r"`([^`]+)`", PAGE))
    for path in quoted:
        if re.fullmatch(r"[\w./-]+\.(py|js|md|txt|html)", path) and "/" in path:
            assert (ROOT / path).is_file(), path
    files = (ROOT / "tests").rglob("*.py")
    there = set(re.findall(r"def (test_\w+)", "".join(f.read_text() for f in files)))
    tests = {name for name in quoted if re.fullmatch(r"test_\w+", name)}
    assert len(tests) > 100
    assert tests <= there, tests - there
    names = {name for name in quoted if re.fullmatch(r"[A-Z]+_[A-Z_]+", name)}
    read = (ROOT / "reseller_panel" / "settings.py").read_text()
    read += (ROOT / "reseller_panel" / "environment.py").read_text()
    for name in names:
        assert hasattr(settings, name) or f'"{name}"' in read, name


CALLS_OUT = {
    *("subprocess", "socket", "smtplib", "ftplib", "telnetlib", "http.client"),
    *("urllib.request", "urllib3", "requests", "httpx", "aiohttp", "asyncssh"),
}
# With the reason. E-mails go through Django, the database through psycopg.
DECIDED = {
    "reseller_panel/embedded.py": "a developer's database, not in production",
    "api/stamping/group_commit.py": "cuts a connection of its own to the database",
}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return names


def test_no_code_of_ours_calls_out() -> None:
    """Neither another machine nor another program."""
    found = set()
    for part in PARTS:
        for path in (ROOT / part).rglob("*.py"):
            text = path.read_text()
            if imported(ast.parse(text)) & CALLS_OUT or re.search(
                r"\bos\.(system|popen|exec\w+|spawn\w+)\(", text
            ):
                found.add(str(path.relative_to(ROOT)))
    assert found == set(DECIDED)
