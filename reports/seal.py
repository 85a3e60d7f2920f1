"""What goes with the pages inside the PDF: every figure and every printed number as canonical JSON, and its digest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from ledger.dates import instant_text
from reports import attached, rounding
from reports.document import Print
from reports.figures import Coverage, Figure, Measure, Movement, Provenance, Row, Series, Table, value_json
from reports.statements.inputs import Issue

ATTACHMENT: Final = "figures.json"
FORMAT: Final = "big-society-bank statement figures 2"
FORMER: Final = "big-society-bank statement figures 1"
"""The format before tables were fitted: every cell is rounded by itself, and the check still reads it."""
FORMED: Final = "big-society-bank statement figures 3"
"""The format of a statement that says which form it has: what is attached may add up line by line."""
VERSION: Final = 3
"""Of what statements and notices hold and look like: each names the version that composed it, so that whoever composes
it again knows whether it can come out the same. It is raised whenever anything in them changes; the first statements
named none."""
KEY_DIGEST: Final = "figuressha256"
"""The name of the digest in the PDF's own information."""

Json = dict[str, Any]


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one writing of a JSON object: keys sorted, no spaces, UTF-8, a newline at the end."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def digest(data: bytes) -> str:
    """SHA-256, in small hexadecimal digits."""
    return sha256(data).hexdigest()


def figures_data(
    kind: str,
    title: str,
    issue: Issue,
    *,
    figures: Iterable[Figure],
    movements: Iterable[Movement],
    series: Iterable[Series],
    tables: Iterable[Table],
    laid_out: frozenset[str],
    measures: Iterable[Measure],
    prints: Iterable[Print],
) -> bytes:
    """Everything that the statement prints, and what each number refers to.

    `laid_out` names the tables that stand on a page as tables; the others are the data of a drawing.
    """
    figures, movements = tuple(figures), tuple(movements)
    tables = tuple(tables)
    told = {figure.code for figure in figures} | {f"{movement.code}.closing" for movement in movements}
    if issue.form:
        told |= {
            f"{table.code}.{row.key}.{column.code}"
            for table in tables
            for row in table.every_row()
            for column in table.columns
        }
    return canonical(
        {
            "format": FORMED if issue.form else FORMAT,
            "statement": _issue(kind, title, issue),
            "measures": [measure.model_dump() for measure in measures],
            "figures": [_figure(figure) for figure in figures],
            "movements": [_movement(movement) for movement in movements],
            "series": [_series(one) for one in series],
            "tables": [{**_table(table), "laid_out": table.code in laid_out} for table in tables],
            "printed": [one.model_dump() for one in prints],
            "attached": [attached.listed(one, told) for one in issue.attached],
        }
    )


def _issue(kind: str, title: str, issue: Issue) -> Json:
    head = issue.head
    return {
        "kind": kind,
        "title": title,
        "institution": issue.institution,
        "id": issue.statement,
        "quarter": str(issue.quarter),
        "as_at": issue.as_at.isoformat(),
        "known_at": instant_text(issue.known_at),
        "known_seq": issue.known_seq,
        "seal": {
            "seq": head.seq,
            "root": head.root,
            "recorded_at": None if head.recorded_at is None else instant_text(head.recorded_at),
        },
        "caution": issue.caution,
        "supersedes": issue.supersedes,
        **({} if issue.version is None else {"version": issue.version}),
        **({"subject": issue.subject} if issue.subject else {}),
        **({"form": issue.form, "fewest": issue.fewest} if issue.form else {}),
    }


def _provenance(provenance: Provenance) -> Json:
    return {
        "formula": provenance.formula,
        "source": provenance.source,
        "book": provenance.book,
        "accounts": list(provenance.accounts),
        "as_at": provenance.as_at.isoformat(),
        "known_seq": provenance.known_seq,
        "known_at": instant_text(provenance.known_at),
        "entries": [list(run) for run in provenance.entries],
        "entry_count": provenance.entry_count,
        "returns": list(provenance.returns),
    }


def _coverage(coverage: Coverage | None) -> Json | None:
    if coverage is None:
        return None
    return {
        "known": coverage.known,
        "of": coverage.of,
        "known_money": value_json(coverage.known_money),
        "of_money": value_json(coverage.of_money),
        "what": coverage.what,
    }


def _figure(figure: Figure) -> Json:
    return {
        "code": figure.code,
        "unit": figure.measure.unit,
        "value": value_json(figure.value),
        "coverage": _coverage(figure.coverage),
        "provenance": _provenance(figure.provenance),
    }


def _movement(movement: Movement) -> Json:
    parts = {part: str(getattr(movement, part)) for part in ("opening", "added", "taken", "closing")}
    return {"code": movement.code, **parts, "provenance": _provenance(movement.provenance)}


def _series(series: Series) -> Json:
    return {
        "code": series.measure.code,
        "unit": series.measure.unit,
        "points": [[str(point.quarter), value_json(point.value)] for point in series.points],
        "provenance": _provenance(series.provenance),
    }


def _table(table: Table) -> Json:
    return {
        "code": table.code,
        "title": table.title,
        "columns": [column.model_dump() for column in table.columns],
        "rows": [_row(row, table) for row in table.rows],
        "total": None if table.total is None else _row(table.total, table),
        "adding": [one.model_dump() for one in table.adding],
        "fitted": dict(table.fitted),
        "provenance": [_provenance(provenance) for provenance in table.provenance],
    }


def _row(row: Row, table: Table) -> Json:
    return {
        "key": row.key,
        "cells": [value_json(cell) for cell in row.cells],
        "printed": list(rounding.row_texts(table, row)),
    }
