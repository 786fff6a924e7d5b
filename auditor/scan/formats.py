"""Formats that are recognised and not looked into, or that are programs."""

from collections.abc import Mapping
from typing import Final

from auditor.scan.findings import Sheet
from auditor.scan.regions import Region

_PROGRAMS: Final[Mapping[bytes, str]] = {
    b"\x7fELF": "a Linux program or library",
    b"MZ\x90\x00": "a Windows program or library",
    b"\xcf\xfa\xed\xfe": "a macOS program or library",
    b"\xca\xfe\xba\xbe": "a Java class or macOS program",
}
_UNREAD: Final[Mapping[bytes, str]] = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x04\x22\x4d\x18": "compressed with lz4",
}
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_UNREAD_NAMES: Final[Mapping[str, str]] = {"saved_model.pb": "a TensorFlow graph", "keras_metadata.pb": "Keras metadata"}
_PROMISED: Final = frozenset({".gguf", ".h5", ".hdf5", ".keras", ".mar", ".nemo", ".npy", ".npz", ".skops"})
_OPAQUE: Final = frozenset({".bin", ".engine", ".plan"})


def read(region: Region, sheet: Sheet) -> bool:
    """Report programs, and formats that may carry code and are not looked into; returns whether it is such a format."""
    head = region.head(8)
    for magic, program in _PROGRAMS.items():
        if head.startswith(magic):
            sheet.add("unsafe", "code file", f"is {program}", region.inside)
            return True
    if head == _HDF5:
        _hdf5(region, sheet)
        return True
    by_name = _UNREAD_NAMES.get(region.name.rsplit("/", 1)[-1])
    what = next((unread for magic, unread in _UNREAD.items() if head.startswith(magic)), by_name)
    if what:
        sheet.add("unread", "format", f"is {what}, which is not looked into", region.inside)
    return what is not None


def report_unknown(region: Region, sheet: Sheet) -> None:
    """Report a file whose name promises a checkpoint, where no reader knows what it is."""
    if region.pickled or region.suffix in _PROMISED or (region.suffix in _OPAQUE and not region.size):
        problem = f"does not read as a {region.suffix} file" if region.size else "has no bytes"
        sheet.add("broken", "broken file", problem, region.inside)
    elif region.suffix in _OPAQUE and region.depth == 0:
        sheet.add("unread", "format", "is of no format that is known here", region.inside)


def _hdf5(region: Region, sheet: Sheet) -> None:
    if region.data.find(b'"Lambda"', region.start, region.end) >= 0:
        sheet.add("unsafe", "lambda layer", "a layer carries Python code", region.inside)
    sheet.add("unread", "format", "is an HDF5 file, which is not looked into", region.inside)
