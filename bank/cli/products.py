"""`bank allocation call`, `distribute`, `revalue` …: one command for each thing that may happen to some product."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Final

import typer

from bank.allocations.commands import record_event
from bank.allocations.products.fields import Field
from bank.allocations.products.queries import PositionView, journal, position
from bank.allocations.products.registry import PRODUCTS, VERBS
from bank.allocations.products.shape import Verb
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    AsAtOption,
    EvidenceOption,
    KeyOption,
    KnownAtOption,
    NoteOption,
    OnOption,
    amount,
    at,
    day,
    key_of,
)
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.refusals import Malformed
from ledger.store.work import View

FacilityArgument = Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")]
TermOption = Annotated[
    list[str] | None,
    typer.Option("--term", metavar="NAME=VALUE", help="A term that only the product has; `bank allocation products`."),
]

_METAVARS: Final = {"money": "POUNDS", "rate": "FRACTION", "day": "YYYY-MM-DD", "price": "PRICE", "count": "NUMBER"}
_BESIDE: Final = Annotated[
    Money,
    typer.Option("--co-investors", parser=amount, metavar="POUNDS", help="Their part: kept beside ours, never in it."),
]


class ProductLine(View):
    """One product as a line of the list, or one of its terms or events."""

    product: str
    is_: str
    name: str
    told_in: str
    about: str


def terms_given(given: Sequence[str] | None) -> dict[str, str]:
    """The terms as they were typed, `name=value` each."""
    told = dict(one.partition("=")[::2] for one in given or ())
    if any("=" not in one for one in given or ()):
        raise Malformed("A term is written name=value, such as --term fees_inside=cost")
    return told


def add_products(app: typer.Typer) -> None:
    """Give the program a command for every verb of the registry, and the three looks at products."""
    app.command("products")(products)
    app.command("position")(position_)
    app.command("journal")(journal_)
    for verb in VERBS.values():
        app.command(verb.name, help=f"{verb.says}.")(_command(verb))


def products(*, form: FormatOption = Format.TABLE) -> None:
    """Every product: its terms, and what may happen to it."""
    show([line for code in PRODUCTS for line in _lines(code)], form)


def position_(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """One allocation as its product has it: terms, value and what it rests on, figures, and what happened."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then = known(session, at(known_at))
        found = position(session, facility, as_at=as_at, at=then, intermediary=here.actor.intermediary)
    _show(found, form)


def journal_(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Everything that was posted for one allocation, in the bank's book and in its intermediary's."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then = known(session, at(known_at))
        found = journal(session, facility, as_at=as_at, at=then, intermediary=here.actor.intermediary)
    show(found, form, columns=("on", "what", "book", "debit", "credit", "amount"))


def _show(found: PositionView, form: Format) -> None:
    """A position to read ends with its figures; JSON has everything."""
    if form is Format.TABLE:
        show(_Head.of(found), form)
        show(list(found.figures), form)
    else:
        show(found, form)


class _Head(View):
    """The lines above a position's figures."""

    facility: str
    name: str
    product: str
    state: str
    carrying_amount: Money
    value: Money
    value_is: str
    valued_on: date | None
    value_source: str

    @classmethod
    def of(cls, found: PositionView) -> _Head:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


def _lines(code: str) -> list[ProductLine]:
    product = PRODUCTS[code]
    return [
        ProductLine(product=code, is_="product", name=product.title, told_in=product.measurement, about=product.about),
        *(
            ProductLine(product=code, is_="term", name=one.name, told_in=one.example, about=one.title)
            for one in product.terms
        ),
        *(
            ProductLine(
                product=code,
                is_="event",
                name=one.verb.name,
                told_in=" ".join(f"--{field.option}" for field in one.verb.fields),
                about=one.verb.says,
            )
            for one in product.events
        ),
    ]


def _command(verb: Verb) -> Callable[..., None]:
    """The function that Typer reads: the facility, the verb's own fields as options, and what every act takes."""

    def run(**given: Any) -> None:
        told = {field.name: str(given[field.name]) for field in verb.fields if given[field.name] is not None}
        with desk(given["context"]) as here:
            done = record_event(
                here,
                facility=given["facility"],
                verb=verb.name,
                on=given["on"],
                told=told,
                co_investor_amount=given["co_investors"],
                note=given["note"],
                evidence=given["evidence"],
                key=key_of(given["key"]),
            )
        _show(done, given["form"])

    run.__signature__ = inspect.Signature(list(_parameters(verb)))  # type: ignore[attr-defined]  # what Typer goes by
    return run


def _parameters(verb: Verb) -> list[inspect.Parameter]:
    def taken(name: str, annotation: object, default: object = inspect.Parameter.empty) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)

    fields = sorted(verb.fields, key=lambda field: not field.required)
    return [
        taken("context", typer.Context),
        taken("facility", FacilityArgument),
        taken("on", OnOption),
        *(taken(field.name, _option(field), *(() if field.required else (None,))) for field in fields),
        taken("co_investors", _BESIDE, NOTHING),
        taken("note", NoteOption, ""),
        taken("evidence", EvidenceOption, ""),
        taken("key", KeyOption, None),
        taken("form", FormatOption, Format.TABLE),
    ]


def _option(field: Field) -> object:
    reader = {"money": amount, "day": day}.get(field.kind)
    metavar = "|".join(field.choices) or _METAVARS.get(field.kind, "TEXT")
    kind = {"money": Money, "day": date}.get(field.kind, str)
    option = typer.Option(f"--{field.option}", parser=reader, metavar=metavar, help=f"{field.title}.")
    return Annotated[kind if field.required else kind | None, option]
