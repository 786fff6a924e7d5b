"""Rule packs on disk: ``<folder>/pack.yaml``, and its texts in ``<folder>/i18n/<language>.yaml``."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from auditor import assets, codec, digest
from auditor.errors import ConfigError, near
from auditor.judge.asked import check_clauses
from auditor.types import Clause, Pack


@dataclass(frozen=True, slots=True)
class PackFile:
    """A ``pack.yaml``: a ``Pack`` without its texts. For what the fields mean see ``Pack``."""

    schema: Literal["auditor.rulepack/1"]
    id: str
    edition: str
    status: Literal["in_force", "adopted", "draft", "voluntary", "contested", "stayed", "repealed", "house"]
    as_of: str
    stale_after: str
    clauses: tuple[Clause, ...]
    in_force: tuple[str | None, str | None] = (None, None)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackTexts:
    """A pack's texts in one language: its title, in words when it applies, and what each clause asks for."""

    title: str
    applies: str
    clauses: Mapping[str, str]


def packs(names: Sequence[str]) -> tuple[Pack, ...]:
    """Read rule packs.

    Args:
        names: ids of shipped packs, or paths of folders that hold a ``pack.yaml``.

    Raises:
        ConfigError: there is no such pack, it does not read as one, it asks for what no probe yields, or two have the same id.
    """
    read = tuple(_read(_folder(name)) for name in names)
    ids = [pack.id for pack in read]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise ConfigError(f"the pack {twice[0]!r} is named twice", place="packs", remedy="Name each pack once.")
    return read


def shipped() -> tuple[str, ...]:
    """Ids of the packs that come with the package."""
    return tuple(sorted(file.parent.name for file in assets.folder("rules").glob("*/pack.yaml")))


def _folder(name: str) -> Path:
    for folder in (assets.folder("rules") / name, Path(name)):
        if (folder / "pack.yaml").is_file():
            return folder
    known = shipped()
    hint = near(name, known)
    remedy = "" if hint else "Name a shipped pack or a folder that holds a pack.yaml."
    raise ConfigError(f"no rule pack {name!r} (shipped: {', '.join(known)}){hint}", place="packs", remedy=remedy)


def _read(folder: Path) -> Pack:
    place = folder / "pack.yaml"
    file = codec.read_yaml(place, PackFile)
    texts = {path.stem: codec.read_yaml(path, PackTexts) for path in sorted((folder / "i18n").glob("*.yaml"))}
    if problem := next(_problems(file, texts), None):
        raise ConfigError(problem, place=str(place))
    check_clauses(file.clauses, place=str(place))
    clauses = tuple(
        dataclasses.replace(clause, text={language: of.clauses[clause.ref] for language, of in texts.items()})
        for clause in file.clauses
    )
    return Pack(
        id=file.id,
        edition=file.edition,
        status=file.status,
        as_of=file.as_of,
        stale_after=file.stale_after,
        clauses=clauses,
        in_force=file.in_force,
        sources=file.sources,
        title={language: of.title for language, of in texts.items()},
        applies={language: of.applies for language, of in texts.items()},
        place=str(place),
        digest=digest.of_value({path.name: digest.of_file(path) for path in _files(folder)}),
    )


def _files(folder: Path) -> list[Path]:
    return [folder / "pack.yaml", *sorted((folder / "i18n").glob("*.yaml"))]


def _problems(file: PackFile, texts: Mapping[str, PackTexts]) -> Iterator[str]:
    """What the types do not say: dates, unique references, a text for each clause, and what ceilings and sources ask for."""
    yield from _bad_dates(file)
    refs = [clause.ref for clause in file.clauses]
    yield from (f"clause {ref!r} is there twice" for ref in refs if refs.count(ref) > 1)
    if "en" not in texts:
        yield "no i18n/en.yaml beside it"
    for language, of in texts.items():
        yield from (f"i18n/{language}.yaml has no text for {ref!r}" for ref in refs if ref not in of.clauses)
        yield from (f"i18n/{language}.yaml has a text for {ref!r}, which is no clause" for ref in of.clauses if ref not in refs)
    for clause in file.clauses:
        yield from _bad_checks(clause)


def _bad_dates(file: PackFile) -> list[str]:
    first, last = file.in_force
    named = {"as_of": file.as_of, "stale_after": file.stale_after, "in_force.0": first, "in_force.1": last}
    return [f"{key} is {value!r}, expected a date such as 2026-11-01" for key, value in named.items() if not _is_date(value)]


def _is_date(value: str | None) -> bool:
    try:
        return value is None or date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _bad_checks(clause: Clause) -> Iterator[str]:
    for check in clause.checks:
        bound = check.threshold
        if bound and bound.source in ("law", "standard", "guideline") and not bound.cite:
            yield f"clause {clause.ref!r} has a threshold without the place in its source (cite)"
        if bound and bound.decision == "four_fifths" and check.slices != "group":
            yield f"clause {clause.ref!r} compares groups by four fifths, so its slices have to be 'group'"
        if bound and check.notable:
            yield f"clause {clause.ref!r} has a check with a threshold and a notable bound; notable is for what is only shown"
        if bound and clause.assessment == "attestation":
            yield f"clause {clause.ref!r} is for a person to attest, so it can have no threshold"
