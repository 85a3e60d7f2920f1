"""The tests themselves are kept honest: none is empty, none is certain, none puts a pretence in a database's place."""

from __future__ import annotations

import ast

from tests.house.tree import functions, imported, modules, parsed, shown


def test_no_test_asserts_what_cannot_be_otherwise() -> None:
    certain = [
        f"{shown(path)}:{node.lineno}"
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assert) and isinstance(node.test, (ast.Constant, ast.Tuple))
    ]
    assert certain == []


def test_no_test_is_empty() -> None:
    empty = [
        f"{shown(path)}:{node.lineno} {name}"
        for path in modules("tests")
        for name, node in functions(path)
        if name.startswith("test_") and all(isinstance(line, (ast.Pass, ast.Expr)) for line in node.body[:-1])
        if isinstance(node.body[-1], ast.Pass) or _is_docstring(node.body[-1])
    ]
    assert empty == []


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def test_no_test_is_written_twice_under_one_name() -> None:
    """The second would silently take the place of the first."""
    for path in modules("tests"):
        names = [node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), shown(path)


def test_no_test_uses_a_mock() -> None:
    assert [shown(path) for path in modules("tests") for _, name in imported(path) if "mock" in name] == []
