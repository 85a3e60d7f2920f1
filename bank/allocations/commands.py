"""The verbs of a facility's life, gathered: proposing, lending, accruing."""

from __future__ import annotations

from bank.allocations.accruing import AccrualRun, accrue, accrue_all
from bank.allocations.lending import draw_down, recover, repay, write_off
from bank.allocations.proposing import approve, lapse, propose, reject, sign

__all__ = (
    "AccrualRun",
    "accrue",
    "accrue_all",
    "approve",
    "draw_down",
    "lapse",
    "propose",
    "recover",
    "reject",
    "repay",
    "sign",
    "write_off",
)
