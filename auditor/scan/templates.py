"""Chat templates: Jinja code in a checkpoint, looked at by its tokens and never rendered.

A loader without a sandbox runs what such a template says (CVE-2024-34359).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from auditor.scan.escapes import unescaped
from auditor.scan.findings import Sheet
from auditor.scan.regions import Region

_STATEMENTS: Final = frozenset({"import", "from", "include", "extends"})
_NAMES: Final = frozenset(
    {"os", "sys", "subprocess", "popen", "builtins", "importlib", "mro", "func_globals", "gi_frame", "gi_code", "f_globals"}
)
_HIDDEN: Final = re.compile(r"__|^_+$|N\{LOW LINE\}", re.IGNORECASE)
_GGUF_KEY: Final = b"tokenizer.chat_template"
_GGUF_HEADER: Final = 64 << 20

Token: TypeAlias = tuple[str, str]
"""Kind and text."""


def read(region: Region, sheet: Sheet) -> bool:
    """Check a template file, or the templates in a GGUF model; returns whether the region is one of them."""
    if region.suffix in (".jinja", ".jinja2", ".j2"):
        check(region.head(1 << 20).decode("utf-8", "backslashreplace"), sheet, region.inside)
        return True
    if region.head(4) == b"GGUF":
        for text in _in_gguf(region):
            check(text, sheet, region.inside)
        return True
    return False


def check(template: str, sheet: Sheet, inside: str) -> None:
    """Report what in a template reaches for Python's insides."""
    import jinja2

    try:
        tokens = [(kind, text) for _, kind, text in jinja2.Environment(autoescape=True).lex(template) if kind != "whitespace"]
    except jinja2.TemplateSyntaxError as error:
        sheet.add("broken", "chat template", f"line {error.lineno}: {error.message}", inside)
        return
    for what in dict.fromkeys(_tricks(tokens)):
        sheet.add("unsafe", "chat template", what, inside)


def _tricks(tokens: Sequence[Token]) -> Iterator[str]:
    for before, (kind, text) in zip([("", ""), *tokens], tokens, strict=False):
        if kind == "name" and before[0] == "block_begin" and text in _STATEMENTS:
            yield f"loads another template ({text})"
        elif kind == "name" and text == "attr" and before[1] == "|":
            yield "takes attributes by a computed name (|attr)"
        elif kind == "name" and (text in _NAMES or text.startswith("__")):
            yield f"uses the name {text}"
        elif kind == "string" and _HIDDEN.search(unescaped(text[1:-1])):
            yield f"holds the text {text}, which can spell the name of one of Python's insides"


def _in_gguf(region: Region) -> Iterator[str]:
    """Texts of metadata whose key starts with ``tokenizer.chat_template`` (GGUF: key, type 8, length, text)."""
    limit = min(region.end, region.start + _GGUF_HEADER)
    at = region.data.find(_GGUF_KEY, region.start, limit)
    while at >= 0:
        key = int.from_bytes(region.data[at - 8 : at], "little")
        kind = int.from_bytes(region.data[at + key : at + key + 4], "little")
        length = int.from_bytes(region.data[at + key + 4 : at + key + 12], "little")
        if kind == 8 and key < 1000:
            yield region.data[at + key + 12 : min(at + key + 12 + length, limit)].decode("utf-8", "backslashreplace")
        at = region.data.find(_GGUF_KEY, at + len(_GGUF_KEY), limit)
