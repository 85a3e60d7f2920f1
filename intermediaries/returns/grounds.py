"""What the outcome of a check rests on besides the file, as one fingerprint: while that stays, so does the outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from operator import attrgetter
from typing import Final

from intermediaries.returns.rows import PriorLoan
from intermediaries.returns.rules import rules_of
from ledger.dates import Quarter

_FACTS: Final = attrgetter(*(field.name for field in fields(PriorLoan)))


def grounds_of(quarter: Quarter, prior: Mapping[str, PriorLoan], elsewhere: Collection[str]) -> str:
    """The fingerprint of all that decides whether a return of a quarter is free of errors, but for what it says itself.

    That is the rules in force for the quarter and the very program that asks them, every loan as it was left before,
    and the references that are loans of another facility of the lender. Questions may rest on more than that.
    """
    digest = hashlib.sha256(
        json.dumps([str(quarter), rules_of(quarter).version, program(), *sorted(elsewhere)]).encode()
    )
    for reference in sorted(prior):
        digest.update(json.dumps([reference, *map(str, _FACTS(prior[reference]))]).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def program() -> str:
    """A fingerprint of the program of this package: a rule may be mended while the sentence that tells it stays."""
    digest = hashlib.sha256()
    for name, content in sorted(_sources(files("intermediaries"), "")):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _sources(folder: Traversable, above: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in folder.iterdir():
        name = f"{above}/{one.name}"
        if one.is_dir():
            found += _sources(one, name)
        elif one.name.endswith((".py", ".json", ".csv")):
            found.append((name, one.read_bytes()))
    return found
