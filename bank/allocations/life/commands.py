"""The verbs of a life beside the money, gathered: enquiring, describing, agreeing, keeping."""

from __future__ import annotations

from bank.allocations.life.agreeing import amend, ask_approval, ask_waiver, list_condition, satisfy_condition
from bank.allocations.life.describing import describe
from bank.allocations.life.enquiring import agree_heads_of_terms, enquire, step_enquiry
from bank.allocations.life.keeping import LapseRun, co_invest, lapse_due, record_covenant_test, set_covenant

__all__ = (
    "LapseRun",
    "agree_heads_of_terms",
    "amend",
    "ask_approval",
    "ask_waiver",
    "co_invest",
    "describe",
    "enquire",
    "lapse_due",
    "list_condition",
    "record_covenant_test",
    "satisfy_condition",
    "set_covenant",
    "step_enquiry",
)
