"""`bank statement …`: publish a closed quarter, list what is published, and check a PDF by itself or by the books."""

from __future__ import annotations

import sys
from decimal import Decimal
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bank.cli import verifying
from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import (
    KeyOption,
    KnownAtOption,
    OptionalFrom,
    QuarterArgument,
    at,
    key_of,
    published_already,
    rate,
    refuse_unwritable,
    write_new,
)
from ledger.refusals import Malformed
from ledger.whole_numbers import MOST_COUNTED

app = typer.Typer(help="Statements: publish, seal, list, and verify a PDF.", no_args_is_help=True)


class Kind(StrEnum):
    """The statements there are."""

    PORTFOLIO = "portfolio"
    IMPACT = "impact"


class Readers(StrEnum):
    """For whom a statement is."""

    TRUSTEES = "trustees"
    WHOLE = "whole"
    PUBLIC = "public"


ForOption = Annotated[
    Readers,
    typer.Option(
        "--for",
        help="The form: trustees (each loan, nobody's name), whole (names too, for fund managers and auditors), or "
        "public (groups of borrowers only).",
    ),
]


@app.command()
def publish(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="Which statement.")],
    quarter: QuarterArgument,
    *,
    readers: ForOption = Readers.TRUSTEES,
    known_at: KnownAtOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write the PDF; default KIND-QUARTER.pdf."),
    ] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Publish the statement of a closed quarter, file it, seal it where a key is set, and write its PDF.

    It is a job: broken off, or failed, it can be run again with `bank job run-again` and comes to the same statement.
    """
    from bank.jobs.working import work_on  # noqa: PLC0415 -- only publishing needs the typesetter
    from bank.publishing import queries  # noqa: PLC0415 -- as above
    from bank.publishing.commands import press_of  # noqa: PLC0415 -- as above
    from bank.publishing.ordering import Publisher, order  # noqa: PLC0415 -- as above
    from bank.publishing.vouching import notary_of  # noqa: PLC0415 -- as above
    from bank.settings import Settings  # noqa: PLC0415 -- as above

    settings = Settings.read()
    press = press_of(settings)
    if out is not None:
        refuse_unwritable(out)
    key = key_of(key)
    with desk(context) as here:
        publisher = Publisher(notary_of(settings, here), press)
        job = order(here, kind=str(kind), quarter=quarter, form=str(readers), known_at=at(known_at), key=key)
        with Console(stderr=True).status(f"{kind} {quarter}, {job.id}") as shown:
            told = count(1)

            def heard(step: str) -> None:
                shown.update(f"{kind} {quarter}, {job.id}: {step}, {next(told)} of {len(publisher.steps)}")

            done = work_on(here, job.id, publisher, heard=heard)
        with here.reading() as session:
            file = queries.statement(session, done.result or "")
    target = out or Path(file.filename)
    with published_already(file.statement.id, key):
        write_new(target, file.issued)
    show(file.statement, form)
    sys.stderr.write(f"Written to {target}\n")


@app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every published statement that is for whoever asks."""
    from bank.publishing import queries  # noqa: PLC0415 -- as above
    from bank.publishing.rules import forms_open_to  # noqa: PLC0415 -- as above

    with desk(context, *STAFF) as here, here.reading() as session:
        columns = ("id", "kind", "form", "quarter", "number", "as_at", "known_at", "published_at")
        show(queries.statements(session, forms=forms_open_to(here.actor.roles)), form, columns=columns)


@app.command()
def floor(
    context: typer.Context,
    *,
    readers: Annotated[Readers | None, typer.Option("--for", help="The form: trustees or public.")] = None,
    fewest: Annotated[
        int | None,
        typer.Option(
            "--fewest",
            min=0,
            max=MOST_COUNTED,
            help="Of how many borrowers a group is, at the least, that it tells of.",
        ),
    ] = None,
    most_of_one: Annotated[
        Decimal | None,
        typer.Option("--most-of-one", parser=rate, help="What one of them may be of a group's pounds, like 0.85."),
    ] = None,
    from_on: OptionalFrom = None,
    basis: Annotated[str, typer.Option("--basis", help="What it rests on: a minute, published guidance.")] = "",
    form: FormatOption = Format.TABLE,
) -> None:
    """Propose of how few borrowers a form may tell; with no option list the floors. `bank approval` agrees to one."""
    from bank.publishing.floors import commands, queries  # noqa: PLC0415 -- as above

    with desk(context, *STAFF) as here:
        if readers is None and fewest is None and from_on is None:
            with here.reading() as session:
                columns = ("id", "form", "fewest", "most_of_one", "from_on", "basis", "state")
                show(queries.disclosure_floors(session), form, columns=columns)
            return
        if readers is None or fewest is None or from_on is None:
            raise typer.BadParameter("a floor needs --for, --fewest, --from and --basis")
        made = commands.propose_floor(
            here, form=str(readers), fewest=fewest, most_of_one=most_of_one, from_on=from_on, basis=basis
        )
        show(made, form)


@app.command()
def seal(
    context: typer.Context,
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="A published statement.")],
    *,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the PDF; default KIND-QUARTER.pdf.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Seal a statement that was filed without, with the key that BANK_SEAL_KEY names, and write its PDF."""
    from bank.publishing import commands, queries  # noqa: PLC0415 -- as above
    from bank.settings import Settings  # noqa: PLC0415 -- as above

    press = commands.press_of(Settings.read())
    if press is None:
        raise Malformed("No key to seal with is set: BANK_SEAL_KEY names its file (PKCS#12)")
    if out is not None:
        refuse_unwritable(out)
    with desk(context) as here:
        filed = commands.seal_statement(here, statement, press)
        with here.reading() as session:
            file = queries.statement(session, filed.id)
    target = out or Path(file.filename)
    write_new(target, file.issued)
    show(filed, form)
    sys.stderr.write(f"Written to {target}\n")


@app.command("seal-key")
def seal_key(
    file: Annotated[Path, typer.Argument(metavar="NEW-FILE", help="Where the key shall lie: not where the books do.")],
    *,
    name: Annotated[str, typer.Option("--name", help="Who seals, as it will be shown to whoever checks.")],
    passphrase_file: Annotated[
        Path, typer.Option("--passphrase-file", help="The file with the passphrase.", exists=True, dir_okay=False)
    ],
) -> None:
    """Make a key to seal with, whose certificate it signs itself; print that certificate, to be handed out."""
    from ledger.dates import SystemClock  # noqa: PLC0415 -- as above
    from reports.sealing import Press, Sealer, new_key  # noqa: PLC0415 -- as above

    new_key(file, verifying.read(passphrase_file).rstrip(b"\r\n"), name, SystemClock().now())
    sys.stdout.write(Press(Sealer(file, passphrase_file)).certificate)


@app.command()
def verifier() -> None:
    """Print the verifier of statements: one file of Python that checks a statement's PDF without this software."""
    from reports.unaided.joined import statement_verifier  # noqa: PLC0415 -- as above

    sys.stdout.write(statement_verifier())


@app.command()
def verify(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.pdf", help="A statement or a notice.", exists=True, dir_okay=False)
    ],
    *,
    trust: Annotated[
        list[Path] | None,
        typer.Option("--trust", metavar="PEM", help="A certificate that it must be sealed under; repeatable."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against",
            metavar="OTHER.pdf",
            help="Another statement: the books of one must begin those of the other; repeatable.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    checkpoint_key: Annotated[
        list[str] | None,
        typer.Option(
            "--checkpoint-key", metavar="NAME+ID+KEY", help="A key that its checkpoint must be signed with; repeatable."
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Check a statement or notice by its file alone, and beside others; with a --database also by its books."""
    from ledger.notes import VerifierKey  # noqa: PLC0415 -- as above

    keys = [VerifierKey.parse(one) for one in checkpoint_key or ()]
    found = verifying.found_in(context, file, trust=trust or (), against=against or (), keys=keys)
    verifying.tell(found, form)
    if not found.holds:
        raise typer.Exit(1)
