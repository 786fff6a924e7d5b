"""Text as its writer saw it: decoded as it was encoded, in one normal form, without characters that nobody sees."""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from auditor.declare import row_pass
from auditor.passes._cells import edited, text_columns
from auditor.types import Batch

NormalForm = Literal["NFC", "NFKC", "none"]

_NOT_PLAIN = r"[^\t\n\r -~]"
_FLAG, _TAGS = "\U0001f3f4", "\U000e0000-\U000e007f"
_UNSEEN = re.compile(
    # Zero-width space, word joiner, invisible operators, byte order mark, soft hyphen, Mongolian vowel separator.
    "[\u00ad\u180e\u200b\u2060-\u2064\ufeff"
    # Marks, embeddings, overrides and isolates of writing direction (Boucher & Anderson 2021).
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    # Joiners, but where a script or an emoji needs them: between characters beyond ASCII.
    "|(?:^|(?<=[\x00-\x7f]))[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[\x00-\x7f]|$)"
    # Tag characters, but in flags of regions.
    f"|(?<![{_FLAG}{_TAGS}])[{_TAGS}]+"
)


@row_pass(source="Speer 2019, ftfy, https://doi.org/10.5281/zenodo.2591652; Unicode Standard Annex #15")
def unicode_repair(
    batch: Batch,
    *,
    columns: tuple[str, ...] = (),
    encoding: bool = True,
    invisible: bool = True,
    normal_form: NormalForm = "NFC",
) -> Batch:
    """Undo wrong decodings, remove control and invisible characters, and bring text into one normal form.

    Args:
        batch: rows; none is removed.
        columns: columns of text, also inside JSON, lists and records; all of them by default.
        encoding: whether to undo text that was decoded with the wrong encoding (``schÃ¶n``), and remove control characters.
        invisible: whether to remove zero-width characters, soft hyphens and controls of writing direction. Joiners stay
            between characters beyond ASCII, where scripts and emoji need them.
        normal_form: Unicode normal form; ``NFKC`` also replaces ligatures and full-width letters, ``none`` leaves as is.

    Raises:
        UsageError: a column is not there, or holds no text.
    """
    edit = functools.partial(_repaired, encoding=_decoder() if encoding else str, invisible=invisible, normal_form=normal_form)
    for column in text_columns(batch, columns):
        batch = edited(batch, column, _NOT_PLAIN, edit)
    return batch


def _decoder() -> Callable[[str], str]:
    """Text with its encoding repaired, and nothing else that ftfy offers: quotes, ligatures and entities stay."""
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        normalization=None,
        explain=False,
    )
    return functools.partial(ftfy.fix_text, config=config)


def _repaired(text: str, *, encoding: Callable[[str], str], invisible: bool, normal_form: NormalForm) -> str:
    text = encoding(text)
    text = _UNSEEN.sub("", text) if invisible else text
    return text if normal_form == "none" else unicodedata.normalize(normal_form, text)
