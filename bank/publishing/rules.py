"""What may be published, and under which name: kinds, closed quarters, and an identifier that follows from both."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from ledger.dates import Quarter, instant_text
from ledger.periods import QuarterState
from ledger.refusals import Malformed, NotAllowed, NotFound, Refusal

Kind = Literal["portfolio", "impact"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

PUBLISHERS: Final = ("fund-manager", "operator")
"""The roles that may publish. Trustees read; they do not write what they read."""

Form = Literal["trustees", "whole", "public"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
TRUSTEES: Final = "trustees"
"""The form that statements had before there were others: what is said nowhere is that one."""
WHOLE: Final = "whole"
PUBLIC: Final = "public"

TOLD_THE_PUBLIC: Final = "statements for the public"
"""What is held while anything is handed out to the public: a statement, or the public record."""

READERS: Final[Mapping[Form, tuple[str, ...]]] = {
    "trustees": ("trustee", "fund-manager", "operator"),
    "whole": ("fund-manager", "auditor", "operator"),
    "public": ("trustee", "fund-manager", "auditor", "administrator", "operator"),
}
"""By form, the roles that it is handed out to. Whoever has the public form may give it to anybody."""

_LETTERS: Final = 10


class UnknownKind(Malformed):
    """A kind of statement there is none of."""

    slug = "unknown-statement-kind"


class UnknownForm(Malformed):
    """A form of a statement there is none of."""

    slug = "unknown-statement-form"


class PublishedMeanwhile(Refusal):
    """Another statement for the public was filed after this one was held against those on file."""

    slug = "published-meanwhile"
    status = 409


class QuarterStillOpen(Refusal):
    """Statements are of closed quarters."""

    slug = "quarter-still-open"
    status = 409


class KnownTooEarly(Refusal):
    """The moment of knowledge lies before the quarter's end."""

    slug = "known-too-early"
    status = 409


class KeyUsed(Refusal):
    """The key was used to publish another statement."""

    slug = "key-reused"
    status = 409


class NoSuchStatement(NotFound):
    """No statement of this id."""

    slug = "no-such-statement"


class OlderBooks(NotFound):
    """Books that end before what a file knew: an earlier state of those it was drawn from, or another's."""

    slug = "older-books"


class AnotherJournal(NotFound):
    """Books that are not those that a file was drawn from, or not any more."""

    slug = "another-journal"


class BooksUnreadable(Refusal):
    """Books from which what a filed statement says cannot be worked out any more."""

    slug = "books-unreadable"


class SealedAlready(Refusal):
    """A statement has one seal, and it was put on meanwhile."""

    slug = "sealed-already"
    status = 409


class NotAStatement(Malformed):
    """A file that is not a statement of ours, or not a whole one."""

    slug = "not-a-statement"


def sound_kind(kind: str) -> Kind:
    """The kind of statement; refuses another and names those there are."""
    for one in KINDS:
        if one == kind:
            return one
    raise UnknownKind(f"There is no {kind!r:.40} statement: it is {' or '.join(KINDS)}", found=kind[:40])


def sound_form(form: str) -> Form:
    """The form of a statement; refuses another and names those there are."""
    for one in FORMS:
        if one == form:
            return one
    raise UnknownForm(f"There is no form {form!r:.40} of a statement: it is {', '.join(FORMS)}", found=form[:40])


def forms_open_to(roles: Iterable[str]) -> tuple[Form, ...]:
    """The forms that somebody of these roles may read."""
    held = frozenset(roles)
    return tuple(form for form in FORMS if held.intersection(READERS[form]))


def refuse_reader(form: Form, roles: Iterable[str]) -> None:
    """Pass for somebody whose role may read this form."""
    if form not in forms_open_to(roles):
        named = [role.replace("-", " ") for role in READERS[form] if role != "operator"]
        raise NotAllowed(
            f"The {form} form of a statement is for a {' or '.join(named)}: ask for the public form",
            needs=sorted(READERS[form]),
        )


def refuse_open(quarter: Quarter, state: QuarterState) -> None:
    """Pass for a quarter that is closed, softly or for good."""
    if state == "open":
        raise QuarterStillOpen(
            f"{quarter} is not closed, and a statement is of a closed quarter: close it first, with "
            f"`bank quarter close {quarter}`",
            quarter=str(quarter),
        )


def refuse_early(quarter: Quarter, known_at: datetime) -> None:
    """Pass when the quarter had ended by the moment of knowledge."""
    if known_at.date() <= quarter.ends_on:
        raise KnownTooEarly(
            f"A statement of {quarter} as known at {instant_text(known_at)} would be of a quarter that had not ended: "
            f"choose a moment after {quarter.ends_on}",
            quarter=str(quarter),
            known_at=instant_text(known_at),
        )


def statement_id(
    kind: Kind, quarter: Quarter, known_seq: int, known_at: datetime, caution: str, form: Form = TRUSTEES
) -> str:
    """The identifier of a statement: the same for the same kind, quarter, knowledge, caution and form, and no other.

    It is printed in the document, so it must not differ when the document is made again: that of the trustees' form is
    made as it was before there were forms.
    """
    said = (kind, str(quarter), str(known_seq), instant_text(known_at), caution)
    told = "\n".join(said if form == TRUSTEES else (*said, form))
    return f"sta_{b32encode(hashlib.sha256(told.encode()).digest()[:_LETTERS]).decode('ascii').lower()}"
