"""No whole number comes in unbounded by any door: what no column holds would only fail behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import pytest
import typer
import typer.main
from fastapi import FastAPI

from bank.api import every_route
from bank.cli import program
from bank.settings import Settings
from ledger.refusals import Malformed
from ledger.whole_numbers import FARTHEST_PLACE, MOST_COUNTED, place_in

TOO_LARGE: Final = str(10**30)


def _inputs(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schema of every path, query and header value and of every body, with where it stands."""
    for path, verbs in document["paths"].items():
        for verb, told in verbs.items():
            for one in told.get("parameters", ()):
                yield f"{verb} {path} {one['name']}", one["schema"]
            for form, content in told.get("requestBody", {}).get("content", {}).items():
                yield f"{verb} {path} {form}", content.get("schema", {})


def _numbers(schema: Any, document: dict[str, Any], seen: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every whole number that a schema takes, through whatever it refers to."""
    if isinstance(schema, list):
        for one in schema:
            yield from _numbers(one, document, seen)
    elif isinstance(schema, dict):
        if (name := schema.get("$ref")) and name not in seen:
            yield from _numbers(document["components"]["schemas"][name.rpartition("/")[2]], document, (*seen, name))
        if schema.get("type") in {"integer", "number"}:
            yield "/".join(one.rpartition("/")[2] for one in seen) + f" {schema.get('title', '')}", schema
        for below in (value for key, value in schema.items() if key not in {"example", "examples", "default"}):
            yield from _numbers(below, document, seen)


def _unbounded(schema: dict[str, Any]) -> bool:
    return "enum" not in schema and "const" not in schema and not ("minimum" in schema and "maximum" in schema)


def test_every_whole_number_that_a_route_takes_is_bounded() -> None:
    app = FastAPI()
    app.router.routes.extend(route for _, route in every_route())
    document = app.openapi()
    found = [
        (f"{where}: {name}", number)
        for where, schema in _inputs(document)
        for name, number in _numbers(schema, document)
    ]
    assert len(found) > 30, "the walk has lost its way"
    assert [where for where, number in found if _unbounded(number)] == []
    assert max(number.get("maximum", 0) for _, number in found) <= FARTHEST_PLACE


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", {})
    if not below:
        yield words, command
    for name, one in below.items():
        yield from _commands(one, (*words, name))


def _whole(parameter: Any) -> bool:
    """Whether its value is read as a whole number, or as many."""
    return re.search(r"\bint\b", repr(parameter.type_descriptor.annotation)) is not None


COMMAND_LINE: Final[Any] = typer.main.get_command(program())
WHOLE: Final = {
    (*words, parameter.opts[0]): parameter
    for words, command in _commands(COMMAND_LINE)
    for parameter in command.params
    if _whole(parameter)
}
"""Every option and argument of the command line that is a whole number."""


def test_the_command_line_takes_whole_numbers() -> None:
    """So that the next test has something to try, whatever becomes of the library that it looks into."""
    assert len(WHOLE) > 25


@pytest.mark.parametrize("where", WHOLE, ids=" ".join)
def test_every_whole_number_of_the_command_line_is_bounded(where: tuple[str, ...]) -> None:
    """One too large is told as misused, by its name, before any database is opened."""
    *words, name = where
    given = [name, TOO_LARGE] if name.startswith("-") else [TOO_LARGE]
    with pytest.raises(typer.BadParameter, match="less than or equal to") as misused:
        COMMAND_LINE.main([*words, *given], standalone_mode=False)
    assert misused.value.param is not None
    assert misused.value.param.name == WHOLE[where].name
    assert WHOLE[where].max <= FARTHEST_PLACE


@pytest.mark.parametrize("name", [one.name for one in fields(Settings) if one.type in {int, "int"}])
@pytest.mark.parametrize("text", [TOO_LARGE, "1" * 5000, "-1", "", "1.5"])
def test_every_whole_number_of_the_settings_is_bounded(name: str, text: str) -> None:
    with pytest.raises(Malformed, match=f"BANK_{name.upper()} is .*, and must be a whole number of at most"):
        Settings.read({f"BANK_{name.upper()}": text})


@pytest.mark.parametrize("text", ["", "-1", "1.0", " 1", "1" * 19, TOO_LARGE, "٣", "1_0"])
def test_what_names_no_place_that_could_be_is_none(text: str) -> None:
    assert place_in(text) is None


@pytest.mark.parametrize("place", [0, 1, FARTHEST_PLACE])
def test_a_place_is_read_as_it_is_written(place: int) -> None:
    assert place_in(str(place)) == place


@pytest.mark.parametrize("text", ["", "1:", ":10", "60:10:1", "60", "a:b", f"60:{TOO_LARGE}", f"{'1' * 5000}:1", "٣:1"])
def test_what_is_no_ratio_of_shares_is_told_as_misused(text: str) -> None:
    line = ["capital", "agreement", "--holder", "A", "--commitment", "1.00", "--ratio", text]
    with pytest.raises(typer.BadParameter, match=f"like 60:10|up to {MOST_COUNTED}"):
        COMMAND_LINE.main(line, standalone_mode=False)
