"""How far a file agrees with the books: compared whole with what they give, or by its figures, or by entries alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from bank.publishing import lists
from bank.publishing.origin import Journal, Origin
from bank.publishing.rules import NotAStatement
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.store.work import View
from reports import seal
from reports.attached import CSV
from reports.contents import Contents
from reports.document import Document
from reports.verify import Verdict

WHOLE: Final = "whole"
FIGURES: Final = "figures"
ENTRIES: Final = "entries"
How = Literal["whole", "figures", "entries"]
"""Composed anew and compared whole; each figure worked out by its code; or only what entries alone can tell."""
Kept = Literal["same", "altered", "resealed", "other", "none"]
"""What the register holds of a file: this very file; another, though the digest kept in the trail is this file's; its
pages under another seal or none; another file under its identifier; nothing."""


class Difference(View):
    """One thing that a document says and the books, as known then, do not. None where one side has nothing there."""

    where: str
    stated: str | None
    in_books: str | None


class NotJudged(View):
    """One thing that a document of another version states and this version cannot work out, and why."""

    where: str
    why: str


class Judgement(View):
    """What a comparison came to: how many values it held against the books, and which it could not."""

    compared: int
    differences: tuple[Difference, ...]
    not_judged: tuple[NotJudged, ...] = ()


class AgreementView(View):
    """Whether everything in a document agrees with the books as known at its moment, and how that was found."""

    statement: str
    kind: str
    form: str
    quarter: Quarter
    known_at: datetime
    known_seq: int
    agrees: bool
    compared: int
    differences: tuple[Difference, ...]
    filed: bool
    """Whether a statement of this identifier with this very PDF is filed here, or these books give this very notice."""
    kept: Kept
    """What the register holds of the file; of a notice, which is not kept, `same` or `none`."""
    journal: Journal
    """How these books stand to those that it was drawn from, by the head that it prints."""
    shared_entries: int
    """How many of the books' first entries are shown to be those that it was drawn from."""
    replaced_by: str | None = None
    """The newest statement filed of its kind, quarter and form that knew more, where there is one."""
    books_fault: str
    """Why the books do not hold by themselves, whatever the file says; empty where they do."""
    books_fault_seq: int | None
    """The first entry that does not hold, where one is named."""
    composed_by: int | None
    """The version of the statements that the file says it was composed by; none by one that named itself nowhere."""
    version: int
    """The version of the statements that compared it."""
    compared_by: How
    """Composed anew and compared whole; of a filed file or a notice of another version, each figure worked out and
    compared; and by books that hold entries only, what entries alone can tell."""
    not_judged: tuple[NotJudged, ...]
    """What this version does not know, or knows by another definition, or what these books do not hold; of a notice its
    sentences, and what words of its tables are not those of this version."""


def times_of(verdict: Verdict) -> tuple[Quarter, Known]:
    """The quarter that a file is of, and what it knew. Refuses one that says it in no way that can be meant."""
    seq = verdict.known_seq
    if verdict.quarter is None or verdict.known_at is None or not isinstance(seq, int) or seq < 0:
        faults = "; ".join(verdict.faults[:3]) or "it does not say what it knew"
        raise NotAStatement(f"This file is not a statement that can be read: {faults}")
    return verdict.quarter, Known(seq, verdict.known_at)


def version_named(verdict: Verdict) -> int | None:
    """The version of the statements that a file says it was composed by; none where it names none."""
    said = verdict.data["statement"].get("version")
    return said if isinstance(said, int) else None


def compared_whole(stated: Mapping[str, Any], files: Mapping[str, bytes], document: Document) -> Judgement:
    """All that a file's data and lists say beside the same document composed anew from the books.

    What differs is told in the order in which it says most: what the file is, its figures, its tables, its lists line
    by line; then what follows from them, how they are printed and the digests of what is attached.
    """
    found = [*_differences(stated, json.loads(document.data)), *_of_the_lists(files, document)]
    return Judgement(compared=_many(stated), differences=tuple(sorted(found, key=lambda one: _rank(one.where))))


_ORDER: Final = ("statement", "figures", "movements", "series", "tables", "lists", "measures", "printed", "attached")
_FOLLOWS: Final = re.compile(r"/(printed|fitted|adding|provenance)/")
"""How a cell is printed, yields and adds, and which entries it comes from, follows from the cell."""


def _rank(where: str) -> int:
    """The place of a difference among others."""
    part = where.split("/")[1]
    place = _ORDER.index(part) if part in _ORDER else len(_ORDER)
    return _ORDER.index("printed") if _FOLLOWS.search(where) else place


def agreement(
    verdict: Verdict, judgement: Judgement, origin: Origin, *, kept: Kept, compared_by: How = WHOLE
) -> AgreementView:
    """What a comparison of a file with the books came to; `kept` is what their register holds of it."""
    quarter, known = times_of(verdict)
    return AgreementView(
        statement=str(verdict.statement),
        kind=verdict.kind,
        form=verdict.form or "trustees",
        quarter=quarter,
        known_at=known.instant,
        known_seq=known.seq,
        agrees=bool(judgement.compared) and not judgement.differences and origin.journal == "same",
        compared=judgement.compared,
        differences=judgement.differences,
        filed=kept == "same",
        kept=kept,
        journal=origin.journal,
        shared_entries=origin.shared,
        books_fault=origin.fault,
        books_fault_seq=origin.fault_seq,
        composed_by=version_named(verdict),
        version=seal.VERSION,
        compared_by=compared_by,
        not_judged=judgement.not_judged,
    )


def _differences(stated: Any, found: Any) -> Iterator[Difference]:
    if json.dumps(stated) == json.dumps(found):  # nearly always, and in a tenth of the time
        return
    said, known = dict(leaves(stated)), dict(leaves(found))
    for where in dict.fromkeys((*said, *known)):
        if said.get(where) != known.get(where):
            called = _by_its_column(where, stated if where in said else found)
            yield Difference(where=called, stated=said.get(where), in_books=known.get(where))


_CELL: Final = re.compile(r"(/tables/([0-9]+)\b.*/(?:cells|printed)/)([0-9]+)")


def _by_its_column(where: str, document: Mapping[str, Any]) -> str:
    """The way to a cell of a table with the code of its column at the end, and not its number."""
    found = _CELL.fullmatch(where)
    if found is None:
        return where
    columns = document["tables"][int(found[2])]["columns"]
    place = int(found[3])
    return f"{found[1]}{columns[place]['code']}" if place < len(columns) else where


def _of_the_lists(files: Mapping[str, bytes], document: Document) -> Iterator[Difference]:
    """What the lines of attached lists say otherwise, by what each line is known by."""
    for one in document.issue.attached:
        if one.media == CSV and one.name in files and Contents(files[one.name]) != one.content:
            (said, own), (known, theirs) = lists.read(files[one.name]), lists.read(one.content.whole)
            key = lists.key_of({*said} & {*known})
            if key is not None:
                yield from _of_the_lines(f"/lists/{one.name}", lists.by_key(own, key), lists.by_key(theirs, key))


def _of_the_lines(name: str, own: lists.Lines, theirs: lists.Lines) -> Iterator[Difference]:
    for line in dict.fromkeys((*own, *theirs)):
        where = f"{name}/{'/'.join(line)}"
        if line in own and line in theirs:
            for column in dict.fromkeys((*own[line], *theirs[line])):
                said, known = own[line].get(column), theirs[line].get(column)
                if said != known:
                    yield Difference(where=f"{where}/{column}", stated=said, in_books=known)
        else:
            told = "a line" if line in own else None
            yield Difference(where=where, stated=told, in_books=None if told else "a line")


def leaves(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every single value of a JSON document with the way to it; a member that has a code or a key is called by it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{where}/{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from leaves(part, f"{where}/{_called(part, place)}")
    else:
        yield where, json.dumps(value, ensure_ascii=False)


def _many(value: Any) -> int:
    """How many single values a JSON document has."""
    if isinstance(value, dict | list):
        return sum(map(_many, value.values() if isinstance(value, dict) else value))
    return 1


def _called(part: Any, place: int) -> str:
    named = [
        str(part[name]) for name in ("code", "key", "reference", "name") if isinstance(part, dict) and name in part
    ]
    return f"{place}:{named[0]}" if named else str(place)
