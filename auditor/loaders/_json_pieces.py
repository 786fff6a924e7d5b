"""JSON text as a sequence of values, read as it is needed."""

import codecs
import re
from dataclasses import dataclass, field

from auditor.loaders._files import BLOCK, Stream
from auditor.loaders._json_cells import decoder

_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(slots=True)
class Pieces:
    """JSON text that is read as it is needed."""

    stream: Stream
    text: str = ""
    at: int = 0
    utf8: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def more(self) -> bool:
        """Read on, doubling what is at hand; whether there was more."""
        block = self.stream.read(max(BLOCK, len(self.text) - self.at))
        if block:
            self.text, self.at = self.text[self.at :] + self.utf8.decode(block), 0
        return bool(block)

    def skip(self, sign: str) -> bool:
        """Pass over space, and over a sign if it comes next."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text) or not self.more():
                break
        found = bool(sign) and self.text.startswith(sign, self.at)
        self.at += found
        return found

    def over(self) -> bool:
        """Whether nothing but space is left."""
        self.skip("")
        return self.at == len(self.text)

    def value(self) -> tuple[object, str]:
        """The next value, and its text; a value may only end where the text goes on, or is over."""
        while True:
            try:
                value, end = decoder(self.text).raw_decode(self.text, self.at)
            except ValueError:
                if not self.more():
                    raise
                continue
            if end < len(self.text) or not self.more():
                text, self.at = self.text[self.at : end], end
                return value, text
