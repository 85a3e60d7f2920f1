"""`bank allocation …`: wholesale money out, from proposal to recovery, and `bank intermediary …`: who it goes to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.allocations import commands, queries
from bank.allocations.rules import PRODUCTS
from bank.approvals import partners
from bank.cli import forecasts, lending
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    EvidenceOption,
    KeyOption,
    KnownAtOption,
    OnOption,
    WhyOption,
    amount,
    at,
    day,
    key_of,
    rate,
)
from bank.cli.products import TermOption, add_products, terms_given
from intermediaries.register import commands as register
from intermediaries.register import queries as registered
from intermediaries.register.rules import KINDS
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.store.work import View

app = typer.Typer(help="Wholesale money out: propose, approve, sign, draw, repay.", no_args_is_help=True)
app.add_typer(lending.app)
app.add_typer(forecasts.app)
intermediary_app = typer.Typer(help="The intermediaries that receive it.", no_args_is_help=True)

FacilityArgument = Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")]
StepDayOption = Annotated[
    date | None,
    typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="The day it was done; default today."),
]
CoInvestorOption = Annotated[
    Money,
    typer.Option("--co-investors", parser=amount, metavar="POUNDS", help="Their part: kept beside ours, never in it."),
]


@app.command()
def propose(
    context: typer.Context,
    *,
    intermediary: Annotated[str, typer.Option("--intermediary", help="int_…")],
    product: Annotated[str, typer.Option("--product", help=", ".join(PRODUCTS))],
    amount: AmountOption,
    annual_rate: Annotated[Decimal, typer.Option("--rate", parser=rate, help="A fraction, like 0.045.")],
    available_from: Annotated[date, typer.Option("--available-from", parser=day, metavar="YYYY-MM-DD")],
    available_until: Annotated[date, typer.Option("--available-until", parser=day, metavar="YYYY-MM-DD")],
    matures_on: Annotated[date, typer.Option("--matures-on", parser=day, metavar="YYYY-MM-DD")],
    purpose: Annotated[str, typer.Option("--purpose")],
    additionality: Annotated[str, typer.Option("--additionality", help="What would not happen without it.")],
    co_investors: CoInvestorOption = NOTHING,
    name: Annotated[str, typer.Option("--name")] = "",
    enquiry: Annotated[str, typer.Option("--enquiry", help="The enquiry it comes from, enq_…")] = "",
    term: TermOption = None,
    evidence: EvidenceOption = "",
    on: StepDayOption = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose an allocation; another fund manager decides."""
    with desk(context) as here:
        done = commands.propose(
            here,
            intermediary=intermediary,
            product=product,
            amount=amount,
            annual_rate=annual_rate,
            available_from=available_from,
            available_until=available_until,
            matures_on=matures_on,
            purpose=purpose,
            additionality=additionality,
            co_investor_amount=co_investors,
            name=name,
            enquiry=enquiry,
            product_terms=terms_given(term),
            evidence=evidence,
            on=on,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def approve(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: StepDayOption = None,
    note: WhyOption = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another fund manager's proposal, if the headroom allows."""
    with desk(context) as here:
        show(commands.approve(here, facility=facility, on=on, note=note, evidence=evidence, key=key_of(key)), form)


@app.command()
def reject(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    reason: Annotated[str, typer.Option("--reason")],
    on: StepDayOption = None,
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Reject a proposal, or withdraw one's own."""
    with desk(context) as here:
        done = commands.reject(here, facility=facility, reason=reason, on=on, evidence=evidence, key=key_of(key))
    show(done, form)


@app.command()
def sign(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    co_investors: Annotated[
        Money | None,
        typer.Option("--co-investors", parser=amount, metavar="POUNDS", help="What they signed; default as proposed."),
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="A condition precedent, once or more.")
    ] = None,
    on: StepDayOption = None,
    note: WhyOption = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record the signature."""
    with desk(context) as here:
        done = commands.sign(
            here,
            facility=facility,
            co_investor_amount=co_investors,
            conditions=tuple(condition or ()),
            on=on,
            note=note,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def draw(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    amount: AmountOption,
    on: OnOption,
    co_investors: CoInvestorOption = NOTHING,
    note: WhyOption = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Pay out a tranche, within its availability and the bank's headroom."""
    with desk(context) as here:
        done = commands.draw_down(
            here,
            facility=facility,
            amount=amount,
            on=on,
            co_investor_amount=co_investors,
            note=note,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def repay(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    principal: Annotated[Money, typer.Option("--principal", parser=amount, metavar="POUNDS")] = NOTHING,
    interest: Annotated[Money, typer.Option("--interest", parser=amount, metavar="POUNDS")] = NOTHING,
    fees: Annotated[Money, typer.Option("--fees", parser=amount, metavar="POUNDS")] = NOTHING,
    default_interest: Annotated[Money, typer.Option("--default-interest", parser=amount, metavar="POUNDS")] = NOTHING,
    whole: Annotated[
        Money | None,
        typer.Option("--amount", parser=amount, metavar="POUNDS", help="Not divided: shared out by the contract."),
    ] = None,
    on: OnOption,
    note: WhyOption = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record a repayment: divided into its parts, or as one amount that the contract's order shares out."""
    with desk(context) as here:
        done = commands.repay(
            here,
            facility=facility,
            principal=principal,
            interest=interest,
            fees=fees,
            default_interest=default_interest,
            amount=whole,
            on=on,
            note=note,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def accrue(
    context: typer.Context,
    facility: Annotated[
        str | None, typer.Argument(metavar="[FACILITY]", help="One facility; all when left out.")
    ] = None,
    *,
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Accrue interest to a day, Actual/365 fixed unless agreed otherwise."""
    with desk(context) as here:
        if facility is None:
            run = commands.accrue_all(here, until=until, key=key_of(key)).facilities
            show([_Line.of(facility) for facility in run] if form is Format.TABLE else run, form)
        else:
            show(commands.accrue(here, facility=facility, until=until, key=key_of(key)), form)


@app.command("write-off")
def write_off(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    amount: AmountOption,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason")],
    interest: Annotated[
        Money | None,
        typer.Option(
            "--interest",
            parser=amount,
            metavar="POUNDS",
            help="Accrued interest given up; unless told, all of it with all the principal and none otherwise.",
        ),
    ] = None,
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Write off principal that will not come back, and interest with it."""
    with desk(context) as here:
        done = commands.write_off(
            here,
            facility=facility,
            amount=amount,
            on=on,
            reason=reason,
            interest=interest,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def recover(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    amount: AmountOption,
    on: OnOption,
    note: WhyOption = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record money that came back after a write-off."""
    with desk(context) as here:
        done = commands.recover(
            here, facility=facility, amount=amount, on=on, note=note, evidence=evidence, key=key_of(key)
        )
    show(done, form)


@app.command()
def lapse(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason")] = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Let what is undrawn fall away."""
    with desk(context) as here:
        show(commands.lapse(here, facility=facility, on=on, reason=reason, evidence=evidence, key=key_of(key)), form)


def _product(text: str) -> str:
    if text not in PRODUCTS:
        raise typer.BadParameter(f"{text!r:.60} is no product: it is one of {', '.join(PRODUCTS)}")
    return text


@app.command("list")
def list_(
    context: typer.Context,
    *,
    product: Annotated[str | None, typer.Option("--product", parser=_product, help="Only of this product.")] = None,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every allocation: approved, signed, drawn and repaid as the separate figures they are."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        own = here.actor.intermediary
        found = queries.all_facilities(session, as_at=as_at, at=known(session, at(known_at)), intermediary=own)
        found = [each for each in found if product in {None, each.product}]
        show([_Line.of(facility) for facility in found] if form is Format.TABLE else found, form)


@app.command("show")
def show_(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """One allocation with all its figures."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then = known(session, at(known_at))
        found = queries.facility(session, facility, as_at=as_at, at=then, intermediary=here.actor.intermediary)
    show(found, form)


class _Line(View):
    """What fits on one line of a terminal."""

    facility: str
    name: str
    state: str
    signed: Money
    drawn: Money
    undrawn: Money
    repaid: Money
    outstanding: Money

    @classmethod
    def of(cls, facility: queries.FacilityView) -> _Line:
        """The line of a facility."""
        figures = facility.figures
        return cls(
            facility=facility.id,
            name=facility.name or facility.product_title,
            state=facility.state,
            signed=figures.signed,
            drawn=figures.drawn,
            undrawn=figures.undrawn,
            repaid=figures.repaid_principal,
            outstanding=figures.outstanding,
        )


add_products(app)


@intermediary_app.command("register")
def register_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name.")],
    *,
    kind: Annotated[str, typer.Option("--kind", help=", ".join(KINDS))],
    identifier: Annotated[list[str] | None, typer.Option("--identifier", help="org-id, once or more.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Register an intermediary; its memorandum book is opened in the same act."""
    with desk(context) as here:
        done = register.register_intermediary(
            here, name=name, kind=kind, identifiers=tuple(identifier or ()), key=key_of(key)
        )
    show(done, form)


@intermediary_app.command("list")
def intermediaries(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every intermediary and its standing."""
    with desk(context) as here, here.reading() as session:
        found = registered.intermediaries(session, viewer=here.actor, limit=500).items
        show(found, form, columns=("id", "name", "kind", "standing", "registered_at"))


@intermediary_app.command("show")
def intermediary_show(
    context: typer.Context,
    intermediary: Annotated[str, typer.Argument(help="int_…")],
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """One intermediary: how it stands and stood, its facilities, and what waits on it for somebody's word."""
    with desk(context) as here, here.reading() as session:
        then = known(session, at(known_at))
        show(partners.intermediary_as_asked(session, intermediary, viewer=here.actor, as_at=as_at, known=then), form)


@intermediary_app.command()
def standing(
    context: typer.Context,
    intermediary: Annotated[str, typer.Argument(help="int_…")],
    standing: Annotated[str, typer.Argument(help="active, suspended or failed.")],
    *,
    on: OnOption,
    reason: Annotated[str, typer.Option("--reason")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record how an intermediary stands from a day on; nothing is paid to one that is not active."""
    with desk(context) as here:
        done = partners.set_standing(
            here, intermediary=intermediary, standing=standing, on=on, reason=reason, key=key_of(key)
        )
    show(done, form)
