"""Figures that are folds of the ledger: dormant money, capital, wholesale finance, and the intermediaries' books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from bank.allocations.products.registry import PRINCIPALS, PRODUCTS, PROMISES
from bank.allocations.rules import EARNED
from bank.figures.books import PARTNERS, Selection
from bank.figures.evidence import Evidence, Found
from bank.figures.measures import MEASURES
from bank.treasury.rules import PLACED
from ledger.money import NOTHING, Money

CREDIT: Final = -1
_RECLAIM: Final = "reclaim-fund"
_DISTRIBUTOR: Final = "distributor"
_BANK: Final = "bank"

_DEBT: Final = tuple(sorted({one.principal for one in PRODUCTS.values() if one.earns or one.code == "guarantee"}))
"""Where what intermediaries owe as debt stands: loans, bonds, and claims from guarantees."""
_INTERESTS: Final = tuple(root for root in PRINCIPALS if root not in _DEBT)
_BEYOND: Final = tuple(sorted({one.unrealised for one in PRODUCTS.values() if one.unrealised}))
_OUT: Final = f"accounts {', '.join(PRINCIPALS)}, wholesale finance at cost,"


def _one(book: str, *accounts: str, sign: int = 1, only: str = "", but: str = "", one_way: bool = False) -> Selection:
    return Selection(book, accounts, sign, kinds=frozenset(only.split()), but=frozenset(but.split()), one_way=one_way)


FOLDS: Final[Mapping[str, tuple[Selection, str]]] = {
    "received": (
        _one(_RECLAIM, "1000", only="receipt"),
        "debits less credits of account 1000, cash, by receipts, in the reclaim fund's book",
    ),
    "whole_balances": (
        _one(_RECLAIM, "9000"),
        "debits less credits of account 9000, balances owed to their owners, in the reclaim fund's book",
    ),
    "reclaimed": (
        _one(_RECLAIM, "1000", sign=CREDIT, only="reclaim"),
        "credits of account 1000, cash, by reclaims, in the reclaim fund's book",
    ),
    "reserved": (
        _one(_RECLAIM, "2000", "2010", sign=CREDIT),
        "credits less debits of accounts 2000, provision for reclaims, and 2010, notified, in the reclaim fund's book",
    ),
    "claims_notified": (
        _one(_RECLAIM, "2010", sign=CREDIT),
        "credits less debits of account 2010, reclaims notified, not yet paid, in the reclaim fund's book",
    ),
    "reclaim_cash": (_one(_RECLAIM, "1000"), "debits less credits of account 1000, cash, in the reclaim fund's book"),
    "reclaim_placed": (
        _one(_RECLAIM, *PLACED),
        f"debits less credits of accounts {', '.join(PLACED)}, deposits, gilts and funds, in the reclaim fund's book",
    ),
    "distributed": (
        _one(_RECLAIM, "1000", sign=CREDIT, only="payment"),
        "credits of account 1000, cash, by payments of declared surplus, in the reclaim fund's book",
    ),
    "england": (
        _one(_DISTRIBUTOR, "2100", sign=CREDIT, only="apportionment"),
        "credits of account 2100, held for England, by apportionments, in the distributor's book",
    ),
    "wales": (
        _one(_DISTRIBUTOR, "2110", sign=CREDIT, only="apportionment"),
        "credits of account 2110, held for Wales, by apportionments, in the distributor's book",
    ),
    "scotland": (
        _one(_DISTRIBUTOR, "2120", sign=CREDIT, only="apportionment"),
        "credits of account 2120, held for Scotland, by apportionments, in the distributor's book",
    ),
    "northern_ireland": (
        _one(_DISTRIBUTOR, "2130", sign=CREDIT, only="apportionment"),
        "credits of account 2130, held for Northern Ireland, by apportionments, in the distributor's book",
    ),
    "england_held": (
        _one(_DISTRIBUTOR, "2100", sign=CREDIT, but="direction"),
        "credits less debits of account 2100 of the distributor, leaving out what only moves between causes",
    ),
    "wales_held": (_one(_DISTRIBUTOR, "2110", sign=CREDIT), "credits less debits of account 2110 of the distributor"),
    "scotland_held": (
        _one(_DISTRIBUTOR, "2120", sign=CREDIT),
        "credits less debits of account 2120 of the distributor",
    ),
    "northern_ireland_held": (
        _one(_DISTRIBUTOR, "2130", sign=CREDIT),
        "credits less debits of account 2130 of the distributor",
    ),
    "trust": (
        _one("trust", "4000", sign=CREDIT),
        "credits less debits of account 4000, received for England, in the trust's book",
    ),
    "bank": (_one(_BANK, "3000", sign=CREDIT), "credits less debits of account 3000, A shares, in the bank's book"),
    "a_shares": (_one(_BANK, "3000", sign=CREDIT), "credits less debits of account 3000, A shares, in the bank's book"),
    "b_shares": (
        _one(_BANK, "3010", "3020", sign=CREDIT, but="call"),
        "credits less debits of accounts 3010, B shares, and 3020, called, without the calls, in the bank's book",
    ),
    "cash": (_one(_BANK, "1000"), "debits less credits of account 1000, cash at bank, in the bank's book"),
    "treasury": (
        _one(_BANK, *PLACED),
        f"debits less credits of accounts {', '.join(PLACED)}, deposits, gilts and funds, in the bank's book",
    ),
    "treasury_income": (
        _one(_BANK, "4100", sign=CREDIT),
        "credits less debits of account 4100, treasury income, in the bank's book",
    ),
    "in_principle": (
        _one(_BANK, "9110", but="signature"),
        "debits less credits of account 9110, approved in principle, in the bank's book, leaving out signatures",
    ),
    "awaiting_signature": (
        _one(_BANK, "9110"),
        "debits less credits of account 9110, approved in principle, in the bank's book",
    ),
    "signed": (
        _one(_BANK, *PROMISES, only="signature"),
        f"debits of accounts {', '.join(PROMISES)}, signed commitments, by signatures, in the bank's book",
    ),
    "undrawn": (
        _one(_BANK, *PROMISES),
        f"debits less credits of accounts {', '.join(PROMISES)}, signed and undrawn, in the bank's book",
    ),
    "guarantees": (
        _one(_BANK, "9120"),
        "debits less credits of account 9120, guarantees outstanding, in the bank's book",
    ),
    "drawn": (
        _one(_BANK, *PRINCIPALS, only="drawdown"),
        f"debits of {_OUT} by drawdowns, in the bank's book",
    ),
    "repaid": (
        _one(_BANK, *PRINCIPALS, sign=CREDIT, only="repayment"),
        f"credits less debits of {_OUT} by repayments, in the bank's book",
    ),
    "written_off": (
        _one(_BANK, *PRINCIPALS, sign=CREDIT, only="write-off"),
        f"credits of {_OUT} by write-offs, in the bank's book",
    ),
    "owed": (_one(_BANK, *PRINCIPALS), f"debits less credits of {_OUT} in the bank's book"),
    "owed_as_debt": (
        _one(_BANK, *_DEBT),
        f"debits less credits of accounts {', '.join(_DEBT)}, loans, bonds and claims, in the bank's book",
    ),
    "interests_at_cost": (
        _one(_BANK, *_INTERESTS),
        f"debits less credits of accounts {', '.join(_INTERESTS)}, interests at cost, in the bank's book",
    ),
    "value_beyond_cost": (
        _one(_BANK, *_BEYOND),
        f"debits less credits of accounts {', '.join(_BEYOND)}, value beyond cost, in the bank's book",
    ),
    "investment_income": (
        _one(_BANK, "4020", "4030", "4040", sign=CREDIT, but="treasury"),
        "credits less debits of 4020, 4030 and 4040, dividends, income and gains but treasury's, in the bank's book",
    ),
    "grants_held": (
        _one(_BANK, "3300", sign=CREDIT),
        "credits less debits of account 3300, restricted funds, in the bank's book",
    ),
    "interest_accrued": (
        _one(_BANK, "1210", only=" ".join(EARNED)),
        "debits of account 1210, accrued interest, by accruals and by what a cure takes up, in the bank's book",
    ),
    "repaid_interest": (
        _one(_BANK, "1210", sign=CREDIT, only="interest"),
        "credits of account 1210, accrued interest, by payments of interest, in the bank's book",
    ),
    "interest_written_off": (
        _one(_BANK, "1210", sign=CREDIT, only="write-off"),
        "credits of account 1210, accrued interest, by write-offs, in the bank's book",
    ),
    "interest_due": (_one(_BANK, "1210"), "debits less credits of account 1210, accrued interest, in the bank's book"),
    "interest_receivable": (
        _one(_BANK, "1210", "1220"),
        "debits less credits of accounts 1210, accrued interest, and 1220, interest in arrears, in the bank's book",
    ),
    "loss_allowance": (
        _one(_BANK, "1240", "1241", "1242", sign=CREDIT),
        "credits less debits of accounts 1240, 1241 and 1242, loss allowance of each stage, in the bank's book",
    ),
    "commitment_provision": (
        _one(_BANK, "2210", sign=CREDIT),
        "credits less debits of account 2210, losses on undrawn loan commitments, in the bank's book",
    ),
    "impairment": (
        _one(_BANK, "5000"),
        "debits less credits of account 5000, impairment, modification and derecognition, in the bank's book",
    ),
    "arrangement_fees": (
        _one(_BANK, "1230", sign=CREDIT, only="fee drawdown"),
        "credits of account 1230, fees to be earned, by fees paid in and withheld from drawdowns, in the bank's book",
    ),
    "fees_to_earn": (
        _one(_BANK, "1230", sign=CREDIT),
        "credits less debits of account 1230, fees and adjustments still to be earned, in the bank's book",
    ),
    "commitment_fees": (
        _one(_BANK, "4010", sign=CREDIT, only="accrual"),
        "credits less debits of account 4010, fees, by accruals, in the bank's book",
    ),
    "fees_due": (
        _one(_BANK, "1500", only="accrual interest write-off"),
        "debits less credits of account 1500, commitment fees accrued and not yet paid, in the bank's book",
    ),
    "bank_recovered": (
        _one(_BANK, "4060", sign=CREDIT),
        "credits less debits of account 4060, recoveries of amounts written off, in the bank's book",
    ),
    "lent": (
        _one(PARTNERS, "1300", only="return", one_way=True),
        "debits of account 1300, onward loans, our share, by returns, over every memorandum book, less their reversals",
    ),
    "co_invested": (
        _one(PARTNERS, "1390", only="return", one_way=True),
        "debits of account 1390, co-funders' share, by returns, over every memorandum book, less their reversals",
    ),
    "outstanding": (
        _one(PARTNERS, "1300"),
        "debits less credits of account 1300, onward loans, our share, over every memorandum book",
    ),
    "co_outstanding": (
        _one(PARTNERS, "1390"),
        "debits less credits of account 1390, onward loans, co-funders' share, over every memorandum book",
    ),
    "held_by_intermediaries": (
        _one(PARTNERS, "1000"),
        "debits less credits of account 1000, cash held for the facility, over every memorandum book",
    ),
    "own_money": (
        _one(PARTNERS, "2200", sign=CREDIT),
        "credits less debits of account 2200, the intermediary's own money put in, over every memorandum book",
    ),
    "costs": (
        _one(PARTNERS, "5300"),
        "debits less credits of account 5300, costs and fees, over every memorandum book",
    ),
    "borrower_interest": (
        _one(PARTNERS, "4000", sign=CREDIT),
        "credits less debits of account 4000, interest received from borrowers, over every memorandum book",
    ),
    "onward_written_off": (
        _one(PARTNERS, "5000"),
        "debits less credits of account 5000, onward loans written off, our share, over every memorandum book",
    ),
    "onward_recovered": (
        _one(PARTNERS, "4100", sign=CREDIT),
        "credits less debits of account 4100, recoveries from borrowers, over every memorandum book",
    ),
}
"""By code of the measure: which postings make it, and the same in words."""


_PROMISED: Final = ("undrawn", "in_principle", "awaiting_signature", "guarantees")
_LESS: Final = ", less what lapsed with its availability and is not entered yet"
_ENDED: Final = ", less what can be claimed no more and is not entered as ended yet"


def fold(evidence: Evidence, code: str) -> Found:
    """A figure of the ledger, with what the quarter did to it."""
    selection, formula = FOLDS[code]
    strand = evidence.books.strand(selection)
    added, taken = strand.moved(evidence.since, evidence.as_at)
    before, now = (lapsed_of(evidence, code, day) for day in (evidence.opening, evidence.as_at))
    less = "" if not now else _ENDED if code == "guarantees" else _LESS
    return Found(
        measure=MEASURES[code],
        value=strand.upto(evidence.as_at) - now,
        provenance=evidence.provenance(f"{formula}{less}", [selection], calculated=bool(now)),
        opening=strand.upto(evidence.opening) - before,
        added=added + max(before - now, NOTHING),
        taken=taken + max(now - before, NOTHING),
    )


def lapsed_of(evidence: Evidence, code: str, day: date) -> Money:
    """What a figure of promises no longer counts on a day, though the books still do: its availability is over."""
    if code not in _PROMISED:
        return NOTHING
    gone = evidence.knowledge.lapsed(day).values()
    if code == "undrawn":
        return Money.total(each.promised for each in gone)
    if code == "guarantees":
        return Money.total(each.guaranteed for each in gone)
    return Money.total(each.in_principle for each in gone)
