"""The what-and-why of one allocation: what it is, what it is for, within which limits, at what risk, by whom."""

from __future__ import annotations

from typing import Final

from reports.document import BigFigures, Document, Listing, Said
from reports.figures import Table
from reports.formatting import day as short
from reports.notices.inputs import AllocationNotice
from reports.notices.telling import big, bound, cut, facts, laid, lines
from reports.statements.telling import Bundle, joined

TITLE: Final = "What this allocation is, and why"
_PROSE: Final = frozenset({"What it is to reach", "Why our money", "Limits of the bank"})
_ORDINARY: Final = "not recorded"


def compose(given: AllocationNotice) -> Document:
    """The page on one allocation."""
    told, all_told = facts("told", "What and why", _told(given), given.provenance, prose=_PROSE)
    agreed, all_agreed = _agreed(given)
    read, all_read = _read(given)
    bundle = Bundle(figures=given.figures, tables=(told, all_told, agreed, all_agreed, read, all_read))
    return bound(
        bundle,
        kind="allocation",
        title=TITLE,
        issue=given.issue,
        headline=bundle.tell(
            "£{sum} for {whom}: {state}", sum=("amount", "pounds"), whom=cut(given.to, 60), state=given.state
        ),
        standfirst=joined(_when(bundle), _until(bundle)),
        blocks=(
            BigFigures(
                items=(
                    big(bundle, "Approved in principle", "in_principle", "pounds"),
                    big(bundle, "Signed", "signed", "pounds"),
                    big(bundle, "Drawn", "paid_to_date", "pounds"),
                    big(bundle, "Beside it, co-investors", "beside", "pounds", Said(text="never in our books")),
                )
            ),
            laid(told, "What and why", "As recorded"),
            Listing(heading="Terms and risks", said=(joined(*_terms(given, bundle)), joined(*_risks(given, bundle)))),
            laid(agreed, "Who agreed to it", "Decisions on its approval", whole=all_agreed, empty="Nobody yet."),
            laid(
                read,
                "Limits, as read with the decision",
                "Those on this facility or on you alone, before the approval and after it; those not kept first",
                whole=all_read,
                empty="No limit on this facility or on you alone was read with a decision on it.",
            ),
        ),
    )


def _agreed(given: AllocationNotice) -> tuple[Table, Table]:
    return lines(
        "agreed",
        "Who agreed",
        (
            ("by", "Who", 60),
            ("decision", "Said", 30),
            ("on", "On", 29),
        ),
        ((one.by, one.decision, short(one.on)) for one in given.agreed),
        given.provenance,
        deep=1,
    )


def _read(given: AllocationNotice) -> tuple[Table, Table]:
    return lines(
        "limits",
        "Limits",
        (
            ("limit", "Limit", 58),
            ("kind", "Kind", 9),
            ("before", "Before", 18),
            ("after", "After", 18),
            ("bound", "Bound", 18),
            ("within", "Within", 11),
        ),
        (
            (
                one.limit,
                "hard" if one.hard else "soft",
                one.before,
                one.after,
                one.bound,
                "yes" if one.within else "no",
            )
            for one in sorted(given.readings, key=lambda one: one.within)
        ),
        given.provenance,
        deep=1,
    )


def _told(given: AllocationNotice) -> tuple[tuple[str, str], ...]:
    return (
        ("To", given.to),
        ("Facility", f"{given.facility}, {given.facility_name}"),
        ("Product", given.product),
        ("What it is to reach", given.purpose),
        ("Why our money", given.additionality),
        ("Where", given.region or _ORDINARY),
        ("Proposed by", given.proposed_by),
        ("Limits of the bank", given.read_of_others),
    )


def _when(bundle: Bundle) -> Said:
    approved = bundle.worth("approved_on") is not None
    return bundle.tell(
        "Proposed on {day} and approved on {then}." if approved else "Proposed on {day}, and not approved.",
        day=("proposed_on", "long-day"),
        then=("approved_on", "long-day"),
    )


def _until(bundle: Bundle) -> Said:
    return bundle.tell(
        "It can be drawn from {first} until {last}, and ends on {end}.",
        first=("available_from", "long-day"),
        last=("available_until", "long-day"),
        end=("matures_on", "long-day"),
    )


def _terms(given: AllocationNotice, bundle: Bundle) -> tuple[Said, ...]:
    bears = bundle.worth("rate") is not None
    interest = bundle.tell("Interest: {rate} a year, {how}.", rate=("rate", "exact-rate"), how=given.day_count)
    return interest if bears else Said(text="It bears no interest."), Said(text=given.match)


def _risks(given: AllocationNotice, bundle: Bundle) -> tuple[Said, ...]:
    stage = (
        bundle.tell(
            "Stage of expected loss: {stage}{began}.",
            stage=("impairment_stage", "count"),
            began=", for all its life, since it began impaired" if given.began_impaired else "",
        )
        if bundle.worth("impairment_stage") is not None
        else Said(text="Stage of expected loss: none is kept of it.")
    )
    return (
        stage,
        Said(text=f"Secured: {_answer(given.secured)}. First loss is ours: {_answer(given.first_loss)}."),
    )


def _answer(told: bool | None) -> str:  # noqa: FBT001 -- what was told is an answer, yes or no
    return _ORDINARY if told is None else "yes" if told else "no"
