"""What checking a return gives: its loans in exact types, every finding in one pass, its totals and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, Literal

from intermediaries.loans.postings import Quarterly
from intermediaries.places.gazetteer import Gazetteer
from intermediaries.returns.bounds import LIMITS, Limits, Unreadable
from intermediaries.returns.case import Case
from intermediaries.returns.checks import named
from intermediaries.returns.findings import Finding, on_file
from intermediaries.returns.intake import read
from intermediaries.returns.layout import COLUMN, MARKING_COLUMN, MUST_HAVE, OPENING, PLACES, TOTALLED
from intermediaries.returns.packing import Packer, canonical_json
from intermediaries.returns.raw import Format, RawCell, RawReturn, RawRow
from intermediaries.returns.reading import Reading, as_finding
from intermediaries.returns.rows import LoanRow, PriorLoan
from intermediaries.returns.rules import (
    RowCheck,
    RuleSet,
    carried_loans_have_nothing_due,
    cash_agrees_with_the_books,
    loans_are_there,
    open_loans_are_reported,
    opening_balance_stands,
    references_once,
    rules_of,
)
from intermediaries.returns.structure import (
    Header,
    cut_short,
    file_faults,
    file_questions,
    has_headings,
    header_of,
    headings_below,
    line_faults,
    missing_from,
    refuse_lines_in_one_cell,
    refuse_one_long_line,
    rows_are_loans,
)
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

_AT_ONCE: Final = 500
"""Loans whose places are looked up together."""

Manner = Literal["whole", "only-changes", "nil"]
MANNERS: Final[tuple[Manner, ...]] = ("whole", "only-changes", "nil")
"""How a return is sent: every open loan, those alone on which something changed, or the word that none is open."""


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


@dataclass(frozen=True, slots=True)
class Checked:
    """A return that was checked. It may be taken in when `ok`: questions ask for a look but do not stop it.

    `rows` are the loans that could wholly be read, `row_count` all that the file holds, those `carried` included: the
    references of loans that have no row in a file of changes. `content_sha256` is the same for the same content in any
    format and however it was sent.
    """

    format: Format | None
    header: Header
    rows: Sequence[LoanRow]
    row_count: int
    findings: tuple[Finding, ...]
    content_sha256: str
    totals: Totals
    rules_version: str
    carried: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Against:
    """What a return is judged by besides itself: how it was sent, and what the books know of its lender's loans.

    `prior` is the state of every loan ever reported under the facility, by reference, as last accepted; empty before
    the first return; None where it is not known, and then only what can be judged without it is judged. `carried` are
    the loans, by reference, that go on as they were where the file has no row of them; only a return that says that it
    sends changes alone has any. `elsewhere` are the references of the lender's other facilities.
    """

    prior: Mapping[str, PriorLoan] | None = None
    manner: Manner = "whole"
    carried: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    cash: Money | None = None
    """What the books leave the facility in cash before anything of this return moved; below nothing, what was paid of
    money that was not ours. None where it is not known."""
    places: Callable[[Sequence[str], Sequence[str]], Gazetteer] | None = None
    """The tables that the bank has loaded, of some postcodes and LSOAs; without it, what comes with the program."""


def manner_of(text: str) -> Manner:
    """The manner that a return says it is sent in."""
    return next((known for known in MANNERS if known == text), "whole")


def check(
    data: bytes,
    *,
    quarter: Quarter | None = None,
    facility: str | None = None,
    cash_held: Money | None = None,
    filename: str | None = None,
    content_type: str | None = None,
    prior: Mapping[str, PriorLoan] | None = None,
    against: Against | None = None,
    filing: bool = False,
    limits: Limits = LIMITS,
) -> Checked:
    """Check a return and say everything that is wrong with it, in one pass; changes nothing.

    `prior` is short for `against` with nothing else in it. `filing` also demands that facility, quarter and cash held
    are said, and that a return without loans is meant. It answers whatever the file is: one that cannot be read is one
    finding.
    """
    told = Header(facility, quarter, cash_held)
    try:
        raw = read(data, filename=filename, content_type=content_type, limits=limits)
        if not has_headings(raw):
            raise _no_headings(raw)
        refuse_one_long_line(raw)
        return _checked(raw, told, against or Against(prior), filing=filing, limits=limits)
    except Unreadable as no:
        finding = on_file(no.rule, no.message, expected=no.expected, remedy=no.remedy, value=no.value)
        digest = hashlib.sha256(data).hexdigest()
        return Checked(None, told, (), 0, (finding,), digest, Totals(), rules_of(quarter).version)


def header_in(
    data: bytes, told: Header, *, filename: str | None = None, content_type: str | None = None, limits: Limits = LIMITS
) -> Header:
    """What a file says of itself and what is told with it, without a look at its loans.

    Of a file that cannot be read it is what is told alone.
    """
    try:
        raw = read(data, filename=filename, content_type=content_type, limits=limits)
        return header_of(raw, told)[0] if has_headings(raw) else told
    except Unreadable:
        return told


def why_unread(
    data: bytes, *, filename: str | None = None, content_type: str | None = None, limits: Limits = LIMITS
) -> str:
    """Why nothing can be read of a file, and how to mend that; nothing where it can be read."""
    try:
        raw = read(data, filename=filename, content_type=content_type, limits=limits)
        if not has_headings(raw):
            raise _no_headings(raw)
        refuse_one_long_line(raw)
    except Unreadable as no:
        return f"{no.message} {no.remedy}"
    return ""


def _checked(raw: RawReturn, told: Header, against: Against, *, filing: bool, limits: Limits) -> Checked:
    header, findings = _of_the_file(raw, told, filing=filing, limits=limits)
    run = _Run.of(raw, header, against, limits)
    rows = iter(raw.rows)
    while some := list(islice(rows, _AT_ONCE)):
        run.look_up({name: cell.text for name in PLACES if (cell := row.cells.get(name))} for row in some)
        for row in some:
            run.take(row)
    gone_on = [facts for ref, facts in against.carried.items() if ref not in run.references]
    run.look_up({name: facts[name] for name in PLACES if facts.get(name)} for facts in gone_on)
    carried = tuple(map(run.carry, gone_on))
    findings += [*run.findings, *run.of_all_together(header.cash_held)]
    if filing and not run.seen and run.rules.ask(loans_are_there):
        faults = loans_are_there(run.references, run.case, nil=against.manner == "nil")
        findings += [as_finding(named(loans_are_there), 3, "error", fault) for fault in faults]
    findings.sort(key=lambda finding: finding.place)
    return Checked(
        raw.format,
        header,
        run.packer.rows(),
        run.seen + len(carried),
        tuple(findings),
        run.hashed.hexdigest(),
        Totals(run.whole, **{name: Money(pence) for name, pence in run.sums.items()}),
        run.rules.version,
        carried,
    )


def _of_the_file(raw: RawReturn, told: Header, *, filing: bool, limits: Limits) -> tuple[Header, list[Finding]]:
    """What the file says of itself, and what is wrong with the file as a whole."""
    header, disagreements = header_of(raw, told)
    faults = [*disagreements, *islice(file_faults(raw), limits.max_faults)]
    if filing:
        said = {fault.column for _, fault in disagreements}
        faults += [("header-missing", fault) for fault in missing_from(header) if fault.column not in said]
    asked = [as_finding(rule, 4, "question", fault) for rule, fault in file_questions(raw)]
    return header, [*(as_finding(rule, 1, "error", fault) for rule, fault in faults), *asked]


@dataclass(slots=True)
class _Run:
    """One pass over the loans of a file. It holds what was found, and the loans packed; never all their cells."""

    raw: RawReturn
    case: Case
    rules: RuleSet
    limits: Limits
    headed: frozenset[str]
    hashed: Any
    places: Callable[[Sequence[str], Sequence[str]], Gazetteer] | None = None
    packer: Packer = field(default_factory=Packer)
    findings: list[Finding] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    folded: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOTALLED, 0))
    """In pence."""
    whole: int = 0
    errors: int = 0
    questions: int = 0
    seen: int = 0
    last: int = 0
    cash: Money | None = None
    """What the books leave in cash, with all that moved on the loans so far."""
    passed_over: bool = False
    """Whether there is a row of which not even the reference could be read."""

    @classmethod
    def of(cls, raw: RawReturn, header: Header, against: Against, limits: Limits) -> _Run:
        """The run at its beginning, with what the file says of itself already in its fingerprint."""
        case = Case(header.quarter, against.prior, against.elsewhere)
        run = cls(raw, case, rules_of(header.quarter), limits, frozenset(raw.columns), hashlib.sha256(), against.places)
        run.cash = header.cash_before if against.cash is None and against.prior is None else against.cash
        said = {name: str(getattr(header, name) or "") for name in ("facility", "quarter")}
        run._hash(said | {"cash_held": "" if header.cash_held is None else str(header.cash_held)})
        return run

    def look_up(self, places: Iterable[Mapping[str, str]]) -> None:
        """Have the tables at hand for the places of some loans: of those that give more than one, for no other asks."""
        if self.places is None:
            return
        asked = [each for each in places if len(each) > 1]
        postcodes, lsoas = ([each[name] for each in asked if name in each] for name in ("postcode", "lsoa"))
        self.case = replace(self.case, places=self.places(postcodes, lsoas))

    def take(self, row: RawRow) -> None:
        """Read one row of the file, and compare it, unless more faults were found than anybody mends at once."""
        self.seen += 1
        if self.errors >= self.limits.max_faults:
            return
        self.last = row.number
        for rule, fault in line_faults(self.raw, row):
            self.errors += 1
            self.findings.append(as_finding(rule, 1, "error", fault))
            if rule == named(rows_are_loans):
                return
        if not row.cells:
            return
        if cut_short(self.raw, row.short_of):
            self.passed_over = True
            return
        self._judge(Reading.of(row, self.headed))

    def carry(self, facts: Mapping[str, str]) -> str:
        """Take a loan on as it was, as if the file had a row of it; its reference."""
        cells = {name: RawCell(text) for name, text in facts.items()}
        one = Reading.of(RawRow(0, cells), frozenset(COLUMN))
        asked = self.rules.ask(carried_loans_have_nothing_due)
        if asked and (fault := carried_loans_have_nothing_due(one.loan, self.case)):
            one.blame(named(carried_loans_have_nothing_due), 3, "error", fault)
        self._judge(one)
        return facts["loan_ref"]

    def _judge(self, one: Reading) -> None:
        reference = one.values.get("loan_ref")
        if reference is None:
            self.passed_over = True
        else:
            self.references.add(reference)
            fault = references_once(reference, one.raw.number, self.folded)
            if fault and self.rules.ask(references_once):
                one.blame(named(references_once), 3, "error", fault)
        rules = self.rules.rows if self.questions < self.limits.max_faults else self._errors_alone
        one.compare(self._case_of(one, reference), rules)
        self.errors += one.errors
        self.questions += len(one.findings) - one.errors
        self.findings += one.findings
        told = self._hash(one.canonical)
        if one.whole:
            loan = one.loan
            if self.cash is not None and not self.errors:
                self.cash += Quarterly.since(loan, self.case.opening_of(loan)).cash
            self.whole += 1
            self.packer.add(loan, told)
            for name in TOTALLED:
                self.sums[name] += one.values[name].pence

    def _case_of(self, one: Reading, reference: str | None) -> Case:
        """What the row is compared with: the opening balance beside it too, where nothing else is known of the loan."""
        cell = one.raw.cells.get(OPENING)
        if cell is None or reference is None or not self.rules.ask(opening_balance_stands):
            return self.case
        if fault := opening_balance_stands(cell.text, reference, self.case):
            one.blame(named(opening_balance_stands), 4, "question", fault)
            return self.case
        return self.case if self.case.prior is not None else replace(self.case, opening=Money.parse(cell.text))

    @property
    def _errors_alone(self) -> list[RowCheck]:
        return [check for check in self.rules.rows if check.severity == "error"]

    def _hash(self, piece: Mapping[str, str]) -> str:
        """The one canonical writing of a piece of the content; over it is the fingerprint, whatever the format."""
        told = canonical_json(piece)
        self.hashed.update(f"{told}\n".encode("ascii"))
        return told

    def of_all_together(self, held: Money | None) -> Iterator[Finding]:
        """What is found once every row was looked at, or as many as are looked at."""
        stopped = self.errors >= self.limits.max_faults
        if stopped:
            yield _stopped(self.last, self.limits)
        if self.questions >= self.limits.max_faults:
            yield _no_more_questions(self.limits)
        # Of a column that loans lack nothing is known: what moved in it may be all that seems too much or too little.
        whole = not self.errors and (not self.seen or self.headed.issuperset(MUST_HAVE))
        asked = whole and self.rules.ask(cash_agrees_with_the_books)
        if asked and self.cash is not None and held is not None:
            for fault in cash_agrees_with_the_books(self.cash, held):
                yield as_finding(named(cash_agrees_with_the_books), 4, "question", fault)
        if not self.passed_over and not stopped and self.rules.ask(open_loans_are_reported):
            for fault in open_loans_are_reported(self.references, self.case):
                yield as_finding(named(open_loans_are_reported), 3, "error", fault, fault.value or "")


def _stopped(row: int, limits: Limits) -> Finding:
    return on_file(
        "not-too-many-faults",
        f"More than {limits.max_faults:,} faults were found by row {row}; not every row was looked at.",
        expected="a return with few faults",
        remedy="Mend what is wrong in every row, such as a wrong way of writing days, and check again.",
    )


def _no_more_questions(limits: Limits) -> Finding:
    found = on_file(
        "not-too-many-questions",
        f"More than {limits.max_faults:,} questions came up; after that none was asked any more.",
        expected="a return of which few loans are unusual",
        remedy="Look at what is asked of nearly every loan: it is often a column filled in by another measure.",
    )
    return replace(found, tier=4, severity="question")


def _no_headings(raw: RawReturn) -> Unreadable:
    refuse_lines_in_one_cell(raw)
    below = headings_below(raw)
    if below is not None:
        return Unreadable(
            "no-headings",
            f"The headings stand {below} line{'s' * (below > 1)} below the first filled one.",
            expected="a first row with loan_ref, borrower_name and the other headings",
            remedy="Delete the lines above them: a title, a second row of headings, or a line for the spreadsheet.",
        )
    return Unreadable(
        "no-headings",
        "The first filled row of the loans holds none of the headings of a return.",
        expected="a first row with loan_ref, borrower_name and the other headings",
        remedy="Put the headings of our template above the loans.",
        value=", ".join(name for name in raw.columns if name != MARKING_COLUMN)[:80],
    )
