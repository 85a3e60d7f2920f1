"""Imports run down the diamond, and each library that reaches the world is used in one room."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from tests.house.tree import PACKAGES, ROOT, imported, modules, parsed, shown

_DATABASE: Final = (
    "ledger/store/*",
    "ledger/account_statement.py",
    "ledger/balance_queries.py",
    "ledger/closings.py",
    "ledger/commands.py",
    "ledger/exchange.py",
    "ledger/moments.py",
    "ledger/moves.py",
    "ledger/placing.py",
    "ledger/posting.py",
    "ledger/queries.py",
    "ledger/trail.py",
    "ledger/verification.py",
    "*/model.py",
    "*/commands.py",
    "*/queries.py",
    "bank/migrations/*",
    "bank/migrations/versions/*",
    "bank/wiring.py",
)

ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "sqlalchemy": _DATABASE,
    "alembic": ("bank/migrations/*", "bank/migrations/versions/*"),
    "sqlite3": ("ledger/store/database.py",),
    "pysqlite3": ("ledger/store/database.py",),
    "psycopg": (),
    "fastapi": ("bank/api/*",),
    "starlette": ("bank/api/*",),
    "uvicorn": ("bank/cli/*",),
    "typer": ("bank/cli/*", "bank/cli/ledger/*"),
    "rich": ("bank/cli/*",),
    "weasyprint": ("reports/typeset/pdf.py",),
    "jinja2": ("reports/typeset/*",),
    "xlsxwriter": ("intermediaries/returns/*",),
    "python_calamine": ("intermediaries/returns/*",),
    "openpyxl": (),
    "cryptography": ("ledger/notes.py", "reports/unaided/checks.py", "reports/seal_check.py", "reports/sealing.py"),
    "asn1crypto": ("reports/seal_check.py", "reports/sealing.py"),
    "pyhanko": ("reports/sealing.py",),
    "pyxirr": ("ledger/*",),
    "holidays": ("ledger/workdays.py",),
    "beancount": (),
    "socket": (),
    "urllib.request": (),
    "http.client": (),
    "subprocess": ("intermediaries/returns/*",),
    "httpx2": (),
    "requests": (),
}
"""Which files may import which library. An empty row means that no part of the house uses it; tests may."""


def _is(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


def _strays(library: str) -> list[str]:
    allowed = ROOMS[library]
    return [
        f"{shown(path)}:{line} imports {name}"
        for path in modules(*PACKAGES)
        for line, name in imported(path)
        if _is(name, library) and not any(PurePosixPath(shown(path)).match(pattern) for pattern in allowed)
    ]


@pytest.mark.parametrize("library", sorted(ROOMS))
def test_a_library_stays_in_its_room(library: str) -> None:
    assert _strays(library) == []


@pytest.mark.parametrize("library", sorted(name for name, allowed in ROOMS.items() if len(allowed) == 1))
def test_a_library_with_a_room_is_used_there(library: str) -> None:
    users = {shown(path) for path in modules(*PACKAGES) for _, name in imported(path) if _is(name, library)}
    assert users, f"nothing imports {library}: take it out of the table, and out of pyproject.toml"


@pytest.mark.parametrize("library", ["weasyprint", "pyxirr"])
def test_a_library_we_may_one_day_replace_is_imported_in_a_single_file(library: str) -> None:
    users = {shown(path) for path in modules(*PACKAGES) for _, name in imported(path) if _is(name, library)}
    assert len(users) == 1


def test_imports_run_down_the_diamond() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert " 0 broken" in checked.stdout


def test_rules_know_neither_queries_nor_a_session() -> None:
    banned = ("sqlalchemy", "ledger.store.database", "ledger.queries", "ledger.commands")
    faults = [
        f"{shown(path)}:{line} imports {name}"
        for path in modules(*PACKAGES)
        if path.stem == "rules" or path.parent.name == "rules"
        for line, name in imported(path)
        if any(_is(name, one) for one in banned) or name.rsplit(".", 1)[-1] in {"queries", "commands"}
    ]
    assert faults == []


def test_no_module_imports_from_its_package_by_dots() -> None:
    """One way to write an import, so that a search finds every user of a module."""
    faults = [
        f"{shown(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert faults == []
