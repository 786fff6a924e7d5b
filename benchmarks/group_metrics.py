"""All group metrics with intervals of a table of predictions: rows, seconds, memory; and fairlearn on the same rows.

usage: python benchmarks/group_metrics.py [--rows 1000000] [--large 10000000] [--skip-peer]

Tables have three group columns of 2, 5 and 10 values, a label, a decision and a score. Every line is a process of its own.
Seconds are from the file to the last measurement: reading, counting, performance, calibration and group fairness with all
intersections; a cold cache, so that a CSV file is parsed; without imports, which are told apart. Memory is the peak of the
whole process. fairlearn gives four rates of the same 100 combinations without intervals; its reading is left out.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHUNK = 1_000_000
SEX = ("Female", "Male")
RACE = ("Asian", "Black", "Hispanic", "Other", "White")
REGION = tuple(f"region {number}" for number in range(10))


def make(path: Path, rows: int) -> dict[str, float]:
    """Write a table of predictions; the second sex is selected more often than its labels say."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    rng, writer = np.random.default_rng(0), None
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        sex, race, region = rng.integers(0, 2, n), rng.choice(5, n, p=[0.1, 0.15, 0.15, 0.1, 0.5]), rng.integers(0, 10, n)
        label = rng.random(n) < 0.3 + 0.05 * sex
        score = np.round(1 / (1 + np.exp(0.8 - 1.6 * label - 0.3 * sex - rng.normal(0, 1, n))), 6)
        names = {"sex": np.array(SEX)[sex], "race": np.array(RACE)[race], "region": np.array(REGION)[region]}
        part = pa.table({**names, "label": label.astype(np.int64), "decision": (score >= 0.5).astype(np.int64), "score": score})
        if writer is None:
            writer = csv.CSVWriter(path, part.schema) if path.suffix == ".csv" else pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()
    return {"rows": rows}


def ours(path: Path) -> dict[str, float]:
    """Measure in this process."""
    clock = time.perf_counter()
    from auditor.loaders import tables
    from auditor.predict.labels import class_map
    from auditor.predict.subject import without_model
    from auditor.probes.calibration import calibration
    from auditor.probes.group_fairness import group_fairness
    from auditor.probes.performance import performance
    from auditor.probes.selection_rates import selection_rates
    from auditor.types import Group, Roles

    groups = (Group("sex"), Group("race"), Group("region"))
    roles = Roles(label="label", prediction="decision", score="score", groups=groups, favourable="1")
    imports = time.perf_counter() - clock

    async def measured() -> int:
        table = tables.load(str(path), roles, cache=Path(folder))
        subject = without_model(table, class_map(table, None), checkpoint=None, seed=0, level=0.95)
        probes = (performance, calibration, group_fairness, selection_rates)
        return sum([1 for probe in probes async for _ in probe(subject)])

    with tempfile.TemporaryDirectory() as folder:
        clock = time.perf_counter()
        found = asyncio.run(measured())
        return {"seconds": time.perf_counter() - clock, "imports": imports, "measurements": found}


def peer(path: Path) -> dict[str, float]:
    """Measure with fairlearn in this process."""
    clock = time.perf_counter()
    import pandas as pd
    from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
    from sklearn.metrics import accuracy_score

    imports = time.perf_counter() - clock
    rows = pd.read_parquet(path)
    metrics = {
        "selection_rate": selection_rate,
        "accuracy": accuracy_score,
        "true_positive_rate": true_positive_rate,
        "false_positive_rate": false_positive_rate,
    }
    clock = time.perf_counter()
    frame = MetricFrame(
        metrics=metrics, y_true=rows.label, y_pred=rows.decision, sensitive_features=rows[["sex", "race", "region"]]
    )
    return {"seconds": time.perf_counter() - clock, "imports": imports, "measurements": frame.by_group.size}


def alone(kind: str, path: Path, rows: int) -> dict[str, float]:
    """Do one thing in a fresh process, and read its line of JSON.

    This process stays small meanwhile: Linux counts the memory of a parent at its start into the peak of a child.
    """
    command = [sys.executable, __file__, "--one", kind, str(path), str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Make the tables, measure each, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--skip-peer", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, path, rows = arguments.one
        found = make(Path(path), int(rows)) if kind == "make" else {"auditor": ours, "fairlearn": peer}[kind](Path(path))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**found, "peak": peak}))
        return 0
    cases = [
        ("auditor", arguments.rows, "parquet"),
        ("auditor", arguments.rows, "csv"),
        ("auditor", arguments.large, "parquet"),
    ]
    if not arguments.skip_peer:
        cases.append(("fairlearn", arguments.rows, "parquet"))
    print(f"{'tool':<10} {'format':<8} {'rows':>11} {'seconds':>8} {'peak MB':>8} {'numbers':>8} {'imports s':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, rows, suffix in cases:
            path = Path(folder) / f"{rows}.{suffix}"
            if not path.exists():
                alone("make", path, rows)
            found = alone(kind, path, rows)
            numbers = f"{found['seconds']:8.2f} {found['peak']:8.0f} {found['measurements']:8.0f} {found['imports']:10.2f}"
            print(f"{kind:<10} {suffix:<8} {rows:11,} {numbers}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
