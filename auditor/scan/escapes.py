"""Backslash escapes in string literals of hostile files."""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U0?0?([0-9a-fA-F]{6})|([0-7]{1,3})|([\s\S]))")


def unescaped(text: str) -> str:
    r"""A literal's text with numeric escapes resolved; of any other escape only the backslash goes.

    Names are compared with it and nothing is built from it, so ``\n`` may become ``n``.
    """
    return _ESCAPE.sub(_resolved, text)


def _resolved(found: re.Match[str]) -> str:
    *hexadecimal, octal, other = found.groups()
    if other:
        return str(other)
    digits = next((digits for digits in hexadecimal if digits), None)
    code = int(digits, 16) if digits else int(octal, 8) & 0xFF
    return chr(code) if code <= 0x10FFFF else ""
