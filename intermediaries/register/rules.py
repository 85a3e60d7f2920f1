"""What an intermediary may be and how it may stand, and who may look at what is its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from intermediaries.frontline.identifiers import canonical
from intermediaries.outcomes.codes import CODE_LISTS
from ledger.refusals import Malformed, NotFound, Refusal
from ledger.store.work import Actor

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {one.code: one.title for one in CODE_LISTS["intermediary_kind"].codes}
)
"""The kinds of intermediary, with the words people read for them."""

STANDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "active": "may be offered and may draw wholesale finance",
        "suspended": "draws nothing until it is active again",
        "failed": "has ceased to trade or is in the hands of others",
    }
)

SUSPENDED: Final = "suspended"
"""The standing that keeps money in: whoever takes it back has looked."""

_NAME_LONGEST: Final = 300


class BadIntermediary(Malformed):
    """What is said of an intermediary cannot be taken."""

    slug = "bad-intermediary"


class NameTaken(Refusal):
    """An intermediary of that name is registered."""

    slug = "intermediary-name-taken"
    status = 409


class NoSuchIntermediary(NotFound):
    """No intermediary of that id, or none this reader may know of."""

    slug = "no-such-intermediary"


class StandingUnchanged(Refusal):
    """The standing is what it was."""

    slug = "standing-unchanged"
    status = 409


def own(actor: Actor, intermediary: str) -> None:
    """Pass when the actor may know of this intermediary; one intermediary cannot even learn that another exists."""
    if not may_see(actor, intermediary):
        raise NoSuchIntermediary(f"There is no intermediary {intermediary!r:.80}")


def may_see(actor: Actor, intermediary: str) -> bool:
    """Whether what belongs to this intermediary may be shown to the actor."""
    return actor.kind != "intermediary" or (actor.intermediary is not None and actor.intermediary == intermediary)


def sound_name(name: str) -> str:
    """The name without spaces around it; refuses one that is empty, too long or holds unprintable signs."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= _NAME_LONGEST or not clean.isprintable():
        raise BadIntermediary(f"{name!r:.80} is not a name: write 1 to {_NAME_LONGEST} printable characters")
    return clean


def sound_kind(kind: str) -> str:
    """The kind, or a refusal that lists the kinds there are."""
    if kind not in KINDS:
        raise BadIntermediary(f"{kind!r:.60} is not a kind of intermediary: write one of {', '.join(KINDS)}")
    return kind


def sound_standing(standing: str) -> str:
    """The standing, or a refusal that lists the standings there are."""
    if standing not in STANDINGS:
        raise BadIntermediary(f"{standing!r:.60} is not a standing: write one of {', '.join(STANDINGS)}")
    return standing


def sound_identifiers(identifiers: Iterable[str]) -> list[str]:
    """Each identifier in its canonical writing, once; refuses one that has a problem, with its remedy."""
    return sorted({canonical(one) for one in identifiers})
