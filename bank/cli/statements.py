"""`bank statement …`: publish a closed quarter, list what is published, and check a PDF by itself or by the books."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bank.cli.answers import Format, FormatOption, print_json, show
from bank.cli.desk import Station, desk
from bank.cli.fields import KeyOption, KnownAtOption, QuarterArgument, at, write_new
from ledger.refusals import Malformed

if TYPE_CHECKING:
    from reports.verify import Verdict

app = typer.Typer(help="Statements: publish, seal, list, and verify a PDF.", no_args_is_help=True)


class Kind(StrEnum):
    """The statements there are."""

    PORTFOLIO = "portfolio"
    IMPACT = "impact"


@app.command()
def publish(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="Which statement.")],
    quarter: QuarterArgument,
    *,
    known_at: KnownAtOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the PDF; default KIND-QUARTER.pdf.")] = None,
    key: KeyOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Publish the statement of a closed quarter, file it, seal it where a key is set, and write its PDF."""
    from bank.publishing import commands, queries  # noqa: PLC0415 -- only publishing needs the typesetter
    from bank.publishing.vouching import notary_of  # noqa: PLC0415 -- as above
    from bank.settings import Settings  # noqa: PLC0415 -- as above

    settings = Settings.read()
    press = commands.press_of(settings)
    with desk(context) as here:
        notary = notary_of(settings, here)
        with Console(stderr=True).status(f"Gathering and typesetting {kind} {quarter}"):
            filed = commands.publish(
                here, kind=str(kind), quarter=quarter, known_at=at(known_at), key=key, notary=notary
            )
            if press is not None:
                filed = commands.seal_statement(here, filed.id, press)
        with here.reading() as session:
            file = queries.statement(session, filed.id)
    target = out or Path(file.filename)
    write_new(target, file.issued)
    show(filed, form)
    sys.stderr.write(f"Written to {target}\n")


@app.command("list")
def list_(context: typer.Context, *, form: FormatOption = Format.TABLE) -> None:
    """Every published statement."""
    from bank.publishing import queries  # noqa: PLC0415 -- as above

    with desk(context, "fund-manager", "trustee") as here, here.reading() as session:
        columns = ("id", "kind", "quarter", "number", "as_at", "known_at", "published_at")
        show(queries.statements(session), form, columns=columns)


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

    new_key(file, _read(passphrase_file).rstrip(b"\r\n"), name, SystemClock().now())
    sys.stdout.write(Press(Sealer(file, passphrase_file)).certificate)


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
    from reports.verify import verify as check  # noqa: PLC0415 -- as above

    station_: Station = context.obj
    against_books = station_.named
    content = _read(file)
    trusted, keys = [_read(one) for one in trust or ()], [VerifierKey.parse(one) for one in checkpoint_key or ()]
    verdict = check(content, trusted=trusted, keys=keys)
    apart = {one: _apart(verdict, check(_read(one), trusted=trusted, keys=keys)) for one in against or ()}
    if form is Format.JSON and not against_books:
        print_json(
            {
                "holds": verdict.holds,
                "faults": list(verdict.faults),
                "statement": verdict.statement,
                "figures_checked": verdict.figures_checked,
                "seal_seq": verdict.seal_seq,
                "seal_root": verdict.seal_root,
                "checkpoint_key": verdict.books and verdict.books.signer,
                "checkpoint_key_given": verdict.books and verdict.books.given,
                "against": {str(one): list(faults) for one, faults in apart.items()},
                "sealed_by": verdict.seal and verdict.seal.signer,
                "certificate_sha256": verdict.seal and verdict.seal.certificate_sha256,
                "stamped_at": verdict.seal and verdict.seal.stamped_at and verdict.seal.stamped_at.isoformat(),
            }
        )
    elif form is not Format.JSON:
        for fault in verdict.faults:
            sys.stdout.write(f"{fault}\n")
        told = "holds" if verdict.holds else "does NOT hold"
        what = f"{file}, a notice ({verdict.kind})," if verdict.statement.startswith("not_") else f"{file}"
        sys.stdout.write(f"{what} {told}: {verdict.figures_checked} figures checked from the file alone.\n")
        _tell_of_the_seal(verdict)
        if verdict.seal_root:
            sys.stdout.write(f"Head of the books: {verdict.seal_seq} entries, root {verdict.seal_root}\n")
        _tell_of_the_head(verdict, apart)
    agrees = _compared(context, content, form) if against_books and verdict.holds else True
    if not (verdict.holds and agrees) or any(apart.values()):
        raise typer.Exit(1)


def _apart(verdict: Verdict, other: Verdict) -> tuple[str, ...]:
    """What keeps another statement from being of one history with this: nothing where it is."""
    from reports.heads import contradiction  # noqa: PLC0415 -- as above

    if other.faults:
        return other.faults
    found = contradiction(verdict.books, other.books)
    return (found,) if found else ()


def _tell_of_the_head(verdict: Verdict, apart: dict[Path, tuple[str, ...]]) -> None:
    if verdict.books is not None:
        sys.stdout.write(f"{verdict.books.told()}\n")
    for other, faults in apart.items():
        for fault in faults:
            sys.stdout.write(f"Against {other}: {fault}\n")
        if not faults:
            sys.stdout.write(f"Its books and those of {other} are one history: one begins with the other.\n")


def _tell_of_the_seal(verdict: Verdict) -> None:
    seal_ = verdict.seal
    if seal_ is None:
        if verdict.holds:
            sys.stdout.write("It is not sealed: nothing says who issued it, but the books do (--database).\n")
        return
    sys.stdout.write(f"Sealed as a whole by {seal_.signer}, certificate SHA-256 {seal_.certificate_sha256}\n")
    if seal_.stamped_at is not None:
        sys.stdout.write(f"Its seal was seen by {seal_.stamped_by} at {seal_.stamped_at.isoformat()}\n")


def _compared(context: typer.Context, content: bytes, form: Format) -> bool:
    from bank.publishing.notices.queries import agreement_of_file  # noqa: PLC0415 -- as above

    with desk(context) as here:
        found = agreement_of_file(here, content)
    if form is Format.JSON:
        print_json(found)
        return found.agrees and found.filed
    for one in found.differences:
        sys.stdout.write(f"{one.where}: the document says {one.stated}, the books {one.in_books}\n")
    station: Station = context.obj
    told = "agrees" if found.agrees else "does NOT agree"
    what = "notice" if found.statement.startswith("not_") else "statement"
    sys.stdout.write(
        f"The {what} {told} with the books at {station.url.split('@')[-1]} as known at {found.known_at}: "
        f"{found.compared} values compared.\n"
    )
    issued = "is, byte for byte, the one" if found.filed else "is NOT the one"
    sys.stdout.write(f"This file {issued} that was issued from these books.\n")
    return found.agrees and found.filed


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise Malformed(f"{file} cannot be read: {fault.strerror}") from fault
