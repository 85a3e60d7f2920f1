"""The return receipt: which return came, in time or late, who answers for it, what it comes to and what was asked."""

from __future__ import annotations

from typing import Final

from reports.document import Document, Pair, Said
from reports.figures import Figure
from reports.notices.inputs import ReturnReceipt
from reports.notices.telling import bound, cut, facts, laid, lines, sums
from reports.statements.telling import Bundle, joined

TITLE: Final = "Return receipt"
_ROLL: Final = ("opening", "drawn", "principal_received", "written_off", "closing")
_BESIDE: Final = ("interest_received", "recovered", "arrears")


def compose(given: ReturnReceipt) -> Document:
    """The receipt of one version of a return."""
    by_code = {figure.code: figure for figure in given.figures}
    roll = sums("roll", "The quarter's principal", _of(by_code, _ROLL), given.provenance, "closing")
    beside = sums("beside", "Beside it", _of(by_code, _BESIDE), given.provenance)
    told, all_told = facts("told", "What was told", _told(given), given.provenance)
    asked, all_asked = lines(
        "asked",
        "Questions",
        (
            ("where", "Where", 18),
            ("message", "What was found", 46),
            ("answer", "Reason confirmed", 36),
            ("by", "By", 18),
        ),
        ((one.where, one.message, one.answer or "not answered", one.answered_by) for one in given.findings),
        given.provenance,
    )
    bundle = Bundle(figures=given.figures, tables=(roll, beside, told, all_told, asked, all_asked))
    return bound(
        bundle,
        kind="receipt",
        title=TITLE,
        issue=given.issue,
        headline=_headline(bundle),
        standfirst=joined(_came(given, bundle), _attested(given, bundle), _accepted(given, bundle)),
        blocks=(
            laid(told, "What this is", "As recorded"),
            Pair(
                left=laid(roll, "What the quarter did", "Principal of whole loans, all lenders together, in pounds"),
                right=laid(beside, "Beside the principal", "All lenders together, in pounds"),
                equal=True,
            ),
            laid(
                asked,
                "Findings, and the reasons confirmed",
                "What the return was asked, and what its filer said to it",
                whole=all_asked,
                empty="Nothing was asked.",
            ),
        ),
    )


def _of(by_code: dict[str, Figure], codes: tuple[str, ...]) -> list[Figure]:
    return [by_code[code] for code in codes]


def _told(given: ReturnReceipt) -> tuple[tuple[str, str], ...]:
    return (
        ("From", given.to),
        ("Facility", f"{given.facility}, {given.facility_name}"),
        ("Return", given.return_id),
        ("Stands as", given.state),
        ("Sent by", given.submitted_by),
        ("Takes the place of", given.supersedes),
        ("Its place was taken by", given.superseded_by),
        ("Explanation", given.explanation),
        ("Hash of its content", given.content_sha256),
        ("Hash of the file", given.original_sha256),
    )


def _headline(bundle: Bundle) -> Said:
    days = bundle.worth("days_late")
    late = "{days} day late" if days == 1 else "{days} days late" if days else "in time"
    return bundle.tell(
        f"Your return for {{first}} to {{last}} came {late}",
        first=("quarter_from", "day"),
        last=("quarter_to", "day"),
        days=("days_late", "days"),
    )


def _came(given: ReturnReceipt, bundle: Bundle) -> Said:
    return bundle.tell(
        "From {whom}: version {version}, {loans} {word}, due by {due} and filed on {filed}.",
        whom=cut(given.to),
        version=("version", "count"),
        loans=("loans", "count"),
        word="loan" if bundle.worth("loans") == 1 else "loans",
        due=("due_on", "long-day"),
        filed=("filed_on", "long-day"),
    )


def _attested(given: ReturnReceipt, bundle: Bundle) -> Said:
    if bundle.worth("attested_on") is None:
        return Said(text="Nobody has answered for it yet.")
    return bundle.tell(
        "{who}, {role}, answered for it on {day}.",
        who=cut(given.attested_by),
        role=cut(given.attested_role),
        day=("attested_on", "long-day"),
    )


def _accepted(given: ReturnReceipt, bundle: Bundle) -> Said:
    if bundle.worth("accepted_on") is None:
        return Said(text="It is not in our books yet.")
    return bundle.tell("{who} accepted it on {day}.", who=cut(given.accepted_by), day=("accepted_on", "long-day"))
