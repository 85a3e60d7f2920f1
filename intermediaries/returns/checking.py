"""What checking a return gives: its loans in exact types, every finding in one pass, its totals and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from intermediaries.returns.case import Case
from intermediaries.returns.checks import Fault
from intermediaries.returns.findings import Finding, Severity, on_file, shown
from intermediaries.returns.intake import read
from intermediaries.returns.layout import COLUMN, COLUMNS, LOANS_SHEET, MARKING_COLUMN, PLACES, TOTALLED
from intermediaries.returns.raw import LIMITS, Format, Limits, RawCell, RawReturn, RawRow, Unreadable
from intermediaries.returns.rows import LoanRow, PriorLoan
from intermediaries.returns.rules import ROW_CHECKS, open_loans_are_reported, references_once
from intermediaries.returns.structure import Header, cut_short, file_faults, has_headings, header_of, missing_from
from intermediaries.returns.values import judged, must_be_filled, required_fault
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
    return _checked(raw, told, prior, filing=filing)


def _checked(raw: RawReturn, told: Header, prior: Mapping[str, PriorLoan] | None, *, filing: bool) -> Checked:
    header, disagreements = header_of(raw, told)
    case = Case(header.quarter, prior)
    findings = [_finding(rule, 1, "error", fault) for rule, fault in (*disagreements, *file_faults(raw))]
    if filing:
        said = {finding.column for finding in findings}
        missing = (fault for fault in missing_from(header) if fault.column not in said)
        findings += [_finding("header-missing", 1, "error", fault) for fault in missing]
    readings = [_Reading.of(row, raw.columns) for row in raw.rows if not cut_short(raw, row.short_of)]
    references = [(one.raw.number, one.values["loan_ref"]) for one in readings if "loan_ref" in one.values]
    numbered = {one.raw.number: one for one in readings}
    for fault in references_once(references):
        numbered[fault.row or 0].blame("references-once", 3, "error", fault)
    for one in readings:
        one.compare(case)
        findings += one.findings
    if len(references) == len(raw.rows):
        present = frozenset(reference for _, reference in references)
        findings += [
            _finding("open-loans-are-reported", 3, "error", fault) for fault in open_loans_are_reported(present, case)
        ]
    rows = tuple(one.loan for one in readings if one.whole)
    findings.sort(key=lambda finding: finding.place)
    digest = _fingerprint(header, readings)
    return Checked(raw.format, header, rows, len(raw.rows), tuple(findings), digest, Totals.of(rows))


@dataclass(slots=True)
class _Reading:
    """One row on its way from cells to a loan: the values read so far, the cells in doubt, and what was found."""

    raw: RawRow
    values: dict[str, Any] = field(default_factory=dict)
    canonical: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True

    @classmethod
    def of(cls, raw: RawRow, columns: tuple[str, ...]) -> _Reading:
        one = cls(raw)
        headed = set(columns)
        # Of a column that has no heading the file was told once; its rows are not asked for it again.
        one.doubtful.update(() if "borrower_ids" in headed else ("borrower_ids",))
        one.doubtful.update(PLACES if headed.isdisjoint(PLACES) else ())
        for column in COLUMNS:
            cell = raw.cells.get(column.name)
            if cell is not None:
                one._read(column.name, cell)
            elif must_be_filled(column):
                one._leave_empty(column.name, headed=column.name in headed)
        return one

    def _read(self, name: str, cell: RawCell) -> None:
        verdict = judged(COLUMN[name], cell)
        self.canonical[name] = verdict.text
        if verdict.fault is None:
            self.values[name] = verdict.value
            return
        self.whole = False
        self.blame(verdict.rule, 2, "error", verdict.fault)

    def _leave_empty(self, name: str, *, headed: bool) -> None:
        """A required cell is empty; where the whole column is missing, that was said once for the file."""
        self.whole = False
        self.doubtful.add(name)
        if headed:
            fault = required_fault(COLUMN[name])
            self.blame("required-cell", 2, "error", replace(fault, column=name, expected=COLUMN[name].expected))

    def blame(self, rule: str, tier: int, severity: Severity, fault: Fault) -> None:
        """Write a fault down, and hold the blamed cell for doubtful from here on."""
        self.doubtful.add(fault.column)
        cell = self.raw.cells.get(fault.column)
        value = fault.value if fault.value is not None else (cell.text if cell else "")
        self.findings.append(_finding(rule, tier, severity, replace(fault, row=self.raw.number, value=value)))

    def compare(self, case: Case) -> None:
        """Ask every check of one loan whose cells are all beyond doubt."""
        loan = self.loan
        for row_check in ROW_CHECKS:
            if self.doubtful.isdisjoint(row_check.needs) and (fault := row_check.fault_in(loan, case)):
                column = fault.column or row_check.blames
                expected = fault.expected or COLUMN[column].expected
                self.blame(
                    row_check.name, row_check.tier, row_check.severity, replace(fault, column=column, expected=expected)
                )

    @property
    def loan(self) -> LoanRow:
        """The row in exact types; what could not be read is not to be looked at."""
        required = {column.name: _UNREAD for column in COLUMNS if must_be_filled(column)}
        return LoanRow.of({**required, **self.values})


def _finding(rule: str, tier: int, severity: Severity, fault: Fault) -> Finding:
    return Finding(
        rule=rule,
        tier=tier,
        severity=severity,
        sheet=fault.sheet or LOANS_SHEET,
        row=fault.row,
        column=fault.column or None,
        value=shown(fault.value or ""),
        message=fault.message,
        expected=fault.expected,
        remedy=fault.remedy,
    )


def _no_headings(raw: RawReturn) -> Unreadable:
    return Unreadable(
        "no-headings",
        "The first filled row of the loans holds none of the headings of a return.",
        expected="a first row with loan_ref, borrower_name and the other headings",
        remedy="Put the headings of our template above the loans.",
        value=", ".join(name for name in raw.columns if name != MARKING_COLUMN)[:80],
    )


def _fingerprint(header: Header, readings: list[_Reading]) -> str:
    """A hash over one canonical writing of the content, so that the same return is known again in any format."""
    said = {name: str(getattr(header, name) or "") for name in ("facility", "quarter")}
    said["cash_held"] = "" if header.cash_held is None else str(header.cash_held)
    hashed = hashlib.sha256()
    for piece in _pieces(said, readings):
        hashed.update(json.dumps(piece, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n")
    return hashed.hexdigest()


def _pieces(said: dict[str, str], readings: list[_Reading]) -> Iterator[dict[str, str]]:
    yield said
    for one in readings:
        yield one.canonical
