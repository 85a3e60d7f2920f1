"""What may come in, what is kept against claims, what a claim is paid from, and how the rest is shared to the penny."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.inflows.reference import (
    ALTERNATIVE,
    ASSET_CLASSES,
    CAUSES,
    DORMANCY_RULES,
    NATIONS,
    ORDERS,
    SCHEMES,
    ApportionmentOrder,
    AssetClass,
    DormancyRule,
)
from bank.treasury.rules import BadTerms, not_negative, positive
from ledger.money import NOTHING, Money, split
from ledger.refusals import Malformed, Refusal

FUND: Final = "reclaim-fund"
DISTRIBUTOR: Final = "distributor"
"""The books that dormant money passes through before it becomes the bank's capital."""

PERCENTAGES: Final = "percentages"
AMOUNTS: Final = "amounts"
"""What a direction on England's money can be made of."""

_WHOLE: Final = 100
_LONGEST_PERIOD: Final = 100
_LONGEST_PERCENTAGE: Final = 16


class BadReceipt(Malformed):
    """Dormant money that cannot be taken in as described."""

    slug = "bad-receipt"


class DormancyUnknown(Refusal):
    """The class of asset has no dormancy period entered."""

    slug = "dormancy-unknown"
    status = 409


class NoOrderInForce(Refusal):
    """No Order prescribes the percentages for the day."""

    slug = "no-apportionment-order"
    status = 422


class ExpensesExceedMoney(Refusal):
    """More expenses than money to take them from."""

    slug = "expenses-exceed-money"
    status = 422


class BadDirection(Malformed):
    """A direction that says nothing that can be followed."""

    slug = "bad-direction"


class BeyondNotice(Refusal):
    """More than is left of what was notified."""

    slug = "beyond-notice"
    status = 409


class BeyondDirection(Refusal):
    """More money than the direction has a use for."""

    slug = "beyond-direction"
    status = 409


@dataclass(frozen=True, slots=True)
class Receipt:
    """Dormant money as a participant hands it over."""

    amount: Money
    whole_balance: Money
    asset_class: AssetClass
    scheme: str
    accounts: int | None
    consented_on: date
    received_on: date


@dataclass(frozen=True, slots=True)
class Shares:
    """A sum shared among the four nations; the parts come to the whole exactly."""

    england: Money
    wales: Money
    scotland: Money
    northern_ireland: Money


def asset_class_of(code: str, on: date, rules: Iterable[DormancyRule] = DORMANCY_RULES) -> AssetClass:
    """The class of asset, when money of it may be taken in on a day by the rules of dormancy.

    Refuses an unknown class, a day before the class was brought in, and a class whose dormancy period is not known.
    """
    found = _brought_in(code, on)
    if dormancy_rule(code, on, rules) is None:
        raise DormancyUnknown(
            f"{found.title}: the period after which they are dormant on {on} is not known, so none can be taken in. "
            "Enter it with its source first: `bank inflow dormancy-period`",
            asset_class=code,
        )
    return found


def dormancy_rule(asset_class: str, on: date, rules: Iterable[DormancyRule] = DORMANCY_RULES) -> DormancyRule | None:
    """The rule of dormancy of a class in force on a day; nothing while its period is not known.

    It is the one that starts last by then, and of two from one day the later told.
    """
    in_force = [rule for rule in rules if rule.asset_class == asset_class and rule.from_on <= on]
    return max(reversed(in_force), key=lambda rule: rule.from_on, default=None)


def sound_period(asset_class: str, years: int, from_on: date) -> int:
    """The years of a period of dormancy; refuses none, more than a lifetime, and a class not brought in by the day."""
    _brought_in(asset_class, from_on)
    if not 1 <= years <= _LONGEST_PERIOD:
        raise BadReceipt(f"A period of dormancy is 1 to {_LONGEST_PERIOD} whole years, not {years}", found=str(years))
    return years


def _brought_in(code: str, on: date) -> AssetClass:
    found = next((each for each in ASSET_CLASSES if each.code == code), None)
    if found is None:
        known = ", ".join(each.code for each in ASSET_CLASSES)
        raise BadReceipt(f"There is no asset class {code!r:.60}: the classes are {known}", found=code[:60])
    if on < found.from_on:
        raise BadReceipt(f"{found.title} could not be transferred before {found.from_on} ({found.source})")
    return found


def sound_receipt(
    *,
    amount: Money,
    whole_balance: Money | None,
    asset_class: str,
    scheme: str,
    accounts: int | None,
    consented_on: date,
    received_on: date,
    rules: Iterable[DormancyRule] = DORMANCY_RULES,
) -> Receipt:
    """The receipt as it will be entered; refuses what the Act or plain sense does not allow.

    Under the main scheme the whole balance comes in. Under the alternative one a part does, and the whole balance must
    be told: claims are met on all of it (section 2 of the 2008 Act).
    """
    positive(amount, "A receipt")
    if scheme not in SCHEMES:
        raise BadReceipt(f"There is no scheme {scheme!r:.60}: it is {' or '.join(SCHEMES)}", found=scheme[:60])
    if accounts is not None and accounts < 1:
        raise BadReceipt(f"A transfer is of one or more accounts, not {accounts}: leave it out when it is not known")
    if consented_on > received_on:
        raise BadReceipt(
            f"The reclaim fund consented on {consented_on}, after the money came on {received_on}: a transfer needs "
            "the fund's consent first (section 1 of the 2008 Act)"
        )
    return Receipt(
        amount=amount,
        whole_balance=_whole_balance(amount, whole_balance, scheme),
        asset_class=asset_class_of(asset_class, received_on, rules),
        scheme=scheme,
        accounts=accounts,
        consented_on=consented_on,
        received_on=received_on,
    )


def reserve_for(receipt: Receipt, rate: Decimal) -> Money:
    """What is set aside against claims: the approved rate of the whole balance that owners may claim.

    Under the alternative scheme that is more than the rate of the cash received, because claims are on all of it.
    """
    return receipt.whole_balance.times(rate)


def provision_wanted(transferred: Money, claimed: Money, rate: Decimal) -> Money:
    """What should be held for the claims still to come, by a rate of all balances ever transferred.

    The rate is of claims over the whole life of what was transferred, so what has been claimed comes off it: a
    re-estimate at the rate at which everything was reserved changes nothing. Never less than nothing.
    """
    return max(transferred.times(rate) - claimed, NOTHING)


def directed(amount: Money, measure: str, shares: Mapping[str, str], already: Mapping[str, Money]) -> dict[str, Money]:
    """England's money shared by a direction, to the penny: by its percentages, or until its amounts are reached.

    By amounts it goes in proportion to what is still wanting of each, so that none is ever passed; `already` is what
    each has under the direction. Refuses more than all that is wanting.
    """
    if measure == PERCENTAGES:
        return dict(zip(shares, split(amount, [Fraction(share) for share in shares.values()]), strict=True))
    wanting = {cause: Money.parse(share) - already.get(cause, NOTHING) for cause, share in shares.items()}
    left = Money.total(wanting.values())
    if amount > left:
        raise BeyondDirection(
            f"{amount} cannot be shared by this direction: its amounts still want {left}. Another direction must say "
            "what the rest is for",
            amount=str(amount),
            wanting=str(left),
        )
    parts = split(amount, [each.pence for each in wanting.values()]) if left else [NOTHING] * len(wanting)
    return dict(zip(wanting, parts, strict=True))


def sound_direction(measure: str, shares: Mapping[str, str], from_on: date) -> dict[str, str]:
    """The shares as they will stand, in the order of the causes; refuses what is no direction."""
    known = {cause.code: cause for cause in CAUSES}
    for code in shares:
        if code not in known:
            raise BadDirection(f"There is no cause {code!r:.60}: the causes are {', '.join(known)}", found=code[:60])
        if from_on < known[code].from_on:
            raise BadDirection(f"{known[code].title} is a cause from {known[code].from_on} ({known[code].source})")
    if measure == PERCENTAGES:
        figures = {code: _percentage(code, text) for code, text in shares.items()}
        if sum(figures.values()) != _WHOLE:
            raise BadDirection(f"The percentages come to {sum(figures.values())}: together they are 100")
    elif measure != AMOUNTS or not shares:
        raise BadDirection("A direction gives each cause a percentage, or each an amount")
    else:
        for code, text in shares.items():
            positive(Money.parse(text), f"The amount for {code}")
    return {code: shares[code] for code in known if code in shares}


def amount_directed(measure: str, shares: Mapping[str, str]) -> Money:
    """What a direction by amounts comes to; one by percentages names no sum."""
    return Money.total(Money.parse(share) for share in shares.values()) if measure == AMOUNTS else NOTHING


def _percentage(code: str, text: str) -> Decimal:
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= _LONGEST_PERCENTAGE
    if not plain or not 0 < Decimal(text) <= _WHOLE:
        raise BadDirection(f"{text!r:.40} for {code} is not a percentage: write it like 48.2", found=text[:40])
    return Decimal(text)


def claim_paid_from(paid: Money, provision: Money) -> tuple[Money, Money]:
    """How a claim is met: the provision first as far as it reaches, and the rest as a further charge."""
    from_provision = min(paid, max(provision, NOTHING))
    return from_provision, paid - from_provision


@dataclass(frozen=True, slots=True)
class Notified:
    """What is left of notified claims: their principal and interest, and what of both came out of the provision."""

    principal: Money
    interest: Money
    from_provision: Money

    @property
    def amount(self) -> Money:
        """Principal and interest together."""
        return self.principal + self.interest

    @property
    def charged(self) -> Money:
        """What went beyond the provision when it was notified, and was charged then."""
        return self.amount - self.from_provision

    def less(self, part: Notified) -> Notified:
        """What is left when a part is paid or falls away."""
        return Notified(
            self.principal - part.principal,
            self.interest - part.interest,
            self.from_provision - part.from_provision,
        )

    def paid(self, principal: Money, interest: Money) -> Notified:
        """A part that is paid: it takes what came out of the provision first, as a claim always does."""
        self._refuse_beyond(principal, interest)
        return Notified(principal, interest, min(principal + interest, self.from_provision))

    def fallen_away(self, principal: Money, interest: Money) -> Notified:
        """A part that will not be paid: what was charged beyond the provision is taken back first.

        So what remains is met as if it had been notified alone: by the provision as far as that reaches.
        """
        self._refuse_beyond(principal, interest)
        part = principal + interest
        return Notified(principal, interest, part - min(part, self.charged))

    def _refuse_beyond(self, principal: Money, interest: Money) -> None:
        for amount, left, what in (
            (not_negative(principal, "The principal"), self.principal, "principal"),
            (not_negative(interest, "The interest"), self.interest, "interest"),
        ):
            if amount > left:
                raise BeyondNotice(
                    f"{amount} of {what} goes beyond the notice: {left} of it is left. What is claimed beyond it is "
                    "notified or paid by itself",
                    amount=str(amount),
                    left=str(left),
                )
        positive(principal + interest, "A part of notified claims")


def order_on(day: date) -> ApportionmentOrder:
    """The Order in force on a day; refuses a day before the first."""
    in_force = [order for order in ORDERS if order.from_on <= day]
    if not in_force:
        first = min(order.from_on for order in ORDERS)
        raise NoOrderInForce(
            f"No Order shares dormant money among the nations on {day}: the first applies from {first}", on=str(day)
        )
    return max(in_force, key=lambda order: order.from_on)


def apportioned(amount: Money, expenses: Sequence[Money], order: ApportionmentOrder) -> Shares:
    """Share what is left of an amount after expenses, by largest remainder; a tied penny goes in the Order's order.

    Section 17 of the 2008 Act: money received, less the distributor's and the Secretary of State's expenses.
    """
    not_negative(amount, "The amount to apportion")
    for each in expenses:
        not_negative(each, "An expense")
    off = Money.total(expenses)
    if off > amount:
        raise ExpensesExceedMoney(
            f"Expenses of {off} are more than the {amount} they come off: nothing is left to share",
            amount=str(amount),
            expenses=str(off),
        )
    return Shares(*split(amount - off, [Fraction(percentage) for percentage in order.percentages]))


def named(shares: Shares) -> dict[str, Money]:
    """The shares by nation, in the Order's order."""
    return {nation: getattr(shares, nation) for nation in NATIONS}


def _whole_balance(amount: Money, whole_balance: Money | None, scheme: str) -> Money:
    if scheme == ALTERNATIVE and whole_balance is None:
        raise BadReceipt(
            "Under the alternative scheme only a part of the balance comes in: give the whole balance too, because "
            "its owners may claim all of it"
        )
    whole = amount if whole_balance is None else whole_balance
    if scheme != ALTERNATIVE and whole != amount:
        raise BadReceipt(
            f"Under the main scheme the whole balance comes in: {whole} cannot be the balance of {amount} received",
            amount=str(amount),
            whole_balance=str(whole),
        )
    if whole < amount:
        raise BadTerms(f"The whole balance, {whole}, cannot be less than the part of it received, {amount}")
    return whole
