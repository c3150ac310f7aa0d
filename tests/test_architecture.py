"""docs/architecture.md against the code: its diagram shows the actual imports."""

import re
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
TOOLS = {"chaos", "benchmarks"}
PARTS = [part for part in CONTRACTS["root_packages"] if part not in TOOLS]


@pytest.fixture(scope="module")
def arrows() -> set[tuple[str, str]]:
    graph = grimp.build_graph(*PARTS)
    imports = (
        (module.partition(".")[0], imported.partition(".")[0])
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    )
    return {(one, other) for one, other in imports if one != other}


def test_every_part_is_checked_by_the_contracts() -> None:
    found = {
        str(init.parent.relative_to(ROOT))
        for init in ROOT.glob("*/__init__.py")
        if init.parent.name != "tests"
    }
    assert found == set(CONTRACTS["root_packages"])


def test_the_page_draws_every_arrow_and_no_other(arrows: set[tuple[str, str]]) -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.MULTILINE))
    assert drawn == arrows


def test_the_page_says_what_is_in_each_part() -> None:
    said = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(said) == sorted(PARTS)


def test_the_page_has_the_layers_of_clients() -> None:
    (inside,) = [
        c for c in CONTRACTS["contracts"] if c.get("containers") == ["clients"]
    ]
    layers = [re.findall(r"\w+", layer) for layer in inside["layers"]]
    block = PAGE.partition("## Inside clients")[2].split("```")[1]
    lines = [line for line in block.splitlines() if line.strip()]
    on_page = [re.findall(r"\w+", line.partition("   ")[0]) for line in lines]
    assert on_page == layers


def test_every_file_that_a_page_names_exists() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
    ]
    for page in pages:
        for link in re.findall(r"\]\(([\w./-]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
        for path in re.findall(r"`((?:[\w-]+/)+[\w-]+\.\w+)`", page.read_text()):
            assert (
                (ROOT / path).exists()
                or (ROOT / "clients" / path).exists()
                or (ROOT / "api" / path).exists()
            ), f"{page.name}: {path}"


def test_no_comment_of_a_template_runs_over_a_line() -> None:
    """Django shows `{# … #}` as text if it does."""
    broken = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.*")
        if "{#" in re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    ]
    assert broken == []
