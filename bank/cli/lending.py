"""`bank allocation …`, the verbs of interest and credit: terms, schedules, fees, stages and allowances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from bank.allocations import commands, instalments, standing
from bank.allocations.credit import queries as credits_told
from bank.allocations.judging import terms_judged
from bank.allocations.terms import queries as terms_told
from bank.allocations.terms.rules import Repaying
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    EvidenceOption,
    FromOption,
    KeyOption,
    KnownAtOption,
    NoteOption,
    OnOption,
    WhyOption,
    amount,
    at,
    dated,
    day,
    key_of,
    rate,
)
from ledger.money import NOTHING, Money
from ledger.queries import known
from ledger.waterfalls import USUAL_ORDER
from ledger.whole_numbers import MOST_COUNTED
from ledger.workdays import Nation, Roll

app = typer.Typer()

FacilityArgument = Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Kept with it, and read by whoever asks why.")]
StageOption = Annotated[int, typer.Option("--stage", min=1, max=3, help="1, 2 or 3.")]
SumOption = Annotated[
    Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS", help="All of it when left out.")
]


@app.command("propose-terms")
def propose_terms(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    from_on: FromOption,
    value: Annotated[Decimal, typer.Option("--rate", parser=rate, help="The rate, or the margin over --base.")],
    base: Annotated[str | None, typer.Option("--base", help="A base rate, like bank-rate.")] = None,
    floor: Annotated[Decimal | None, typer.Option("--floor", parser=rate, help="The least that is charged.")] = None,
    cap: Annotated[Decimal | None, typer.Option("--cap", parser=rate, help="The most that is charged.")] = None,
    default_margin: Annotated[Decimal, typer.Option("--default-margin", parser=rate)] = Decimal(0),
    commitment_fee: Annotated[Decimal, typer.Option("--commitment-fee", parser=rate)] = Decimal(0),
    fee_day_count: Annotated[
        str | None, typer.Option("--fee-day-count", help="Of the commitment fee; else as the facility's interest.")
    ] = None,
    arrangement_fee: Annotated[Money, typer.Option("--arrangement-fee", parser=amount, metavar="POUNDS")] = NOTHING,
    withheld: Annotated[bool, typer.Option("--withheld", help="The fee is kept back from the first tranche.")] = False,
    repayment: Annotated[str, typer.Option("--repayment", help=", ".join(Repaying))],
    first_due_on: Annotated[date, typer.Option("--first-due-on", parser=day, metavar="YYYY-MM-DD")],
    instalments: Annotated[int, typer.Option("--instalments", min=1, max=MOST_COUNTED)],
    every_months: Annotated[int, typer.Option("--every-months", min=1, max=MOST_COUNTED)] = 3,
    capital_holiday: Annotated[
        int, typer.Option("--capital-holiday", min=0, max=MOST_COUNTED, help="First instalments of interest only.")
    ] = 0,
    bespoke: Annotated[
        list[Money] | None, typer.Option("--principal", parser=amount, metavar="POUNDS", help="Of each, for bespoke.")
    ] = None,
    nation: Annotated[str, typer.Option("--nation", help=", ".join(Nation))] = Nation.ENGLAND.value,
    roll: Annotated[str, typer.Option("--roll", help=", ".join(Roll))] = Roll.MODIFIED_FOLLOWING.value,
    waterfall: Annotated[str, typer.Option("--waterfall", help="In what order a payment is shared out.")] = ",".join(
        USUAL_ORDER
    ),
    market_rate: Annotated[
        Decimal | None, typer.Option("--market-rate", parser=rate, help="Of a change, where others would not lend so.")
    ] = None,
    reschedules: Annotated[
        bool, typer.Option("--reschedule-overdue", help="Overdue principal falls due anew by these terms.")
    ] = False,
    reason: ReasonOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what a facility pays from a day on; another fund manager approves it."""
    with desk(context) as here:
        done = commands.propose_terms(
            here,
            facility=facility,
            from_on=from_on,
            rate=value,
            base=base,
            floor=floor,
            cap=cap,
            default_margin=default_margin,
            commitment_fee=commitment_fee,
            fee_day_count=fee_day_count,
            arrangement_fee=arrangement_fee,
            fee_withheld=withheld,
            repayment=repayment,
            first_due_on=first_due_on,
            instalments=instalments,
            every_months=every_months,
            capital_holiday=capital_holiday,
            bespoke=tuple(bespoke or ()),
            nation=nation,
            roll=roll,
            waterfall=tuple(waterfall.split(",")),
            market_rate=market_rate,
            reschedules=reschedules,
            reason=reason,
            key=key_of(key),
        )
    show(done, form)


@app.command("approve-terms")
def approve_terms(
    context: typer.Context,
    terms: Annotated[str, typer.Argument(metavar="TERMS", help="trm_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another's terms; where money is out, the gain or loss of the change is entered."""
    with desk(context) as here:
        show(commands.approve_terms(here, id=terms, key=key_of(key)), form)


@app.command("propose-threshold")
def propose_threshold(
    context: typer.Context,
    *,
    part: Annotated[Decimal, typer.Option("--part", help="Of the worth of what is to come: a fraction, like 0.10.")],
    from_on: FromOption,
    source: Annotated[str, typer.Option("--source", help="Where it comes from.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose from what difference on changed terms make another loan; another fund manager approves it."""
    with desk(context) as here:
        show(commands.propose_threshold(here, part=part, from_on=from_on, source=source, key=key_of(key)), form)


@app.command("approve-threshold")
def approve_threshold(
    context: typer.Context,
    threshold: Annotated[str, typer.Argument(metavar="THRESHOLD", help="thr_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another's threshold."""
    with desk(context) as here:
        show(commands.approve_threshold(here, id=threshold, key=key_of(key)), form)


@app.command()
def thresholds(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """Every threshold, as proposed and as approved; the standard's tenth holds until there is one."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = terms_told.thresholds(session, at=known(session, at(known_at)))
        show(found, form, columns=("id", "part", "from_on", "source", "approved_by", "state"))


@app.command()
def terms(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """The interest terms of a facility, as proposed and as approved, and how changes would be judged now."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = terms_judged(session, facility, at=known(session, at(known_at)))
        told = ("id", "from_on", "base", "rate", "repayment", "instalments", "approved_by", "state")
        show(found, form, columns=(*told, "difference", "replaces", "difference_now", "replaces_now"))


@app.command()
def schedule(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What falls due when: past instalments as they were, later ones as they are expected."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then, own = known(session, at(known_at)), here.actor.intermediary
        found = instalments.schedule(session, facility, as_at=as_at, at=then, intermediary=own)
        show(found, form, rows="instalments")


@app.command()
def arrears(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What of a facility is overdue, and since when."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then, own = known(session, at(known_at)), here.actor.intermediary
        show(instalments.arrears(session, facility, as_at=as_at, at=then, intermediary=own), form)


@app.command("take-fee")
def take_fee(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    fee: SumOption = None,
    note: NoteOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Take in the arrangement fee that is paid and not withheld."""
    with desk(context) as here:
        show(commands.take_fee(here, facility=facility, on=on, amount=fee, note=note, key=key_of(key)), form)


@app.command()
def capitalise(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    reason: ReasonOption,
    interest: SumOption = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Make accrued interest principal, where the contract says so."""
    with desk(context) as here:
        done = commands.capitalise(here, facility=facility, on=on, amount=interest, reason=reason, key=key_of(key))
    show(done, form)


@app.command()
def refund(
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
    """Give back what was received beyond all that was owed."""
    with desk(context) as here:
        done = commands.refund(
            here, facility=facility, amount=amount, on=on, note=note, evidence=evidence, key=key_of(key)
        )
    show(done, form)


@app.command("assume-loss")
def assume_loss(
    context: typer.Context,
    *,
    stage: StageOption,
    probability: Annotated[
        Decimal | None, typer.Option("--probability", help="Of default within a year: a fraction, 1 at the most.")
    ] = None,
    by_year: Annotated[
        list[Decimal] | None,
        typer.Option("--by-year", help="Of default in each year ahead, once for each."),
    ] = None,
    conversion: Annotated[
        Decimal, typer.Option("--conversion", help="The part of undrawn money that is drawn before a default.")
    ] = Decimal(0),
    lost: Annotated[Decimal, typer.Option("--loss", help="The part lost in a default: a fraction, 1 at the most.")],
    from_on: FromOption,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose the loss that is expected of a stage, year by year; another fund manager approves it."""
    with desk(context) as here:
        done = commands.assume_loss(
            here,
            stage=stage,
            probability=probability,
            by_year=tuple(by_year or ()),
            loss_given_default=lost,
            conversion=conversion,
            from_on=from_on,
            basis=basis,
            key=key_of(key),
        )
    show(done, form)


@app.command("approve-assumption")
def approve_assumption(
    context: typer.Context,
    assumption: Annotated[str, typer.Argument(metavar="ASSUMPTION", help="ecl_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve another's assumption of loss."""
    with desk(context) as here:
        show(commands.approve_assumption(here, id=assumption, key=key_of(key)), form)


@app.command()
def assumptions(context: typer.Context, *, known_at: KnownAtOption = None, form: FormatOption = Format.TABLE) -> None:
    """Every assumption of loss, as proposed and as approved."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = credits_told.assumptions(session, at=known(session, at(known_at)))
        show(
            found,
            form,
            columns=("id", "stage", "by_year", "loss_given_default", "conversion", "from_on", "approved_by", "state"),
        )


@app.command("expect-receipts")
def expect_receipts(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    from_on: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="Of its first money.")],
    receipt: Annotated[
        list[str], typer.Option("--receipt", metavar="YYYY-MM-DD=POUNDS", help="Once for each that is expected.")
    ],
    market_rate: Annotated[
        Decimal | None, typer.Option("--market-rate", parser=rate, help="At which others would take the loan on.")
    ] = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")],
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose what is expected of a loan that begins impaired, or has become so; another fund manager approves it."""
    with desk(context) as here:
        done = commands.expect_receipts(
            here,
            facility=facility,
            from_on=from_on,
            receipts=tuple(dated(each) for each in receipt),
            market_rate=market_rate,
            basis=basis,
            key=key_of(key),
        )
    show(done, form)


@app.command("approve-receipts")
def approve_receipts(
    context: typer.Context,
    foretold: Annotated[str, typer.Argument(metavar="FORETOLD", help="rcp_…")],
    *,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Approve what another expects of a loan."""
    with desk(context) as here:
        show(commands.approve_receipts(here, id=foretold, key=key_of(key)), form)


@app.command("receipts")
def receipts(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """What was told to be expected of an impaired loan, as proposed and as approved."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = credits_told.receipts_foretold(session, facility, at=known(session, at(known_at)))
        show(found, form, columns=("id", "from_on", "market_rate", "basis", "approved_by", "state"))


@app.command("move-stage")
def move_stage(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    stage: StageOption,
    on: OnOption,
    reason: ReasonOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Put a facility in a stage of impairment from a day on."""
    with desk(context) as here:
        show(commands.move_stage(here, facility=facility, stage=stage, on=on, reason=reason, key=key_of(key)), form)


@app.command("allow-for-loss")
def allow_for_loss(
    context: typer.Context,
    facility: Annotated[
        str | None, typer.Argument(metavar="[FACILITY]", help="One facility; all when left out.")
    ] = None,
    *,
    on: OnOption,
    allowance: Annotated[
        Money | None, typer.Option("--amount", parser=amount, metavar="POUNDS", help="By an assessment of its own.")
    ] = None,
    reason: ReasonOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Measure the allowance for loss at a day, by the assumption of each stage or an assessment of its own."""
    if facility is None and (allowance is not None or reason):
        raise typer.BadParameter("an assessment of its own is of one facility: name it")
    with desk(context) as here:
        if facility is None:
            run = commands.allow_for_all(here, on=on, key=key_of(key)).facilities
            show(run, form, columns=("id", "name", "state"))
        else:
            done = commands.allow_for_loss(
                here, facility=facility, on=on, amount=allowance, reason=reason, key=key_of(key)
            )
            show(done, form)


@app.command()
def credit(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """How a facility's credit stands: stage, what it is carried at, what is allowed for, what is late."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(standing.credit(session, facility, as_at=as_at, at=known(session, at(known_at))), form)


@app.command()
def backstops(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every facility more than 30 or 90 days past due that stands in a better stage, unless that is rebutted."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(standing.backstops(session, as_at=as_at, at=known(session, at(known_at))), form)


@app.command("rebut-backstop")
def rebut_backstop(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    stage: StageOption,
    on: OnOption,
    reason: ReasonOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Say why arrears do not mean what a back-stop takes them to mean."""
    with desk(context) as here:
        done = commands.rebut_backstop(here, facility=facility, stage=stage, on=on, reason=reason, key=key_of(key))
    show(done, form)
