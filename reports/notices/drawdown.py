"""The drawdown notice: what was paid to whom, on what terms, what is left to draw, and the entries that prove it."""

from __future__ import annotations

from typing import Final

from reports.document import BigFigures, Document, Listing, Said
from reports.figures import Table
from reports.formatting import day as short
from reports.notices.inputs import DrawdownNotice
from reports.notices.telling import big, bound, cut, facts, laid, lines
from reports.statements.telling import Bundle, joined

TITLE: Final = "Drawdown notice"


def compose(given: DrawdownNotice) -> Document:
    """The notice of one drawdown."""
    entries, all_entries = _entries(given)
    conditions, all_conditions = _conditions(given)
    told, all_told = _told(given)
    bundle = Bundle(figures=given.figures, tables=(told, all_told, conditions, all_conditions, entries, all_entries))
    return bound(
        bundle,
        kind="drawdown",
        title=TITLE,
        issue=given.issue,
        headline=bundle.tell("£{sum} was drawn down on {day}", sum=("paid", "pounds"), day=("paid_on", "long-day")),
        standfirst=joined(Said(text=f"To {cut(given.to)}."), _beside(bundle), _late(bundle)),
        blocks=(
            BigFigures(
                items=(
                    big(bundle, "Drawn with this act", "paid", "pounds"),
                    big(bundle, "Co-investors beside it", "paid_beside", "pounds", Said(text="never in our books")),
                    big(bundle, "Undrawn before", "undrawn_before", "pounds"),
                    big(bundle, "Undrawn after", "undrawn_after", "pounds"),
                )
            ),
            laid(told, "What this is", "As recorded"),
            Listing(heading="On these terms", said=(_match(bundle), _interest(given, bundle), _due(given, bundle))),
            laid(
                conditions,
                "Conditions precedent",
                "As they stood on the day of the payment",
                whole=all_conditions,
                empty="None was listed.",
            ),
            laid(entries, "What proves it", "Entries of the journal that this drawdown made", whole=all_entries),
        ),
    )


def _entries(given: DrawdownNotice) -> tuple[Table, Table]:
    return lines(
        "entries",
        "Entries",
        (("seq", "Entry", 8), ("book", "Book", 14), ("says", "What it says", 26), ("seal", "Seal (SHA-256)", 66)),
        ((str(one.seq), one.book, one.description, one.seal) for one in given.entries),
        given.provenance,
        deep=1,
    )


def _conditions(given: DrawdownNotice) -> tuple[Table, Table]:
    return lines(
        "conditions",
        "Conditions",
        (("text", "Condition", 50), ("state", "Stands", 14), ("on", "Since", 16), ("evidence", "Shown by", 36)),
        (
            (one.text, one.state, "" if one.settled_on is None else short(one.settled_on), one.evidence)
            for one in given.conditions
        ),
        given.provenance,
    )


def _told(given: DrawdownNotice) -> tuple[Table, Table]:
    return facts(
        "told",
        "What was told",
        (
            ("To", given.to),
            ("Facility", f"{given.facility}, {given.facility_name}"),
            ("Product", given.product),
            ("Repayment", given.repayment),
            ("Note", given.note),
            ("Shown by", given.evidence),
        ),
        given.provenance,
    )


def _beside(bundle: Bundle) -> Said:
    if not bundle.holds("paid_beside"):
        return Said(text="Nothing was paid beside it by co-investors with this act.")
    return bundle.tell("Co-investors paid £{sum} beside it, to you and not through us.", sum=("paid_beside", "pounds"))


def _late(bundle: Bundle) -> Said:
    if bundle.worth("paid_on") == bundle.worth("entered_on"):
        return Said()
    return bundle.tell(
        "The quarter of that day had closed: the payment is entered on {day}.", day=("entered_on", "long-day")
    )


def _match(bundle: Bundle) -> Said:
    to_date = bundle.tell(
        "£{ours} is drawn of the bank's money by then, and £{theirs} of co-investors' beside it",
        ours=("drawn_to_date", "pounds"),
        theirs=("beside_to_date", "pounds"),
    )
    if bundle.worth("match_wanted") is None:
        return joined(to_date, Said(text="(no match was agreed)."))
    return joined(
        to_date,
        bundle.tell(
            "(£{there} to each £1; £{wanted} was agreed).",
            there=("beside_to_date / drawn_to_date", "ratio"),
            wanted=("match_wanted", "ratio"),
        ),
    )


def _interest(given: DrawdownNotice, bundle: Bundle) -> Said:
    if not given.earns:
        return Said(text="This product bears no interest.")
    return bundle.tell("Interest is {rate} a year, {how}.", rate=("rate", "exact-rate"), how=given.interest)


def _due(given: DrawdownNotice, bundle: Bundle) -> Said:
    if bundle.worth("first_due") is not None:
        return bundle.tell("The first instalment after this payment is due on {day}.", day=("first_due", "long-day"))
    if not given.earns:
        return Said(text="What it pays back depends on what it comes to: no instalments are agreed.")
    return bundle.tell(
        "No instalments are agreed: all of it falls due by {day}, the facility's last day.",
        day=("matures_on", "long-day"),
    )
