"""A statement's file looked into by other people's readers: its objects, its tags, and the text of its pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from io import BytesIO

import pikepdf
import pytest


@lru_cache(maxsize=8)
def opened(blob: bytes) -> pikepdf.Pdf:
    """The file read by another library, kept open, since its objects live no longer than it does."""
    return pikepdf.open(BytesIO(blob))


def page_text(blob: bytes, *options: str) -> str:
    """What poppler reads on the pages."""
    return _poppler("pdftotext", blob, *options, "-", "-").decode()


def pixels(blob: bytes) -> bytes:
    """Every page as a small picture, one after another."""
    return _poppler("pdftoppm", blob, "-r", "50", "-", "")


def _poppler(program: str, blob: bytes, *arguments: str) -> bytes:
    if shutil.which(program) is None:
        pytest.skip(f"poppler's {program} is not installed, so the pages cannot be read by another hand")
    words = [program, *(word for word in arguments if word)]
    return subprocess.run(words, input=blob, capture_output=True, check=True).stdout


def squeezed(text: str) -> str:
    """The text without any white space."""
    return re.sub(r"\s+", "", text)


def elements(blob: bytes) -> list[pikepdf.Dictionary]:
    """Every tag in the order of the tree."""
    found: list[pikepdf.Dictionary] = []

    def walk(node: object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(node)
            walk(node.get("/K"))

    walk(opened(blob).Root.StructTreeRoot.K)
    return found


def words_at(blob: bytes) -> list[tuple[str, float, float, float, float]]:
    """Every word on the pages with its box: left, top, right and bottom, in points."""
    told = page_text(blob, "-bbox")
    found = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', told)
    return [(text, float(left), float(top), float(right), float(low)) for left, top, right, low, text in found]
