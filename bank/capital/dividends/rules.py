"""What of the bank's reserves may be distributed, how much a policy lets go, and what each holder's part is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bank.treasury.rules import BadTerms
from ledger.money import NOTHING, Money, split
from ledger.refusals import Refusal

CLASSES: Final = ("A", "B", "AB")
"""Which shares take part: the trust's, the merchant banks', or both, each pound that is paid up alike."""

Balances = Iterable[tuple[str, Money]]


class NoDividendPolicy(Refusal):
    """No approved policy lets a dividend be paid."""

    slug = "no-dividend-policy"
    status = 409


class DividendNotAllowed(Refusal):
    """More than the law or the policy lets be paid."""

    slug = "dividend-not-allowed"
    status = 409


@dataclass(frozen=True, slots=True)
class Reserve:
    """What was ever earned less what was ever lost and distributed, and what of it is not realised.

    A company distributes only out of accumulated realised profits less accumulated realised losses (Companies Act 2006,
    s.830). Gains on what is held at a value are not realised, and neither is what quasi-equity is carried at beyond its
    principal, which is only expected to come. They are counted facility by facility, and a fall in value is a loss
    (s.841): so the reserve is never more than s.831 would leave a public company, for net assets less share capital
    less the excess of all unrealised gains over losses is no less than it.
    """

    accumulated: Money
    unrealised: Money
    expected: Money

    @property
    def realised(self) -> Money:
        """What may be distributed, or below nothing, what is lacking."""
        return self.accumulated - self.unrealised - self.expected


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be paid, by each of the things that bind it; below nothing, by how much it is missed."""

    by_part: Money
    by_reserve: Money
    by_liquidity: Money

    @property
    def payable(self) -> Money:
        """The least of them, and no less than nothing."""
        return max(min(self.by_part, self.by_reserve, self.by_liquidity), NOTHING)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one holder has paid up on one class of shares."""

    share_class: str
    holder: str
    paid_up: Money


def reserve_of(balances: Balances, at_value: Collection[str], by_forecast: Collection[str]) -> Reserve:
    """The reserve by the balances of all accounts of the bank's book, debits positive.

    `at_value` are the accounts of value beyond cost, and `by_forecast` those of amortised cost beyond principal: below
    each, every facility has its own.
    """
    accumulated = unrealised = expected = NOTHING
    for code, balance in balances:
        root = code.partition(":")[0]
        if root.startswith(("4", "5")) or root == "3200":
            accumulated -= balance
        elif root in at_value:
            unrealised += max(balance, NOTHING)
        elif root in by_forecast:
            expected += max(balance, NOTHING)
    return Reserve(accumulated, unrealised, expected)


def bounds(
    reserve: Money, paid_this_year: Money, free: Money, *, part: Decimal, reserve_kept: Money, liquidity_kept: Money
) -> Bounds:
    """What a policy lets be paid now.

    `reserve` is what is left to distribute after what has been paid; the part is of what there was before this
    financial year's dividends, so that many small ones come to no more than one. `free` is the cash that nothing is
    promised of.
    """
    whole = (reserve + paid_this_year).times(part)
    return Bounds(whole - paid_this_year, reserve - reserve_kept, free - liquidity_kept)


def shares_of(amount: Money, holdings: Sequence[Holding]) -> list[tuple[Holding, Money]]:
    """Each holder's part by what it has paid up, to the penny: largest remainder, ties to the earlier holder."""
    if not any(each.paid_up for each in holdings):
        raise DividendNotAllowed("Nothing is paid up on the shares that take part: there is nobody to pay")
    parts = split(amount, [each.paid_up.pence for each in holdings])
    return list(zip(holdings, parts, strict=True))


def refuse_over_cap(
    shares: Iterable[tuple[Holding, Money]], before: Mapping[str, Money], caps: Mapping[str, Decimal | None]
) -> None:
    """Pass when no class is paid more in the financial year than the policy's part of what is paid up on it."""
    paid: dict[str, Money] = {}
    up: dict[str, Money] = {}
    for holding, amount in shares:
        one = holding.share_class
        paid[one] = paid.get(one, NOTHING) + amount
        up[one] = up.get(one, NOTHING) + holding.paid_up
    for one in sorted(paid):
        cap = caps.get(one)
        if cap is None:
            continue
        most, there = up[one].times(cap), before.get(one, NOTHING)
        if there + paid[one] > most:
            raise DividendNotAllowed(
                f"{paid[one]} on the {one} shares goes beyond their cap: {most} in a financial year, {cap} of the "
                f"{up[one]} paid up, of which {there} is paid",
                share_class=one,
                amount=str(paid[one]),
                cap=str(most),
                paid=str(there),
            )


def most_within_caps(
    holdings: Sequence[Holding], before: Mapping[str, Money], caps: Mapping[str, Decimal | None]
) -> Money | None:
    """The most that may be paid to all together before a class passes its cap; None where none has a cap.

    What a class is paid is rounded to the penny, so the last pennies are tried.
    """
    whole, most = sum(each.paid_up.pence for each in holdings), None
    for name, cap in caps.items():
        up = sum(each.paid_up.pence for each in holdings if each.share_class == name)
        if cap is None or not up:
            continue
        room = max(Money(up).times(cap) - before.get(name, NOTHING), NOTHING)
        reach = Money(room.pence * whole // up)
        while reach and _paid_on(name, reach, holdings) > room:
            reach -= Money(1)
        most = reach if most is None else min(most, reach)
    return most


def _paid_on(name: str, amount: Money, holdings: Sequence[Holding]) -> Money:
    return Money.total(part for holding, part in shares_of(amount, holdings) if holding.share_class == name)


def refuse_beyond(amount: Money, reserve: Reserve, there: Money, found: Bounds, free: Money) -> None:
    """Pass when a dividend is within every bound; otherwise say what each is made of."""
    if amount <= found.payable:
        return
    raise DividendNotAllowed(
        f"A dividend of {amount} is not allowed: {found.payable} is. The reserve to distribute is {there}, of "
        f"{reserve.accumulated} accumulated, {reserve.unrealised} of it unrealised and {reserve.expected} only "
        f"expected; by its part the policy lets {found.by_part} go, by what is kept of the reserve {found.by_reserve}, "
        f"and by what is kept liquid {found.by_liquidity} of {free} free",
        amount=str(amount),
        payable=str(found.payable),
        reserve=str(there),
        accumulated=str(reserve.accumulated),
        unrealised=str(reserve.unrealised),
        expected=str(reserve.expected),
        by_part=str(found.by_part),
        by_reserve=str(found.by_reserve),
        by_liquidity=str(found.by_liquidity),
        free=str(free),
    )


def sound_classes(classes: str) -> str:
    """The classes that take part, in order; refuses any other word."""
    told = "".join(sorted(set(classes.upper().replace(",", "").replace(" ", ""))))
    if told not in CLASSES:
        raise BadTerms(f"There are A and B shares: say A, B or AB, not {classes[:20]!r}", found=classes[:20])
    return told


def sound_cap(cap: Decimal | None, share_class: str, classes: str) -> Decimal | None:
    """The cap of a class; refuses one on a class that takes no part."""
    if cap is not None and share_class not in classes:
        raise BadTerms(f"The {share_class} shares take no part, so they have no cap")
    return cap
