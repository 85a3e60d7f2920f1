"""The verbs of a facility's life, gathered: proposing, lending, accruing, allowing for loss, and each product's own."""

from __future__ import annotations

from bank.allocations.accruing import AccrualRun, accrue, accrue_all
from bank.allocations.credit.commands import (
    MeasuringRun,
    allow_for_all,
    allow_for_loss,
    approve_assumption,
    assume_loss,
    move_stage,
    rebut_backstop,
)
from bank.allocations.credit.foretelling import approve_receipts, expect_receipts
from bank.allocations.fees import capitalise, take_fee
from bank.allocations.forecasts.commands import approve_forecast, propose_forecast
from bank.allocations.lending import draw_down, recover, refund, repay, write_off
from bank.allocations.products.commands import record_event
from bank.allocations.proposing import approve, lapse, propose, reject, sign
from bank.allocations.terms.commands import approve_terms, approve_threshold, propose_terms, propose_threshold

__all__ = (
    "AccrualRun",
    "MeasuringRun",
    "accrue",
    "accrue_all",
    "allow_for_all",
    "allow_for_loss",
    "approve",
    "approve_assumption",
    "approve_forecast",
    "approve_receipts",
    "approve_terms",
    "approve_threshold",
    "assume_loss",
    "capitalise",
    "draw_down",
    "expect_receipts",
    "lapse",
    "move_stage",
    "propose",
    "propose_forecast",
    "propose_terms",
    "propose_threshold",
    "rebut_backstop",
    "record_event",
    "recover",
    "refund",
    "reject",
    "repay",
    "sign",
    "take_fee",
    "write_off",
)
