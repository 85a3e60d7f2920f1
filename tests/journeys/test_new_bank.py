"""A bank from nothing: the handbook's path from an empty folder to the first pound drawn, at the keyboard alone."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.programs import Keyboard, Said

MAYA, TOBY = "maya@bank.example", "toby@bank.example"


def done(said: Said) -> Said:
    assert said.code == 0, said.err
    return said


def test_a_new_bank_can_lend(tmp_path: Path) -> None:
    operator = Keyboard(tmp_path, f"sqlite:///{tmp_path}/bank.db")
    done(operator.bank("init"))
    for person in (MAYA, TOBY):
        done(operator.bank("person", "add", "A manager (invented)", person, "--role", "fund-manager"))
    maya, toby = operator.as_(MAYA), operator.as_(TOBY)
    rate = done(
        maya.bank("inflow", "reserve", "--rate", "0.6", "--from", "2011-03-28", "--basis", "a test", "--format", "json")
    )
    assert maya.bank("inflow", "reserve", "--approve", rate.json["id"]).code == 1
    done(toby.bank("inflow", "reserve", "--approve", rate.json["id"]))
    came = ("--participant", "A bank (invented)", "--received-on", "2012-02-08", "--consented-on", "2012-02-01")
    done(maya.bank("inflow", "record", *came, "--amount", "1000000.00"))
    done(maya.bank("inflow", "distribute", "--amount", "400000.00", "--on", "2012-03-01"))
    done(maya.bank("inflow", "apportion", "--amount", "400000.00", "--on", "2012-03-01"))
    done(maya.bank("inflow", "pay-england", "--amount", "335600.00", "--on", "2012-03-02"))

    lender = done(
        maya.bank("intermediary", "register", "A lender (invented)", "--kind", "social-bank", "--format", "json")
    )
    terms = (
        *("--intermediary", lender.json["id"], "--product", "senior-loan", "--amount", "300000.00", "--rate", "0.05"),
        *("--available-from", "2012-03-01", "--available-until", "2099-12-31", "--matures-on", "2099-12-31"),
        *("--purpose", "Loans", "--additionality", "Nobody else lends there"),
    )
    facility = done(maya.bank("allocation", "propose", *terms, "--format", "json")).json["id"]
    early = toby.bank("allocation", "approve", facility)
    assert early.code == 1
    assert "headroom" in early.err
    done(maya.bank("capital", "subscribe-a", "--amount", "335600.00", "--on", "2012-03-05"))
    done(toby.bank("allocation", "approve", facility))
    done(maya.bank("allocation", "sign", facility))
    today = done(maya.bank("treasury", "headroom", "--format", "json")).json
    assert (today["cash"], today["undrawn_commitments"], today["headroom"]) == ("335600.00", "300000.00", "35600.00")
    drawn = done(
        maya.bank("allocation", "draw", facility, "--amount", "1000.00", "--on", today["as_at"], "--format", "json")
    )
    assert drawn.json["figures"]["outstanding"] == "1000.00"
    assert done(operator.bank("ledger", "verify", "--format", "json")).json["holds"] is True
