"""Evidence: the check of the whole journal, its head signed with a key kept outside the database, and proofs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bank.cli.answers import Format, FormatOption, show
from bank.cli.desk import STAFF, desk
from bank.cli.fields import KnownAtOption, at, refuse_unwritable, write_new
from ledger import proofs, queries, signing
from ledger.notes import TreeHead, VerifierKey, opened
from ledger.refusals import Malformed, Refusal
from ledger.store import durability
from ledger.verification import Checkpoint, verifier_file, verify
from ledger.whole_numbers import FARTHEST_PLACE

app = typer.Typer()

VerifierKeys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="NAME+ID+KEY", help="The verifier key of who signs the checkpoints; repeatable."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write to this new file, not to standard output.")
]


@app.command("verify")
def verify_(
    context: typer.Context,
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint kept elsewhere; repeatable.", exists=True, dir_okay=False),
    ] = None,
    key: VerifierKeys = None,
    signer: Annotated[
        Path | None,
        typer.Option(
            "--signer", metavar="FILE", help="A signing key: the books must continue what it has signed last."
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Compute every seal, balance and head again from the journal; name the first entry that does not hold.

    Warns of a server that is set so that a power cut could lose what it answered for.
    """
    keys = _keys(key) + ([signing.verifier_key(signer)] if signer else [])
    kept = [_checkpoint(file, keys) for file in checkpoint or ()]
    last = signing.last_checkpoint(signer) if signer else None
    if last is not None:
        kept.append(last.model_copy(update={"name": f"that {signer} signed last"}))
    with desk(context, *STAFF) as here, here.reading() as session:
        verdict = verify(session, *kept)
        risks = durability.lacking(session)
    for risk in risks:
        typer.echo(f"Warning: {risk}", err=True)
    show(verdict, form)
    if not verdict.holds:
        raise typer.Exit(1)


@app.command()
def head(context: typer.Context, *, known_at: KnownAtOption = None) -> None:
    """Print the checkpoint of the books: three lines to keep elsewhere, and to give to `verify --checkpoint`."""
    with desk(context, *STAFF) as here, here.reading() as session:
        found = queries.head(session, queries.known(session, at(known_at)))
    sys.stdout.write(f"big-society-bank\n{found.seq}\n{found.root}\n")


@app.command("key")
def key_(
    file: Annotated[
        Path, typer.Argument(metavar="NEW-FILE", help="Where the secret shall lie: not where the books do.")
    ],
    *,
    name: Annotated[str, typer.Option("--name", help="Who signs, in one word, like bank.example/books.")],
    after: Annotated[
        Path | None,
        typer.Option("--after", help="The key that it takes over from, with its memory.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Make a key that signs the books, in a file of its own; print the verifier key, to be handed out."""
    sys.stdout.write(f"{signing.new_key(file, name, after=after)}\n")


@app.command()
def sign(
    context: typer.Context,
    *,
    key: Annotated[Path, typer.Option("--key", help="The file of the signing key.", dir_okay=False)],
    out: OutOption = None,
) -> None:
    """Sign the head of the books. Refused when they do not continue what this key has signed before."""
    if out is not None:
        refuse_unwritable(out)
    with desk(context, *STAFF) as here:
        signed = signing.sign_checkpoint(here, key)
    _give(signed.note, out)


@app.command()
def prove(
    context: typer.Context,
    place: Annotated[
        int | None, typer.Argument(min=1, max=FARTHEST_PLACE, metavar="[PLACE]", help="The entry's place.")
    ] = None,
    *,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="The signed checkpoint it leads to.", exists=True, dir_okay=False),
    ] = None,
    key: VerifierKeys = None,
    earlier: Annotated[
        int | None, typer.Option("--from", min=0, max=FARTHEST_PLACE, help="Entries of the earlier checkpoint.")
    ] = None,
    later: Annotated[
        int | None, typer.Option("--to", min=0, max=FARTHEST_PLACE, help="Entries of the later one; default now.")
    ] = None,
    out: OutOption = None,
) -> None:
    """Prove that an entry is in the log of a signed checkpoint, or that one log is the beginning of another."""
    if (place is None) == (earlier is None) or (place is None) != (checkpoint is None):
        raise typer.BadParameter("name a place with --checkpoint and --key, or two sizes with --from and --to")
    with desk(context, *STAFF) as here, here.reading() as session:
        if earlier is not None:
            proof = proofs.consistency(session, earlier, later).text()
        elif place is not None and checkpoint is not None:
            note = _text(checkpoint)
            proof = proofs.slip(session, place, note, _vouched(note, key))
    _give(proof, out)


@app.command()
def verifier() -> None:
    """Print the verifier: one file of Python that checks an export, a checkpoint or a proof without this software."""
    sys.stdout.write(verifier_file())


def _checkpoint(file: Path, keys: list[VerifierKey]) -> Checkpoint:
    """A kept checkpoint, called by its file: there may be many, and what is wrong is of one."""
    note = _text(file)
    try:
        return Checkpoint.parse(note, keys).model_copy(update={"name": str(file)})
    except Refusal as refused:
        raise type(refused)(f"{file}: {refused.sentence}", **refused.facts) from refused


def _vouched(note: str, keys: list[str] | None) -> TreeHead:
    if not keys:
        raise Malformed("Give the verifier key of who signed the checkpoint, with --key")
    return opened(note, _keys(keys))


def _keys(given: list[str] | None) -> list[VerifierKey]:
    return [VerifierKey.parse(text) for text in given or ()]


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
        if raw.startswith(b"%PDF-"):
            raise Malformed(f"{file} is a PDF: save checkpoint.txt, which a statement has attached, and give that")
        return raw.decode("utf-8")
    except (OSError, UnicodeError) as fault:
        raise Malformed(f"{file} cannot be read as text") from fault


def _give(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
    else:
        write_new(out, text.encode())
