"""All three jobs on the example: audit a model with planted defects and a control, clean its data, report in Chinese."""

import functools
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_data

HERE = Path(__file__).resolve().parent
OUT, RUNS = HERE / "out", HERE.parent / "runs"
AUDITS = {"planted": ("audit.yaml", RUNS / "demo"), "clean": ("control.yaml", RUNS / "demo-control")}
REPORTS = {
    "demo": "planted defects",
    "demo-zh": "the same, in Chinese",
    "demo-control": "control, without them",
    "demo-clean": "cleaned training data",
}
MADE_BY = ("words.py", "grammar.py", "make_data.py", "train.py")
GATE = {0: "no rule fails", 3: "rules fail", 4: "undecided"}

say = functools.partial(print, flush=True)


def models() -> None:
    """Make the data, and train the models side by side, unless they are there from the same code."""
    for name, defects in make_data.SETS.items():
        make_data.make(OUT, name, defects)
    key = hashlib.sha256(b"".join((HERE / file).read_bytes() for file in MADE_BY)).hexdigest()
    missing = [name for name in AUDITS if not _is(OUT / name / "model" / "made_by.txt", key)]
    running = [subprocess.Popen([sys.executable, str(HERE / "train.py"), name]) for name in missing]
    if sum(process.wait() != 0 for process in running):
        raise SystemExit("training failed; see above")
    for name in missing:
        (OUT / name / "model" / "made_by.txt").write_text(key, encoding="utf-8")


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text("utf-8") == text


def auditor(*arguments: str | Path, expected: tuple[int, ...] = (0,)) -> int:
    """Run a command of ``auditor`` and return its exit code."""
    done = subprocess.run([sys.executable, "-m", "auditor", *map(str, arguments)], check=False)
    if done.returncode not in expected:
        raise SystemExit(f"auditor {arguments[0]} ended with {done.returncode}, expected {' or '.join(map(str, expected))}")
    return done.returncode


def failing(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings of a run that fail a rule."""
    return [found for verdict in run["verdicts"] for found in verdict["findings"] if found["state"] == "fail"]


def shown(truth: dict[str, Any], run: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each planted defect, and what the audit says of it."""
    for planted in truth["fails"]:
        hits = [
            each["reason"]
            for each in failing(run)
            if each["metric"] == planted["metric"] and planted["where"].items() <= each["where"].items()
        ]
        yield planted["defect"], hits[0] if hits else "NOT FOUND"


def main() -> None:
    """Run it all."""
    began = time.monotonic()
    for name in REPORTS:  # of an earlier demo; what the models said is kept, so that it is quick
        shutil.rmtree(RUNS / name, ignore_errors=True)
    models()
    say(f"data made and two models trained in {time.monotonic() - began:.0f} s\n")
    for name, (plan, folder) in AUDITS.items():
        code = auditor("run", HERE / plan, "-o", folder, expected=tuple(GATE))
        truth = json.loads((OUT / name / "truth.json").read_text("utf-8"))
        run = json.loads((folder / "run.json").read_text("utf-8"))
        say(f"\n{name} example: {GATE[code]}")
        for defect, said in shown(truth, run):
            say(f"  {defect:<18} {said}")
    say("\nplanted example, training data cleaned:")
    columns = ("--id", "id", "--text", "text", "--label", "label", "--group", "region")
    auditor("clean", OUT / "planted" / "train.csv", *columns, "-o", RUNS / "demo-clean")
    auditor("report", RUNS / "demo", "--lang", "zh", "-o", RUNS / "demo-zh")
    say(f"\nall done in {time.monotonic() - began:.0f} s; the reports:")
    for name, said in REPORTS.items():
        say(f"  {said:<24} {RUNS / name / 'report.html'}")


if __name__ == "__main__":
    main()
