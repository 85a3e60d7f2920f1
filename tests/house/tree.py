"""The house as the house tests see it: its files, its modules, and what each of them says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("bank", "intermediaries", "ledger", "reports")
_WRITTEN: Final = {".py", ".md", ".toml", ".html", ".css", ".jsonl", ".json", ".csv", ".txt", ""}


@cache
def modules(*parts: str) -> tuple[Path, ...]:
    """Every Python file of the given parts of the house; of the four packages and the tests when none is given."""
    return tuple(
        sorted(
            path
            for part in parts or (*PACKAGES, "tests")
            for path in (ROOT / part).rglob("*.py")
            if "__pycache__" not in path.parts
        )
    )


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that people wrote, with what it says."""
    tops = [ROOT / name for name in (*PACKAGES, "tests", ".ci")]
    files = [path for top in tops for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    for path in sorted([*files, *(ROOT / name for name in ("README.md", "pyproject.toml"))]):
        if path.suffix in _WRITTEN:
            yield path, path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """The module as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def shown(path: Path) -> str:
    """The path as a reader of the house writes it."""
    return path.relative_to(ROOT).as_posix()


@cache
def imported(path: Path) -> tuple[tuple[int, str], ...]:
    """What the module imports, by full name, with the line on which it does."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the module, by name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
