"""What the figures say, in one sentence each: pure rules that make headings, tested on every turn they can take."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ledger.money import NOTHING, Money
from reports.document import Said
from reports.statements.inputs import Breakdown, Proof, Slice
from reports.statements.resting import NOTHING_LACKS, Rests, lacking, loans_behind, none_lent, returns_behind
from reports.statements.telling import Bundle, begun, joined, plural

_PENCE = "pence-in-the-pound"


def portfolio_headline(bundle: Bundle) -> Said:
    """How far the money has come: the one sentence a trustee should remember."""
    if not bundle.holds("received.closing"):
        return bundle.tell("No dormant money has been received yet")
    if not bundle.holds("in_principle.closing"):
        return bundle.tell(
            "{received} received from dormant accounts; nothing is committed",
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
    told = all(isinstance(share, Fraction) and share <= 1 for share in shares)
    signed = (
        bundle.tell(
            "{share} of every pound in the bank is signed", share=(f"signed.closing / {bundle.capital}", _PENCE)
        )
        if told
        else bundle.tell("{signed} is signed", signed=("signed.closing", "in-words"))
    )
    known = "is known to have" if lacking(bundle) else "has"
    if not bundle.holds("lent.closing"):
        return joined(_stopped(begun(signed), ";"), bundle.tell(f"none {known} reached the front line yet"))
    reached = (f"lent.closing / {bundle.capital}", _PENCE) if told else ("lent.closing", "in-words")
    return joined(
        _stopped(begun(signed), ";") if told else joined(signed, Said(text="and")),
        bundle.tell(f"{{reached}} {known} reached the front line", reached=reached),
    )


def _stopped(said: Said, stop: str) -> Said:
    return Said(text=said.text + stop, prints=said.prints)


def portfolio_standfirst(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What the quarter changed, what is missing and what is overdue; `late` as in `lending_change`."""
    return joined(lending_change(bundle, late), returns_finding(bundle, full_stop=True), _overdue_finding(bundle))


def lending_change(bundle: Bundle, late: Money = NOTHING) -> Said:
    """What the quarter did to lending at the front line, and that returns for earlier quarters did `late` of it."""
    rests = returns_behind(bundle)
    if not bundle.holds("lent.closing"):
        return _stopped(none_lent(bundle, " by the end of the quarter"), ".")
    if not bundle.holds("lent.closing - lent.opening"):
        still = "No change in onward lending is known of" if rests else "Onward lending stood still"
        return bundle.tell(f"{still} in the quarter{rests.behind}.", **rests.parts)
    return bundle.tell(
        f"Lending to the front line {{verb}} by {{change}} in the quarter{{late}}{rests.behind}.",
        late=brought_late(bundle, late),
        verb="grew" if _grew(bundle, "lent") else "fell",
        change=("lent.closing - lent.opening" if _grew(bundle, "lent") else "lent.opening - lent.closing", "in-words"),
        **rests.parts,
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
    rests = loans_behind(bundle, alone=True)
    if not bundle.holds("at_risk_90"):
        known = _known(loans_behind(bundle))
        return bundle.tell(f"No loan is {known}more than 90 days overdue{rests.behind}.", **rests.parts)
    return bundle.tell(
        f"Loans more than 90 days overdue hold {{share}} of the principal outstanding{rests.behind}.",
        share=("at_risk_90", "percent"),
        **rests.parts,
    )


def _known(rests: Rests) -> str:
    """What stands in a sentence that nothing is so, where not everything is known."""
    return "known to be " if rests else ""


def path_finding(bundle: Bundle) -> Said:
    """What became of the dormant money before it reached the bank."""
    if not bundle.holds("received.closing"):
        moved = any(box.added or box.taken or box.closing for box in bundle.movements)
        return bundle.tell("No dormant money has come in" if moved else "No money has moved yet")
    fresh = "received.closing - received.opening"
    if not bundle.holds(fresh):
        return bundle.tell(
            "No dormant money came in this quarter; {kept} is kept back for reclaims",
            kept=("reserved.closing", "in-words"),
        )
    if not _grew(bundle, "received"):
        return bundle.tell(
            "What had come in from dormant accounts fell by {less} this quarter; {kept} is kept back for reclaims",
            less=("received.opening - received.closing", "in-words"),
            kept=("reserved.closing", "in-words"),
        )
    return bundle.tell(
        "{fresh} came in from dormant accounts this quarter; {kept} is kept back for reclaims",
        fresh=(fresh, "in-words"),
        kept=("reserved.closing", "in-words"),
    )


def largest_finding(bundle: Bundle, given: Breakdown, many: str, single: str) -> Said:
    """Which slice, or which two, take most of the bank's money; silent before there is any.

    `many` holds {first}, {second} and {share}; `single` holds {first} and {share}. Where the first name does not open
    the sentence, {inner} is the same name as it stands inside one.
    """
    known = [part for part in given.slices if part.kind == "known" and part.ours.pence > 0]
    if not known:
        lent = any(part.ours.pence > 0 for part in given.slices)
        return begun(Said(text=f"{given.title} is not known of any onward loan")) if lent else none_lent(bundle)
    ranked = sorted(known, key=lambda part: -part.ours.pence)
    if len(ranked) < 3:  # noqa: PLR2004 -- two out of two is no finding
        names = {"first": ranked[0].label, "inner": within(ranked[0].label)}
        return bundle.tell(single, **names, share=(_share_of(given, ranked[:1]), "whole-percent"))
    return bundle.tell(
        many,
        first=ranked[0].label,
        inner=within(ranked[0].label),
        second=within(ranked[1].label),
        share=(_share_of(given, ranked[:2]), "whole-percent"),
    )


def within(label: str) -> str:
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
        lent = any(part.ours.pence > 0 for part in regions.slices)
        return Said(text="None of the bank's money has been placed on the map yet") if lent else none_lent(bundle)
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
    """How much principal is at risk, and what was lost to date, by lenders and by the bank itself."""
    rests, lost = loans_behind(bundle), _lost_finding(bundle)
    if bundle.worth("at_risk_90") is None:
        none = "No loan is known to be outstanding" if rests else "Nothing is outstanding, so nothing is overdue"
        told = bundle.tell(f"{none}{rests.behind}", **rests.parts)
        return joined(_stopped(told, ";"), lost) if _any_lost(bundle) else told
    if not bundle.holds("at_risk_30"):
        first = bundle.tell(f"No loan is {_known(rests)}more than 30 days overdue{rests.behind};", **rests.parts)
        return joined(first, lost)
    days = 90 if bundle.holds("at_risk_90") else 30
    return joined(
        bundle.tell(
            f"Loans more than {days} days overdue hold {{share}} of principal{rests.behind};",
            share=(f"at_risk_{days}", "percent"),
            **rests.parts,
        ),
        lost,
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


_OF_LENDERS, _OF_THE_BANK = ("onward_written_off", "onward_recovered"), ("written_off", "bank_recovered")


def _any_lost(bundle: Bundle) -> bool:
    return any(_lost(bundle, code) for code, _ in (_OF_LENDERS, _OF_THE_BANK))


def _lost(bundle: Bundle, code: str) -> bool:
    """Whether the statement tells of such losses, and there are any."""
    return any(box.code == code for box in bundle.movements) and bundle.holds(f"{code}.closing")


def _lost_finding(bundle: Bundle) -> Said:
    """What lenders wrote off of their loans and, where it did, the bank of what it lent them: sums of two levels."""
    if _lost(bundle, "written_off"):
        return joined(
            Said(text="the bank has written off"),
            _stopped(_sum_lost(bundle, *_OF_THE_BANK), ","),
            Said(text="lenders"),
            _sum_lost(bundle, *_OF_LENDERS),
        )
    if not _lost(bundle, "onward_written_off"):
        verb = "is known to have been" if lacking(bundle) else "has been"
        return bundle.tell(f"nothing {verb} written off")
    return _written_off(bundle, "{lost} has been written off", " and {back} recovered")


def _sum_lost(bundle: Bundle, lost: str, back: str) -> Said:
    """One level's sum, with what came back of it."""
    if not _lost(bundle, lost):
        return Said(text="nothing that is known of" if lacking(bundle) else "nothing")
    sums = {"lost": (f"{lost}.closing", "in-words"), "back": (f"{back}.closing", "in-words")}
    return bundle.tell("{lost} ({back} came back)" if _lost(bundle, back) else "{lost}", **sums)


def _written_off(bundle: Bundle, words: str, and_back: str, rests: Rests = NOTHING_LACKS) -> Said:
    lost, back = _OF_LENDERS
    sums = {"lost": (f"{lost}.closing", "in-words"), "back": (f"{back}.closing", "in-words")}
    recovered = and_back if _lost(bundle, back) else ""
    return bundle.tell(f"{words}{recovered}{rests.behind}", **sums, **rests.parts)


def lost_finding(bundle: Bundle) -> Said:
    """What was lost of onward lending to date, as a sentence of its own; what the bank itself lost is no part of it."""
    rests = returns_behind(bundle)
    if _lost(bundle, "onward_written_off"):
        return _written_off(bundle, "Lenders wrote off {lost}", ", and {back} came back", rests)
    if not bundle.holds("lent.closing"):
        return none_lent(bundle)
    verb = "is known to have been" if rests else "has been"
    return bundle.tell(f"None of what was lent on {verb} written off{rests.behind}", **rests.parts)


def returns_finding(bundle: Bundle, *, full_stop: bool = False) -> Said:
    """How many returns arrived, how many of them late, how many are missing or still have time."""
    later = _count(bundle, "count returns status not due")
    due = _count(bundle, "rows returns") - later
    stop = "." if full_stop else ""
    if due == 0:
        return bundle.tell(
            ("No return for the quarter is due yet" if later else "No return was due for the quarter") + stop
        )
    missing, late = _count(bundle, "count returns status missing"), _count(bundle, "count returns status late")
    more = f"; {{later}} more {plural(later, 'is', 'are')} not due yet" if later else ""
    if not missing and not late:
        all_of = {1: "The one", 2: "Both"}.get(due, f"All {due}")
        noun = plural(due, "return", "returns")
        return bundle.tell(f"{all_of} {noun} due arrived on time{more}{stop}", **_FAULTY_PARTS)
    if due == 1:
        return bundle.tell(
            f"The one return due {'is missing' if missing else 'came late'}{more}{stop}", **_FAULTY_PARTS
        )
    return begun(bundle.tell(_faulty(missing, late, due) + more + stop, **_FAULTY_PARTS))


_FAULTY_PARTS: Final = {
    "missing": ("count returns status missing", "number-word"),
    "late": ("count returns status late", "number-word"),
    "later": ("count returns status not due", "number-word"),
    "due": ("rows returns - count returns status not due", "number-word"),
}


_BOTH: Final = 2


def _faulty(missing: int, late: int, due: int) -> str:
    verb = plural(missing, "is", "are")
    if due in {missing, late}:
        every = "both returns" if due == _BOTH else "all {due} returns"
        return f"{every} due {verb} missing" if missing else f"{every} due came late"
    if missing and late:
        return f"{{missing}} of {{due}} returns {verb} missing and {{late}} came late"
    return f"{{missing}} of {{due}} returns {verb} missing" if missing else "{late} of {due} returns came late"


def _count(bundle: Bundle, reference: str) -> int:
    value = bundle.worth(reference)
    return value if isinstance(value, int) else 0


def ties_finding(bundle: Bundle, proof: Proof) -> Said:
    """Whether the bank's books and the intermediaries' agree, as far as there are returns to tie."""
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
    if not proof.breaks:
        return _tied(bundle, proof)
    said = bundle.tell(
        "{count} {noun} not tie to the intermediary's own book",
        count=("rows breaks", "number-word"),
        noun=plural(len(proof.breaks), "facility does", "facilities do"),
    )
    return begun(said)


_LACK: Final = ("rows returns - checks.all.ties", "number-word")
_UNTIED: Final = ("has no return to tie", "have no return to tie")
"""Of one facility and of several."""


def _tied(bundle: Bundle, proof: Proof) -> Said:
    """That whatever was tied ties, and how much of the whole that is."""
    lack = lacking(bundle)
    if not lack:
        every = "Every facility ties to its intermediary's own book"
        return bundle.tell(every if proof.ties_checked else "Every book balances; there is no facility to tie")
    if not proof.ties_checked:
        return bundle.tell("Every book balances; no facility has a return to tie")
    tie = plural(proof.ties_checked, "ties", "tie")
    return begun(
        bundle.tell(
            f"{{tied}} of {{all}} facilities {tie}; {{lack}} {_UNTIED[lack > 1]}",
            tied=("checks.all.ties", "number-word"),
            all=("rows returns", "number-word"),
            lack=_LACK,
        )
    )


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
