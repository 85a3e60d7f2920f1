"""Every kind of document is an archive's file and a screen reader's at once, as the reference judge sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.document import Document
from reports.sealing import Press, Sealer, new_key
from reports.typeset import pdf
from tests.reports import sample, verapdf
from tests.reports.sample_notices import HOSTILE, REASON, USUAL


def claimed_without_its_declaration() -> bytes:
    """The claim to PDF/UA as it would stand without the words that PDF/A asks for beside it."""
    head, end, _ = pdf.UNIVERSAL_ACCESS.partition(b"/>")
    return head + end


def sealed(blob: bytes, folder: Path) -> bytes:
    new_key(folder / "seal.p12", b"secret", "Big Society Bank", sample.KNOWN_AT)
    (folder / "passphrase").write_text("secret")
    made, _ = Press(Sealer(folder / "seal.p12", folder / "passphrase")).sealed(blob)
    return made


@pytest.mark.timeout(280)
def test_every_document_passes_both_profiles_and_one_that_lacks_its_declaration_does_not(
    portfolio_pdf: bytes,
    impact_pdf: bytes,
    empty_portfolio_pdf: bytes,
    empty_portfolio_document: Document,
    long_portfolio_pdf: bytes,
    hostile_portfolio_pdf: bytes,
    empty_impact_pdf: bytes,
    public_pdf: bytes,
    public_impact_pdf: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if why := verapdf.missing():
        pytest.skip(why)
    files = {
        "portfolio": portfolio_pdf,
        "impact": impact_pdf,
        "empty portfolio": empty_portfolio_pdf,
        "empty impact": empty_impact_pdf,
        "public": public_pdf,
        "public impact": public_impact_pdf,
        "hostile names": hostile_portfolio_pdf,
        "tables over pages": long_portfolio_pdf,
        "sealed": sealed(portfolio_pdf, tmp_path),
        **{kind: pdf.render(made(HOSTILE, REASON, many=9)) for kind, made in USUAL.items()},
    }
    monkeypatch.setattr(pdf, "UNIVERSAL_ACCESS", claimed_without_its_declaration())
    found = verapdf.judged({**files, "undeclared": pdf.render(empty_portfolio_document)})
    control = {profile: found.pop(("undeclared", profile)) for profile in verapdf.PROFILES}
    assert {key: judgement.broken for key, judgement in found.items() if judgement.broken} == {}
    assert all(judgement.checks > (1_000 if key[0] in USUAL else 10_000) for key, judgement in found.items())
    assert {fault.partition(":")[0] for fault in control["PDF/A-3a"].broken} == {"6.6.2.3.1-1", "6.6.2.3.1-2"}
    assert control["PDF/UA-1"].broken == ()
