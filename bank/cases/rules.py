"""What makes a case study sound, when its consent holds, and which are printed: decided without a look at the books."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.refusals import Malformed, Refusal

SUCCEEDED: Final = "succeeded"
MIXED: Final = "mixed"
FAILED: Final = "failed"
OUTCOMES: Final = (SUCCEEDED, MIXED, FAILED)

TITLE: Final = (5, 100)
TEXT: Final = (80, 900)
WHO: Final = (2, 300)
EVIDENCE: Final = (3, 300)
"""Characters, at the least and at the most, of what is told."""

MOST_PRINTED: Final = 3
"""Case studies in one statement."""


class BadCase(Malformed):
    """A case study that cannot be told so."""

    slug = "bad-case-study"


class NamesBorrower(BadCase):
    """The borrower consented to be told of without its name, and the words name it."""

    slug = "names-the-borrower"


class NoConsent(Refusal):
    """The borrower's consent does not hold: it was taken back, or its last day is over."""

    slug = "no-consent"
    status = 409


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case study that may be printed, as far as the choice goes."""

    id: str
    loan: str
    outcome: str
    consented_on: date


def sound_words(words: str, what: str, bounds: tuple[int, int], letters: frozenset[int]) -> str:
    """The words as one paragraph, composed (NFC), so long as the bounds say; refuses characters no font of ours has.

    `bounds` counts characters, both ends with it. `letters` are the characters that every face of the statements has.
    """
    clean = unicodedata.normalize("NFC", " ".join(words.split()))
    fewest, most = bounds
    if not fewest <= len(clean) <= most:
        raise BadCase(f"{what} has {len(clean)} characters: write {fewest} to {most}", found=len(clean))
    strange = sorted({letter for letter in clean if ord(letter) not in letters})
    if strange:
        named = ", ".join(f"U+{ord(letter):04X}" for letter in strange[:5])
        raise BadCase(f"{what} holds {named}, which the statements cannot print: write it in Latin letters")
    return clean


def sound_outcome(outcome: str) -> str:
    """The outcome; refuses one that there is not."""
    if outcome not in OUTCOMES:
        raise BadCase(f"There is no outcome {outcome!r:.40}: it is one of {', '.join(OUTCOMES)}")
    return outcome


def refuse_odd_consent(consented_on: date, until: date, today: date) -> None:
    """Pass a consent that was given by today and lasts; refuses one of tomorrow and one that is over."""
    if consented_on > today:
        raise BadCase(f"A consent of {consented_on} is not given yet: today is {today}")
    if until < max(consented_on, today):
        raise NoConsent(f"A consent to {until} is over: ask the borrower again, and tell the day to which it lasts")


def refuse_naming(borrower: str, *words: str) -> None:
    """Refuse words that hold the borrower's name, in whatever case: it consented to be told of without it."""
    name = " ".join(borrower.split()).casefold()
    if name and any(name in told.casefold() for told in words):
        raise NamesBorrower("The words name the borrower, which consented without its name: leave the name out")


def chosen(candidates: Iterable[Candidate], most: int = MOST_PRINTED) -> tuple[Candidate, ...]:
    """Those that are printed: the newest consented of each loan, at most so many, and one that did not go well.

    Where a failed one is known the last place is kept for the newest of those, unless one is among the newest anyway;
    where none failed the same holds of the mixed ones. In order of the day of consent, the newest first.
    """
    ordered = sorted(candidates, key=lambda one: (one.consented_on, one.id), reverse=True)
    newest = list({one.loan: one for one in reversed(ordered)}.values())
    newest.sort(key=lambda one: (one.consented_on, one.id), reverse=True)
    first = newest[:most]
    for outcome in (FAILED, MIXED):
        of_it = [one for one in newest if one.outcome == outcome]
        if of_it:
            return tuple(first) if of_it[0] in first else (*first[:-1], of_it[0])
    return tuple(first)


def holds(until: date, day: date, *, withdrawn: bool) -> bool:
    """Whether a statement of a day may print what a consent is for."""
    return not withdrawn and day <= until


def refuse_unconsented(lapsed: Sequence[str]) -> None:
    """Refuse to issue a statement that prints case studies whose consent no longer holds."""
    if lapsed:
        raise NoConsent(
            f"The consent to print {', '.join(lapsed)} does not hold any more: publish as known now, without it",
            cases=list(lapsed),
        )
