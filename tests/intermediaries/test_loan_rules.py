from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intermediaries.loans.postings import Quarterly
from intermediaries.loans.rules import BUCKETS, Moved, at_risk, bucket_of, is_restructured, our_part, ours
from intermediaries.returns.deadlines import days_late, due_on, punctuality
from ledger.dates import Quarter
from ledger.money import NOTHING, Money

PENCE = st.one_of(st.integers(0, 9), st.integers(0, 10**11))
SHARES = st.one_of(
    st.sampled_from(["0", "0.5", "1", "0.333333", "0.01", "0.995"]), st.decimals(0, 1, places=6, allow_nan=False)
).map(Decimal)


@dataclass(frozen=True)
class Lent:
    outstanding: Money
    days_past_due: int
    restructured: bool


@given(st.integers(-(10**15), 10**15), st.one_of(SHARES, st.decimals(0, 1, places=10)))
def test_our_share_without_fractions_is_what_fractions_make_of_it(pence: int, share: Decimal) -> None:
    assert ours(Money(pence), share) == Money(pence).times(share)


@given(PENCE, PENCE, PENCE, PENCE, SHARES)
def test_our_balance_is_always_our_rounded_share_and_no_part_passes_its_whole(
    opening: int, drawn: int, repaid: int, lost: int, share: Decimal
) -> None:
    repaid = min(repaid, opening + drawn)
    lost = min(lost, opening + drawn - repaid)
    whole = Moved(Money(drawn), Money(repaid), Money(lost))
    before, after = ours(Money(opening), share), ours(Money(opening) + whole.net, share)
    part = our_part(whole, share, before, after)
    assert before + part.net == after
    for ours_, all_ in ((part.drawn, drawn), (part.repaid, repaid), (part.written_off, lost)):
        assert 0 <= ours_.pence <= all_


@given(PENCE, PENCE, SHARES)
def test_the_greatest_movement_takes_the_pennies_and_others_are_their_rounded_share(
    drawn: int, repaid: int, share: Decimal
) -> None:
    big, small = Money(max(drawn, repaid) + 100), Money(min(drawn, repaid))
    whole = Moved(big, small, NOTHING)
    part = our_part(whole, share, NOTHING, ours(whole.net, share))
    assert part.repaid == ours(small, share)
    assert abs(part.drawn.pence - ours(big, share).pence) <= 1


@given(PENCE, PENCE, PENCE, PENCE, PENCE, SHARES)
def test_a_quarters_legs_balance_and_never_mix_ours_with_the_co_funders(
    drawn: int, repaid: int, interest: int, recovered: int, lost: int, share: Decimal
) -> None:
    repaid, lost = min(repaid, drawn), min(lost, max(drawn - repaid, 0))
    whole = Moved(Money(drawn), Money(repaid), Money(lost))
    own = our_part(whole, share, NOTHING, ours(whole.net, share))
    moved = Quarterly(
        whole,
        own,
        Money(interest),
        ours(Money(interest), share),
        Money(recovered),
        ours(Money(recovered), share),
    )
    legs = moved.postings("fac_a", "lon_a")
    assert Money.total(leg.amount for leg in legs) == NOTHING
    theirs = [leg.amount for leg in legs if leg.account.startswith(("1390", "2390"))]
    assert Money.total(theirs) == NOTHING
    lent = {code: Money.total(leg.amount for leg in legs if leg.account.startswith(code)) for code in ("1300", "1390")}
    assert lent["1300"] == own.net
    assert lent["1300"] + lent["1390"] == whole.net


def test_nothing_moved_posts_nothing() -> None:
    still = Moved(NOTHING, NOTHING, NOTHING)
    assert Quarterly(still, still, NOTHING, NOTHING, NOTHING, NOTHING).postings("fac_a", "lon_a") == ()


def test_a_balance_that_cannot_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot move"):
        our_part(Moved(Money(1), NOTHING, NOTHING), Decimal("0.5"), NOTHING, Money(5))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "0"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-180"),
        (180, "91-180"),
        (181, "180+"),
        (4000, "180+"),
    ],
)
def test_days_fall_into_their_bucket(days: int, bucket: str) -> None:
    assert bucket_of(days) == bucket
    assert bucket in BUCKETS


def test_the_whole_balance_of_a_late_loan_is_at_risk_and_a_restructured_one_is_shown_in_and_out() -> None:
    lent = [
        Lent(Money(1000), 31, restructured=False),
        Lent(Money(500), 30, restructured=False),
        Lent(Money(200), 0, restructured=True),
        Lent(Money(70), 91, restructured=True),
        Lent(NOTHING, 400, restructured=True),
    ]
    month, quarter = at_risk(lent), at_risk(lent, over=90)
    assert (month.outstanding, month.past_due, month.with_restructured) == (Money(1770), Money(1070), Money(1270))
    assert (quarter.past_due, quarter.with_restructured) == (Money(70), Money(270))


def test_a_loan_is_restructured_when_it_says_so_or_gives_the_day() -> None:
    assert is_restructured("restructured", None)
    assert is_restructured("performing", date(2012, 1, 5))
    assert not is_restructured("performing", "-")


def test_a_return_is_due_thirty_days_after_its_quarter_unless_the_bank_says_otherwise() -> None:
    quarter = Quarter(2011, 4)
    assert due_on(quarter) == date(2012, 1, 30)
    assert due_on(quarter, 45) == date(2012, 2, 14)
    assert days_late(date(2012, 1, 30), date(2012, 1, 30)) == 0
    assert days_late(date(2012, 1, 30), date(2012, 2, 2)) == 3


@pytest.mark.parametrize(
    ("filed", "today", "said"),
    [
        (date(2012, 1, 30), date(2012, 6, 1), "on-time"),
        (date(2012, 1, 31), date(2012, 6, 1), "late"),
        (None, date(2012, 1, 30), "not-due"),
        (None, date(2012, 1, 31), "missing"),
    ],
)
def test_punctuality_is_told_by_the_day_of_filing(filed: date | None, today: date, said: str) -> None:
    assert punctuality(date(2012, 1, 30), filed, today) == said
