"""Values that differ only in how they are spelled: by case, space, width, form, or the order of several in one cell."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_SEVERAL = re.compile(r"[;,|/、；，]")
_JOINED = re.compile(r"(?<=\w)[-_‐‑–](?=\w)")
_ENDS = " .:!\"'“”‘’"


def folded(value: str) -> str:
    """What spellings of a value have in common.

    Case, space, full and half width, compatibility forms, characters that are not seen, hyphens inside, marks at the ends,
    and where a cell holds several names, as ``Asian;White``, their order.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    plain = _JOINED.sub(" ", "".join(sign for sign in plain if unicodedata.category(sign) != "Cf"))
    parts = sorted(" ".join(part.split()).strip(_ENDS) for part in _SEVERAL.split(plain))
    if len(parts) > 1 and all(any(sign.isalpha() for sign in part) for part in parts):
        return ";".join(parts)
    return " ".join(plain.split()).strip(_ENDS) or value


def variants(values: Iterable[str]) -> list[list[str]]:
    """The values that are spelled in several ways: each as its spellings, in the order of the values."""
    found: dict[str, list[str]] = {}
    for value in values:
        found.setdefault(folded(value), []).append(value)
    return [spellings for spellings in found.values() if len(spellings) > 1]


def counted(rows: Mapping[str, int]) -> list[Counter[str]]:
    """The same with the rows of each spelling, the commonest value and spelling first."""
    found = [Counter({value: rows[value] for value in spellings}) for spellings in variants(rows)]
    return sorted(found, key=lambda family: (-family.total(), min(family)))
