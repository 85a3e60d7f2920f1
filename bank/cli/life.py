"""`bank life …`: a facility's life beside its money, from the enquiry to its end, and what is open on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final

import typer

from bank.allocations.life import commands
from bank.allocations.life.course import course as course_of
from bank.allocations.life.enquiries import queries as asked
from bank.allocations.life.evidence import commands as shown
from bank.allocations.life.evidence import queries as policies
from bank.allocations.life.evidence.rules import STEPS
from bank.allocations.rules import PRODUCTS
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk, spoken
from bank.cli.fields import (
    AmountOption,
    AsAtOption,
    EvidenceOption,
    KeyOption,
    KnownAtOption,
    OnOption,
    OptionalFrom,
    WhyOption,
    at,
    day,
    key_of,
    number,
)
from ledger.queries import known

app = typer.Typer(help="A facility's life beside its money: steps, conditions, covenants.", no_args_is_help=True)

FacilityArgument = Annotated[str, typer.Argument(metavar="FACILITY", help="The allocation's identifier, fac_…")]
ReasonOption = Annotated[str, typer.Option("--reason")]
_DAY: Final = "YYYY-MM-DD"


@app.command()
def enquire(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who asks.")],
    *,
    product: Annotated[str, typer.Option("--product", help=", ".join(PRODUCTS))],
    amount: AmountOption,
    on: OnOption,
    summary: Annotated[str, typer.Option("--summary", help="What is asked for.")],
    intermediary: Annotated[str, typer.Option("--intermediary", help="int_…, if it is one already.")] = "",
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record an enquiry: the days to the money count from it."""
    with desk(context) as here:
        done = commands.enquire(
            here,
            name=name,
            product=product,
            amount=amount,
            on=on,
            summary=summary,
            intermediary=intermediary,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def step(
    context: typer.Context,
    enquiry: Annotated[str, typer.Argument(help="enq_…")],
    step: Annotated[str, typer.Argument(help="screened, due-diligence, declined or withdrawn.")],
    *,
    on: OnOption,
    reason: ReasonOption,
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Take an enquiry a step on, or to its end."""
    with desk(context) as here:
        done = commands.step_enquiry(
            here, enquiry=enquiry, step=step, on=on, reason=reason, evidence=evidence, key=key_of(key)
        )
    show(done, form)


@app.command()
def enquiries(
    context: typer.Context,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every enquiry, how far it came, and what was proposed from it."""
    with desk(context, *STAFF) as here, here.reading() as session:
        show(asked.enquiries(session, as_at=as_at, at=known(session, at(known_at))), form)


@app.command()
def heads(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    condition: Annotated[list[str] | None, typer.Option("--condition", help="Once or more.")] = None,
    evidence: EvidenceOption = "",
    note: WhyOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record heads of terms, with the conditions precedent."""
    with desk(context) as here:
        done = commands.agree_heads_of_terms(
            here,
            facility=facility,
            on=on,
            conditions=tuple(condition or ()),
            evidence=evidence,
            note=note,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def condition(
    context: typer.Context,
    facility: FacilityArgument,
    text: Annotated[str, typer.Argument(help="What is to be so before money moves.")],
    *,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List a condition precedent."""
    with desk(context) as here:
        show(commands.list_condition(here, facility=facility, text=text, on=on, key=key_of(key)), form)


@app.command()
def satisfy(
    context: typer.Context,
    condition: Annotated[str, typer.Argument(help="cnd_…")],
    *,
    on: OnOption,
    evidence: EvidenceOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record that a condition precedent is satisfied."""
    with desk(context) as here:
        done = commands.satisfy_condition(here, condition=condition, on=on, evidence=evidence, key=key_of(key))
    show(done, form)


@app.command()
def describe(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    region: Annotated[str | None, typer.Option("--region")] = None,
    secured: Annotated[bool | None, typer.Option("--secured/--unsecured")] = None,
    first_loss: Annotated[bool | None, typer.Option("--first-loss/--no-first-loss")] = None,
    match_at_signing: Annotated[
        Decimal | None, typer.Option("--match-at-signing", parser=number, help="Theirs to ours, like 1.")
    ] = None,
    match_at_drawdown: Annotated[
        Decimal | None, typer.Option("--match-at-drawdown", parser=number, help="Theirs to ours, like 0.5.")
    ] = None,
    evidence: EvidenceOption = "",
    reason: Annotated[
        str, typer.Option("--reason", help="Why; asked for once the facility is past its proposal.")
    ] = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Say what sort of risk a facility is, and what match it takes; past its proposal, others decide on it."""
    with desk(context) as here:
        done = commands.describe(
            here,
            facility=facility,
            on=on,
            region=region,
            secured=secured,
            first_loss=first_loss,
            match_at_signing=match_at_signing,
            match_at_drawdown=match_at_drawdown,
            evidence=evidence,
            reason=reason,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def amend(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    on: OnOption,
    words: Annotated[str, typer.Option("--words", help="What changes, in words.")],
    reason: ReasonOption,
    available_until: Annotated[date | None, typer.Option("--available-until", parser=day, metavar=_DAY)] = None,
    matures_on: Annotated[date | None, typer.Option("--matures-on", parser=day, metavar=_DAY)] = None,
    match_at_drawdown: Annotated[Decimal | None, typer.Option("--match-at-drawdown", parser=number)] = None,
    evidence: EvidenceOption = "",
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Ask for other terms from a day on; others decide with `bank approval approve`."""
    with desk(context) as here:
        done = commands.amend(
            here,
            facility=facility,
            effective_on=on,
            words=words,
            reason=reason,
            available_until=available_until,
            matures_on=matures_on,
            match_at_drawdown=match_at_drawdown,
            evidence=evidence,
            key=key_of(key),
        )
    show(done, form)


@app.command()
def waive(
    context: typer.Context,
    facility: FacilityArgument,
    of: Annotated[str, typer.Argument(metavar="OF", help="The condition cnd_… or the failed test tst_…")],
    *,
    on: OnOption,
    reason: ReasonOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Ask to waive a condition or a breach; others decide with `bank approval approve`."""
    with desk(context) as here:
        show(commands.ask_waiver(here, facility=facility, of=of, from_on=on, reason=reason, key=key_of(key)), form)


@app.command()
def covenant(
    context: typer.Context,
    facility: FacilityArgument,
    name: Annotated[str, typer.Argument(help="What is to be kept.")],
    sense: Annotated[str, typer.Argument(help="at-least or at-most.")],
    threshold: Annotated[Decimal, typer.Argument(parser=number)],
    *,
    on: OnOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record a covenant; its id is what its tests name."""
    with desk(context) as here:
        done = commands.set_covenant(
            here, facility=facility, name=name, sense=sense, threshold=threshold, from_on=on, key=key_of(key)
        )
    show(done, form)


@app.command("test")
def measured(
    context: typer.Context,
    covenant: Annotated[str, typer.Argument(help="cov_…")],
    value: Annotated[Decimal, typer.Argument(parser=number)],
    *,
    on: OnOption,
    evidence: EvidenceOption,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record the test of a covenant: the value found, and whether it keeps it."""
    with desk(context) as here:
        done = commands.record_covenant_test(
            here, covenant=covenant, value=value, on=on, evidence=evidence, key=key_of(key)
        )
    show(done, form)


@app.command("co-invest")
def co_invest(
    context: typer.Context,
    facility: FacilityArgument,
    investor: Annotated[str, typer.Argument(help="Who invests beside us.")],
    *,
    amount: AmountOption,
    on: OnOption,
    drawn: Annotated[bool, typer.Option("--drawn", help="Paid, not only committed.")] = False,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Record what a named co-investor committed or paid beside us."""
    with desk(context) as here:
        done = commands.co_invest(
            here, facility=facility, investor=investor, amount=amount, on=on, drawn=drawn, key=key_of(key)
        )
    show(done, form)


@app.command()
def lapse(context: typer.Context, *, on: OnOption, key: KeyOption = None, form: FormatOption = Format.TABLE) -> None:
    """Let fall away what is undrawn wherever availability, as extended, has ended before a day."""
    with desk(context) as here:
        show(commands.lapse_due(here, on=on, key=key_of(key)), form)


@app.command("evidence")
def evidence_(
    context: typer.Context,
    *,
    step: Annotated[str | None, typer.Option("--step", help=", ".join(STEPS))] = None,
    wanted: Annotated[
        bool, typer.Option("--wanted/--not-wanted", help="Whether it takes evidence from then on.")
    ] = True,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on.")] = "",
    approve: Annotated[str | None, typer.Option("--approve", help="Approve another's policy.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose that a step takes evidence, approve another's policy, or with no option list the policies."""
    with desk(context, *STAFF) as here:
        if approve is not None:
            show(shown.approve_evidence_policy(here, id=approve), form)
        elif step is not None and from_on is not None:
            done = shown.propose_evidence_policy(here, step=step, wanted=wanted, from_on=from_on, basis=basis)
            show(done, form)
        elif spoken(context):
            raise typer.BadParameter("a policy needs --step, --from and --basis")
        else:
            with here.reading() as session:
                columns = ("id", "step", "wanted", "from_on", "basis", "state")
                show(policies.evidence_policies(session), form, columns=columns)


@app.command()
def course(
    context: typer.Context,
    facility: FacilityArgument,
    *,
    as_at: AsAtOption = None,
    known_at: KnownAtOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Every step of a facility's life with day, evidence, reason and person, and what is open on it."""
    with desk(context, *STAFF, "intermediary") as here, here.reading() as session:
        then = known(session, at(known_at))
        show(course_of(session, facility, as_at=as_at, at=then, intermediary=here.actor.intermediary), form)
