"""What checking a return gives: its loans in exact types, every finding in one pass, its totals and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from intermediaries.returns.case import Case
from intermediaries.returns.findings import Finding, on_file
from intermediaries.returns.intake import read
from intermediaries.returns.layout import MARKING_COLUMN, TOTALLED
from intermediaries.returns.raw import LIMITS, Format, Limits, RawReturn, Unreadable
from intermediaries.returns.reading import Reading, as_finding
from intermediaries.returns.rows import LoanRow, PriorLoan
from intermediaries.returns.rules import open_loans_are_reported, references_once
from intermediaries.returns.structure import Header, cut_short, file_faults, has_headings, header_of, missing_from
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

_UNREAD: Final[Any] = None
"""Stands in a row for a cell that could not be read. No check that needs the cell is asked, so nothing looks at it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the loans that could be read, all lenders together."""

    loans: int = 0
    amount_committed: Money = NOTHING
    drawn: Money = NOTHING
    principal_received: Money = NOTHING
    interest_received: Money = NOTHING
    written_off: Money = NOTHING
    recovered: Money = NOTHING
    principal_outstanding: Money = NOTHING
    arrears_principal: Money = NOTHING

    @classmethod
    def of(cls, rows: tuple[LoanRow, ...]) -> Totals:
        """The sums of these rows."""
        return cls(len(rows), **{name: Money.total(getattr(row, name) for row in rows) for name in TOTALLED})


@dataclass(frozen=True, slots=True)
class Checked:
    """A return that was checked. It may be taken in when `ok`: questions ask for a look but do not stop it.

    `rows` are the loans that could wholly be read, `row_count` all that the file holds. `content_sha256` is the same
    for the same content in any format.
    """

    format: Format | None
    header: Header
    rows: tuple[LoanRow, ...]
    row_count: int
    findings: tuple[Finding, ...]
    content_sha256: str
    totals: Totals

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What somebody should look at and confirm."""
        return tuple(finding for finding in self.findings if finding.severity == "question")

    @property
    def ok(self) -> bool:
        """Whether nothing must be mended."""
        return not self.errors


def check(
    data: bytes,
    *,
    quarter: Quarter | None = None,
    facility: str | None = None,
    cash_held: Money | None = None,
    filename: str | None = None,
    content_type: str | None = None,
    prior: Mapping[str, PriorLoan] | None = None,
    filing: bool = False,
    limits: Limits = LIMITS,
) -> Checked:
    """Check a return and say everything that is wrong with it, in one pass; changes nothing.

    `prior` is the state of every loan ever reported, by reference, as last accepted; empty before the first return;
    None where it is not known, and then only what can be judged without it is judged. `filing` also demands that
    facility, quarter and cash held are said. It answers whatever the file is: one that cannot be read is one finding.
    """
    told = Header(facility, quarter, cash_held)
    try:
        raw = read(data, filename=filename, content_type=content_type, limits=limits)
        if not has_headings(raw):
            raise _no_headings(raw)
    except Unreadable as no:
        finding = on_file(no.rule, no.message, expected=no.expected, remedy=no.remedy, value=no.value)
        digest = hashlib.sha256(data).hexdigest()
        return Checked(None, told, (), 0, (finding,), digest, Totals())
    return _checked(raw, told, prior, filing=filing, limits=limits)


def _checked(
    raw: RawReturn, told: Header, prior: Mapping[str, PriorLoan] | None, *, filing: bool, limits: Limits
) -> Checked:
    header, findings = _of_the_file(raw, told, filing=filing, limits=limits)
    readings = _of_the_rows(raw, Case(header.quarter, prior), limits)
    findings += [finding for one in readings for finding in one.findings]
    if all("loan_ref" in one.values for one in readings) and len(readings) == len(raw.rows):
        present = frozenset(one.values["loan_ref"] for one in readings)
        missing = open_loans_are_reported(present, Case(header.quarter, prior))
        findings += [as_finding("open-loans-are-reported", 3, "error", fault) for fault in missing]
    if sum(one.errors for one in readings) >= limits.max_faults:
        findings.append(_stopped(readings[-1].raw.number, limits))
    findings.sort(key=lambda finding: finding.place)
    rows = tuple(one.loan for one in readings if one.whole)
    digest = _fingerprint(header, readings)
    return Checked(raw.format, header, rows, len(raw.rows), tuple(findings), digest, Totals.of(rows))


def _of_the_file(raw: RawReturn, told: Header, *, filing: bool, limits: Limits) -> tuple[Header, list[Finding]]:
    """What the file says of itself, and what is wrong with the file as a whole."""
    header, disagreements = header_of(raw, told)
    faults = [*disagreements, *islice(file_faults(raw), limits.max_faults)]
    if filing:
        said = {fault.column for _, fault in disagreements}
        faults += [("header-missing", fault) for fault in missing_from(header) if fault.column not in said]
    return header, [as_finding(rule, 1, "error", fault) for rule, fault in faults]


def _of_the_rows(raw: RawReturn, case: Case, limits: Limits) -> list[Reading]:
    """Every row read and compared, until more faults were found than anybody will mend at once."""
    headed = frozenset(raw.columns)
    readings: list[Reading] = []
    faults = 0
    for row in raw.rows:
        if faults >= limits.max_faults:
            break
        if not cut_short(raw, row.short_of):
            readings.append(Reading.of(row, headed))
            faults += len(readings[-1].findings)
    numbered = {one.raw.number: one for one in readings}
    references = [(number, one.values["loan_ref"]) for number, one in numbered.items() if "loan_ref" in one.values]
    for fault in islice(references_once(references), limits.max_faults):
        numbered[fault.row or 0].blame("references-once", 3, "error", fault)
    compared = 0
    for one in readings:
        compared += one.errors if compared >= limits.max_faults else one.compare(case)
    return readings


def _stopped(row: int, limits: Limits) -> Finding:
    return on_file(
        "not-too-many-faults",
        f"More than {limits.max_faults:,} faults were found by row {row}; not every row was looked at.",
        expected="a return with few faults",
        remedy="Mend what is wrong in every row, such as a wrong way of writing days, and check again.",
    )


def _no_headings(raw: RawReturn) -> Unreadable:
    return Unreadable(
        "no-headings",
        "The first filled row of the loans holds none of the headings of a return.",
        expected="a first row with loan_ref, borrower_name and the other headings",
        remedy="Put the headings of our template above the loans.",
        value=", ".join(name for name in raw.columns if name != MARKING_COLUMN)[:80],
    )


def _fingerprint(header: Header, readings: list[Reading]) -> str:
    """A hash over one canonical writing of the content, so that the same return is known again in any format."""
    said = {name: str(getattr(header, name) or "") for name in ("facility", "quarter")}
    said["cash_held"] = "" if header.cash_held is None else str(header.cash_held)
    hashed = hashlib.sha256()
    for piece in _pieces(said, readings):
        hashed.update(json.dumps(piece, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n")
    return hashed.hexdigest()


def _pieces(said: dict[str, str], readings: list[Reading]) -> Iterator[dict[str, str]]:
    yield said
    for one in readings:
        yield one.canonical
