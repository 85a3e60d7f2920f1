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


class Format(StrEnum):
    """The three ways of showing an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to show the answer.")]

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_RIGHT = {"amount", "balance", "debit", "credit", "seq"}


def show(answer: BaseModel | Sequence[BaseModel], form: Format, *, rows: str | None = None) -> None:
    """Print an answer: one record, a list of records, or a record whose member `rows` is the table to show."""
    if form is Format.JSON:
        print_json(answer)
        return
    lines = _lines(answer, rows)
    if form is Format.CSV:
        sys.stdout.write(as_csv(lines))
    else:
        _print_table(lines, answer if rows and isinstance(answer, BaseModel) else None, rows)


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


def _print_table(lines: list[dict[str, Any]], whole: BaseModel | None, rows: str | None) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if whole is not None:
        rest = {name: value for name, value in whole.model_dump(mode="json").items() if name != rows}
        for name, value in rest.items():
            console.print(Text(f"{_title(name)}: {_shown(value)}"))
    if len(lines) == 1 and whole is None:
        for name, value in lines[0].items():
            console.print(Text(f"{_title(name):<24} {_shown(value)}"))
        return
    if not lines:
        console.print(Text("Nothing to show."))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = list(dict.fromkeys(name for line in lines for name in line))
    for name in names:
        table.add_column(_title(name), justify="right" if name in _RIGHT or _is_money(lines, name) else "left")
    for line in lines:
        table.add_row(*(Text(_shown(line.get(name))) for name in names))
    console.print(table)


def _is_money(lines: Iterable[Mapping[str, object]], name: str) -> bool:
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
