"""DeepWordBug on the first rows of a data set: this project beside TextAttack, in turn, each in its own process.

usage: python benchmarks/attack.py [--rows 100] [--repeats 3] [--peer PYTHON] [--skip-installed]

``--peer`` is the Python of an environment with TextAttack 0.3.11 (benchmarks/peers/setup.sh makes one); without it only
this project is measured. Walls leave out imports and loading. Run it on a quiet machine.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("AUDITOR_SHARED", Path(__file__).resolve().parents[2] / "shared"))
MODEL = SHARED / "models/sentiment-minilm"
DATA = SHARED / "data/mr_sentence_polarity/eval.csv"
PEER = Path(__file__).parent / "peers/textattack_deepwordbug.py"


async def ours(rows: int, search: str) -> dict[str, Any]:
    """Attack in this process; wall in seconds, and which rows fell."""
    from auditor.loaders import checkpoints, tables
    from auditor.predict.labels import class_map
    from auditor.predict.plane import Plane
    from auditor.predict.subject import with_model
    from auditor.probes._attacks import report, victims
    from auditor.probes.deep_word_bug import attacked
    from auditor.types import Roles

    with tempfile.TemporaryDirectory() as folder:
        model = checkpoints.load(str(MODEL), cache=Path(folder))
        table = tables.load(str(DATA), Roles(inputs=("text",), label="label"), cache=Path(folder))
        plane = Plane(model, Path(folder))
        subject = with_model(table, class_map(table, model.classes), plane, checkpoint=MODEL, seed=0, level=0.95)
        for dtype in {"float32", search}:
            model.forward([code.payload for code in model.encode(["warm up"] * 4)], dtype)
        clock = time.perf_counter()
        found = await victims(subject, rows=rows, sample="first")
        right = [victim for victim in found if victim.right]
        attacks = await asyncio.gather(*(attacked(subject, victim, search) for victim in right))
        findings = list(report(subject, found, attacks))
        wall = time.perf_counter() - clock
        plane.close()
    values = {one.metric: one.value for one in reversed(findings) if hasattr(one, "value")}
    return {
        "wall": wall,
        "forward": plane.forward_seconds,
        "texts": plane.forwarded,
        "calls": plane.batches,
        "success": values["attack_success_rate"],
        "queries": values["queries"],
        "fallen": [victim.row.row for victim, attack in zip(right, attacks, strict=True) if attack.success],
    }


def run(command: list[str], threads: int | None = None) -> dict[str, Any]:
    """Run one contestant in a fresh process and read its line of JSON."""
    environment = dict(os.environ) | ({"OMP_NUM_THREADS": str(threads)} if threads else {})
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])


def contestants(arguments: argparse.Namespace, stopwords: Path) -> dict[str, list[str]]:
    """Commands by name, in the order in which they take turns."""
    rows = str(arguments.rows)
    found = {
        f"auditor {dtype}": [sys.executable, __file__, "--ours", dtype, "--rows", rows] for dtype in ("float32", "bfloat16")
    }
    if arguments.peer:
        peer = [arguments.peer, str(PEER), str(MODEL), str(DATA)]
        found["TextAttack, padding repaired"] = [*peer, rows, "repaired", str(os.cpu_count()), str(stopwords)]
    return found


def main() -> None:
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer")
    parser.add_argument("--skip-installed", action="store_true")
    parser.add_argument("--ours")
    arguments = parser.parse_args()
    if arguments.ours:
        print(json.dumps(asyncio.run(ours(arguments.rows, arguments.ours))))
        return
    from auditor.probes._words import FUNCTION_WORDS

    with tempfile.TemporaryDirectory() as folder:
        stopwords = Path(folder) / "stopwords.json"
        stopwords.write_text(json.dumps(sorted(FUNCTION_WORDS)))
        commands = contestants(arguments, stopwords)
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
        for _ in range(arguments.repeats):
            for name, command in commands.items():
                results[name].append(run(command))
        if arguments.peer and not arguments.skip_installed:
            peer = [arguments.peer, str(PEER), str(MODEL), str(DATA), str(arguments.rows), "installed", str(os.cpu_count())]
            results["TextAttack, as installed (once)"] = [run([*peer, str(stopwords)])]
    show(results)


def show(results: dict[str, list[dict[str, Any]]]) -> None:
    """Print medians, and walls as multiples of this project's."""
    wall = {name: statistics.median(one["wall"] for one in runs) for name, runs in results.items()}
    print(f"{'':34}{'wall s':>9}{'all but forward':>17}{'success':>9}{'queries':>9}{'x float32':>11}{'x bfloat16':>12}")
    for name, runs in results.items():
        share = statistics.median(1 - one["forward"] / one["wall"] for one in runs)
        ratios = [wall[name] / wall[f"auditor {dtype}"] for dtype in ("float32", "bfloat16")]
        last = runs[-1]
        print(
            f"{name:34}{wall[name]:9.2f}{share:17.1%}{last['success']:9.3f}{last['queries']:9.2f}{ratios[0]:11.2f}{ratios[1]:12.2f}"
        )
    exact, rough = ({*results[f"auditor {dtype}"][-1]["fallen"]} for dtype in ("float32", "bfloat16"))
    print(f"rows that fall in float32 and in bfloat16: {len(exact & rough)}; in one of the two only: {len(exact ^ rough)}")


if __name__ == "__main__":
    main()
