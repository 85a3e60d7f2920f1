"""What the public record may not show: each column as rows that add up, beside all that was published before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bank.figures.beside import BANDS, Beside
from bank.figures.disclosure import Cell, Parts, Sheet, Shown, changed, withheld
from bank.figures.vintages import cohort_of, histories
from intermediaries.loans.rules import BUCKETS
from intermediaries.loans.views import Lent, Reported
from ledger.dates import Quarter, quarters

ALL: Final = "all"
_AT_RISK: Final = {30: ("to-30", ("to-30",)), 90: ("over-90", ("to-30", "31-90"))}
"""By days: the band that tells what is at risk, as the rest or itself; and those that are not, unless restructured."""

Hidden = set[tuple[str, str]]
"""Rows by their keys, each with a column of it that is not shown, or with "" for the whole row."""


@dataclass(slots=True)
class Standing:
    """What one borrower's loans of a row had done by a quarter's end, in pence of the bank's share."""

    drawn: int = 0
    received: int = 0
    written_off: int = 0
    recovered: int = 0
    late: tuple[int, int] = (0, 0)
    """What was owed more than 30 and more than 90 days late."""
    changed: tuple[int, int] = (0, 0)
    """What was owed on changed terms beside each of those."""

    def add(self, paid: Sequence[int], last: Reported) -> None:
        """One loan as it stood: drawn, received, written off and recovered to date."""
        drawn, received, written_off, recovered = paid
        self.drawn += drawn
        self.received += received
        self.written_off += written_off
        self.recovered += recovered
        owed = drawn - received - written_off
        late = [owed * (last.days_past_due > days) for days in (30, 90)]
        terms = [owed * last.restructured * (last.days_past_due <= days) for days in (30, 90)]
        self.late = (self.late[0] + late[0], self.late[1] + late[1])
        self.changed = (self.changed[0] + terms[0], self.changed[1] + terms[1])


_LOST: Final = ("written_off_share", "recovered_share", "net_loss_share")
_OWED: Final = ("outstanding", "rests_on_money", "money_in_all")
_SETTLED: Final = ("received", "written_off", *_LOST)


def _both(one: int, other: int) -> str:
    return f"{one}/{other}" if one or other else ""


COLUMNS: Final[Mapping[str, tuple[Callable[[Standing], object], tuple[str, ...]]]] = {
    "": (lambda one: str(one.drawn), ("",)),
    "settled": (lambda one: _both(one.received, one.written_off), (*_SETTLED, *_OWED)),
    "received": (lambda one: one.received, _SETTLED),
    "written_off": (lambda one: one.written_off, _SETTLED),
    "outstanding": (lambda one: one.drawn - one.received - one.written_off, _OWED),
    "recovered": (lambda one: one.recovered, ("recovered", "recovered_share", "net_loss_share")),
    "at_risk_30": (lambda one: one.late[0], ("at_risk_30",)),
    "at_risk_90": (lambda one: one.late[1], ("at_risk_90", "at_risk_90_restructured")),
    "late_31_to_90": (lambda one: one.late[0] - one.late[1], ("at_risk_90", "at_risk_90_restructured")),
    "changed_30": (lambda one: one.changed[0], ("at_risk_30_restructured",)),
    "changed_90": (lambda one: one.changed[1], ("at_risk_90_restructured",)),
}
"""What of a row moves by itself, and the columns that tell of it: the sum, and whatever it could be worked out from."""


@dataclass(slots=True)
class Before:
    """All that was published, column by column in its order; and what is about to be, which goes on top of it.

    Quarters are published in their order, and each point of a column is kept with its quarter. Of a quarter after which
    a later one was published, nothing is told but what was: told anew between the two, it would tell of both.
    """

    columns: dict[str, list[Shown]] = field(default_factory=dict)
    added: dict[str, list[tuple[str, Shown]]] = field(default_factory=dict)
    told: dict[tuple[str, str], Shown] = field(default_factory=dict)
    last: str = ""
    """The last quarter that was published."""
    beside: Beside = field(default_factory=Beside)
    """What the other kind of publication has told of the same borrowers."""

    def take(self, quarter: Quarter, kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """What an earlier publication of a quarter kept, as `written` wrote it; earlier ones first."""
        self.last = max(self.last, str(quarter))
        for column, some in kept.items():
            for one in some:
                shown = Shown(one["rows"], frozenset(one["hidden"]))
                self.columns.setdefault(column, []).append(shown)
                self.told[column, one["quarter"]] = shown

    def judge(
        self, column: str, quarter: Quarter, fewest: int, rows: Callable[[Sheet], Cell], *, barred: bool = False
    ) -> set[str]:
        """The rows of a column that may not be shown of a quarter; what is shown counts as published from here on.

        Where they are `barred`, none of them: what they add up to is withheld elsewhere.
        """
        sheet = Sheet(tuple(self.columns.get(column, ())))
        cell = rows(sheet)
        if self.last > str(quarter):
            return told_anew(cell, sheet, self.told.get((column, str(quarter))))
        dark = set(cell.keys()) if barred else withheld(cell, fewest)
        while not self.stands(column, sheet.rows, dark) and (
            more := self.beside.barred(column, sheet.rows, dark, fewest)
        ):
            sheet = Sheet(sheet.earlier, barred=sheet.barred | more)
            dark = withheld(rows(sheet), fewest)
        shown = Shown({key: parts for key, parts in sheet.rows.items() if parts}, frozenset(dark))
        if shown not in self.columns.setdefault(column, []):
            self.columns[column].append(shown)
            self.added.setdefault(column, []).append((str(quarter), shown))
        return dark

    def stands(self, column: str, rows: Mapping[str, Parts], hidden: Collection[str]) -> bool:
        """Whether no more is told than was told already: of the same parts the same rows, or fewer."""
        some = {key: parts for key, parts in rows.items() if parts}
        return any(one.rows == some and one.hidden <= set(hidden) for one in self.columns.get(column, ()))

    def written(self) -> dict[str, list[dict[str, Any]]]:
        """What is new, to be kept with the publication and shown to nobody."""
        return {
            column: [
                {"quarter": quarter, "rows": dict(one.rows), "hidden": sorted(one.hidden)} for quarter, one in some
            ]
            for column, some in self.added.items()
        }


def told_anew(cell: Cell, sheet: Sheet, then: Shown | None) -> set[str]:
    """The rows that are not what was published: those withheld then, and those that say something else now."""
    parts = set[str]().union(*(told_anew(part, sheet, then) for part in cell.parts))
    if then is None or cell.key in then.hidden:
        return {*parts, cell.key}
    if cell.key in sheet.rows:
        return set() if sheet.rows[cell.key] == then.rows.get(cell.key, {}) else {cell.key}
    other = any(sheet.rows.get(key, {}) != then.rows.get(key, {}) for key in set(cell.keys()))
    return {*parts, cell.key} if other else parts


Ended = Mapping[tuple[Quarter, Quarter], Mapping[str, Mapping[str, Standing]]]
"""By cohort and quarter's end: by intermediary, what each borrower had done."""


def ended(told: Sequence[Reported], upto: Quarter) -> Ended:
    """Every cohort at every quarter's end, borrower by borrower."""
    found: defaultdict[tuple[Quarter, Quarter], dict[str, dict[str, Standing]]] = defaultdict(dict)
    for history in histories(told).values():
        cohort = cohort_of(history)
        if cohort is None or cohort > upto:
            continue
        by_quarter = {one.quarter: one for one in history}
        paid, last = [0, 0, 0, 0], history[0]
        for quarter in quarters(history[0].quarter, upto):
            if quarter in by_quarter:
                last = by_quarter[quarter]
                moved = (last.drawn, last.received, last.written_off, last.recovered)
                paid = [sum_ + one.pence for sum_, one in zip(paid, moved, strict=True)]
            if quarter >= cohort:
                of_lender = found[cohort, quarter].setdefault(last.intermediary, {})
                of_lender.setdefault(last.organisation, Standing()).add(paid, last)
    return found


def hidden_loans(told: Sequence[Reported], upto: Quarter, fewest: int, before: Before) -> Hidden:
    """What may not be shown of the loans as they aged: by cohort at every quarter's end, by lender at the last."""
    whole = ended(told, upto)
    found: Hidden = set()
    for column, (part, linked) in COLUMNS.items():
        latest, years = set[str](), set[str]()
        for quarter in sorted({end for _, end in whole}):
            rows = partial(_cohorts, whole=whole, quarter=quarter, part=part)
            latest = before.judge(f"cohorts/{column}", quarter, fewest, rows)
            cohorts = {key.removeprefix("cohort/") for key in latest if key.startswith("cohort/")}
            found |= {(f"{key}/{quarter}", each) for key in cohorts for each in linked}
        # A year is shown where all its quarters are, and so tells nothing that they do not.
        years = {f"year/{cohort.year}" for cohort, _ in whole if f"cohort/{cohort}" in latest}
        shown = [parts for key, parts in _by_cohort(whole, upto, part).items() if key not in latest]
        lenders = partial(_lenders, lenders=_by_lender(whole, upto, part), beside=shown, fewest=fewest)
        dark = before.judge(f"lenders/{column}", upto, fewest, lenders, barred=ALL in latest)
        found |= {(key, each) for key in {*latest, *years, *dark} for each in linked}
    return found


def _cohorts(sheet: Sheet, whole: Ended, quarter: Quarter, part: Callable[[Standing], object]) -> Cell:
    """All loans at a quarter's end, by the quarter in which they were first drawn."""
    return sheet.over(ALL, *(sheet.leaf(key, parts) for key, parts in _by_cohort(whole, quarter, part).items()))


def _lenders(sheet: Sheet, lenders: Mapping[str, Parts], beside: Sequence[Parts], fewest: int) -> Cell:
    """All loans by intermediary; barred is a row that is one of another table but for a few borrowers."""
    barred = {key for key, parts in lenders.items() if any(0 < len(changed(other, parts)) < fewest for other in beside)}
    return sheet.over(ALL, *(sheet.leaf(key, parts, barred=key in barred) for key, parts in lenders.items()))


def _by_cohort(whole: Ended, quarter: Quarter, part: Callable[[Standing], object]) -> dict[str, Parts]:
    return {
        f"cohort/{cohort}": _parts(lenders.values(), part)
        for (cohort, end), lenders in sorted(whole.items(), key=lambda item: item[0])
        if end == quarter
    }


def _by_lender(whole: Ended, quarter: Quarter, part: Callable[[Standing], object]) -> dict[str, Parts]:
    some: defaultdict[str, list[Mapping[str, Standing]]] = defaultdict(list)
    for (_, end), lenders in sorted(whole.items(), key=lambda item: item[0]):
        if end == quarter:
            for lender, bodies in lenders.items():
                some[lender].append(bodies)
    return {f"intermediary/{one}": _parts(bodies, part) for one, bodies in sorted(some.items())}


def _parts(some: Iterable[Mapping[str, Standing]], part: Callable[[Standing], object]) -> Parts:
    """What stands for each borrower's part; nobody whose part is nothing."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for bodies in some:
        for body, standing in bodies.items():
            if said := part(standing):
                found[body].append(str(said))
    return {body: " ".join(said) for body, said in found.items()}


def hidden_balances(left: Sequence[Lent], upto: Quarter, fewest: int, before: Before, hidden: Hidden) -> Hidden:
    """What may not be shown of the balances by how late they are, and of what is at risk, which adds them up.

    `hidden` is what is not shown of the loans: where the balance of all of them is not, nothing is that adds up to it.
    """
    changed_terms = [state for state in left if state.restructured]
    barred = not hidden.isdisjoint({(ALL, ""), (ALL, "outstanding")})
    rows = before.judge("lateness", upto, fewest, partial(_lateness, left=left), barred=barred)
    restructured = before.judge("lateness/restructured", upto, fewest, partial(_lateness, left=changed_terms))
    rows |= {"over/30", "over/90"} if "balances" in rows else set()
    found = {(key, "") for key in rows} | {(key, "of_it_restructured") for key in restructured}
    for days, (band, outside) in _AT_RISK.items():
        if f"band/{band}" in rows:
            found |= {(f"over/{days}", ""), (ALL, f"at_risk_{days}"), (ALL, f"at_risk_{days}_restructured")}
        if restructured & {f"band/{each}" for each in outside}:
            both = ("with_restructured", "with_restructured_share")
            found |= {*((f"over/{days}", column) for column in both), (ALL, f"at_risk_{days}_restructured")}
    return found


def _lateness(sheet: Sheet, left: Sequence[Lent]) -> Cell:
    """Loans with a balance, by the bands that the portfolio at risk adds up and then by days."""
    owing: dict[str, defaultdict[str, int]] = {days: defaultdict(int) for days in BUCKETS}
    for state in left:
        owing[state.bucket][state.organisation] += state.outstanding.pence
    parts = {days: {body: str(pence) for body, pence in bodies.items()} for days, bodies in owing.items()}
    return sheet.over(
        "balances",
        *(
            sheet.over(f"band/{band}", *(sheet.leaf(f"days/{each}", parts[each]) for each in days))
            for band, days in BANDS.items()
        ),
    )


def hidden_rows(name: str, rows: Mapping[str, Parts], upto: Quarter, fewest: int, before: Before) -> set[str]:
    """What may not be shown of some rows that add up to all."""

    def together(sheet: Sheet) -> Cell:
        return sheet.over(ALL, *(sheet.leaf(key, parts) for key, parts in rows.items()))

    return before.judge(name, upto, fewest, together)


def hidden_apart(
    name: str, rows: Mapping[str, Parts], upto: Quarter, fewest: int, before: Before, *, barred: Collection[str]
) -> set[str]:
    """What may not be shown of some rows that add up to nothing, besides those barred."""
    found = set[str]()
    for key, parts in rows.items():
        row = partial(Sheet.leaf, key=key, parts=parts)
        found |= before.judge(f"{name}/{key}", upto, fewest, row, barred=key in barred)
    return found
