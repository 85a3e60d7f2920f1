"""What the figures say, in one sentence each: pure rules that make headings, tested on every turn they can take."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ledger.money import NOTHING, Money
from reports.document import Said
from reports.statements.inputs import Breakdown, ImpactStatement, Proof, Slice
from reports.statements.telling import Bundle, begun, joined, plural

_PENCE = "pence-in-the-pound"


def portfolio_headline(bundle: Bundle) -> Said:
    """How far the money has come: the one sentence a trustee should remember."""
    if not bundle.holds("received.closing"):
        return bundle.tell("No dormant money has been received yet")
    if not bundle.holds("in_principle.closing"):
        return bundle.tell(
            "{received} received from dormant accounts; nothing is committed yet",
            received=("received.closing", "in-words"),
        )
    if not bundle.holds("signed.closing"):
        return bundle.tell(
            "{promised} is committed in principle; no agreement is signed yet",
            promised=("in_principle.closing", "in-words"),
        )
    return _reach(bundle)


def _reach(bundle: Bundle) -> Said:
    shares = [bundle.worth(f"{code}.closing / {bundle.capital}") for code in ("signed", "lent")]
    if any(not isinstance(share, Fraction) or share > 1 for share in shares):
        return bundle.tell(
            "{signed} is signed and {lent} has reached the front line",
            signed=("signed.closing", "in-words"),
            lent=("lent.closing", "in-words"),
        )
    signed = bundle.tell(
        "{share} of every pound in the bank is signed;", share=(f"signed.closing / {bundle.capital}", _PENCE)
    )
    if not bundle.holds("lent.closing"):
        return joined(signed, bundle.tell("none has reached the front line yet"))
    reached = bundle.tell("{share} has reached the front line", share=(f"lent.closing / {bundle.capital}", _PENCE))
    return joined(begun(signed), reached)


def portfolio_standfirst(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What the quarter changed, what is missing and what is overdue; `late` as in `lending_change`."""
    return joined(lending_change(bundle, late), returns_finding(bundle, full_stop=True), _overdue_finding(bundle))


def lending_change(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What the quarter did to lending at the front line, and that returns for earlier quarters did `late` of it."""
    if not bundle.holds("lent.closing"):
        return bundle.tell("No onward loan had been drawn by the end of the quarter.")
    if not bundle.holds("lent.closing - lent.opening"):
        return bundle.tell("Onward lending stood still in the quarter.")
    return bundle.tell(
        "Lending to the front line {verb} by {change} in the quarter{late}.",
        late=brought_late(bundle, late),
        verb="grew" if _grew(bundle, "lent") else "fell",
        change=("lent.closing - lent.opening" if _grew(bundle, "lent") else "lent.opening - lent.closing", "in-words"),
    )


def brought_late(bundle: Bundle, late: Money) -> str:
    """What is said behind the change in lending where returns for earlier quarters brought all or part of it."""
    if not late:
        return ""
    returns = "late or corrected returns for earlier quarters"
    whole = bundle.worth("lent.closing - lent.opening") == late
    return f", all of it by {returns}" if whole else f", {returns} counted in it"


def _grew(bundle: Bundle, code: str) -> bool:
    change = bundle.worth(f"{code}.closing - {code}.opening")
    return isinstance(change, Money) and change > NOTHING


def _overdue_finding(bundle: Bundle) -> Said:
    if bundle.worth("at_risk_90") is None:
        return Said()
    if not bundle.holds("at_risk_90"):
        return bundle.tell("No loan is more than 90 days overdue.")
    return bundle.tell(
        "Loans more than 90 days overdue hold {share} of the principal outstanding.", share=("at_risk_90", "percent")
    )


def path_finding(bundle: Bundle) -> Said:
    """What became of the dormant money before it reached the bank."""
    if not bundle.holds("received.closing"):
        return bundle.tell("No money has moved yet")
    if not bundle.holds("received.closing - received.opening"):
        return bundle.tell(
            "No dormant money came in this quarter; {kept} is kept back for reclaims",
            kept=("reserved.closing", "in-words"),
        )
    return bundle.tell(
        "{fresh} came in from dormant accounts this quarter; {kept} is kept back for reclaims",
        fresh=("received.closing - received.opening", "in-words"),
        kept=("reserved.closing", "in-words"),
    )


def largest_finding(bundle: Bundle, given: Breakdown, many: str, single: str) -> Said:
    """Which slice, or which two, take most of the bank's money; silent before there is any.

    `many` holds {first}, {second} and {share}; `single` holds {first} and {share}. Where the first name does not open
    the sentence, {inner} is the same name as it stands inside one.
    """
    known = [part for part in given.slices if part.kind == "known" and part.ours.pence > 0]
    if not known:
        return _none_of_ours(given) or bundle.tell("No onward loan has been placed yet")
    ranked = sorted(known, key=lambda part: -part.ours.pence)
    if len(ranked) < 3:  # noqa: PLR2004 -- two out of two is no finding
        names = {"first": ranked[0].label, "inner": _within(ranked[0].label)}
        return bundle.tell(single, **names, share=(_share_of(given, ranked[:1]), "whole-percent"))
    return bundle.tell(
        many,
        first=ranked[0].label,
        inner=_within(ranked[0].label),
        second=_within(ranked[1].label),
        share=(_share_of(given, ranked[:2]), "whole-percent"),
    )


def _none_of_ours(given: Breakdown) -> Said | None:
    """What is said where loans are told of that hold co-investors' money alone; None where there are none such."""
    if not any(part.kind == "known" and part.loans for part in given.slices):
        return None
    if any(part.ours for part in given.slices):
        return Said(text="The bank's own money is in loans that could not be placed")
    return Said(text="What has been lent so far is co-investors' money alone")


def _within(label: str) -> str:
    """A label inside a sentence: its first letter small unless it is a name or stands for letters."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _share_of(given: Breakdown, parts: Sequence[Slice]) -> str:
    return f"{_lent_in(given, parts)} / {given.code}.total.lent"


def _lent_in(given: Breakdown, parts: Sequence[Slice]) -> str:
    return " + ".join(f"{given.code}.{part.code}.lent" for part in parts)


def places_finding(bundle: Bundle, regions: Breakdown, deprivation: Sequence[Breakdown]) -> Said:
    """Which region has most, and how much goes to the poorest tenths."""
    known = [part for part in regions.slices if part.kind == "known" and part.ours.pence > 0]
    if not known:
        return _none_of_ours(regions) or bundle.tell("No onward loan has been placed on the map yet")
    most = max(known, key=lambda part: part.ours.pence)
    first = bundle.tell(
        "{region} has {share} of the money",
        region=_with_article(most.label),
        share=(_share_of(regions, [most]), "whole-percent"),
    )
    return joined(_with_semicolon(first, deprivation), deprived_finding(bundle, deprivation))


def _with_article(region: str) -> str:
    return f"The {region}" if region.split(" ", maxsplit=1)[0] in {"North", "South", "East", "West"} else region


def _with_semicolon(said: Said, deprivation: Sequence[Breakdown]) -> Said:
    return Said(text=said.text + ";", prints=said.prints) if _poorest(deprivation) else said


def _poorest(deprivation: Sequence[Breakdown]) -> Breakdown | None:
    with_money = [one for one in deprivation if any(part.ours.pence > 0 for part in one.slices if part.kind == "known")]
    return max(with_money, key=lambda one: sum(part.ours.pence for part in one.slices), default=None)


def deprived_finding(bundle: Bundle, deprivation: Sequence[Breakdown]) -> Said:
    """The share of one nation's placed money in its three most deprived tenths: the nation with most money speaks.

    Money whose tenth is not known is in neither part of the share, and what is known stands beside it: counted in the
    whole, it would be told as money at work where need is less.
    """
    index = _poorest(deprivation)
    if index is None:
        return Said()
    placed = [part for part in index.slices if part.kind == "known"]
    poorest = [part for part in placed if part.code in {"1", "2", "3"}]
    if not poorest:
        return Said()
    row = f"coverage.{index.code}"
    alone = sum(one.nation == index.nation for one in deprivation) == 1
    return bundle.tell(
        "in {nation}, {share} of the money placed {by}is in the three most deprived tenths of areas (known for "
        "{known} of {of} {loans})",
        nation=index.nation,
        by="" if alone else f"by {index.edition} ",
        share=(f"{_lent_in(index, poorest)} / {_lent_in(index, placed)}", "whole-percent"),
        known=(f"{row}.known", "count"),
        of=(f"{row}.of", "count"),
        loans=plural(index.coverage.of, "loan", "loans"),
    )


def arrears_finding(bundle: Bundle) -> Said:
    """How much principal is at risk, and whether anything was lost in the quarter."""
    if bundle.worth("at_risk_90") is None:
        return bundle.tell("Nothing is outstanding, so nothing is overdue")
    lost = _lost_finding(bundle)
    if not bundle.holds("at_risk_30"):
        return joined(bundle.tell("No loan is more than 30 days overdue;"), lost)
    if not bundle.holds("at_risk_90"):
        return joined(
            bundle.tell("Loans more than 30 days overdue hold {share} of principal;", share=("at_risk_30", "percent")),
            lost,
        )
    return joined(
        bundle.tell("Loans more than 90 days overdue hold {share} of principal;", share=("at_risk_90", "percent")), lost
    )


def restructured_finding(bundle: Bundle, heading: Said) -> Said:
    """The heading on arrears, and what it would hide: more principal on changed terms than is told of as overdue."""
    told = "at_risk_90" if bundle.holds("at_risk_90") else "at_risk_30"
    changed = "arrears.total.bucket_restructured / arrears.total.bucket_outstanding"
    share, overdue = bundle.worth(changed), bundle.worth(told)
    if not isinstance(share, Fraction) or not isinstance(overdue, Fraction) or share <= overdue:
        return heading
    also = (
        bundle.tell("all principal outstanding is on changed terms")
        if share == 1
        else bundle.tell("{share} of principal is on changed terms", share=(changed, "percent"))
    )
    return joined(Said(text=f"{heading.text};", prints=heading.prints), also)


def _lost_finding(bundle: Bundle) -> Said:
    if not bundle.holds("onward_written_off.closing"):
        return bundle.tell("nothing has been written off")
    if not bundle.holds("onward_recovered.closing"):
        return bundle.tell("{lost} has been written off", lost=("onward_written_off.closing", "in-words"))
    return bundle.tell(
        "{lost} has been written off and {back} recovered",
        lost=("onward_written_off.closing", "in-words"),
        back=("onward_recovered.closing", "in-words"),
    )


def lost_finding(bundle: Bundle) -> Said:
    """What was lost of onward lending to date, as a sentence of its own."""
    return begun(_lost_finding(bundle))


def returns_finding(bundle: Bundle, *, full_stop: bool = False) -> Said:
    """How many returns arrived, how many of them late, how many are missing."""
    due = _count(bundle, "rows returns") - _count(bundle, "count returns status not due")
    stop = "." if full_stop else ""
    if due == 0:
        return bundle.tell("No return was due for the quarter" + stop)
    missing, late = _count(bundle, "count returns status missing"), _count(bundle, "count returns status late")
    if not missing and not late:
        return bundle.tell(
            "{all} {noun} due arrived on time" + stop,
            all={1: "The one", 2: "Both"}.get(due, f"All {due}"),
            noun=plural(due, "return", "returns"),
        )
    return begun(bundle.tell(_faulty(missing, late, due) + stop, **_FAULTY_PARTS))


_FAULTY_PARTS: Final = {
    "missing": ("count returns status missing", "number-word"),
    "late": ("count returns status late", "number-word"),
    "due": ("rows returns - count returns status not due", "number-word"),
}


def _faulty(missing: int, late: int, due: int) -> str:
    verb = plural(missing, "is", "are")
    if due in {missing, late}:
        every = {1: "the one return", 2: "both returns"}.get(due, "all {due} returns")
        return f"{every} due {verb} missing" if missing else f"{every} due came late"
    if missing and late:
        return f"{{missing}} of {{due}} returns {verb} missing and {{late}} came late"
    return f"{{missing}} of {{due}} returns {verb} missing" if missing else "{late} of {due} returns came late"


def _count(bundle: Bundle, reference: str) -> int:
    value = bundle.worth(reference)
    return value if isinstance(value, int) else 0


def ties_finding(bundle: Bundle, proof: Proof) -> Said:
    """Whether the bank's books and the intermediaries' agree."""
    unbalanced = sum(book.debits != book.credits for book in proof.books)
    if unbalanced:
        said = bundle.tell(
            "{count} {noun} not balance",
            count=("count books verdict differs", "number-word"),
            noun=plural(unbalanced, "book does", "books do"),
        )
        return begun(said)
    if proof.pairs_that_disagree:
        return bundle.tell("Some linked accounts do not agree with each other")
    if not proof.breaks and not proof.ties_checked:
        return bundle.tell("Every book balances; there is no facility to tie yet")
    if not proof.breaks:
        return bundle.tell("Every facility ties to its intermediary's own book")
    said = bundle.tell(
        "{count} {noun} not tie to the intermediary's own book",
        count=("rows breaks", "number-word"),
        noun=plural(len(proof.breaks), "facility does", "facilities do"),
    )
    return begun(said)


def corrections_finding(bundle: Bundle, proof: Proof) -> Said:
    """How many corrections of earlier returns and entries there are; a figure restated is told of in other words.

    One correction moves many figures of a statement or none: the two are never counted by one noun.
    """
    if not proof.corrections:
        return bundle.tell("Nothing published earlier has changed")
    said = bundle.tell(
        "{count} {noun} made to {what}",
        count=("rows corrections", "number-word"),
        noun=plural(len(proof.corrections), "correction was", "corrections were"),
        what=_corrected(proof),
    )
    return begun(said)


def _corrected(proof: Proof) -> str:
    """What was corrected: sums or particulars that returns told, or entries by themselves."""
    one = len(proof.corrections) == 1
    taken_back = [line.what.startswith("Entry ") for line in proof.corrections]
    if all(taken_back):
        return "an entry of an earlier quarter" if one else "entries of earlier quarters"
    if any(taken_back):
        return "returns and entries of earlier quarters"
    returns = "a return of an earlier quarter" if one else "returns of earlier quarters"
    if any(line.before is None for line in proof.corrections):
        return returns
    return f"a sum in {returns}" if one else f"sums in {returns}"


def impact_headline(bundle: Bundle) -> Said:
    """Who was reached, where, with how much."""
    if not bundle.holds("lent.closing"):
        return bundle.tell("No onward loan has been made yet")
    return bundle.tell(
        "{count} {noun} in {places} {areas} {verb} borrowed {lent} of the bank's money",
        count=("organisations", "count"),
        noun=plural(bundle.worth("organisations"), "organisation", "organisations"),
        places=("places", "count"),
        areas=plural(bundle.worth("places"), "area", "areas"),
        verb=plural(bundle.worth("organisations"), "has", "have"),
        lent=("lent.closing", "in-words"),
    )


def impact_standfirst(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What others added, and what the quarter changed; `late` as in `lending_change`."""
    if not bundle.holds("lent.closing"):
        return bundle.tell(
            "The pages below stand ready. They will fill as intermediaries lend and report; until then they say so."
        )
    beside = (
        bundle.tell("Co-investors put {others} beside it.", others=("co_invested.closing", "in-words"))
        if bundle.holds("co_invested.closing")
        else bundle.tell("No co-investor's money stands beside it.")
    )
    return joined(beside, lending_change(bundle, late), returns_finding(bundle, full_stop=True))


def people_finding(bundle: Bundle, given: ImpactStatement) -> Said:
    """How widely people reached are reported at all, before how many they are."""
    if not given.people:
        return bundle.tell("No intermediary has reported people reached yet")
    largest = max(range(len(given.people)), key=lambda at: given.people[at].people)
    line = given.people[largest]
    return bundle.tell(
        "Borrowers report {people} reached through {area}: {unit}",
        area=_within(line.label),
        unit=_within(line.unit),
        people=(f"people.{line.code}-{largest + 1}.people", "count"),
    )


_TURNED_TO: Final = {"declined": "that a bank had turned down", "first_time": "that had never borrowed before"}


def borrowers_finding(bundle: Bundle, given: ImpactStatement) -> Said:
    """Whether the loans went where no other lender would."""
    known = {figure.code for figure in given.borrowers if figure.value is not None and figure.coverage is not None}
    for code, whom in _TURNED_TO.items():
        if code in known:
            return bundle.tell(
                f"Of the loans of which it is known ({{known}} of {{of}}), {{share}} went to organisations {whom}",
                share=(code, "whole-percent"),
                known=(f"{code}.known", "count"),
                of=(f"{code}.of", "count"),
            )
    return bundle.tell("Little is known yet of the borrowers themselves")
