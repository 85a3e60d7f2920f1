"""Checks a statement of the bank without the bank: this one file, Python 3.11 or later, and nothing else.

    python statement_verifier.py portfolio-2013Q1.pdf
    python statement_verifier.py portfolio-2013Q1.pdf --key 'bank.example/books+1a2b3c4d+AVW...' --against older.pdf

reads the PDF by itself, finds the figures attached to it, and computes all of them again: that the digest printed on
the last page is that of the figures, that each attached file is the one they name and its columns add up to them, that
every printed number follows from them as it is rounded, that it stands on a page, and that the parts of a sum come to
it as printed. It reads the head of the books that the statement carries, and with ``--against`` whether the books of
one statement begin those of the other. It ends with 0 when everything holds and with 1 when something does not;
``--json`` tells the same to a program.

It says what it did not check. The signature of the head is Ed25519, which Python's own library cannot check: that is
done where the package ``cryptography`` is installed, and otherwise told as not checked (``verifier.py``, which is
attached to each statement and checks the books themselves, needs no package for it). The seal of a sealed file is not
checked either: that it spans the whole file and names the file's digest is, which finds a change by accident, but no
signature over that digest is, so whoever changes the file can write its digest anew. By whom it was sealed, and that
nothing was changed since, is for a reader of signed PDFs to check. It shares no code with the bank on purpose.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from reports.unaided.labels import label_faults
from reports.unaided.pages import Fault, Pdf, require, squeezed
from reports.unaided.values import LAST_DIGIT, OWN, STYLES, Figures, pence, rows_of, write

FORMATS = ("big-society-bank statement figures 1", "big-society-bank statement figures 2",
           "big-society-bank statement figures 3")  # fmt: skip
HARDLY_BELOW = 3  # the version from which on what is hardly less than nothing is written >-0.1
MOST_FAULTS = 50
SEALED = (b"/ByteRange", b"/ETSI.CAdES.detached", b"/Type /Sig\n", b"/DocMDP")
RANGE = re.compile(rb"/ByteRange \[(0) ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9})\] *\n")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904312204 20".replace(" ", ""))
"""How a signed message says the SHA-256 of what it is over: the object identifier of RFC 5652 section 11.2."""
LOANS = {
    *("loan", "intermediary", "facility", "return", "quarter", "agreed_on", "maturity_on", "status", "our_share"),
    *("annual_rate", "days_past_due", "restructured"),
    *("region", "legal_form", "purpose", "outcome_area", "beneficiary_group"),
    *("committed", "drawn", "repaid", "interest", "written_off", "recovered", "outstanding", "arrears"),
}
NAMED = {"loan_ref", "borrower", "borrower_name", "local_authority"}
BLOCKS = {"measure", "outcome_area", "region", "loans", "amount"}
FORMS = {"trustees": ({"loan"}, LOANS), "whole": ({"loan", *NAMED}, LOANS | NAMED), "public": (BLOCKS, BLOCKS)}
"""By form, the columns that its list of loans must have, and those that it may have."""
SLIP = re.compile(
    r"big-society-bank/consistency-proof@v1\nold ([0-9]+)\nnew ([0-9]+)\n((?:[A-Za-z0-9+/]{43}=\n)*)", re.ASCII
)


class Head:
    """The head of the books as a statement carries it."""

    def __init__(self, files: dict[str, bytes], keys: list[str]) -> None:
        raw, own = text_in(files, "checkpoint.txt"), text_in(files, "checkpoint-key.txt").strip()
        require(own or not keys, "the head of the books in it is not signed, and a key was given")
        self.signer, self.unchecked, self.given = "", not own, bool(keys)
        body, _, under = raw.rpartition("\n\n") if own else (raw.rstrip("\n"), "", "")
        lines = body.split("\n")
        require(len(lines) == 3 and lines[1].isdigit(), "checkpoint.txt is no head of a log")  # noqa: PLR2004 -- those
        self.size, self.root = int(lines[1]), from_base64(lines[2])
        require(f"{body}\n{under and chr(10)}{under}" == raw, "checkpoint.txt is not in its one writing")
        if own:
            self._check(f"{body}\n", under, keys or [own])
        self.slips = read_slips(text_in(files, "consistency.txt"))

    def _check(self, text: str, under: str, keys: list[str]) -> None:
        for key in keys:
            name, identity, public = read_key(key)
            for line in under.splitlines():
                signed = from_base64(line.rpartition(" ")[2])
                if line.startswith(f"\u2014 {name} ") and signed[:4] == identity:
                    held = signature_holds(public, text.encode(), signed[4:])
                    require(held is not False, f"the signature of {name} under the head of the books is false")
                    self.signer, self.unchecked = key, held is None
                    return
        raise Fault("the head of the books in it is signed by nobody whose key was given")


def text_in(files: dict[str, bytes], name: str) -> str:
    """What an attached file says; nothing where it is not attached."""
    raw = files.get(name, b"")
    try:
        return raw.decode()
    except UnicodeDecodeError as fault:
        where = f"its byte {fault.start + 1} is {raw[fault.start]:#04x}"
        raise Fault(f"{name} is no text: {where}, where UTF-8 was expected") from fault


def from_base64(text: str) -> bytes:
    """Base64 in its one right writing."""
    raw = base64.b64decode(text, validate=True)
    require(base64.b64encode(raw).decode() == text, f"{text!r:.60} is not base64 in its one right writing")
    return raw


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """The name, the identity and the public key of a verifier key, ``name+id+key``."""
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    public = from_base64(encoded)
    require(len(public) == 33 and public[0] == 1, "a verifier key is written name+id+key")  # noqa: PLR2004 -- 1 + 32
    own = hashlib.sha256(f"{name}\n".encode() + public).digest()[:4]
    require(own.hex() == identity, "the verifier key's id is not its own: it was mistyped or changed")
    return name, own, public[1:]


def signature_holds(public: bytes, text: bytes, signature: bytes) -> bool | None:
    """Whether the Ed25519 signature holds; None where this machine has nothing to tell it with."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- not everybody has it
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 -- the same
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def read_slips(text: str) -> list[tuple[int, int, list[bytes]]]:
    """Each proof of consistency: the two sizes, and the hashes."""
    found = []
    for one in text.split("\n\n") if text else []:
        told = SLIP.fullmatch(one.rstrip("\n") + "\n")
        require(told, "consistency.txt is not written as proofs are")
        assert told is not None  # noqa: S101 -- for who reads the types
        found.append((int(told[1]), int(told[2]), [from_base64(line) for line in told[3].splitlines()]))
    return found


def joins(old: int, new: int, roots: tuple[bytes, bytes], proof: list[bytes]) -> bool:
    """Whether the log with the second root begins with that of the first (RFC 9162 section 2.1.4.2)."""
    if not (0 < old < new and proof):
        return old == 0 < new and not proof
    path = list(proof) if old & (old - 1) else [roots[0], *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            before, after = node(sibling, before), node(sibling, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node(after, sibling)
        place, last = place >> 1, last >> 1
    return not last and (before, after) == roots


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def apart(one: Head | None, other: Head | None) -> str:
    """Why two statements are not shown to be of one history; empty where they are."""
    if one is None or other is None:
        return "one of the files carries no checkpoint.txt: whether their books are one history cannot be told"
    first, then = sorted((one, other), key=lambda head: head.size)
    if first.size == then.size:
        told = f"two different histories of {first.size} entries: keep both files, they prove it"
        return "" if first.root == then.root else told
    found = [proof for old, new, proof in (*then.slips, *first.slips) if (old, new) == (first.size, then.size)]
    if not found:
        return f"neither file carries a proof from {first.size} to {then.size} entries: ask the bank for it"
    if any(joins(first.size, then.size, (first.root, then.root), proof) for proof in found):
        return ""
    return f"the books of {then.size} entries do not begin with those of {first.size}: keep both files, they prove it"


def added_up(rows: list[dict[str, str]], each: Any) -> int:
    """What a column comes to in the lines that say what they must: amounts, whole numbers, or with none the lines."""
    some = [row for row in rows if all(row[name] == said for name, said in each.get("where", {}).items())]
    column = each["column"]
    if each.get("counted"):
        require(all(row[column].isascii() and row[column].isdigit() for row in some), f"{column} holds no numbers")
        return sum(int(row[column]) for row in some)
    return sum(pence(row[column]) for row in some) if column else len(some)


class Found:
    """What one file was found to say, and what is wrong with it."""

    def __init__(self, raw: bytes, keys: list[str]) -> None:
        self.faults: list[str] = []
        self.sealed = any(word in raw for word in SEALED)
        self.statement, self.form, self.checked = "", "", 0
        self.head: Head | None = None
        try:
            if self.sealed:
                check_seal(raw)
            self._read(Pdf(raw), keys)
        except Fault as fault:
            self.faults.append(str(fault))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError) as fault:
            self.faults.append(f"the file cannot be read as a statement: {type(fault).__name__}: {fault}"[:200])
        except Exception as fault:  # noqa: BLE001 -- zlib's own is not named here, and whatever it is, it is told
            self.faults.append(f"the file is spoilt: {type(fault).__name__}: {fault}"[:200])

    def _read(self, pdf: Pdf, keys: list[str]) -> None:
        files, pages = pdf.attached(), pdf.words()
        raw = files.pop("figures.json", b"")
        require(raw, "the file carries no attachment figures.json: it is no statement, or was printed or saved anew")
        self.faults += list(pdf.strange(self.sealed))[:MOST_FAULTS]
        digest = hashlib.sha256(raw).hexdigest()
        self._need(pdf.information("figuressha256") == digest, "figures.json is not the one that the file names")
        self._need(digest in pages, "the digest of figures.json is not the one printed on the last page")
        data = json.loads(raw)
        told = data["statement"]
        self.statement, self.form = told["id"], told.get("form", "trustees")
        own = {"statement": told["id"], "sealseq": str(told["seal"]["seq"]), "sealroot": told["seal"]["root"]}
        for name, said in own.items():
            self._need(
                pdf.information(name) in {"", said}, f"the file's information names another {name} than its figures"
            )
        self.faults += list(label_faults(told, pdf.says_of_itself(), pdf.metadata(), pages))[:MOST_FAULTS]
        self.faults += form_faults(data, files)
        again = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._need(f"{again}\n".encode() == raw, "figures.json is not in its canonical writing")
        for what in (told["id"], told["seal"]["root"], STYLES["long-day"](date.fromisoformat(told["as_at"]))):
            self._need(squeezed(what) in pages, f"{what} is not printed on the pages")
        figures = Figures(data)
        self._files(data, files, figures)
        self._numbers(data, figures, pages)
        self._need(
            self.checked and data["printed"], "the figures name no number that is printed: nothing can be checked"
        )
        self._head(files, told, keys)

    def _need(self, holds: object, why: str) -> None:
        if not holds and len(self.faults) < MOST_FAULTS:
            self.faults.append(why)

    def _files(self, data: Any, files: dict[str, bytes], figures: Figures) -> None:
        named = {one["name"]: one for one in data.get("attached", ())}
        more = sorted(files.keys() - named.keys())
        self._need(not more, f"the file carries what its figures do not name: {more}")
        for name, one in named.items():
            self._need(name in files, f"the file carries no attachment {name!r:.60}")
            content = files.get(name, b"")
            self._need(hashlib.sha256(content).hexdigest() == one["sha256"], f"{name} is not the one that was named")
            table = io.StringIO(text_in(files, name) if one["sums"] else "", newline="")
            rows = list(csv.DictReader(table, strict=True))
            for each in one["sums"]:
                sum_ = added_up(rows, each)
                worth = figures.worth(each["reference"])
                self._need(sum_ == worth, f"{name} comes to {sum_} where {each['reference']} is {worth}")

    def _numbers(self, data: Any, figures: Figures, pages: str) -> None:
        steps: dict[tuple[str, str], int] = {}
        former = data["format"] == FORMATS[0]
        version = data["statement"].get("version")
        signed = not (isinstance(version, int) and version >= HARDLY_BELOW)
        for table in data["tables"]:
            styles = {column["code"]: column["style"] or OWN[column["unit"]] for column in table["columns"]}
            for name, step in table.get("fitted", {}).items():
                self._need(step in {-1, 1}, f"{table['code']}.{name} is printed too far from what it is")
                steps[f"{table['code']}.{name}", styles[name.rpartition(".")[2]]] = step
        for one in data["printed"]:
            step = steps.get((one["reference"], one["style"]), 0)
            again = write(one["style"], figures.worth(one["reference"]), step=step, former=former, signed=signed)
            self._number(one["reference"], again, one["text"], pages)
        for table in data["tables"]:
            if not former:
                self.faults += sum_faults(table, figures.values, steps)[: MOST_FAULTS - len(self.faults)]
            for row in rows_of(table):
                for column, printed in zip(table["columns"], row["printed"], strict=True):
                    where = f"{table['code']}.{row['key']}.{column['code']}"
                    style = column["style"] or OWN[column["unit"]]
                    if column["unit"] != "text":
                        value = figures.values[where]
                        step = steps.get((where, style), 0)
                        again = write(style, value, column["unknown"], step, former=former, signed=signed)
                        self._number(where, again, printed, pages if table["laid_out"] else "")
                same = len(table["columns"]) == len(row["printed"]) == len(row["cells"])
                self._need(same, f"{table['code']}.{row['key']} has more or fewer cells than columns")

    def _number(self, where: str, again: str, printed: str, pages: str) -> None:
        self.checked += 1
        self._need(again == printed, f"{where} is noted as {printed!r:.60} but works out as {again!r:.60}")
        self._need(not pages or squeezed(again) in pages, f"{where}, {again!r:.60}, is not on the pages")

    def _head(self, files: dict[str, bytes], told: Any, keys: list[str]) -> None:
        if "checkpoint.txt" not in files:
            self._need(not keys, "the file carries no checkpoint.txt, and a key was given")
            return
        head = Head(files, keys)
        same = (head.size, head.root.hex()) == (told["seal"]["seq"], told["seal"]["root"])
        self._need(same, "checkpoint.txt is of another head than the one printed")
        self._need(all(head.size in slip[:2] for slip in head.slips), "consistency.txt has a proof of another head")
        self.head = head

    def told(self) -> list[str]:
        """What was found and what was not checked, a sentence each."""
        lines = [*self.faults, f"{'holds' if not self.faults else 'does NOT hold'}: {self.checked} numbers worked out"]
        if self.sealed and not self.faults:
            lines.append(
                "NOT checked: its seal. The seal names this file's digest, and whoever changes a file can write that "
                "anew: whose the seal is, and whether anything was changed since, a reader of signed PDFs tells"
            )
        elif not self.faults:
            lines.append("It has no seal: who issued it, and whether its words and pages are as issued, it cannot show")
        if self.head is not None and self.head.signer and self.head.unchecked:
            lines.append("NOT checked: the signature of the head of the books, for want of the package cryptography")
        elif self.head is not None:
            whose = "a key you gave" if self.head.given else "a key that the file itself names, not one that you gave"
            told = f"signed with {whose}: {self.head.signer}" if self.head.signer else "signed by nobody"
            lines.append(f"The head of the books, {self.head.size} entries, is {told}")
        return lines


def form_faults(data: Any, files: dict[str, bytes]) -> list[str]:
    """What is wrong with the format and the form that figures say they have, beside what else is in the file."""
    format_, told = data["format"], data["statement"]
    faults = [] if format_ in FORMATS else [f"the figures are in the format {format_!r:.60}"]
    if not faults and ("form" in told) != (format_ == FORMATS[2]):
        faults.append(f"the figures are in the format {format_!r}, and whether they name a form does not go with it")
    if format_ == FORMATS[0] and any(table.keys() & {"adding", "fitted"} for table in data["tables"]):
        faults.append(f"the figures are in the format {format_!r}, and their tables are fitted as in the one after it")
    form = told.get("form", "trustees")
    if not isinstance(form, str) or form not in FORMS:
        return [*faults, f"the figures name the form {form!r:.40}, and statements have none such"]
    raw = files.get("loans.csv", b"").decode(errors="replace")
    columns = next(csv.reader(io.StringIO(raw, newline=""), strict=True), [])
    least, most = FORMS[form]
    if "loans.csv" in files and not (least <= {*columns} <= most and len({*columns}) == len(columns)):
        faults.append(f"loans.csv does not have the columns that the form {form!r} has")
    return faults


def sum_faults(table: Any, values: Any, steps: Any) -> list[str]:
    """What is wrong with how a table's cells yield: one a unit or more from what it is, or a sum that does not add.

    A sum is meant where the exact amounts are all known and add: of the rows to the total, and as the table names more.
    """
    styles = {column["code"]: column["style"] or OWN[column["unit"]] for column in table["columns"]}
    printed = {
        f"{row['key']}.{code}": units_of(text)
        for row in rows_of(table)
        for code, text in zip(styles, row["printed"], strict=True)
        if styles[code] in LAST_DIGIT and values[f"{table['code']}.{row['key']}.{code}"] is not None
    }
    exact = {
        name: Fraction(values[f"{table['code']}.{name}"]) / LAST_DIGIT[styles[name.rpartition(".")[2]]]
        for name in printed
    }
    keys = [row["key"] for row in table["rows"]]
    own = [{"whole": table["total"]["key"], "parts": keys, "less": [], "along": "column"}] if table["total"] else []
    found = [
        f"{table['code']}.{name} is printed a unit or more from what it is"
        for name, units in printed.items()
        if (f"{table['code']}.{name}", styles[name.rpartition(".")[2]]) in steps and abs(units - exact[name]) >= 1
    ]
    for adding in (*own, *table.get("adding", ())):
        down = adding["along"] == "column"
        for other in styles if down else [row["key"] for row in rows_of(table)]:
            signs = {adding["whole"]: 1, **dict.fromkeys(adding["parts"], -1), **dict.fromkeys(adding["less"], 1)}
            names = {f"{one}.{other}" if down else f"{other}.{one}": sign for one, sign in signs.items()}
            if names.keys() <= exact.keys() and not sum(sign * exact[name] for name, sign in names.items()):
                missed = sum(sign * printed[name] for name, sign in names.items())
                if missed:
                    found.append(f"the printed parts of {table['code']}.{next(iter(names))} do not come to it")
    return found


def units_of(text: str) -> int:
    """How many units of its last digit a rounded text stands for: none for `<1` and `>-1`, the whole for `>99.9`."""
    plain = text.replace(">\u2212", "<").replace("\u2212", "").replace(",", "").replace(".", "")
    units = 0 if plain.startswith("<") else int(plain.replace(">", "")) + plain.startswith(">")
    return -units if text.startswith("\u2212") else units


def check_seal(raw: bytes) -> None:
    """Refuse a seal that does not span the whole file, or does not name its digest: so a change by accident is found.

    Nothing that is signed is checked, and whoever changes the file on purpose can write its digest anew.
    """
    found = RANGE.findall(raw)
    require(len(found) == 1, "the file was sealed, and the place that says what the seal covers was changed")
    start, after, rest = (int(one) for one in found[0][1:])
    require(start < after and after + rest == len(raw), "the seal does not cover the whole file")
    digits = re.fullmatch(rb"<((?:[0-9A-F]{2})+)>", raw[start:after])
    require(digits, "the seal's digits were changed: they are not written as a seal writes them")
    message = bytes.fromhex(digits[1].decode()) if digits else b""
    covered = hashlib.sha256(raw[:start] + raw[after:]).digest()
    require(MESSAGE_DIGEST + covered in message, "the file was changed after it was sealed")


def _bytes_of(asked: argparse.ArgumentParser, name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        asked.error(f"{name} cannot be read: {fault.strerror}")


def main(words: list[str] | None = None) -> int:
    """Check the files named on the command line."""
    asked = argparse.ArgumentParser(description="Checks a statement of the bank by its file alone.")
    asked.add_argument("file", help="the statement, a PDF")
    asked.add_argument("--against", action="append", default=[], metavar="PDF", help="another statement; repeatable")
    asked.add_argument("--key", action="append", default=[], metavar="NAME+ID+KEY", help="whose signature its head has")
    asked.add_argument("--json", action="store_true", help="tell it to a program")
    given = asked.parse_args(words)
    found = Found(_bytes_of(asked, given.file), given.key)
    against: dict[str, list[str]] = {}
    for name in given.against:
        other = Found(_bytes_of(asked, name), given.key)
        why = apart(found.head, other.head)
        against[name] = other.faults or ([why] if why else [])
    holds = not found.faults and not any(against.values())
    if given.json:
        told = {
            "holds": holds,
            "statement": found.statement,
            "form": found.form,
            "checked": found.checked,
            "faults": found.faults,
        }
        told["seal_checked"], told["against"] = False if found.sealed else None, against
        told["head_signature_checked"] = found.head is not None and bool(found.head.signer) and not found.head.unchecked
        sys.stdout.write(f"{json.dumps(told, indent=2, ensure_ascii=False)}\n")
        return not holds
    for line in found.told():
        sys.stdout.write(f"{line}\n")
    for name, faults in against.items():
        for fault in faults or ["its books and these are one history"]:
            sys.stdout.write(f"Against {name}: {fault}\n")
    return not holds


if __name__ == "__main__":
    sys.exit(main())
