"""The tests themselves are kept honest: each can fail, and none puts a pretence in the place of the database."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import functions, imported, modules, parsed, shown


def _calls(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            yield call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _asserts(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Assert) for part in ast.walk(node)) or "raises" in _calls(node)


def _that_can_fail() -> set[str]:
    """Every function of the tests that asserts, or that calls one which does."""
    bodies = [(name, node) for path in modules("tests") for name, node in functions(path)]
    sure = {name for name, node in bodies if _asserts(node)}
    while more := {name for name, node in bodies if name not in sure and sure.intersection(_calls(node))}:
        sure |= more
    return sure


def test_every_test_can_fail() -> None:
    sure = _that_can_fail()
    empty = [
        f"{shown(path)}:{node.lineno} {name}"
        for path in modules("tests")
        for name, node in functions(path)
        if name.startswith("test_") and name not in sure
    ]
    assert empty == []


def test_no_test_is_written_twice_under_one_name() -> None:
    """The second would silently take the place of the first."""
    for path in modules("tests"):
        names = [node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), shown(path)


def test_no_test_uses_a_mock() -> None:
    assert [shown(path) for path in modules("tests") for _, name in imported(path) if "mock" in name] == []
