"""What the impact statement's figures say, in one sentence each: who was reached, where, and how far that is known."""

from __future__ import annotations

from typing import Final

from ledger.money import NOTHING, Money
from reports.document import Said
from reports.statements import findings
from reports.statements.inputs import ImpactStatement
from reports.statements.resting import lacking, none_lent
from reports.statements.telling import Bundle, joined, plural


def impact_headline(bundle: Bundle) -> Said:
    """Who was reached, where, with how much."""
    if not bundle.holds("lent.closing"):
        return none_lent(bundle)
    verb = plural(bundle.worth("organisations"), "has", "have")
    if lacking(bundle):
        verb = plural(bundle.worth("organisations"), "is known to have", "are known to have")
    return bundle.tell(
        f"{{count}} {{noun}} {_in_areas(bundle)}{{verb}} borrowed {{lent}} of the bank's money",
        count=("organisations", "count"),
        noun=plural(bundle.worth("organisations"), "organisation", "organisations"),
        places=("places", "count"),
        areas=plural(bundle.worth("places"), "area", "areas"),
        verb=verb,
        lent=("lent.closing", "in-words"),
    )


def _in_areas(bundle: Bundle) -> str:
    """In how many areas; where some loans are in places that are not known, at least in how many."""
    if not bundle.holds("places"):
        return ""
    coverage = next(figure.coverage for figure in bundle.figures if figure.code == "places")
    least = "at least " if coverage is not None and coverage.known < coverage.of else ""
    return f"in {least}{{places}} {{areas}} "


def impact_standfirst(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What others added, and what the quarter changed; `late` as in `lending_change`."""
    lack = lacking(bundle)
    if not bundle.holds("lent.closing"):
        return joined(
            bundle.tell(
                "The pages below stand ready. They will fill as intermediaries lend and report; until then they say so."
            ),
            findings.returns_finding(bundle, full_stop=True) if lack else Said(),
        )
    beside = (
        bundle.tell("Co-investors put {others} beside it.", others=("co_invested.closing", "in-words"))
        if bundle.holds("co_invested.closing")
        else bundle.tell(
            "No co-investor's money is known of beside it." if lack else "No co-investor's money stands beside it."
        )
    )
    return joined(beside, findings.lending_change(bundle, late), findings.returns_finding(bundle, full_stop=True))


def people_finding(bundle: Bundle, given: ImpactStatement) -> Said:
    """How widely people reached are reported at all, before how many they are."""
    if not given.people:
        return bundle.tell("No intermediary has reported people reached yet")
    largest = max(range(len(given.people)), key=lambda at: given.people[at].people)
    line = given.people[largest]
    return bundle.tell(
        "Borrowers report {people} reached through {area}: {unit}",
        area=findings.within(line.label),
        unit=findings.within(line.unit),
        people=(f"people.{line.code}-{largest + 1}.people", "count"),
    )


def borrowers_finding(bundle: Bundle, given: ImpactStatement) -> Said:
    """Whether the loans went where no other lender would."""
    known = {figure.code for figure in given.borrowers if figure.value is not None and figure.coverage is not None}
    for code, whom in _WENT_TO.items():
        if code in known:
            return bundle.tell(
                f"Of the loans of which it is known ({{known}} of {{of}}), {{share}} went to organisations {whom}",
                share=(code, "whole-percent"),
                known=(f"{code}.known", "count"),
                of=(f"{code}.of", "count"),
            )
    return bundle.tell("Little is known yet of the borrowers themselves")


_WENT_TO: Final = {"declined": "that a bank had turned down", "first_time": "that had never borrowed before"}
