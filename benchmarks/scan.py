"""How long the scan of a checkpoint's file takes, for hostile, clean and large files.

usage: python benchmarks/scan.py [--repeats 5] [--megabytes 90]

Times are wall-clock times of one call of ``auditor.scan.scan``, the best of the repeats, with warm file caches. The set of
hostile checkpoints is the one that the tests plant; large files have as many tensors as a small transformer.
"""

import argparse
import pickle
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

LIMIT = 5.0
"""Milliseconds for a file."""


def milliseconds(path: Path, repeats: int) -> float:
    """Best time of a scan."""
    from auditor.scan import scan

    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        scan(path)
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def line(title: str, paths: Sequence[Path], repeats: int) -> str:
    """Median and worst time of some files."""
    times = {path: milliseconds(path, repeats) for path in paths}
    slowest = max(times, key=lambda path: times[path])
    over = sum(value > LIMIT for value in times.values())
    figures = f"median {statistics.median(times.values()):.2f} ms, worst {times[slowest]:.2f} ms ({slowest.name})"
    return f"{title}: {len(paths)} scans, {figures}, {over} above {LIMIT:.0f} ms"


def large(folder: Path, megabytes: int) -> list[Path]:
    """Weights of 104 tensors as torch and safetensors write them, and a pickle of a vocabulary."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    size = megabytes * (1 << 20) // 4
    state = {"embedding": torch.randn(size // 2), **{f"layer.{i}": torch.randn(size // 206) for i in range(103)}}
    torch.save(state, folder / "pytorch_model.bin")
    torch.save(state, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    save_file(state, folder / "model.safetensors")
    (folder / "vocabulary.pkl").write_bytes(pickle.dumps({f"word{i}": i for i in range(100_000)}))
    return sorted(folder.iterdir())


def main() -> None:
    """Print the table."""
    from clean_checkpoints import write_reviewed, write_silent
    from hostile_checkpoints import CASES

    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=90)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hostile = []
        for case, planted in CASES.items():
            (folder / case).mkdir()
            hostile.append(planted.build(folder / case, "true"))
        print(line("hostile", hostile, chosen.repeats))
        print(line("clean", write_silent(folder / "silent"), chosen.repeats))
        print(line("scikit-learn", write_reviewed(folder / "reviewed"), chosen.repeats))
        for path in large(folder / "large", chosen.megabytes):
            size = path.stat().st_size / (1 << 20)
            print(f"{path.name} of {size:.1f} MiB: {milliseconds(path, chosen.repeats):.2f} ms")


if __name__ == "__main__":
    main()
