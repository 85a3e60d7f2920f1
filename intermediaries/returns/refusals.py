"""How the returns say no."""

from __future__ import annotations

from ledger.refusals import Malformed, NotFound, Refusal


class HeaderMissing(Malformed):
    """The facility or the quarter of a return cannot be told."""

    slug = "return-header-missing"


class QuarterNotBegun(Refusal):
    """A form was asked for of a quarter that is yet to come."""

    slug = "quarter-not-begun"
    status = 409


class NotAttestable(Refusal):
    """The return has errors, or its turn is over."""

    slug = "return-not-attestable"
    status = 409


class NotAcceptable(Refusal):
    """The return is not attested, or its turn is over."""

    slug = "return-not-acceptable"
    status = 409


class NoLongerTies(Refusal):
    """What the return was checked against has changed since, and it does not follow from it any more."""

    slug = "return-no-longer-ties"
    status = 409


class LaterReturnsFollow(Refusal):
    """Returns for later quarters were accepted on top of the figures that this one changes."""

    slug = "later-returns-follow"
    status = 409


class NoSuchQuestion(Malformed):
    """What is confirmed is nothing that the return asks."""

    slug = "no-such-question"


class NotConfirmable(Refusal):
    """The return was decided already; its questions are closed."""

    slug = "return-not-confirmable"
    status = 409


class BadReason(Malformed):
    """An answer or a policy without a reason that somebody could read."""

    slug = "bad-reason"


class QuestionsUnanswered(Refusal):
    """Questions of the return are unanswered, and the policy of the day lets none be."""

    slug = "return-questions-unanswered"
    status = 409


class NoSuchQuestionPolicy(NotFound):
    """No policy on unanswered questions of this id."""

    slug = "no-such-question-policy"


class BadExplanation(Malformed):
    """What is said of a break does not explain it."""

    slug = "bad-explanation"


class NobodyNamed(Malformed):
    """An attestation without the name and role of the person who gives it, or an act without its reason."""

    slug = "nobody-named"


class BadAssignment(Malformed):
    """A break put into hands in which it cannot lie."""

    slug = "bad-assignment"
