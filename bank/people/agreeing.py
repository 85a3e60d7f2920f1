"""The act of approving what another person proposed, as the bank's rooms know it; every package shares it."""

from __future__ import annotations

from ledger.agreeing import AlreadyApproved, Proposed, second

__all__ = ["AlreadyApproved", "Proposed", "second"]
