"""The charity bond: bought at par, paid coupons that accrue from day to day, redeemed at its end, marked to a price.

Face stands in 1320 and what the last price differs from it in 1321. The coupon is the facility's yearly rate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bank.allocations.products.carrying import realised
from bank.allocations.products.fields import Field, Told
from bank.allocations.products.holdings import bought, lost
from bank.allocations.products.shape import (
    ALLOWED_FOR,
    BACK,
    CASH,
    LENT_ON,
    LOSS,
    LOST,
    PER_HUNDRED,
    RECOVERED,
    RECOVERED_SINCE,
    VALUED,
    BeyondTerms,
    Done,
    Effect,
    Event,
    Move,
    Position,
    Product,
    Verb,
    figure,
    moves,
    within,
)
from bank.allocations.products.verbs import BUY, LOSE, SOURCE
from bank.treasury.rules import positive
from ledger.money import NOTHING, Money

TAKE_COUPON: Final = Verb(
    "take-coupon",
    "coupons",
    "Take in a coupon, out of what has accrued",
    (Field("amount", "money", "Received", "17500.00"),),
)
REDEEM: Final = Verb(
    "redeem",
    "redemptions",
    "Take in face value that is redeemed",
    (Field("face", "money", "Face value redeemed", "500000.00"),),
)
RECOVER_BOND: Final = Verb(
    "recover-bond",
    "bond-recoveries",
    "Take in what comes back on bonds that were lost",
    (Field("amount", "money", "Received", "5000.00"),),
)
PRICE: Final = Verb(
    "price",
    "prices",
    "Mark bonds to a price of a day, per 100 of face value",
    (Field(PER_HUNDRED, "price", "The price per 100", "98.5"), SOURCE),
)


def coupon(position: Position, told: Told) -> Done:
    """A coupon pays interest that has accrued by its day, and no more."""
    amount = positive(told.money("amount"), "A coupon")
    within(amount, position.of("1210:"), "the interest accrued")
    move = Move(CASH, "1210:", amount, "interest", "Coupon", (LENT_ON.paid, LENT_ON.money))
    return Done((move,), (Effect("coupon"),))


def redeemed(position: Position, told: Told) -> Done:
    """Face value comes back; what it was marked above or below par goes with it."""
    face = positive(told.money("face"), "A redemption")
    within(face, position.of("1320:"), "the face value held")
    return Done(
        moves(
            Move(CASH, "1320:", face, BACK, "Redeemed", (LENT_ON.owed, LENT_ON.money)),
            *realised(position, "1321:", face),
        ),
        (Effect(BACK, face),),
    )


def given_up(position: Position, told: Told) -> Done:
    """Face value is lost; with the last of it the coupon that had accrued, of which no more will come."""
    done = lost("1320:", LENT_ON, "1321:")(position, told)
    last = told.money("amount") == position.of("1320:")
    accrued = position.of("1210:") if last else NOTHING
    return replace(done, moves=moves(*done.moves, Move(LOST, "1210:", accrued, LOSS, "Coupon accrued, lost")))


def recovered(position: Position, told: Told) -> Done:
    """Money on bonds that were lost: together never more than the face value that was, by any day."""
    amount = positive(told.money("amount"), "A recovery")
    _refuse_beyond_lost(position, amount)
    move = Move(CASH, "4060:", amount, RECOVERED, "Recovered", (LENT_ON.recovered, LENT_ON.money))
    return Done((move,), (Effect(RECOVERED, amount),))


def _refuse_beyond_lost(position: Position, amount: Money) -> None:
    lost_, left = position.told_by(position.on, LOSE.name), position.not_yet_back(LOSE.name, RECOVER_BOND.name)
    if not lost_:
        raise BeyondTerms(
            f"No bond of it was lost by {position.on}, so nothing comes back then: what is paid on bonds that are held "
            f"is a coupon (`{TAKE_COUPON.name}`) or a redemption (`{REDEEM.name}`), and `{LOSE.name}` gives them up",
            amount=str(amount),
            there=str(NOTHING),
        )
    if amount > left:
        raise BeyondTerms(
            f"{amount} is more than can still come back: {lost_} of face value was lost by {position.on}, and all but "
            f"{left} of it is recovered, on whatever day. A recovery is of face value, and never more than was lost",
            amount=str(amount),
            there=str(left),
        )


def priced(position: Position, told: Told) -> Done:
    """The value of all bonds held on the day, by a price per 100 of face value."""
    face = Money.total(one.cost for one in position.past if one.on <= position.on)
    return Done((), (Effect(VALUED),), face.times(told.number(PER_HUNDRED) / 100))


CHARITY_BOND: Final = Product(
    code="charity-bond",
    title="Bonds held through a bond fund",
    about="Fixed-term, fixed-rate loans of charities, cut into bonds that several investors hold.",
    measurement="fair-value",
    principal="1320",
    unrealised="1321",
    terms=(
        Field("coupon_months", "count", "Months from coupon to coupon", "6"),
        Field("isin", "text", "The number under which the bonds are listed", "GB00INVENTED", required=False),
    ),
    events=(
        Event(BUY, bought("1320:", LENT_ON), when="signed", promises=True),
        Event(TAKE_COUPON, coupon),
        Event(PRICE, priced),
        Event(REDEEM, redeemed),
        Event(LOSE, given_up),
        Event(RECOVER_BOND, recovered),
    ),
    figures=(
        figure("bought", "Bonds bought, at par", "1320", only="drawdown"),
        figure("undrawn", "Signed, not yet bought", "9100"),
        figure("redeemed", "Redeemed", "1320", sign=-1, only="repayment"),
        figure("coupons", "Coupons received", "1210", sign=-1, only="interest"),
        figure("coupons_due", "Coupon accrued, not yet paid", "1210"),
        figure("lost", "Lost", "1320", sign=-1, only="write-off"),
        figure("coupons_lost", "Coupon accrued, lost", "1210", sign=-1, only="write-off"),
        figure("cost", "Face value held", "1320"),
        figure("unrealised", "Price beyond par", "1321"),
        RECOVERED_SINCE,
        ALLOWED_FOR,
    ),
    earns=True,
)
