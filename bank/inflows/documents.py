"""The apportionment as a document in and a document out: the bank's arithmetic, open to anyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from bank.inflows.rules import apportioned, named, order_on
from ledger.calculators import BadDocument
from ledger.dates import parse_day
from ledger.faults import Fault, shown
from ledger.money import NOTHING, Money
from ledger.refusals import Refusal

_EXAMPLE: Final = '{"amount": "100.01", "on": "2011-08-02"}'


def apportion_document(doc: dict[str, Any]) -> dict[str, str]:
    """Share ``{"amount": "100.01", "on": "2011-08-02"}`` among the nations; optional ``"expenses"`` come off first.

    The shares come to the amount less expenses, to the penny. Refuses a document of another shape with all its faults
    (`BadDocument`), expenses beyond the amount, and a day on which no Order applies.
    """
    faults = list(_faults(doc))
    if faults:
        raise BadDocument(faults)
    expenses = Money.parse(doc.get("expenses", "0"))
    shares = apportioned(Money.parse(doc["amount"]), [expenses], order_on(parse_day(doc["on"])))
    return {nation: str(share) for nation, share in named(shares).items()}


def _sum_of_money(value: object) -> object:
    amount = Money.parse(value)
    if amount < NOTHING:
        raise BadDocument([Fault("", str(amount), "nothing or more", "leave the minus out")])
    return amount


_READERS: Final[dict[str, tuple[Callable[[object], object], str, str]]] = {
    "amount": (_sum_of_money, "pounds as text, nothing or more", 'write it like "100.01"'),
    "on": (parse_day, "a day of the bank's calendar", 'write it like "2011-08-02"'),
    "expenses": (_sum_of_money, "pounds as text, nothing or more", 'write it like "2.50", or leave it out'),
}


def _faults(doc: object) -> Iterator[Fault]:
    if not isinstance(doc, dict):
        yield Fault("", shown(doc), "one JSON object", f"write it like {_EXAMPLE}")
        return
    for member in doc:
        if member not in _READERS:
            yield Fault(f"/{member!s:.60}", "a member of this name", " or ".join(_READERS), "take it out")
    for member, (read, expected, remedy) in _READERS.items():
        if member not in doc:
            if member != "expenses":
                yield Fault(f"/{member}", "nothing", expected, remedy)
            continue
        try:
            read(doc[member])
        except Refusal:
            yield Fault(f"/{member}", shown(doc[member]), expected, remedy)
