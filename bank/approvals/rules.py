"""What takes whose agreement, and when those who agreed are enough: one person for each role, and never the maker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bank.people.rules import FUND_MANAGER, ROLES
from bank.treasury.rules import BadTerms
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal
from ledger.store.work import a_role

APPROVE: Final = "approve"
SIGN: Final = "sign"
DRAW_DOWN: Final = "draw-down"
WRITE_OFF: Final = "write-off"
AMEND: Final = "amend"
WAIVE: Final = "waive"
WAIVE_LIMIT: Final = "waive-limit"
REFUND: Final = "refund"
MOVE_STAGE: Final = "move-stage"
ALLOW: Final = "allow"
CAPITALISE: Final = "capitalise"
REBUT: Final = "rebut"
SATISFY: Final = "satisfy"
TEST_COVENANT: Final = "test-covenant"
LET_GO: Final = "let-go"
REALISE: Final = "realise"
STANDING: Final = "standing"
EXPLAIN_BREAK: Final = "explain-break"
SUBSCRIBE: Final = "subscribe"
PAY_DIVIDEND: Final = "pay-dividend"
PLACE: Final = "place"
PAY_CLAIMS: Final = "pay-claims"
PAY_SURPLUS: Final = "pay-surplus"
PAY_EXPENSES: Final = "pay-expenses"
PAY_NATION: Final = "pay-nation"
PAY_ENGLAND: Final = "pay-england"
IMPORT: Final = "import"
REVERSE: Final = "reverse"
TERMS: Final = "terms"
DESCRIBE: Final = "describe"
FORECAST: Final = "forecast"
EXPECT_RECEIPTS: Final = "expect-receipts"
THRESHOLD: Final = "threshold"
ASSUME_LOSS: Final = "assume-loss"
BASE_RATE: Final = "base-rate"
RESERVE_RATE: Final = "reserve-rate"
DORMANCY_PERIOD: Final = "dormancy-period"
RECEIPT_POLICY: Final = "receipt-policy"
DIRECTION: Final = "direction"
SHARE_AGREEMENT: Final = "share-agreement"
DIVIDEND_POLICY: Final = "dividend-policy"
LIQUIDITY_POLICY: Final = "liquidity-policy"
PLACEMENT_BOUNDS: Final = "placement-bounds"
SCENARIO: Final = "scenario"
QUESTION_POLICY: Final = "question-policy"
EVIDENCE_POLICY: Final = "evidence-policy"
DISCLOSURE_FLOOR: Final = "disclosure-floor"
TELL_CASE: Final = "tell-case"

PROPOSALS: Final[Mapping[str, str]] = {
    TERMS: "giving a facility interest terms",
    DESCRIBE: "saying what sort of risk a facility is",
    FORECAST: "forecasting what a facility brings in",
    EXPECT_RECEIPTS: "telling what is expected of an impaired loan",
    THRESHOLD: "setting from what difference on changed terms make another loan",
    ASSUME_LOSS: "assuming the loss of a stage",
    BASE_RATE: "taking a step of a base rate into its history",
    RESERVE_RATE: "setting a rate of reserve",
    DORMANCY_PERIOD: "entering the period of dormancy of a class of asset",
    RECEIPT_POLICY: "choosing the journal of dormant money that comes",
    DIRECTION: "entering a direction on England's money",
    SHARE_AGREEMENT: "entering a promise of shares",
    DIVIDEND_POLICY: "making a policy on dividends",
    LIQUIDITY_POLICY: "making a policy on what stays in cash",
    PLACEMENT_BOUNDS: "bounding what a short gilt is and costs",
    SCENARIO: "making a scenario of stress",
    QUESTION_POLICY: "making a policy on unanswered questions",
    EVIDENCE_POLICY: "making a policy on the evidence of a step",
    DISCLOSURE_FLOOR: "setting of how few borrowers a form of the statements may tell",
    TELL_CASE: "telling what became of an onward loan",
}
"""What is agreed to by the proposal itself, and takes one other fund manager while no rule says otherwise."""

ACTIONS: Final[Mapping[str, str]] = {
    APPROVE: "approving a facility in principle",
    SIGN: "signing a facility",
    DRAW_DOWN: "paying a drawdown, a call or a claim",
    WRITE_OFF: "writing off, or giving up for lost",
    AMEND: "amending a signed facility",
    WAIVE: "waiving a condition or the breach of a covenant",
    WAIVE_LIMIT: "passing a hard limit",
    REFUND: "giving back money held unapplied",
    MOVE_STAGE: "moving a facility to a stage of impairment, or confirming it there",
    ALLOW: "an allowance for loss by an assessment of its own",
    CAPITALISE: "making interest principal",
    REBUT: "rebutting the back-stop of a stage",
    SATISFY: "taking a condition precedent for satisfied",
    TEST_COVENANT: "taking a covenant for kept",
    LET_GO: "letting a promise or a guarantee go before its end",
    REALISE: "selling for less than it is carried at",
    STANDING: "taking an intermediary for active again, or for failed",
    EXPLAIN_BREAK: "explaining why a return does not tie",
    SUBSCRIBE: "taking up shares in the bank",
    PAY_DIVIDEND: "paying a dividend",
    PLACE: "placing money in treasury",
    PAY_CLAIMS: "paying owners' claims",
    PAY_SURPLUS: "paying declared surplus to the distributor",
    PAY_EXPENSES: "paying expenses out of what is apportioned",
    PAY_NATION: "paying a nation's money",
    PAY_ENGLAND: "paying England's money to the trust",
    IMPORT: "posting a file of journal lines",
    REVERSE: "reversing an entry of the journal",
    **PROPOSALS,
}
"""What may be made to take somebody's agreement, in words."""

ON_A_FACILITY: Final = (
    SIGN,
    DRAW_DOWN,
    WRITE_OFF,
    REFUND,
    MOVE_STAGE,
    ALLOW,
    CAPITALISE,
    REBUT,
    SATISFY,
    TEST_COVENANT,
    LET_GO,
    REALISE,
    EXPLAIN_BREAK,
)
"""The acts on a facility that are asked for beforehand."""

JOURNAL: Final = "journal"
OF_THE_HOUSE: Final[Mapping[str, tuple[str, ...]]] = {
    SUBSCRIBE: ("trust", "bank"),
    PAY_DIVIDEND: ("bank",),
    PLACE: ("bank", "reclaim-fund"),
    PAY_CLAIMS: ("reclaim-fund",),
    PAY_SURPLUS: ("reclaim-fund",),
    PAY_EXPENSES: ("distributor",),
    PAY_NATION: ("distributor",),
    PAY_ENGLAND: ("distributor",),
    IMPORT: (JOURNAL,),
    REVERSE: (JOURNAL,),
}
"""The acts on the house's own money, and what each is asked for on: the book that pays or is paid, or the journal."""

ON_AN_INTERMEDIARY: Final = (STANDING,)
"""The acts on an intermediary that are asked for beforehand, on its id."""

SAID_TO: Final[Mapping[str, str]] = {
    SUBSCRIBE: "the holder's name",
    PLACE: "the counterparty's name",
    PAY_CLAIMS: "the participant's name",
    PAY_NATION: "the recipient's name",
    IMPORT: "the file's SHA-256",
    REVERSE: "the entry's place",
}
"""What such a request names besides, so that what was agreed to is done to nobody and nothing else."""

SAID_OF: Final[Mapping[str, str]] = {
    MOVE_STAGE: "the number of the stage",
    ALLOW: "the allowance, in pounds",
    REBUT: "the number of the stage",
    SATISFY: "the condition's id",
    TEST_COVENANT: "the covenant's id",
    STANDING: "the standing",
}
"""The same of a request on a facility or an intermediary."""

ONCE_BY_NATURE: Final = (IMPORT, REVERSE)
"""What comes to the same however often it is done: leave for it is not used up."""

CARRIED_OUT: Final = (*ON_A_FACILITY, *ON_AN_INTERMEDIARY, *OF_THE_HOUSE)
"""The actions that are asked for first and done by their maker once agreed to. The others are done by the agreement."""

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    APPROVE: (FUND_MANAGER,),
    AMEND: (FUND_MANAGER,),
    WAIVE: (FUND_MANAGER,),
}
"""Who must agree while no rule says otherwise: another fund manager to what binds the bank, nobody to what follows."""

A_MONTH: Final = 30
"""Within how many days a new line counts acts together, unless it says otherwise."""
_LONGEST: Final = 3_660

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
OPEN: Final = "open"
DONE: Final = "done"


class ApprovalNeeded(Refusal):
    """This takes the agreement of others first."""

    slug = "approval-needed"
    status = 409


class MakerIsChecker(Refusal):
    """Nobody agrees to what they themselves asked for."""

    slug = "maker-is-checker"
    status = 409


class NotWanted(Refusal):
    """This person's agreement would bring the request no further."""

    slug = "agreement-not-wanted"
    status = 409


class TooLate(Refusal):
    """It can be agreed to no more: what it is about has ended."""

    slug = "agreed-too-late"
    status = 409


class Settled(Refusal):
    """It was decided before."""

    slug = "already-decided"
    status = 409


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the table that was proposed and approved."""

    id: str
    action: str
    from_amount: Money
    roles: tuple[str, ...]
    from_on: date
    approved_at: datetime
    within_days: int | None = None
    """Acts of so many days count together, the day of the act the last of them; none: each by itself."""


Part = tuple[date, Money]
"""What was done before under the same action on the same subject: the day on which it was, and how much."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why somebody agrees, and the document or minute that shows it."""

    reason: str = ""
    evidence: str = ""


NONE_TOLD: Final = Grounds()
"""Where it goes without saying why."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A person who agreed, and the roles they hold."""

    person: str
    roles: frozenset[str]


def rule_for(rules: Iterable[Rule], action: str, amount: Money, day: date, parts: Sequence[Part] = ()) -> Rule | None:
    """The line that holds for an amount on a day: of those begun, the highest step that it reaches.

    It reaches a step by itself, or together with the `parts` done within that step's own days: so nobody passes below
    a line by doing one thing in pieces.
    """
    reached = (
        rule
        for rule in steps_on(rules, action, day)
        if rule.from_amount <= counted(amount, parts, rule.within_days, day)
    )
    return max(reached, key=lambda rule: rule.from_amount, default=None)


def steps_on(rules: Iterable[Rule], action: str, day: date) -> list[Rule]:
    """The steps of an action on a day, from the lowest up: of two from one amount, the one that began last."""
    begun = [rule for rule in rules if rule.action == action and rule.from_on <= day]
    steps: dict[Money, Rule] = {}
    for rule in sorted(begun, key=lambda rule: (rule.from_on, rule.approved_at, rule.id)):
        steps[rule.from_amount] = rule
    return [steps[amount] for amount in sorted(steps)]


def counted(amount: Money, parts: Iterable[Part], within_days: int | None, day: date) -> Money:
    """An amount with what was done of the same within so many days, the day itself the last of them."""
    if not within_days:
        return amount
    since = day - timedelta(days=within_days - 1)
    return amount + Money.total(part for on, part in parts if on >= since)


def roles_for(rule: Rule | None, action: str) -> tuple[str, ...]:
    """Whose agreement an action takes: what the rule says, or what is usual while there is none."""
    return USUAL.get(action, ()) if rule is None else rule.roles


def still_wanted(roles: Sequence[str], voices: Sequence[Voice]) -> tuple[str, ...]:
    """The roles for which nobody has spoken yet, when each person speaks for one role and as many as possible do."""
    taken: dict[int, int] = {}

    def seat(place: int, tried: set[int]) -> bool:
        for who, voice in enumerate(voices):
            if who in tried or roles[place] not in voice.roles:
                continue
            tried.add(who)
            if who not in taken or seat(taken[who], tried):
                taken[who] = place
                return True
        return False

    for place in range(len(roles)):
        seat(place, set())
    return tuple(role for place, role in enumerate(roles) if place not in taken.values())


def refuse_maker(maker: str, checker: str, what: str) -> None:
    """Pass when the one who agrees is not the one who asked; persons are compared, not their keys."""
    if maker == checker:
        raise MakerIsChecker(f"{what} was asked for by you: somebody else must decide on it", by=checker)


def refuse_unwanted(roles: Sequence[str], voices: Sequence[Voice], new: Voice) -> tuple[str, ...]:
    """The roles wanted after a new voice; refuses one that brings the request no further."""
    before, after = still_wanted(roles, voices), still_wanted(roles, [*voices, new])
    if len(after) >= len(before):
        raise NotWanted(
            f"This waits for the agreement of {spoken(before)}: that is not for you to give", wanted=list(before)
        )
    return after


def spoken(roles: Sequence[str]) -> str:
    """Roles in words."""
    return " and ".join(map(a_role, roles)) or "nobody else"


def sound_action(action: str) -> str:
    """The action; refuses one that there is not."""
    if action not in ACTIONS:
        raise BadTerms(f"There is no action {action!r:.40} to agree to: it is one of {', '.join(ACTIONS)}")
    return action


def sound_house_act(action: str, subject: str, to: str) -> str:
    """Whom or what an act on the house's own money is for; refuses what such an act is never asked for on."""
    subjects = OF_THE_HOUSE.get(sound_action(action), ())
    if subject not in subjects:
        asked_on = " or ".join(subjects) or ("an intermediary" if action in ON_AN_INTERMEDIARY else "a facility")
        raise BadTerms(f"Agreement to {action} is asked for on {asked_on}, not on {subject!r:.60}")
    return sound_to(action, subject, to)


def sound_to(action: str, subject: str, to: str) -> str:
    """Whom or what an act is for besides its subject; refuses one left out, and one where there is no choice."""
    wanted, named = SAID_TO.get(action) or SAID_OF.get(action), to.strip()
    if wanted is not None and not named:
        raise BadTerms(f"Say whom or what it is for, which for {action} is {wanted}")
    if wanted is None and named:
        raise BadTerms(f"{action} of {subject} can be for nobody else: leave {named!r:.60} out")
    return named


def sound_roles_for_rule(roles: Iterable[str]) -> list[str]:
    """The roles in order; one may be named more than once, and then as many persons are wanted."""
    wanted = list(roles)
    unknown = [role for role in wanted if role not in ROLES]
    if unknown:
        raise BadTerms(f"There is no role {unknown[0]!r:.40}: the roles are {', '.join(ROLES)}")
    return sorted(wanted)


def sound_threshold(amount: Money) -> Money:
    """The amount from which a rule holds."""
    if amount < NOTHING:
        raise BadTerms(f"A rule holds from nothing or more on, not from {amount}")
    return amount


def sound_days(days: int) -> int:
    """Within how many days acts count together; none means that each counts by itself."""
    if not 0 <= days <= _LONGEST:
        raise BadTerms(f"Acts count together within 0 to {_LONGEST} days, not {days}: 0 means each by itself")
    return days


def said(text: str, what: str) -> str:
    """The words without the space around them; refuses none."""
    if not text.strip():
        raise BadTerms(f"Say {what}: it is kept, and read by whoever asks why")
    return text.strip()
