"""How an answer is shown: as a table to read, as JSON or CSV to work with; never a number that is not in the answer."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.words import readable


class Format(StrEnum):
    """The three ways of showing an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to show the answer.")]

_KEPT_WHOLE = 40
"""Letters of a cell that is never broken; longer text folds."""
_GAP = 2
"""Blanks between columns."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def show(
    answer: BaseModel | Sequence[BaseModel], form: Format, *, rows: str | None = None, columns: Sequence[str] = ()
) -> None:
    """Print an answer: one record, a list of records, or a record whose member `rows` is the table to show.

    `columns` are what a table to read keeps of each row, for a terminal is narrow; JSON and CSV always have all.
    """
    if form is Format.JSON:
        print_json(answer)
        return
    lines = _lines(answer, rows)
    if form is Format.CSV:
        sys.stdout.write(as_csv(lines))
    elif isinstance(answer, BaseModel) and rows is None:
        _print_record(lines[0])
    else:
        if isinstance(answer, BaseModel):
            whole = answer.model_dump(mode="json")
            _print_record({name: value for name, value in whole.items() if name != rows})
        _print_table(lines, columns)


def print_head(answer: BaseModel, names: Sequence[str]) -> None:
    """Print a few members of a record, above a table of its own."""
    content = answer.model_dump(mode="json")
    _print_record({name: content[name] for name in names})


def print_json(answer: object) -> None:
    """Print JSON, two spaces deep."""
    sys.stdout.write(json.dumps(_plain(answer), indent=2, ensure_ascii=False) + "\n")


def as_csv(lines: Sequence[Mapping[str, object]]) -> str:
    """Rows as CSV. Text that a spreadsheet would take for a formula is led by an apostrophe; numbers stay numbers."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in line.items()} for line in lines)
    return out.getvalue()


def _safe(value: object) -> str:
    text = _shown(value)
    if text.startswith(_DANGEROUS) and not text.removeprefix("-").replace(".", "", 1).isdigit():
        return f"'{text}"
    return text


def _lines(answer: BaseModel | Sequence[BaseModel], rows: str | None) -> list[dict[str, Any]]:
    if isinstance(answer, BaseModel):
        content = answer.model_dump(mode="json")
        return list(content[rows]) if rows else [content]
    return [item.model_dump(mode="json") for item in answer]


def _print_record(record: Mapping[str, Any], indent: str = "") -> None:
    """A record as lines of name and value; records inside it stand below it, further in."""
    width = max((len(_title(name)) for name in record), default=0)
    for name, value in record.items():
        inner = value if isinstance(value, list) else [value]
        if any(isinstance(one, dict) for one in inner):
            _say(f"{indent}{_title(name)}:")
            for one in inner:
                _print_record(one, f"{indent}  ")
        elif value not in (None, "", []):
            told = ", ".join(_shown(one) for one in inner)
            # A text of several lines stands in from its name: no line of it looks like another member.
            lines = _for_reading(told).replace("\n", f"\n{indent}{'':<{width}}  ")
            _say(f"{indent}{_title(name):<{width}}  {lines}")


def _print_table(lines: list[dict[str, Any]], columns: Sequence[str]) -> None:
    if not lines:
        _say("Nothing to show.")
        return
    nested = {name for line in lines for name, value in line.items() if isinstance(value, (list, dict))}
    names = list(columns) or [name for name in lines[0] if name not in nested]
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0))
    wanted = 0
    for name in names:
        longest = max(len(_cell(line.get(name))) for line in lines)
        least = max(min(longest, _KEPT_WHOLE), len(_title(name)))
        wanted += least + _GAP
        table.add_column(
            _title(name),
            justify="right" if _is_number(lines, name) else "left",
            no_wrap=longest <= _KEPT_WHOLE,
            min_width=least,
            overflow="fold",
        )
    for line in lines:
        table.add_row(*(Text(_cell(line.get(name))) for name in names))
    console = Console(highlight=False)
    # A row is never cut: where the terminal is too narrow for it, the row runs on.
    console.width = max(console.width, wanted)
    console.print(table)


def _cell(value: object) -> str:
    """What a table to read says of a value: several words one after another, as a record says them."""
    if isinstance(value, list) and not any(isinstance(one, (list, dict)) for one in value):
        return readable(", ".join(_shown(one) for one in value))
    return _for_reading(_shown(value))


def _say(text: str) -> None:
    sys.stdout.write(f"{text.rstrip()}\n")


def _for_reading(text: str) -> str:
    """An amount with its thousands apart; anything else as it is, but for what a terminal would take for a command."""
    whole, point, pennies = text.removeprefix("-").partition(".")
    if point and whole.isdigit() and len(pennies) == 2:  # noqa: PLR2004 -- pence
        return f"{'-' if text.startswith('-') else ''}{int(whole):,}.{pennies}"
    return readable(text)


def _is_number(lines: Iterable[Mapping[str, object]], name: str) -> bool:
    values = [str(line.get(name)) for line in lines if line.get(name) is not None]
    return bool(values) and all(value.lstrip("-").replace(".", "", 1).isdigit() for value in values)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _plain(answer: object) -> object:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, (list, tuple)):
        return [_plain(item) for item in answer]
    return answer
