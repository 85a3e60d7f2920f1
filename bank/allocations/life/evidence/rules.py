"""The steps of which evidence may be asked for, and when one is refused without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bank.treasury.rules import BadTerms
from ledger.refusals import Refusal

STEPS: Final[Mapping[str, str]] = {
    "enquiry": "an enquiry",
    "screened": "the screening of an enquiry",
    "due-diligence": "due diligence on an enquiry",
    "declined": "declining an enquiry or a proposal",
    "withdrawn": "withdrawing an enquiry or a proposal",
    "proposed": "a proposal",
    "approved": "an approval in principle",
    "heads-of-terms": "heads of terms",
    "signed": "a signature",
    "drawn": "a drawdown",
    "repaid": "a payment taken in",
    "written-off": "a write-off",
    "recovered": "a recovery",
    "let-go": "letting go what is not drawn",
    "amended": "asking for an amendment",
    "described": "a description of the risk",
    "product-event": "an event of a product's own: a call, a purchase, a claim, a loss",
}
"""Each step that somebody takes by a command, in words. Conditions and covenant tests always take their evidence."""


class EvidenceWanted(Refusal):
    """By the policy in force this step is taken on evidence, and none is told."""

    slug = "evidence-wanted"
    status = 409


def sound_step(step: str) -> str:
    """The step; refuses one that there is not."""
    if step not in STEPS:
        raise BadTerms(f"There is no step {step!r:.40} to ask evidence of: it is one of {', '.join(STEPS)}")
    return step


def refuse_unshown(step: str, evidence: str, policy: str | None) -> str:
    """The evidence without the space around it; refuses none where a policy wants some."""
    told = evidence.strip()
    if policy is not None and not told:
        raise EvidenceWanted(
            f"Tell with --evidence the document or minute that shows {STEPS[step]}: the policy {policy} asks for it",
            step=step,
            policy=policy,
        )
    return told
