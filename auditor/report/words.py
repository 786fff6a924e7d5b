"""The interface's own text, by language: catalogues of messages and the numbers set in them."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor import assets, codec
from auditor.errors import ConfigError, UsageError
from auditor.report.visible import name as short
from auditor.report.visible import shortened, visible

TAGS = {"en": "en", "zh": "zh-Hans"}
"""Languages of the report, and what HTML calls them."""

_LONGEST = 600
"""Characters of a sentence from outside the catalogue that are shown."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text for the page.

    Attributes:
        text: what is shown, with hostile characters already visible.
        lang: its language, where it is not that of the page.
    """

    text: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The messages of one language.

    Attributes:
        lang: code of the language: ``"en"`` or ``"zh"``.
        messages: text by dotted key, such as ``"states.fail.name"``.
    """

    lang: str
    messages: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The language as an HTML ``lang`` attribute."""
        return TAGS[self.lang]

    def __call__(self, key: str, /, **values: object) -> str:
        """The message under a key, with ``{name}`` replaced by values; text in them becomes visible.

        Raises:
            KeyError: there is no such message.
        """
        return self.messages[key].format(**{name: visible(str(value)) for name, value in values.items()})

    def known(self, key: str) -> str | None:
        """The message under a key that may be missing, such as the title of a plugin's metric."""
        return self.messages.get(key)

    def title(self, kind: str, name: str) -> str:
        """What something is called: its message, else its own name as words."""
        return self.known(f"{kind}.{name}.name") or self.known(f"{kind}.{name}") or short(name).replace("_", " ")

    def chosen(self, texts: Mapping[str, str], fallback: str = "") -> Text:
        """The text in this language, else in English, else in any, else the fallback."""
        for lang in (self.lang, "en", *texts):
            if lang in texts:
                return Text(shortened(texts[lang], _LONGEST), None if lang == self.lang else TAGS.get(lang, lang))
        return Text(short(fallback))

    def english(self, text: str | None) -> Text:
        """A sentence that the engine writes in English, such as a reason: in this language, where the catalogues hold it."""
        if key := _sentences().get(text or ""):
            return Text(self(key))
        return Text(shortened(text or "", _LONGEST), None if self.lang == "en" else "en")


@functools.cache
def words(lang: str) -> Words:
    """The messages of a language.

    Raises:
        UsageError: there is no catalogue of it.
    """
    if lang not in TAGS:
        raise UsageError(f"no report language {lang!r}", place="--lang", remedy=f"Use one of: {', '.join(TAGS)}.")
    return Words(lang, _flat(_catalogue(assets.folder("templates") / "i18n" / f"{lang}.yaml")))


@functools.cache
def _sentences() -> Mapping[str, str]:
    """Keys of the engine's own sentences, by the sentence itself."""
    return {text: key for key, text in words("en").messages.items() if key.startswith("sentences.")}


def _catalogue(path: Path) -> Mapping[str, object]:
    found = codec.yaml_value(codec.read_text(path), place=str(path))
    if not isinstance(found, dict):
        raise ConfigError("a catalogue of messages is a mapping", place=str(path))
    return found


def _flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
