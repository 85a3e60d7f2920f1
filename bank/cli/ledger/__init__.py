"""`bank ledger …`: the books themselves, in four parts: the journal, its balances, its evidence, and its upkeep."""

from __future__ import annotations

import typer

from bank.cli.ledger import balances, evidence, journal, upkeep

app = typer.Typer(
    help="The books: import and export, balances, proofs, and the check of the whole journal.", no_args_is_help=True
)
for part in (journal, balances, evidence, upkeep):
    app.add_typer(part.app)
