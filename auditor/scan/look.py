"""One stretch of bytes, whatever it is called: every reader looks at it, and what is packed in it is looked at in turn."""

from typing import Final

from auditor.scan import arrays, formats, onnx, packed, pickles, tars, templates, tensors, texts, zips
from auditor.scan.findings import Sheet
from auditor.scan.regions import Region

_DEPTH: Final = 8
_TORCHSCRIPT: Final = frozenset({"constants.pkl", "bytecode.pkl"})

_OPENERS: Final = (zips.members, tars.members, packed.contents, arrays.payload)
_READERS: Final = (formats.read, tensors.read, texts.read, onnx.read, templates.read, pickles.read)


def look(region: Region, sheet: Sheet) -> None:
    """Write down everything there is to say about a region.

    A reader goes by the bytes wherever it can: names lie. One file can be several things at once (a pickle in front of
    an archive), so no reader ends the search.
    """
    opened = [members for opener in _OPENERS if (members := opener(region, sheet)) is not None]
    read = [reader(region, sheet) for reader in _READERS]
    for member in (member for members in opened for member in members):
        if member.depth > _DEPTH:
            sheet.add("unsafe", "archive bomb", f"archives are nested deeper than {_DEPTH}", member.inside)
        else:
            look(member, sheet)
    if any(member.name.rpartition("/")[2] in _TORCHSCRIPT for members in opened for member in members):
        sheet.add("unsafe", "TorchScript", "is a TorchScript program, which runs when it is loaded or used", region.inside)
    if not opened and not any(read):
        formats.report_unknown(region, sheet)
