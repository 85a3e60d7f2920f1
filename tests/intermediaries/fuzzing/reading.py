"""One file read in a process of its own: what became of it, how long it took, and how far memory grew."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from select import select
from typing import Any, Final

from intermediaries.returns import read_workbook
from intermediaries.returns.bounds import LIMITS, Unreadable
from intermediaries.returns.checking import Checked, check
from intermediaries.returns.marking import with_findings
from intermediaries.returns.workbook import told
from ledger.dates import Quarter
from ledger.money import Money
from tests.intermediaries.returns_strategies import a_loan, before

MIB: Final = 1024 * 1024
MEMORY: Final = LIMITS.memory_bytes
GROWTH: Final = 400 * MIB
"""How much more than before it the reading of a file of at most 20 MiB may need."""
SECONDS: Final = 15
"""How long a file may take of the processor."""
PATIENCE: Final = 300
"""How long it may take on the clock of a machine that has other things to do: then it hangs."""
FORMATS: Final = ("csv", "json", "xlsx")
_WHOSE: Final = {"facility": "fac_7Q", "quarter": Quarter(2012, 4), "cash_held": Money(125_040), "filing": True}
TOLD: Final[tuple[dict[str, Any], ...]] = (
    {},
    _WHOSE | {"prior": {}},
    _WHOSE | {"prior": {ref: before(a_loan(ref)) for ref in ("L-0", "L-1", "L-2")}},
)
"""What is said beside a file: nothing, whose it is, or what was accepted before as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: the rules it broke, or the complaint where reading it went wrong."""

    complaint: str
    rules: tuple[str, ...]
    seconds: float
    grown: int


def read_apart(data: bytes, form: str, *, whole: bool, judge: Callable[..., list[str]] | None = None) -> Outcome:
    """Check a file in a forked process under a limit of memory and a deadline, and tell what became of it.

    The cells of a workbook are taken out by that very process, in the way of the one which the project starts for it;
    `whole` starts that one as well.
    """
    ours, theirs = os.pipe()
    started, began = time.monotonic(), _now()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _in_the_child(theirs, lambda: (judge or judged)(data, form, whole=whole))
    os.close(theirs)
    said = _heard(ours, child)
    os.close(ours)
    _, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - started
    grown = used.ru_maxrss * 1024 - began
    if said is None:
        return Outcome(f"it hung for more than {PATIENCE} seconds", (), seconds, grown)
    if not said and form == "xlsx" and not whole and used.ru_utime + used.ru_stime < SECONDS:
        # The library may take the process down that it runs in. Whether the project comes to know it, is what counts.
        return read_apart(data, form, whole=True)
    if not said and used.ru_utime + used.ru_stime >= SECONDS:
        return Outcome(f"it took more than {SECONDS} seconds of the processor", (), seconds, grown)
    if not said:
        return Outcome(f"the process ended with status {status}", (), seconds, grown)
    answer = json.loads(said)
    complaint = answer.get("complaint", "")
    if not complaint and grown > GROWTH:
        complaint = f"memory grew by {grown // MIB} MiB"
    return Outcome(complaint, tuple(answer.get("rules", ())), seconds, grown)


def _heard(pipe: int, child: int) -> bytes | None:
    """All that the process says; None, and an end to it, where it takes too long."""
    said = b""
    until = time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select([pipe], [], [], max(until - time.monotonic(), 0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            return None
        piece = os.read(pipe, 65_536)
        if not piece:
            return said
        said += piece


def _in_the_child(pipe: int, judge: Callable[[], list[str]]) -> None:
    """Answer on the pipe and end here, whatever happens; the parent's clean-up is not this process's to do."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        most = MEMORY + _now() + 512 * MIB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        answer = json.dumps({"rules": judge()})
    except BaseException as broken:  # noqa: BLE001 -- whatever comes out is what is looked for
        answer = json.dumps({"complaint": f"{type(broken).__name__}: {str(broken)[:300]}"})
    os.write(pipe, answer.encode("utf-8", "replace")[:60_000])
    os._exit(0)


def judged(data: bytes, form: str, *, whole: bool) -> list[str]:
    """The rules that a file breaks, once everything that must hold of the answer was seen to hold."""
    if form == "xlsx" and not whole:
        vars(read_workbook)["_SAID"][sha256(data).digest()] = _cells(data)
    asked: dict[str, Any] = TOLD[len(data) % len(TOLD)]
    checked = check(data, **asked)
    _refuse_nonsense(checked)
    _refuse_other_when_sent_back(data, checked, asked)
    return sorted({found.rule for found in checked.findings})


def _cells(data: bytes) -> bytes:
    """What the process that takes workbooks apart would say."""
    said: list[str] = []
    try:
        said.extend(json.dumps(line) for line in told(data))
        said.append('{"end": true}')
    except Unreadable as no:
        said.append(json.dumps({"refused": [no.rule, no.message, no.expected, no.remedy, no.value]}))
    except MemoryError:
        raise
    except Exception as broken:  # noqa: BLE001 -- that process ends the same way, and the file is called broken
        said.append(json.dumps({"broken": type(broken).__name__}))
    return "\n".join(said).encode()


def _refuse_nonsense(checked: Checked) -> None:
    for found in checked.findings:
        if not (found.rule and found.message and found.remedy):
            raise AssertionError(f"a finding that says nothing: {found}")
        json.dumps(found.as_json()).encode()
    if not checked.ok and checked.format is None and len(checked.findings) != 1:
        raise AssertionError("a file that cannot be read has more than one finding")


def _refuse_other_when_sent_back(data: bytes, checked: Checked, asked: dict[str, Any]) -> None:
    """What is sent back with the findings in it says the same when it comes in again, if it could all be read."""
    back = with_findings(data, checked.findings, as_format="csv")
    if (
        checked.format is None
        or len(checked.rows) != checked.row_count
        or any(one.tier == 1 for one in checked.findings)
    ):
        check(back, **asked)
        return
    again = check(back, **asked)
    if again.content_sha256 != checked.content_sha256:
        raise AssertionError("sent back and sent in again, the return says something else")


def _now() -> int:
    with open("/proc/self/statm", encoding="ascii") as told:  # noqa: PTH123 -- not a file, and read for every file
        return int(told.read().split()[1]) * resource.getpagesize()
