"""Typesetting in a process of its own, under limits, that ends with its document.

A page can be made to cost without end, on purpose or by mischance. So each document is set by a child that may use so
much of the processor, so much memory and so much time, and whose end takes nothing with it: what became of it is told
in words, and its memory goes back to the machine.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any, ClassVar, Final

from ledger.refusals import Refusal
from reports.document import Document
from reports.typeset import fonts, pdf

_MEBIBYTE: Final = 1 << 20
_TOLD: Final = b"\x01"
_MADE: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds of the processor, mebibytes of address space, and time on the clock."""

    processor_seconds: int = 90
    memory: int = 3072
    deadline: timedelta = timedelta(minutes=4)


LIMITS: Final = Limits()
"""A statement of two hundred intermediaries takes a third of this."""


class TooCostly(Refusal):
    """A document took more time, work or memory to typeset than any statement should."""

    slug: ClassVar[str] = "typesetting-too-costly"
    status: ClassVar[int] = 503


class TypesettingFailed(Refusal):
    """The process that set a document ended without one."""

    slug: ClassVar[str] = "typesetting-failed"
    status: ClassVar[int] = 503


_TOLD_APART: Final = {one.slug: one for one in (pdf.TypesetterMissing, pdf.StrayAsset, pdf.TypesetterComplained)}


def render(document: Document, limits: Limits = LIMITS) -> bytes:
    """The document as one PDF, the same bytes as `pdf.render` gives, made in a child process under limits.

    Refuses what `pdf.render` refuses, a document beyond the limits, and one over which the child died; says which.
    """
    here, there = multiprocessing.Pipe(duplex=False)
    child = _context().Process(target=_set, args=(document, limits, there), daemon=True)  # type: ignore[attr-defined]
    try:
        child.start()
    except (OSError, EOFError) as fault:
        # Not for the last door: to a command line a broken pipe means that nobody listens any more, and it ends unsaid.
        here.close()
        raise TypesettingFailed(
            f"{_name(document)} could not be typeset: the process that was to set it died at its start ({fault!r})"
        ) from fault
    finally:
        there.close()
    try:
        told = _heard(here, document, limits)
        child.join(limits.deadline.total_seconds() if told else None)
    finally:
        child.kill()
        child.join()
        here.close()
    if told is None:
        raise _ended(document, limits, child.exitcode)
    return _read(told)


def render_many(documents: Sequence[Document], processes: int = 2, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The PDFs of many documents in the order given, so many at a time, each in a child of its own.

    The first that is refused ends the batch. Refuses a machine without the typesetter before anything is begun.
    """
    pdf.load()
    fonts.faces()
    with ThreadPoolExecutor(max(processes, 1)) as press:
        waiting: deque[Future[bytes]] = deque(press.submit(render, document, limits) for document in documents)
        try:
            while waiting:
                yield waiting.popleft().result()
        finally:
            press.shutdown(wait=True, cancel_futures=True)


def confine(limits: Limits, *, processor: bool = True) -> None:
    """Put this process under limits for good, as far as the system has any."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- there is none on Windows

        _lower(resource, resource.RLIMIT_AS, limits.memory * _MEBIBYTE)
        _lower(resource, resource.RLIMIT_CORE, 0)
        if processor:
            _lower(resource, resource.RLIMIT_CPU, limits.processor_seconds)


def _lower(resource: Any, what: int, limit: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _context() -> BaseContext:
    """How a child begins: where the system can, from a process that has loaded what it needs; else anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "weasyprint", "fontTools.ttLib"])
    return context


def _set(document: Document, limits: Limits, there: Connection) -> None:
    """What the child does: one document, and one answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked ends its children itself
    confine(limits)
    gc.freeze()
    try:
        answer = _MADE + pdf.render(document)
    except Refusal as refused:
        answer = _TOLD + f"{refused.slug}\n{refused.sentence}".encode("utf-8", "replace")
    except MemoryError:
        answer = _TOLD + f"{TooCostly.slug}\n{_beyond(document, f'{limits.memory} MiB of memory')}".encode()
    except Exception as fault:  # noqa: BLE001 -- whatever it is, it is told, and the child ends
        told = f"{_name(document)} could not be typeset: {type(fault).__name__}: {fault!s:.300}"
        answer = _TOLD + f"{TypesettingFailed.slug}\n{told}".encode("utf-8", "replace")
    there.send_bytes(answer)


def _heard(here: Connection, document: Document, limits: Limits) -> bytes | None:
    """The child's answer; nothing when it ended without one. Refuses one that is not there by the deadline."""
    if not here.poll(limits.deadline.total_seconds()):
        raise TooCostly(_beyond(document, f"{limits.deadline.total_seconds():g} seconds"))
    try:
        return here.recv_bytes()
    except EOFError:
        return None


def _read(told: bytes) -> bytes:
    if told[:1] == _MADE:
        return told[1:]
    slug, _, sentence = told[1:].decode().partition("\n")
    kinds: dict[str, type[Refusal]] = {**_TOLD_APART, TooCostly.slug: TooCostly}
    raise kinds.get(slug, TypesettingFailed)(sentence)


def _ended(document: Document, limits: Limits, code: int | None) -> Refusal:
    if code == -getattr(signal, "SIGXCPU", 0):
        return TooCostly(_beyond(document, f"{limits.processor_seconds} seconds of the processor"))
    return TypesettingFailed(f"{_name(document)} could not be typeset: the process that set it ended with {code}")


def _beyond(document: Document, what: str) -> str:
    return f"{_name(document)} needed more than {what} to be typeset, and was given up"


def _name(document: Document) -> str:
    return f"{document.title} {document.issue.quarter}"
