"""The check of a statement that anyone can run: on the file alone, with no database and no network.

A seal is read first, and what it says to have been changed is not read further. Then the check
finds the attached figures, compares their digest with the one on the page and in the file's own information, works
every printed number out again and looks for it on the pages. It cannot tell a statement forged as a whole from a true
one: for that, compare the root of the seal chain with another trustee's copy or with the books.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from ledger.dates import Quarter, parse_day, parse_instant
from ledger.notes import VerifierKey
from ledger.refusals import Refusal
from reports import formatting, rounding, seal
from reports.attached import came_to, withheld_in
from reports.figures import Adding, Column, Row, Table, Value, read_value
from reports.forms import form_faults
from reports.heads import BooksHead, head_faults
from reports.labels import label_faults
from reports.opened import Unreadable, not_a_whole_pdf, opened, squeezed
from reports.reckoning import Reckoner
from reports.seal_check import BadSeal, Seal, looks_sealed, read_seal

MOST_FAULTS: Final = 50
"""More than this are not listed: a file that wrong needs no longer list."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found. `holds` only when there is no fault at all."""

    faults: tuple[str, ...] = ()
    statement: str = ""
    kind: str = ""
    quarter: Quarter | None = None
    as_at: date | None = None
    known_at: datetime | None = None
    known_seq: int | None = None
    seal_seq: int | None = None
    seal_root: str = ""
    figures_sha256: str = ""
    figures_checked: int = 0
    seal: Seal | None = None
    """The seal on the file, where there is one and it holds."""
    books: BooksHead | None = None
    """The head of the books that it carries, where it carries one and that holds."""
    form: str = ""
    """For which readers it is: `trustees` where the file says nothing of it."""
    withheld: tuple[str, ...] = ()
    """What the attached tables withhold, a sentence for each measure: the lines for it are there, and were added up."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The attached figures, for whoever wants to compare them with the books."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What else is attached, by name."""

    @property
    def holds(self) -> bool:
        """Whether everything that the file claims of itself is so."""
        return not self.faults


def verify(pdf: bytes, *, trusted: Sequence[bytes] = (), keys: Sequence[VerifierKey] = ()) -> Verdict:
    """Check one statement. Never raises over what is in the file: whatever does not hold is named in the verdict.

    Where certificates are given (`trusted`, in PEM), the file must be sealed under one of them; where
    keys of checkpoints are given (`keys`), the head of the books in it must be signed with one of them.
    """
    try:
        seal_ = read_seal(pdf) if looks_sealed(pdf) else None
    except BadSeal as bad:
        return Verdict(faults=(str(bad),))
    cut = not_a_whole_pdf(pdf)
    if cut:
        return Verdict(faults=(cut,))
    verdict = replace(_figures_verdict(pdf, keys), seal=seal_)
    strange = _stranger(seal_, trusted)
    return replace(verdict, faults=(strange, *verdict.faults)) if strange else verdict


def _stranger(found: Seal | None, trusted: Sequence[bytes]) -> str:
    if not trusted or (found is not None and found.issued_by(trusted)):
        return ""
    return (
        "the file is not sealed" if found is None else f"the seal is {found.signer}'s, whose certificate was not given"
    )


def _figures_verdict(pdf: bytes, keys: Sequence[VerifierKey]) -> Verdict:
    try:
        found = opened(pdf)
    except Unreadable as fault:
        return Verdict(faults=(str(fault),))
    files, pages = dict(found.files), found.pages
    attached = files.pop(seal.ATTACHMENT, None)
    if attached is None:
        return Verdict(faults=(_NO_FIGURES,))
    digest = seal.digest(attached)
    faults = [*found.strange, *_digest_faults(digest, found.information, pages)]
    try:
        data = json.loads(attached)
        spoilt = tuple(_file_faults(data, files))
        faults += spoilt
        faults += _information_faults(data["statement"], found.information)
        faults += label_faults(data["statement"], found.information, found.xmp, pages)
        books, wrong = head_faults(files, data["statement"], keys)
        faults += form_faults(data, files)
        verdict = _verdict(data, attached, digest, pages, [*faults, *wrong])
        return replace(verdict, books=books, withheld=() if spoilt else tuple(withheld_in(files)), files=files)
    except _MALFORMED as fault:
        faults.append(f"{seal.ATTACHMENT} is not what a statement attaches: {type(fault).__name__}: {fault!s:.120}")
        return Verdict(faults=tuple(faults), figures_sha256=digest)


_NO_FIGURES: Final = (
    f"the file carries no attachment {seal.ATTACHMENT}: it is no statement or notice of the bank's, or one that was "
    "printed or saved anew without what is attached; ask for it as it was issued"
)
_MALFORMED: Final = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError),
    *(Refusal, csv.Error),
)
"""What may be wrong with JSON that somebody else wrote."""


def _digest_faults(digest: str, information: Mapping[str, str], pages: str) -> Iterator[str]:
    claimed = information.get(seal.KEY_DIGEST, "")
    if claimed != digest:
        yield f"{seal.ATTACHMENT} has the digest {digest}, but the file says {claimed or 'nothing'}"
    if digest not in pages:
        yield f"the digest of {seal.ATTACHMENT}, {digest}, is not the one printed on the last page"


def _information_faults(statement: Mapping[str, Any], information: Mapping[str, str]) -> Iterator[str]:
    """What the file's own information says otherwise than the figures: a reader shows it, and programs go by it."""
    told = {
        "statement": statement["id"],
        "sealseq": str(statement["seal"]["seq"]),
        "sealroot": statement["seal"]["root"],
    }
    for name, own in told.items():
        if information.get(name, own) != own:
            yield f"the file's information names {information[name]!r:.80} as its {name}, and the figures {own!r:.80}"


def _file_faults(data: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """What is wrong with the other files: not named, not there, not the same, or adding up otherwise."""
    named = {one["name"]: one for one in data.get("attached", ())}
    for name in sorted(files.keys() - named.keys()):
        yield f"the file carries {name!r:.60}, which its figures do not name"
    reckoner = _reckoner(data)
    for name, one in named.items():
        if name not in files:
            yield f"the file carries no attachment {name!r:.60}"
        elif (found := seal.digest(files[name])) != one["sha256"]:
            yield f"{name} has the digest {found}, but the figures say {one['sha256']!s:.64}"
        else:
            yield from _sums_faults(name, files[name], one["sums"], reckoner)


def _sums_faults(name: str, content: bytes, sums: Sequence[Mapping[str, Any]], reckoner: Reckoner) -> Iterator[str]:
    """Which columns of a list do not come to their figures, or that the list is none."""
    try:
        for reference, sum_ in came_to(name, content, sums) if sums else ():
            if sum_ != reckoner.worth(reference):
                yield f"{name} comes to {sum_} where {reference} is {reckoner.worth(reference)}"
    except (Refusal, ValueError, csv.Error) as fault:
        yield f"{name} cannot be added up: {fault!s:.200}"


def _verdict(data: dict[str, Any], attached: bytes, digest: str, pages: str, faults: list[str]) -> Verdict:
    if seal.canonical(data) != attached:
        faults.append(f"{seal.ATTACHMENT} is not in its canonical writing")
    statement = data["statement"]
    faults += _anchor_faults(statement, pages)
    answers = _of_the_numbers(attached, pages)
    if not answers or not data["printed"]:
        faults.append(
            "the figures name no number that is printed: there is nothing to be checked, and so nothing holds"
        )
    faults += [fault for fault in answers if fault][: max(MOST_FAULTS - len(faults), 0)]
    return Verdict(
        faults=tuple(faults),
        statement=statement["id"],
        kind=statement["kind"],
        form=str(statement.get("form", "trustees")),
        quarter=Quarter.parse(statement["quarter"]),
        as_at=parse_day(statement["as_at"]),
        known_at=parse_instant(statement["known_at"]),
        known_seq=statement["known_seq"],
        seal_seq=statement["seal"]["seq"],
        seal_root=statement["seal"]["root"],
        figures_sha256=digest,
        figures_checked=len(answers),
        data=data,
    )


def _anchor_faults(statement: Mapping[str, Any], pages: str) -> Iterator[str]:
    as_at = formatting.long_day(parse_day(statement["as_at"]))
    for name, text in (("statement", statement["id"]), ("seal root", statement["seal"]["root"]), ("as-at date", as_at)):
        if squeezed(text) not in pages:
            yield f"the {name} of the figures, {text}, is not printed on the pages"


@lru_cache(maxsize=2)
def _of_the_numbers(attached: bytes, pages: str) -> tuple[str, ...]:
    """All answers of `_number_faults` for a file's figures: kept for the next who asks, as one check asks thrice."""
    return tuple(_number_faults(json.loads(attached), pages))


def _number_faults(data: Mapping[str, Any], pages: str) -> Iterator[str]:
    """One answer for every printed number and every sum: the fault, or nothing where it holds."""
    reckoner = _reckoner(data)
    tables = _fitted(data)
    rounded = rounding.Rounding(tables)
    dated = _writing_of(data)
    for one in data["printed"]:
        again = dated(one["style"], rounded.write(one["reference"], one["style"], reckoner.worth(one["reference"])))
        yield _fault(one["reference"], again, one["text"], pages)
    for table, stated in zip(tables, data["tables"], strict=True):
        if dict(table.fitted) != stated.get("fitted", {}):
            yield f"{table.code} is said to be fitted otherwise than its sums ask for"
        texts: dict[str, str] = {}
        for row, noted in zip(table.every_row(), _rows(stated), strict=True):
            for column, again, printed in zip(
                table.columns, rounding.row_texts(table, row), noted["printed"], strict=True
            ):
                texts[f"{row.key}.{column.code}"] = printed
                if column.unit != "text":
                    where = f"{table.code}.{row.key}.{column.code}"
                    written = dated(rounding.style_of(column), again)
                    yield _fault(where, written, printed, pages if stated["laid_out"] else "")
        if data["format"] != seal.FORMER:
            yield from _sum_faults(table, texts)


def _writing_of(data: Mapping[str, Any]) -> Callable[[str, str], str]:
    """How the statement wrote what today's rules write: in its format, and by the version that composed it."""
    if data["format"] == seal.FORMER:
        return _formerly
    version = data["statement"].get("version")
    return _as_it_is if isinstance(version, int) and version >= seal.HARDLY_BELOW else _hardly_below


def _hardly_below(style: str, text: str) -> str:
    """A number of an earlier version, in which a sign stood before what is hardly less than nothing."""
    del style
    return text.replace(f">{formatting.MINUS}", f"{formatting.MINUS}<")


def _as_it_is(style: str, text: str) -> str:
    del style
    return text


def _formerly(style: str, text: str) -> str:
    """A number in the former format, in which a share that is hardly less than nothing was written as nought."""
    before = _hardly_below(style, text)
    return before.replace(f"{formatting.MINUS}<0.1", "0.0") if style in _SHARES else before


_SHARES: Final = frozenset({"percent", "percent-number", "rate"})


def _sum_faults(table: Table, texts: Mapping[str, str]) -> Iterator[str]:
    """One answer for every sum of a table, added up again from what is printed."""
    for whole, missed in rounding.printed_sums(table, texts):
        yield f"the printed parts of {whole} miss it by {abs(missed)} of its last digit" if missed else ""


def _fitted(data: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables as they are to be printed: fitted anew from their exact amounts, but in the former format."""
    tables = tuple(_table(stated) for stated in data["tables"])
    if data["format"] == seal.FORMER:
        return tables
    told = [read_value(one["unit"], one["value"]) for one in data["figures"]]
    told += [read_value("money", one[part]) for one in data["movements"] for part in ("opening", "closing")]
    return rounding.fitted(tables, told)


def _table(stated: Mapping[str, Any]) -> Table:
    columns = tuple(Column.model_validate(one) for one in stated["columns"])

    def row(noted: Mapping[str, Any]) -> Row:
        cells = zip(columns, noted["cells"], strict=True)
        return Row(key=noted["key"], cells=tuple(read_value(column.unit, cell) for column, cell in cells))

    return Table(
        code=stated["code"],
        title=stated["title"],
        columns=columns,
        rows=tuple(row(one) for one in stated["rows"]),
        total=None if stated["total"] is None else row(stated["total"]),
        adding=tuple(Adding.model_validate(one) for one in stated.get("adding", ())),
    )


def _fault(where: str, again: str, printed: str, pages: str) -> str:
    if again != printed:
        return f"{where} is noted as {printed!r:.60} but works out as {again!r:.60}"
    if pages and squeezed(again) not in pages:
        return f"{where}, {again!r:.60}, is not on the pages"
    return ""


def _rows(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from table["rows"]
    if table["total"] is not None:
        yield table["total"]


def _reckoner(data: Mapping[str, Any]) -> Reckoner:
    values: dict[str, Value] = {}
    for figure in data["figures"]:
        values[figure["code"]] = read_value(figure["unit"], figure["value"])
        if figure["coverage"] is not None:
            for part in ("known", "of"):
                values[f"{figure['code']}.{part}"] = read_value("count", figure["coverage"][part])
    for movement in data["movements"]:
        parts = ("opening", "added", "taken", "closing")
        values |= {f"{movement['code']}.{part}": read_value("money", movement[part]) for part in parts}
    columns: dict[str, dict[str, tuple[Value, ...]]] = {}
    for table in data["tables"]:
        units = [(column["code"], column["unit"]) for column in table["columns"]]
        for row in _rows(table):
            for (code, unit), cell in zip(units, row["cells"], strict=True):
                values[f"{table['code']}.{row['key']}.{code}"] = read_value(unit, cell)
        columns[table["code"]] = {
            code: tuple(read_value(unit, row["cells"][place]) for row in table["rows"])
            for place, (code, unit) in enumerate(units)
        }
    return Reckoner(values, columns)
