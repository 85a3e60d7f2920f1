"""How far a file agrees with the books: compared whole with what they give, or figure by figure where it is older."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from ledger.dates import Quarter
from ledger.store.work import View
from reports import seal
from reports.document import Document
from reports.verify import Verdict

WHOLE: Final = "whole"
FIGURES: Final = "figures"


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
    composed_by: int | None
    """The version of the statements that the file says it was composed by; none by one that named itself nowhere."""
    version: int
    """The version of the statements that compared it."""
    compared_by: Literal["whole", "figures"]
    """Composed anew and compared whole; or, of a filed file of another version, each figure worked out and compared."""
    not_judged: tuple[NotJudged, ...]
    """What this version does not know, or knows by another definition, of what is compared figure by figure."""


def version_named(verdict: Verdict) -> int | None:
    """The version of the statements that a file says it was composed by; none where it names none."""
    said = verdict.data["statement"].get("version")
    return said if isinstance(said, int) else None


def compared_whole(stated: Mapping[str, Any], document: Document) -> Judgement:
    """All that a file's data say beside the same document composed anew from the books."""
    return Judgement(
        compared=sum(1 for _ in leaves(stated)),
        differences=tuple(_differences(stated, json.loads(document.data))),
    )


def agreement(
    verdict: Verdict,
    document: Document,
    judgement: Judgement,
    *,
    issued: bool,
    compared_by: Literal["whole", "figures"] = WHOLE,
) -> AgreementView:
    """What a comparison of a file with a document from the books came to; `issued` tells whether it is that file."""
    head = document.issue
    return AgreementView(
        statement=str(verdict.statement),
        kind=document.kind,
        form=head.form or "trustees",
        quarter=head.quarter,
        known_at=head.known_at,
        known_seq=head.known_seq,
        agrees=bool(judgement.compared) and not judgement.differences,
        compared=judgement.compared,
        differences=judgement.differences,
        filed=issued,
        composed_by=version_named(verdict),
        version=seal.VERSION,
        compared_by=compared_by,
        not_judged=judgement.not_judged,
    )


def _differences(stated: Any, found: Any) -> Iterator[Difference]:
    said, known = dict(leaves(stated)), dict(leaves(found))
    for where in dict.fromkeys((*said, *known)):
        if said.get(where) != known.get(where):
            yield Difference(where=where, stated=said.get(where), in_books=known.get(where))


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


def _called(part: Any, place: int) -> str:
    named = [str(part[name]) for name in ("code", "key", "reference") if isinstance(part, dict) and name in part]
    return f"{place}:{named[0]}" if named else str(place)
