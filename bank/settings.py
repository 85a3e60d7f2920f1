"""The settings a deployment may change, each with its default and the variable that sets it: no secret is one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

from ledger.refusals import Malformed
from ledger.whole_numbers import MOST_COUNTED, count_in

PREFIX: Final = "BANK_"
_MOST: Final[Mapping[str, int]] = {"port": 65_535}
"""The most that a number may be where it is less than is ever counted of anything."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this deployment works. Each field is set by the variable of its name in capitals after `BANK_`."""

    database_url: str = "sqlite:///bank.db"
    host: str = "127.0.0.1"
    port: int = 8000
    body_bytes_most: int = 32_000_000
    place_every_ms: int = 200
    fewest_shown: int = 5
    seal_key: str = ""
    seal_passphrase_file: str = ""
    seal_authority: str = ""
    checkpoint_key: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings of an environment; what it does not name stays at its default."""
        given = os.environ if environment is None else environment
        found: dict[str, str | int] = {}
        for field in fields(cls):
            text = given.get(f"{PREFIX}{field.name.upper()}")
            if text is not None:
                found[field.name] = text if isinstance(field.default, str) else _whole(field.name, text)
        return cls(**found)  # type: ignore[arg-type]  # each is of its field's type by now


def _whole(name: str, text: str) -> int:
    found, most = count_in(text), _MOST.get(name, MOST_COUNTED)
    if found is None or found > most:
        raise Malformed(f"{PREFIX}{name.upper()} is {text!r:.60}, and must be a whole number of at most {most}")
    return found
