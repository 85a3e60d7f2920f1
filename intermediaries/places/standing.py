"""Which load stands as an edition, what is there already, and what is refused because something else stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from intermediaries.places.queries import Edition
from ledger.refusals import Malformed, NotFound, Refusal

_SHOWS = "`bank places list` shows what is loaded"


class BadEdition(Malformed):
    """An edition that cannot be what it is said to be."""

    slug = "bad-place-edition"


class EditionDiffers(Refusal):
    """An edition of this name was loaded from other files, or was said to be another than it is said to be now."""

    slug = "place-edition-differs"


class NothingToCorrect(Refusal):
    """A load that cannot be corrected or withdrawn: it does not stand as this edition."""

    slug = "place-load-not-standing"


class NoSuchLoad(NotFound):
    """No load of this id."""

    slug = "no-such-place-load"


@dataclass(frozen=True, slots=True)
class Correction:
    """The id of the load in whose place another is to stand, and why."""

    corrects: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an edition beside its files, which is kept with it."""

    published_on: date
    source: str
    licence: str
    lsoa_vintage: int | None
    """None where nobody said it, and the headings tell."""
    columns: str
    """The columns read by another heading than the usual, as `named_columns` writes them."""


def named_columns(columns: Mapping[str, str]) -> str:
    """Columns and the headings they are read by, as they are kept: a JSON object in the order of their names.

    A heading may hold any sign, so nothing that is only put between them would keep two sets of columns apart. Empty
    where every column goes by its usual heading.
    """
    return json.dumps(columns, ensure_ascii=False, sort_keys=True) if columns else ""


def there_already(
    edition: str,
    every: Sequence[Edition],
    before: Sequence[Edition],
    whole: str,
    said: Said,
    correction: Correction | None,
) -> Edition | None:
    """The load of these very files that stands already, said to be the same; None where there is something to load.

    `every` are all loads, `before` those of this edition. A correction may be of the same files: what was said of them,
    or which of their columns was read, may have been wrong. Refuses what `load_places` refuses of a name that is taken.
    """
    standing = next((one for one in before if one.stands), None)
    if standing is not None and standing.load.sha256 == whole and _again(standing, correction):
        other = "; ".join(_differences(standing, said, correction))
        if other:
            raise EditionDiffers(
                f"{edition} was loaded from these very files as {standing.load.id}, and {other}. Nothing was changed: "
                f"say the same, or, where what is kept is wrong, that this one corrects {standing.load.id}, and why",
                id=standing.load.id,
            )
        return standing
    if correction is not None:
        _refuse_correction(edition, every, standing, correction)
    elif standing is not None and standing.withdrawn:
        raise EditionDiffers(
            f"{edition} was withdrawn ({standing.reason}): to load it after all, say that this one corrects "
            f"{standing.load.id}, and why",
            id=standing.load.id,
        )
    elif standing is not None:
        raise EditionDiffers(
            f"{edition} was loaded as {standing.kind} from other files, and stays: give what is new an edition of its "
            f"own name, or, where the load was wrong, say that this one corrects {standing.load.id}, and why",
            id=standing.load.id,
            there=standing.load.sha256,
            found=whole,
        )
    return None


def _again(standing: Edition, correction: Correction | None) -> bool:
    """Whether this is the load that stands, asked for once more: as a correction, of the same load as then."""
    return correction is None or (standing.corrects is not None and standing.corrects.id == correction.corrects)


def _differences(standing: Edition, said: Said, correction: Correction | None) -> Iterator[str]:
    """What was said of the files when they were loaded and is said otherwise now."""
    load = standing.load
    for name, there, now in (
        ("published on", load.published_on, said.published_on),
        ("of the source", load.source, said.source.strip()),
        ("under the licence", load.licence, said.licence.strip()),
        ("of the boundaries of", load.lsoa_vintage, said.lsoa_vintage or load.lsoa_vintage),
        ("read with the columns", *_in_words(load.columns, said.columns)),
        ("loaded for the reason", standing.reason, correction.reason.strip() if correction else standing.reason),
    ):
        if there != now:
            yield f"is kept as {name} {str(there)!r:.80}, where this says {str(now)!r:.80}"


def _in_words(there: str | None, now: str) -> tuple[str, str]:
    """Which columns were named then and now; what an old load did not say is not known to be otherwise.

    The first loads that said it put `name=heading` between commas: one of those is the same where this would have been
    written so too.
    """
    said: dict[str, str] = json.loads(now) if now else {}
    same = there is None or there == ", ".join(f"{name}={heading}" for name, heading in sorted(said.items()))
    return (now if same else there) or "as usual", now or "as usual"


def _refuse_correction(
    edition: str, every: Sequence[Edition], standing: Edition | None, correction: Correction
) -> None:
    named = correction.corrects
    if standing is None or standing.load.id != named:
        instead = f"{standing.load.id} does" if standing else f"nothing was loaded as {edition}"
        if all(one.load.id != named for one in every):
            raise NoSuchLoad(f"There is no load {named!r:.60} that could stand as {edition}: {instead}; {_SHOWS}")
        raise NothingToCorrect(f"{named!r:.60} does not stand as {edition}: {instead}; {_SHOWS}")
    if not correction.reason.strip():
        raise BadEdition(f"Say why {edition} is corrected: the reason stands beside both loads")


def to_withdraw(every: Sequence[Edition], load: str) -> Edition:
    """The load that is to be withdrawn; refuses one that is not there, was corrected, or was withdrawn already."""
    found = next((one for one in every if one.load.id == load), None)
    if found is None:
        raise NoSuchLoad(f"There is no load {load!r:.60}: {_SHOWS}")
    if found.withdrawn:
        of = found.corrects.id if found.corrects else found.name
        raise NothingToCorrect(
            f"{load} is itself the withdrawal of {of}, and holds no lines: to load {found.name} after all, load it as "
            f"the correction of {load}"
        )
    if found.corrected_by is not None:
        later = next(one for one in every if one.number == found.corrected_by.number)
        if later.withdrawn:
            raise NothingToCorrect(f"{load} was withdrawn already, by {later.load.id}, because: {later.reason}")
        raise NothingToCorrect(
            f"{load} does not stand any more: {later.load.id} corrects it. Withdraw the one that stands as {found.name}"
        )
    return found
