"""One row on its way from cells to a loan: its values are judged, then compared, and every fault is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from intermediaries.returns.case import Case
from intermediaries.returns.checks import Fault
from intermediaries.returns.findings import Finding, Severity, shown
from intermediaries.returns.layout import COLUMN, COLUMNS, LOANS_SHEET, PLACES, Column
from intermediaries.returns.raw import RawRow
from intermediaries.returns.rows import LoanRow
from intermediaries.returns.rules import RowCheck
from intermediaries.returns.values import judged, must_be_filled, required_fault

_FILLED: Final = frozenset(column.name for column in COLUMNS if must_be_filled(column))
_UNREAD: Final[dict[str, Any]] = dict.fromkeys(_FILLED)
"""Stands in a loan for cells that could not be read. No check that needs them is asked, so nothing looks at them."""
_MAY_LACK: Final = frozenset({"borrower_ids"})


@dataclass
class Reading:
    """One row on its way from cells to a loan: the values read so far, the cells in doubt, and what was found."""

    raw: RawRow
    values: dict[str, Any] = field(default_factory=dict)
    canonical: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True

    @classmethod
    def of(cls, raw: RawRow, headed: frozenset[str]) -> Reading:
        """The row read under the headings that there are.

        Of a column without a heading the file was told once; its rows are not asked for it again.
        """
        one = cls(raw, doubtful=set(_MAY_LACK - headed))
        one.doubtful.update(PLACES if headed.isdisjoint(PLACES) else ())
        values, canonical = one.values, one.canonical
        for name, cell in raw.cells.items():
            column = COLUMN.get(name)
            if column is not None:
                verdict = judged(column, cell)
                canonical[name] = verdict.text
                if verdict.fault is None:
                    values[name] = verdict.value
                else:
                    one.whole = False
                    one.blame(verdict.rule, 2, "error", verdict.fault)
        if not raw.cells.keys() >= _FILLED:
            for name in _FILLED - raw.cells.keys():
                one._leave_empty(COLUMN[name], headed=name in headed)
        return one

    def _leave_empty(self, column: Column, *, headed: bool) -> None:
        self.whole = False
        self.doubtful.add(column.name)
        if headed:
            fault = replace(required_fault(column), column=column.name, expected=column.expected)
            self.blame("required-cell", 2, "error", fault)

    def blame(self, rule: str, tier: int, severity: Severity, fault: Fault) -> None:
        """Write a fault down, and hold the blamed cell for doubtful from here on."""
        self.doubtful.add(fault.column)
        cell = self.raw.cells.get(fault.column)
        value = fault.value if fault.value is not None else (cell.text if cell else "")
        told = replace(fault, row=self.raw.number or None, value=value)
        self.findings.append(as_finding(rule, tier, severity, told, self.values.get("loan_ref", "")))

    def compare(self, case: Case, checks: Sequence[RowCheck]) -> None:
        """Ask every check of one loan whose cells are all beyond doubt."""
        loan = self.loan
        if not self.doubtful and not any(check.test(loan, case) for check in checks):
            return  # nothing to find, and nothing in doubt: so it is with nearly every loan
        for row_check in checks:
            if self.doubtful.isdisjoint(row_check.needs) and (fault := row_check.fault_in(loan, case)):
                column = fault.column or row_check.blames
                expected = fault.expected or COLUMN[column].expected
                self.blame(
                    row_check.name, row_check.tier, row_check.severity, replace(fault, column=column, expected=expected)
                )

    @cached_property
    def loan(self) -> LoanRow:
        """The row in exact types; what could not be read is not to be looked at."""
        return LoanRow.of(self.values if self.whole else {**_UNREAD, **self.values})

    @property
    def errors(self) -> int:
        """How many findings of this row must be mended."""
        return sum(finding.severity == "error" for finding in self.findings)


def as_finding(rule: str, tier: int, severity: Severity, fault: Fault, loan_ref: str = "") -> Finding:
    """A fault as a finding: with its rule, its tier and its weight, and with what was found made visible."""
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
        loan_ref=loan_ref,
    )
