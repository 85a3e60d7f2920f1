"""What may be done at the command line may be done over HTTP, but for a short list of which each line says why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer.main

from bank.allocations.products.registry import VERBS
from bank.api import every_route
from bank.cli import program

THE_SAME: Final = {
    "inflow record": "/inflows",
    "inflow reclaim": "/inflows/reclaims",
    "inflow notify": "/inflows/claims",
    "inflow pay-notified": "/inflows/claims/{claim}/payments",
    "inflow end-notified": "/inflows/claims/{claim}/endings",
    "inflow reserve": "/inflows/reserve-rates",
    "inflow dormancy-period": "/inflows/dormancy-periods",
    "inflow receipt-policy": "/inflows/receipt-policies",
    "inflow re-estimate": "/inflows/re-estimates",
    "inflow declare": "/inflows/declarations",
    "inflow pay-surplus": "/inflows/declarations/{declaration}/payments",
    "inflow distribute": "/inflows/distributions",
    "inflow apportion": "/inflows/apportionments",
    "inflow pay-england": "/inflows/england-payments",
    "inflow direction": "/inflows/directions",
    "inflow direct": "/inflows/england-allocations",
    "inflow pay-nation": "/inflows/nation-payments",
    "capital subscribe-a": "/capital/subscriptions",
    "capital subscribe-b": "/capital/subscriptions",
    "capital agreement": "/capital/agreements",
    "capital pay-call": "/capital/calls/{call}/payments",
    "capital dividend-policy": "/capital/dividend-policies",
    "capital pay-dividend": "/capital/dividends",
    "treasury place": "/treasury/placements",
    "treasury accrue": "/treasury/accruals",
    "treasury take-income": "/treasury/placements/{placement}/income",
    "treasury realise": "/treasury/placements/{placement}/realisations",
    "treasury policy": "/treasury/policies",
    "treasury bounds": "/treasury/bounds",
    "stress scenario": "/stress/scenarios",
    "intermediary register": "/intermediaries",
    "intermediary standing": "/intermediaries/{intermediary}/standings",
    "allocation propose": "/allocations",
    "allocation approve": "/allocations/{facility}/approve",
    "allocation reject": "/allocations/{facility}/reject",
    "allocation sign": "/allocations/{facility}/sign",
    "allocation draw": "/allocations/{facility}/drawdowns",
    "allocation repay": "/allocations/{facility}/repayments",
    "allocation accrue": "/allocations/{facility}/accruals",
    "allocation write-off": "/allocations/{facility}/write-offs",
    "allocation recover": "/allocations/{facility}/recoveries",
    "allocation lapse": "/allocations/{facility}/lapses",
    "allocation propose-terms": "/allocations/{facility}/terms",
    "allocation approve-terms": "/allocations/{facility}/terms/{terms}/approve",
    "allocation propose-threshold": "/modification-thresholds",
    "allocation approve-threshold": "/modification-thresholds/{threshold}/approve",
    "allocation propose-forecast": "/allocations/{facility}/forecasts",
    "allocation approve-forecast": "/allocations/{facility}/forecasts/{forecast}/approve",
    "allocation take-fee": "/allocations/{facility}/fees",
    "allocation capitalise": "/allocations/{facility}/capitalisations",
    "allocation refund": "/allocations/{facility}/refunds",
    "allocation assume-loss": "/loss-assumptions",
    "allocation approve-assumption": "/loss-assumptions/{assumption}/approve",
    "allocation expect-receipts": "/allocations/{facility}/expected-receipts",
    "allocation approve-receipts": "/allocations/{facility}/expected-receipts/{foretold}/approve",
    "allocation move-stage": "/allocations/{facility}/stages",
    "allocation allow-for-loss": "/allocations/{facility}/allowances",
    "allocation rebut-backstop": "/allocations/{facility}/rebuttals",
    "rate propose": "/base-rates",
    "figure publish": "/figures/publications",
    "statement publish": "/statements",
    "statement floor": "/statements/floors",
    "job run-again": "/jobs/{job}/run-again",
    "case tell": "/case-studies",
    "case approve": "/case-studies/{case}/approve",
    "case withdraw-consent": "/case-studies/{case}/withdrawals",
    "rate approve": "/base-rates/{step}/approve",
    "life enquire": "/enquiries",
    "life step": "/enquiries/{enquiry}/steps",
    "life heads": "/allocations/{facility}/heads-of-terms",
    "life condition": "/allocations/{facility}/conditions",
    "life satisfy": "/conditions/{condition}/satisfy",
    "life describe": "/allocations/{facility}/description",
    "life evidence": "/evidence-policies",
    "life amend": "/allocations/{facility}/amendments",
    "life waive": "/allocations/{facility}/waivers",
    "life covenant": "/allocations/{facility}/covenants",
    "life test": "/covenants/{covenant}/tests",
    "life co-invest": "/allocations/{facility}/co-investments",
    "life lapse": "/lapses",
    "limit propose": "/limits",
    "limit approve": "/limits/{limit}/decision",
    "limit reject": "/limits/{limit}/decision",
    "limit pass": "/limits/{limit}/passes",
    "approval rule": "/approvals/rules",
    "approval ask": "/approvals",
    "approval approve": "/approvals/{request}/decision",
    "approval reject": "/approvals/{request}/decision",
    "approval withdraw": "/approvals/{request}/withdraw",
    "return submit": "/returns",
    "return attest": "/returns/{return_id}/attest",
    "return accept": "/returns/{return_id}/accept",
    "return reject": "/returns/{return_id}/reject",
    "return nil": "/returns/nil",
    "return confirm": "/returns/{return_id}/confirmations",
    "return question-policy": "/returns/question-policies",
    "organisation join": "/organisations/{organisation}/joins",
    "organisation decide": "/organisations/{organisation}/governance-tests",
    "organisation lock": "/organisations/{organisation}/asset-locks",
    "places withdraw": "/places/withdrawals",
    "return assign": "/breaks/{break_id}/owners",
    "return explain": "/breaks/{break_id}/explanations",
} | {f"allocation {verb}": f"/allocations/{{facility}}/{told.path}" for verb, told in VERBS.items()}
"""Each act of the command line, and where it is done over HTTP."""

_AT_THE_MACHINE: Final = "the machine's own: it makes, serves or looks after the database, and no caller should"
_KEYS: Final = "who may do what, and the keys themselves, never go over the wire that they open"
_CLOSING: Final = "a close is made once a quarter, at the machine, with the gates in view"

ONLY_AT_THE_COMMAND_LINE: Final = {
    "init": _AT_THE_MACHINE,
    "serve": _AT_THE_MACHINE,
    "demo": _AT_THE_MACHINE,
    "ledger import": _AT_THE_MACHINE,
    "ledger reverse": "an entry is undone by whoever has the whole journal in view, at the machine",
    "ledger place": _AT_THE_MACHINE,
    "ledger roles": _AT_THE_MACHINE,
    "ledger key": "the key that signs checkpoints is never in the database, nor near its door",
    "ledger sign": "the key that signs checkpoints is never in the database, nor near its door",
    "person add": _KEYS,
    "person roles": _KEYS,
    "key issue": _KEYS,
    "key revoke": _KEYS,
    "quarter close": _CLOSING,
    "quarter reopen": _CLOSING,
    "job work": "the keys that a worker seals and signs with are never near the door over HTTP",
    "statement seal": "the key that seals statements is never near the door over HTTP",
    "statement seal-key": "the key that seals statements is never near the door over HTTP",
    "places load": "public files of millions of lines are read where they lie, by whoever keeps the machine",
}
"""What is not to be done over HTTP, and why."""

LOOKS: Final = frozenset(
    (
        *("person list", "key list", "inflow claims", "inflow held", "inflow position", "inflow classes"),
        *(
            "inflow dormant",
            "inflow list",
            "capital calls",
            "capital show",
            "capital list",
            "capital dividends",
            "capital distributable",
            "treasury placements",
            *("notice drawdown", "notice receipt", "notice allocation"),
        ),
        *(
            "treasury headroom",
            "stress run",
            "intermediary list",
            "intermediary show",
            "allocation list",
            "allocation show",
        ),
        *(
            "allocation products",
            "allocation position",
            "allocation journal",
            "allocation forecasts",
            "allocation thresholds",
        ),
        *("allocation terms", "allocation schedule", "allocation arrears", "allocation assumptions"),
        *(
            "allocation credit",
            "allocation receipts",
            "allocation backstops",
            "rate list",
            "life enquiries",
            "life course",
            "limit list",
        ),
        *(
            "limit evaluate",
            "limit evaluate-house",
            "limit decisions",
            "limit waivers",
            "approval rules",
            "approval evaluate",
            "approval list",
            "approval waiting",
            "approval show",
        ),
        *(
            "return template",
            "return check",
            "return breaks",
            "return tie",
            "return list",
            "return compare",
            "return signs",
            "return due",
            "return findings",
            "return show",
            "return rules",
            "return reminders",
            "figure list",
            "figure portfolio",
            "figure bridge",
            "figure onward",
            "figure breakdown",
            "figure publications",
            "case list",
        ),
        *("trace", "organisation show", "places show", "places list"),
        *(
            "quarter show",
            "statement list",
            "statement verify",
            "statement verifier",
            "job list",
            "job show",
            "ledger export",
            "ledger trial-balance",
        ),
        *("ledger balance", "ledger tree", "ledger statement", "ledger pairs", "ledger verify", "ledger head"),
        *("ledger prove", "ledger verifier", "ledger lag"),
        *("calc apportion", "calc schedule", "calc eir", "calc xirr"),
    )
)
"""The commands that change nothing."""

ONE_OF_ITS_OWN: Final = {
    "/v1/inflows/{inflow}/reclaims": "inflow reclaim",
    "/v1/approvals/rules/{rule}/decision": "approval approve",
    "/v1/inflows/reserve-rates/{rate}/approve": "inflow reserve",
    "/v1/inflows/dormancy-periods/{period}/approve": "inflow dormancy-period",
    "/v1/inflows/receipt-policies/{policy}/approve": "inflow receipt-policy",
    "/v1/inflows/directions/{direction}/approve": "inflow direction",
    "/v1/capital/agreements/{agreement}/approve": "capital agreement",
    "/v1/capital/dividend-policies/{policy}/approve": "capital dividend-policy",
    "/v1/treasury/policies/{policy}/approve": "treasury policy",
    "/v1/treasury/bounds/{bounds}/approve": "treasury bounds",
    "/v1/returns/question-policies/{policy}/approve": "return question-policy",
    "/v1/stress/scenarios/{scenario}/approve": "stress scenario",
}
"""Routes that a command reaches by one of its options."""


def _leaves(command: Any, path: str = "") -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children:
        yield path
    for name, child in children.items():
        if not child.hidden:
            yield from _leaves(child, f"{path} {name}".strip())


def test_every_command_is_a_look_or_has_its_route_or_says_why_it_has_none() -> None:
    told = [*THE_SAME, *ONLY_AT_THE_COMMAND_LINE, *LOOKS]
    assert sorted(told) == sorted(_leaves(typer.main.get_command(program())))
    assert len(ONLY_AT_THE_COMMAND_LINE) < 20


def test_every_act_over_http_has_its_command() -> None:
    acts = {path for path, route in every_route() if "POST" in (route.methods or ())}
    assert {f"/v1{path}" for path in THE_SAME.values()} | set(ONE_OF_ITS_OWN) == acts
    assert set(ONE_OF_ITS_OWN.values()) <= set(THE_SAME)
