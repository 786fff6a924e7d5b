"""Which names a pickle may use: an allow-list decides; a list of dangerous names only chooses the words."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

Trust = Literal["allowed", "review", "unsafe", "malicious"]

_SKLEARN_MODULE: Final = re.compile(r"sklearn(?:\.(?!datasets\b|externals\b|tests\b|conftest\b|_build_utils\b|_testing\b)\w+)+")
_SKLEARN_NAME: Final = re.compile(
    r"_?[A-Z]\w*|newObj|__pyx_unpickle_\w+|chi2|[fr]_classif|[fr]_regression|\w+_(?:score|loss|error)|_kmeans_single_\w+|mutual_info_\w+|_identity"
)
_NUMPY_TYPE: Final = re.compile(r"[A-Z]\w*DType")


def trust(module: str, name: str) -> Trust:
    """How far a name in a pickle can be trusted.

    Args:
        module: the module, as the unpickler would import it.
        name: the name in it, which may have dots.

    Returns:
        ``allowed``: torch's own unpickler of weights allows it; ``review``: it rebuilds data of scikit-learn, NumPy,
        SciPy or joblib; ``malicious``: it is known to give control over the machine; ``unsafe``: any other.
    """
    if name in _names("torch_globals").get(module, ()):
        return "allowed"
    if name in _names("review_globals").get(module, ()) or _sklearn(module, name):
        return "review"
    return "malicious" if _dangerous(module, name) else "unsafe"


def _sklearn(module: str, name: str) -> bool:
    if module == "numpy.dtypes":
        return bool(_NUMPY_TYPE.fullmatch(name))
    return bool(_SKLEARN_MODULE.fullmatch(module) and _SKLEARN_NAME.fullmatch(name))


def _dangerous(module: str, name: str) -> bool:
    # TorchScript calls the module of its own classes __torch__.
    if any(part.startswith("__") and part.endswith("__") for part in f"{module}.{name}".removeprefix("__torch__.").split(".")):
        return True
    listed = _names("dangerous_globals")
    parts = module.split(".")
    above = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return name.partition(".")[0] in listed.get(module, ()) or any("*" in listed.get(package, ()) for package in above)


@cache
def _names(which: str) -> Mapping[str, frozenset[str]]:
    """A list of names that ships with the package: lines of ``module: name name``, indented lines go on."""
    names: dict[str, frozenset[str]] = {}
    text = Path(__file__).with_name(f"{which}.txt").read_text("utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for entry in kept.replace("\n ", " ").splitlines():
        module, _, rest = entry.partition(":")
        names[module] = frozenset(rest.split())
    return names
