"""The parts of the unaided check as one file, to be handed to whoever shall check a statement without us."""

from __future__ import annotations

import ast
from importlib.resources import files
from typing import Final

PARTS: Final = ("pages", "values", "labels", "checks")
"""In the order in which one builds on another; the last opens with what the whole is."""


def statement_verifier() -> str:
    """The one file: what it is, what it imports, and then each part without its own opening and imports."""
    sources = [files("reports.unaided").joinpath(f"{part}.py").read_text("utf-8") for part in PARTS]
    imports: set[str] = set()
    bodies = []
    for source in sources:
        opening, *statements = ast.parse(source).body
        told = [one for one in statements if isinstance(one, (ast.Import, ast.ImportFrom))]
        imports |= {
            ast.unparse(one)
            for one in told
            if "reports" not in ast.unparse(one) and "__future__" not in ast.unparse(one)
        }
        gone = {line for one in (opening, *told) for line in range(one.lineno, (one.end_lineno or 0) + 1)}
        kept = [line for number, line in enumerate(source.splitlines(), start=1) if number not in gone]
        bodies.append("\n".join(kept).strip())
    what = "\n".join(sources[-1].splitlines()[: ast.parse(sources[-1]).body[0].end_lineno])
    heads = "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line)))
    return "\n\n\n".join((f"{what}\n\nfrom __future__ import annotations\n\n{heads}", *bodies)) + "\n"
