"""A file held against books of entries and nothing else, as an export rebuilds them: what entries alone can tell.

Facilities, returns, loans and the register of what was issued are not in an export. So nothing is composed anew: what
the file says to be a sum of entries is added up again, the head of the books and their trial balances with it. All else
is named and not judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bank.figures.accounts import accounts
from bank.figures.course import series
from bank.figures.evidence import Evidence
from bank.figures.money import FOLDS, fold
from bank.publishing.agreement import Difference, Judgement, NotJudged
from bank.publishing.proof import book_balances
from ledger import queries
from ledger.dates import instant_text
from reports.figures import Table, value_json
from reports.statements import accounts as accounts_told
from reports.statements import proofs
from reports.statements.inputs import Proof

_PARTS: Final = ("opening", "added", "taken", "closing")
_LEDGER: Final = "ledger"
_NOT_AN_ENTRY: Final = "it rests on facilities, returns, loans or records of which these books hold none"
_NOT_OF_ENTRIES: Final = frozenset({"ties"})
"""A column of a table that is otherwise of entries."""

Json = Mapping[str, Any]


def compared_by_entry(stated: Json, evidence: Evidence) -> Judgement:
    """Each value that a file says to be a sum of entries beside the books' own, and the head that it prints."""
    held: list[tuple[str, Any, Any]] = []
    left: list[NotJudged] = []
    for where, said, known in _pairs(stated, evidence):
        if known is None:
            left.append(NotJudged(where=where, why=_NOT_AN_ENTRY))
        else:
            names = dict.fromkeys((*said, *known))
            held += [(f"{where}/{name}", said.get(name), known.get(name)) for name in names]
    return Judgement(
        compared=len(held),
        differences=tuple(
            Difference(where=where, stated=_text(said), in_books=_text(known))
            for where, said, known in held
            if said != known
        ),
        not_judged=tuple(left),
    )


def _pairs(stated: Json, evidence: Evidence) -> Iterator[tuple[str, Json, Json | None]]:
    """Each part of the file with what the entries say of it; with nothing where they say nothing."""
    known: Json | None
    yield "/statement/seal", stated["statement"]["seal"], _head(evidence)
    for one in stated["figures"]:
        known = {"value": value_json(fold(evidence, one["code"]).value)} if _is_a_fold(one) else None
        yield f"/figures/{one['code']}", {"value": one["value"]}, known
    for one in stated["movements"]:
        known = _moved(evidence, one["code"]) if _is_a_fold(one) else None
        yield f"/movements/{one['code']}", {part: one[part] for part in _PARTS}, known
    for one in stated["series"]:
        known = _course(evidence, one["code"]) if _is_a_fold(one) else None
        yield f"/series/{one['code']}", dict(one["points"]), known
    again = {table.code: table for table in _tables(evidence)}
    for one in stated["tables"]:
        table = again.get(one["code"])
        yield f"/tables/{one['code']}", _cells(one), None if table is None else _cells_of(table)


def _is_a_fold(one: Json) -> bool:
    return one["code"] in FOLDS and one["provenance"]["source"] == _LEDGER


def _head(evidence: Evidence) -> Json:
    found = queries.head(evidence.session, evidence.known)
    return {"seq": found.seq, "root": found.root, "recorded_at": instant_text(found.recorded_at)}


def _moved(evidence: Evidence, code: str) -> Json:
    box = fold(evidence, code).movement
    return {part: str(getattr(box, part)) for part in _PARTS}


def _course(evidence: Evidence, code: str) -> Json:
    return {str(at.quarter): value_json(at.value) for at in series(evidence, code).points}


def _tables(evidence: Evidence) -> Iterator[Table]:
    """The tables that are of entries alone: trial balances, linked pairs, and the bank's accounts."""
    shown = Proof(
        books=tuple(book_balances(evidence)),
        pairs_checked=evidence.books.pairs(),
        pairs_that_disagree=len(queries.pairs_that_disagree(evidence.session, evidence.known)),
        provenance=evidence.provenance("every posting of every book by the day, as known then"),
    )
    yield proofs.books(shown)
    yield proofs.checks(shown)
    yield from accounts_told.tables(accounts(evidence))


def _cells(table: Json) -> Json:
    total = [table["total"]] if table["total"] else []
    columns = [(column["code"], column["unit"]) for column in table["columns"]]
    return {
        f"{row['key']}/{code}": cell
        for row in [*table["rows"], *total]
        for (code, unit), cell in zip(columns, row["cells"], strict=True)
        if unit != "text" and code not in _NOT_OF_ENTRIES
    }


def _cells_of(table: Table) -> Json:
    rows = [{"key": row.key, "cells": [value_json(cell) for cell in row.cells]} for row in table.every_row()]
    columns = [{"code": column.code, "unit": column.unit} for column in table.columns]
    return _cells({"columns": columns, "rows": rows, "total": None})


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
