"""Which notices there are, what each is about, and an identifier that follows from it."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from ledger.dates import instant_text
from ledger.refusals import Malformed, NotFound

NoticeKind = Literal["drawdown", "receipt", "allocation"]
NOTICES: Final[tuple[NoticeKind, ...]] = get_args(NoticeKind)

_LETTERS: Final = 10


class UnknownNotice(Malformed):
    """A notice of a kind that there is none of."""

    slug = "unknown-notice-kind"


class NoSuchDrawdown(NotFound):
    """Nothing was drawn under a facility, or not by this entry."""

    slug = "no-such-drawdown"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is about: a facility, with the place of a drawdown's entry where it is of one, or a return."""

    kind: NoticeKind
    of: str
    entry: int | None = None

    def __str__(self) -> str:
        """As it is printed, and read again."""
        return self.of if self.entry is None else f"{self.of} entry {self.entry}"


def sound_notice(kind: str) -> NoticeKind:
    """The kind of notice; refuses another and names those there are."""
    for one in NOTICES:
        if one == kind:
            return one
    raise UnknownNotice(f"There is no {kind!r:.40} notice: it is {', '.join(NOTICES)}", found=kind[:40])


def told_subject(kind: str, text: str) -> Subject:
    """What a notice says that it is about; refuses what is no such words."""
    of, _, place = text.partition(" entry ")
    if place and not (place.isascii() and place.isdigit() and len(place) < len(str(2**63))):
        raise Malformed(f"{text!r:.80} is not what a notice is about")
    return Subject(sound_notice(kind), of, int(place) if place else None)


def notice_id(subject: Subject, known_seq: int, known_at: datetime, caution: str) -> str:
    """The identifier of a notice: the same for the same subject, knowledge and caution, and for no other."""
    told = "\n".join((subject.kind, str(subject), str(known_seq), instant_text(known_at), caution))
    return f"not_{b32encode(hashlib.sha256(told.encode()).digest()[:_LETTERS]).decode('ascii').lower()}"
