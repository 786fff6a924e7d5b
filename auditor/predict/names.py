"""Matching the values of a column with the names of classes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from auditor.stats.cells import NUMBER, text

FALSE, TRUE = ("0", "false"), ("1", "true")
Reading = tuple[Callable[[str], str], Mapping[str, int]]


def read(values: Collection[str], classes: Sequence[str], *, indices: bool = False) -> dict[str, int] | None:
    """Which class each value of a column means, in the first way that fits all of them; None where none does.

    Args:
        values: distinct values in canonical form.
        classes: names of the classes.
        indices: whether values may be indices of the classes.
    """
    for spell, lookup in _readings(classes, indices=indices):
        if all(spell(value) in lookup for value in values):
            return {value: lookup[spell(value)] for value in values}
    return None


def unnamed(values: Iterable[str], classes: Sequence[str]) -> str | None:
    """The first value that is no class's name in any case."""
    names = {str(text(name)).casefold() for name in classes}
    return next((value for value in values if value.casefold() not in names), None)


def misfit(values: Collection[str], classes: Sequence[str]) -> str | None:
    """The first value that does not fit where most do, as names of classes or else as indices; None where most fit neither way.

    Values of which at least one names a class are read as names, so that a slip among them is not taken for an index.
    """
    for spell, lookup in _readings(classes, indices=True):
        wrong = [value for value in values if spell(value) not in lookup]
        if 2 * len(wrong) < len(values):
            return next(iter(wrong), None)
    first = unnamed(values, classes)
    return first if any(unnamed([value], classes) is None for value in values) else None


def by_position(classes: Sequence[str]) -> bool:
    """Whether values may be indices of the classes: no class is named like an index."""
    return not {str(index) for index in range(len(classes))} & {text(name) for name in classes}


def ordered(values: Iterable[str]) -> tuple[str, ...]:
    """Values as class names: numbers ascending, else in alphabetical order.

    Of values that are all 0 or 1, or all truth values, the other one is a class too, whether it occurs or not: labels that
    are all 0 are a class that never occurs, and not a class that always does.
    """
    found = set(values)
    for first, second in zip(FALSE, TRUE, strict=True):
        if found and found <= {first, second}:
            return (first, second)
    if all(NUMBER.fullmatch(value) for value in found):
        return tuple(sorted(found, key=lambda value: (float(value), value)))
    return tuple(sorted(found))


def two_words(classes: Sequence[str], positive: int) -> dict[str, int]:
    """Truth values as one of two classes: true is the positive one."""
    other = 1 - positive if len(classes) == 2 else positive
    return {**dict.fromkeys(FALSE, other), **dict.fromkeys(TRUE, positive)}


def _readings(classes: Sequence[str], *, indices: bool) -> Iterator[Reading]:
    exact = {str(text(name)): index for index, name in enumerate(classes)}
    yield str, exact
    folded = {name.casefold(): index for name, index in exact.items()}
    if len(folded) == len(exact):
        yield str.casefold, folded
    pairs = [[exact[word] for word in words if word in exact] for words in (FALSE, TRUE)]
    if len(classes) == 2 and all(pairs):
        yield str, two_words(classes, pairs[1][0])
    if indices and by_position(classes):
        yield str, {str(index): index for index in range(len(classes))}
        if len(classes) == 2 and not {FALSE[1], TRUE[1]} & folded.keys():
            yield str, two_words(classes, 1)
