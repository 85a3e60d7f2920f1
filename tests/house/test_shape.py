"""The shape of the code: small files and functions that say what they know, and time and money kept in their places."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path
from typing import Final

from tests.house.tree import PACKAGES, ROOT, functions, modules, parsed, shown

LONGEST_FILE: Final = 500
LONGEST_TEST_FILE: Final = 800
"""A file of tests is read a test at a time."""
LONGEST_FUNCTION: Final = 50
LONGEST_MEDIAN: Final = 8

DRAWERS: Final = {"base", "common", "core", "helper", "helpers", "lib", "manager", "misc", "shared", "util", "utils"}
"""Names that say what a file is not. Whatever is put there, nobody looks for it."""

FLOATS: Final = {
    "intermediaries/returns/bounds.py": "a limit in seconds",
    "intermediaries/returns/workbook.py": "a spreadsheet keeps its numbers so; each is read once, into text",
    "intermediaries/returns/write_workbook.py": "a number is written so only where it means exactly the decimal text",
    "ledger/yields.py": "the search for a rate, which is then proved in whole pence",
}
"""The files where a binary fraction may stand, and what it is there."""

_NOW: Final = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def test_every_module_opens_with_a_sentence_that_says_what_it_knows() -> None:
    def opens_well(path: Path) -> bool:
        return (ast.get_docstring(parsed(path)) or "").split("\n", 1)[0].endswith(".")

    assert [shown(path) for path in modules(*PACKAGES) if not opens_well(path)] == []


def test_files_are_short() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    longest = {name: LONGEST_TEST_FILE if name.startswith("tests/") else LONGEST_FILE for name in lengths}
    assert {name: lines for name, lines in lengths.items() if lines >= longest[name]} == {}


def _lengths() -> dict[str, int]:
    """How many lines of each function do something: what it takes and what it promises are not counted."""
    return {
        f"{shown(path)}:{node.lineno} {name}": (node.end_lineno or 0) - body[0].lineno + 1
        for path in modules(*PACKAGES)
        for name, node in functions(path)
        if (body := [line for line in node.body if not isinstance(getattr(line, "value", None), ast.Constant)])
        if "versions" not in path.parts  # a migration is one step after another, and is never read as anything else
    }


def test_functions_are_short() -> None:
    lengths = _lengths()
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert statistics.median(lengths.values()) <= LONGEST_MEDIAN


def test_no_file_is_a_drawer() -> None:
    drawers = [
        shown(path)
        for part in (*PACKAGES, "tests")
        for path in (ROOT / part).rglob("*")
        if DRAWERS.intersection(path.stem.lower().replace("-", "_").split("_"))
    ]
    assert drawers == []


def test_only_the_clock_says_what_time_it_is() -> None:
    """A history can be replayed, and a statement set again as of then, only if nothing asks the machine."""
    faults = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if shown(path) != "ledger/dates.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in _NOW
    ]
    assert faults == []


def test_no_money_is_a_float() -> None:
    faults = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if shown(path) not in FLOATS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and node.id == "float"
    ]
    assert faults == []
