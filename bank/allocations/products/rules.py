"""What holds for every product: which verbs are its own, which terms it takes, and what its value rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from bank.allocations.products.carrying import taken_back
from bank.allocations.products.fields import Told, read
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.products.shape import LET_GO, LOST, Done, Event, Happened, Move, Product
from bank.allocations.products.verbs import SELL
from bank.treasury.rules import BadTerms
from ledger.entries import Posting
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

SET_RIGHT: Final = "set-right"
"""What the books do of themselves so that they carry the value that was told."""
FRESH_DAYS: Final = 92
"""Days after which a value is stale: the longest quarter."""

Basis = Literal["at-cost", "told", "rolled", "stale", "forecast"]


class NotOfThisProduct(Refusal):
    """This cannot happen to a facility of this product."""

    slug = "not-of-this-product"
    status = 409


def product_of(code: str) -> Product:
    """A product by its code; refuses one that there is not."""
    if code not in PRODUCTS:
        raise BadTerms(f"There is no product {code!r:.60}: the products are {', '.join(PRODUCTS)}", found=code[:60])
    return PRODUCTS[code]


def sound_product_terms(code: str, given: Mapping[str, str], annual_rate: Decimal) -> Told:
    """The terms of a product as they will stand. One that bears no interest has no yearly rate."""
    product = product_of(code)
    if annual_rate and not product.earns:
        raise BadTerms(f"{product.title}: it bears no interest from day to day, so its yearly rate is 0")
    return read(product.terms, given, product.title)


def event_of(product: Product, verb: str) -> Event:
    """What a verb does to a product; refuses one that cannot happen to it."""
    found = product.event(verb)
    if found is None:
        raise NotOfThisProduct(
            f"{verb!r:.40} does not happen to {product.code}: {_what_may(product)}",
            product=product.code,
            verb=verb[:40],
        )
    return found


def refuse_unless_lent(code: str) -> None:
    """Pass when a facility is a loan, which the verbs of lending are for."""
    product = product_of(code)
    if not product.lent:
        raise NotOfThisProduct(f"{product.code} is no loan: {_what_may(product)}", product=code)


def _what_may(product: Product) -> str:
    own = [event.verb.name for event in product.events]
    lending = ["draw", "repay", "write-off", "recover"] if product.lent else []
    return f"what may happen to it is {', '.join([*lending, *own])}"


def changed(product: Product, done: Done) -> tuple[Money, Money]:
    """What a journal does to cost, and to what is carried beyond it: by revaluation, or by amortised cost."""
    beyond = product.unrealised or product.amortised
    return tuple(_net(done.moves, root) for root in (product.principal, beyond))  # type: ignore[return-value]  # two in, two out


def _net(moves: Sequence[Move], root: str) -> Money:
    if not root:
        return NOTHING
    into = Money.total(move.amount for move in moves if move.debit == f"{root}:")
    return into - Money.total(move.amount for move in moves if move.credit == f"{root}:")


def paid_out(done: Done) -> Money:
    """The bank's own cash that a journal takes, less what it brings."""
    out = Money.total(move.amount for move in done.moves if move.credit == "1000")
    return out - Money.total(move.amount for move in done.moves if move.debit == "1000")


def given_up(done: Done) -> Money:
    """What a journal gives up for lost: all of it where nothing came, and of a sale what its proceeds do not meet."""
    return Money.total(move.amount for move in done.moves if move.debit == LOST)


def sold_short(product: Product, event: Event, done: Done) -> Money:
    """How much less a sale brings than what is sold was carried at; nothing where it brings as much or more."""
    if event.verb.name != SELL.name:
        return NOTHING
    return max(paid_out(done) - Money.total(changed(product, done)), NOTHING)


def let_go_of(done: Done) -> Money:
    """What a journal lets go of what was guaranteed."""
    return Money.total(move.amount for move in done.moves if move.kind == LET_GO)


def revaluation(product: Product, lacking: Money, *, told: bool) -> Move:
    """The line that brings the books to a value: more is an unrealised gain, less an unrealised loss.

    On a day for which no value is told nothing is gained or lost: what stands there too much, or too little, belongs
    to what was sold, lost or paid back by then and is taken back.
    """
    beyond = f"{product.unrealised}:"
    if not told:
        (move,) = taken_back(beyond, -lacking)
        return move
    if lacking > NOTHING:
        return Move(beyond, "4050:", lacking, "revaluation", "Revalued")
    return Move("5020:", beyond, -lacking, "revaluation", "Revalued")


def against(postings: Sequence[Posting]) -> list[tuple[str, str, Money]]:
    """An entry's legs set one against one other, in their order: the account debited, the one credited, how much."""
    credited = [(leg.account, -leg.amount) for leg in reversed(postings) if leg.amount < NOTHING]
    lines: list[tuple[str, str, Money]] = []
    for debit in (leg for leg in postings if leg.amount > NOTHING):
        owing = debit.amount
        while owing:
            account, left = credited.pop()
            met = min(owing, left)
            lines.append((debit.account, account, met))
            owing -= met
            if left > met:
                credited.append((account, left - met))
    return lines


def valued(past: Sequence[Happened], as_at: date) -> tuple[Happened | None, Basis]:
    """The last value told for a day by then, and what the value of the day rests on."""
    told = [one for one in past if one.value is not None and one.on <= as_at]
    if not told:
        return None, "at-cost"
    last = max(enumerate(told), key=lambda numbered: (numbered[1].on, numbered[0]))[1]
    if (as_at - last.on).days > FRESH_DAYS:
        return last, "stale"
    moved = any(last.on < one.on <= as_at and (one.cost or one.unrealised) for one in past)
    return last, "rolled" if moved else "told"
