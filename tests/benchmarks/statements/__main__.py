"""`python -m tests.benchmarks.statements`: what statements cost, beside the bare typesetter in the same run.

It sets the tests' invented institution, so what is timed is composing, setting, finishing, attaching and checking; the
list of loans has all columns of the bank's own. Neither reading the books nor making the rows of that list is in it:
both grow with the loans, and a second table tells of them, from real books. Composing and setting are in processes of
their own, as the bank has them (`reports.typeset.apart`), and what hands the document from one to the other is counted.
The bare typesetter looks for garbage as seldom as ours. It ends with 1 where a bound of a table is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.statements.books import gathered
from tests.benchmarks.statements.works import Cost, cost

CASES = (("portfolio", 10, 1_000), ("portfolio", 50, 10_000), ("portfolio", 200, 10_000), ("portfolio", 200, 100_000))
IMPACT = (("impact", 10, 1_000), ("impact", 10, 10_000))
MOST_RATIO, MOST_COMPOSING, MOST_SECONDS, MOST_MIB = 1.3, 0.15, 30.0, 600
MOST_GROWTH = 1.1
"""How much more a statement may cost with ten times as many loans, all else alike."""
BOOKS = (1_000, 10_000, 100_000)
MOST_GATHERED, MOST_LINEAR = 0.15, 1.3
"""What part of a statement's whole cost may go into gathering it, and how much longer each loan may take of ten times
as many."""


def main() -> int:
    """Print the table, a line a case; 1 where the file costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.statements")
    parser.add_argument("--small", action="store_true", help="only the first case of each statement")
    small = parser.parse_args().small
    print("kind       parties   loans  pages  compose    bare   whole  ratio  check     KiB  peak MiB")
    missed: list[str] = []
    before: dict[tuple[str, int, int], float] = {}
    for kind, parties, loans in (*CASES[:1], *IMPACT[:1]) if small else (*CASES, *IMPACT):
        found = cost(kind, parties, loans)
        whole = found.compose + found.whole
        print(
            f"{kind:<10} {parties:>7} {loans:>7} {found.pages:>6} {found.compose:>8.2f} {found.bare:>7.2f} "
            f"{found.whole:>7.2f} {whole / found.bare:>6.2f} {found.check:>6.2f} "
            f"{found.bytes // 1024:>7} {found.peak:>9}"
        )
        sys.stdout.flush()
        missed += (f"{kind} {parties} {loans}: {told}" for told in misses(found))
        fewer = before.get((kind, parties, loans // 10))
        if fewer is not None:
            print(f"{'':<10} ten times as many loans cost {whole / fewer:.2f} as much")
            missed += (
                (f"{kind} {parties} {loans}: grows by {whole / fewer:.2f}",) if whole > MOST_GROWTH * fewer else ()
            )
        before[kind, parties, loans] = whole
    missed += _from_the_books(BOOKS[:1] if small else BOOKS, before)
    for told in missed:
        print(f"missed: {told}")
    return 1 if missed else 0


def _from_the_books(sizes: Sequence[int], set_apart: Mapping[tuple[str, int, int], float]) -> Iterator[str]:
    """The second table, and its misses: gathering from books, beside the dearest setting of that kind without it."""
    print("\nkind         loans   gather  a loan  of the whole  peak MiB")
    each: dict[str, float] = {}
    for loans in sizes:
        for kind, found in gathered(loans):
            setting = max(seconds for (of, *_), seconds in set_apart.items() if of == kind)
            part, one = found.seconds / (found.seconds + setting), found.seconds / loans
            print(f"{kind:<10} {loans:>7} {found.seconds:>8.2f} {one * 1000:>5.2f}ms {part:>13.0%} {found.peak:>9}")
            sys.stdout.flush()
            where = f"{kind} {loans}: gathering"
            if part > MOST_GATHERED:
                yield f"{where} is {part:.0%} of the whole, and may be {MOST_GATHERED:.0%}"
            if found.seconds > MOST_SECONDS:
                yield f"{where} takes {found.seconds:.1f} seconds of the processor, and may take {MOST_SECONDS:g}"
            if found.peak > MOST_MIB:
                yield f"{where} takes {found.peak} MiB, and may take {MOST_MIB}"
            if one > MOST_LINEAR * each.get(kind, one):
                yield f"{where} takes {one / each[kind]:.2f} times as long for each loan"
            each[kind] = one


def misses(found: Cost) -> Iterator[str]:
    """The bounds that a case does not keep."""
    whole = found.compose + found.whole
    if whole > MOST_RATIO * found.bare:
        yield f"{whole / found.bare:.2f} of the bare typesetter's cost, and may be {MOST_RATIO}"
    if found.compose > MOST_COMPOSING * whole:
        yield f"composing is {found.compose / whole:.0%} of it, and may be {MOST_COMPOSING:.0%}"
    if whole > MOST_SECONDS:
        yield f"{whole:.1f} seconds of the processor, and may be {MOST_SECONDS:g}"
    if found.peak > MOST_MIB:
        yield f"{found.peak} MiB, and may be {MOST_MIB}"


if __name__ == "__main__":
    sys.exit(main())
