"""The cheapest way to even out amounts over a network whose arcs each take one unit: successive shortest paths.

With Bellman and Ford's search (queued), since taking a unit back lowers the cost again: Ahuja, Magnanti and Orlin,
"Network Flows" (1993), section 9.7.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple


class Arc(NamedTuple):
    """A way for one unit from a node to another, and what it costs, which is never less than nothing in all."""

    start: int
    end: int
    cost: int


class NoFlow(ValueError):
    """The amounts cannot be evened out."""


def cheapest(lacking: Sequence[int], arcs: Sequence[Arc]) -> list[int]:
    """The arcs to use so that every node comes to nothing, cheapest in all; the first such in the order of the arcs.

    `lacking` is by node what is in excess there (positive: it is to be sent on) or missing (negative), and comes to
    nothing over all nodes.
    """
    left = list(lacking)
    used = [False] * len(arcs)
    beside: list[list[int]] = [[] for _ in left]
    for at, arc in enumerate(arcs):
        beside[arc.start].append(at)
        beside[arc.end].append(at)
    while any(left):
        came, end = _path(left, arcs, used, beside)
        left[end] += 1
        node = end
        while (way := came[node]) is not None:
            node = arcs[way].end if used[way] else arcs[way].start
            used[way] = not used[way]
        left[node] -= 1
    return [at for at, taken in enumerate(used) if taken]


def _path(
    left: Sequence[int], arcs: Sequence[Arc], used: Sequence[bool], beside: Sequence[Sequence[int]]
) -> tuple[list[int | None], int]:
    """By node the arc by which the cheapest path from an excess came there, and the nearest node that lacks."""
    best: list[int | None] = [0 if much > 0 else None for much in left]
    came: list[int | None] = [None] * len(left)
    waiting = deque(node for node, much in enumerate(left) if much > 0)
    queued = {*waiting}
    while waiting:
        node = waiting.popleft()
        queued.discard(node)
        for at in beside[node]:
            arc = arcs[at]
            near, far = (arc.end, arc.start) if used[at] else (arc.start, arc.end)
            if near != node:
                continue
            cost = (best[node] or 0) + (-arc.cost if used[at] else arc.cost)
            known = best[far]
            if known is None or cost < known:
                best[far], came[far] = cost, at
                if far not in queued:
                    waiting.append(far)
                    queued.add(far)
    reached = [
        (cost, node) for node, (cost, much) in enumerate(zip(best, left, strict=True)) if much < 0 and cost is not None
    ]
    if not reached:
        raise NoFlow("no way leads from what is in excess to what is missing")
    return came, min(reached)[1]
