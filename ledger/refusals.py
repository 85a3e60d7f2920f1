"""How the system says no: a refusal carries its facts and one sentence on how to mend it."""

from __future__ import annotations

from typing import ClassVar, Final


class Refusal(Exception):
    """Base of every refusal. `slug` is stable: doors build the problem type from it and never from the wording.

    A subclass sets `slug` and `status`: the *kind* of no, in the HTTP vocabulary every door can map
    (400 malformed, 403 not yours to do, 404 not there, 409 the state forbids it, 422 the content is wrong).
    """

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts


class Malformed(Refusal):
    """The input cannot be read as what it claims to be."""

    slug = "malformed"
    status = 422


class NotFound(Refusal):
    """No such thing, or none that this reader may know of: the two answers are the same on purpose."""

    slug = "not-found"
    status = 404


class NotAllowed(Refusal):
    """The actor's role does not include this act."""

    slug = "not-allowed"
    status = 403


class BadCursor(Malformed):
    """A cursor that no page of ours ended with."""

    slug = "bad-cursor"
    status = 400


_LED_BY: Final = ("Value error, ", "Assertion failed, ")
"""What pydantic puts before the sentence of whoever refused a value in its name."""


def own_words(message: str) -> str:
    """A refusal's own sentence: what pydantic says of a value that a reader of ours refused, without its prefix."""
    for prefix in _LED_BY:
        message = message.removeprefix(prefix)
    return message
