"""What the process has loaded from which the tests' processes are forked: importing this is all it does."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from bank.wiring import metadata

for name in ("pytest", "fontTools.ttLib", "ledger.signing", "ledger.verification", "reports.typeset.apart"):
    import_module(name)
for name in (
    "bank.cli.inflows",
    "bank.cli.ledger",
    "tests.bank.dying",
    "tests.benchmarks.ledger.clients",
    "tests.crashes.writing",
    "tests.journeys.programs",
):
    import_module(name)
metadata()
with suppress(OSError):  # the tests of the books need no Pango
    import_module("weasyprint")
