"""Run the benchmarks beside this file and print one table: ``python benchmarks [NAME ...]``.

Each benchmark is a script of its own, and each line that it prints becomes a row. What it says on the error stream goes there.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """All benchmarks here."""
    return sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def rows(name: str) -> Iterator[tuple[str, str]]:
    """Run one benchmark: what it prints, line by line, and how it ended."""
    print(f"running {name} ...", file=sys.stderr, flush=True)
    began = time.monotonic()
    done = subprocess.run([sys.executable, str(HERE / f"{name}.py")], stdout=subprocess.PIPE, text=True, check=False)
    yield from ((name, line.rstrip()) for line in done.stdout.splitlines() if line.strip())
    yield name, f"{'done' if done.returncode == 0 else 'FAILED'} after {time.monotonic() - began:.0f} s"


def main() -> int:
    """Run the named benchmarks, or all."""
    chosen = sys.argv[1:] or names()
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    found = [row for name in chosen for row in rows(name)]
    width = max(len(name) for name in chosen)
    for name, line in found:
        print(f"| {name:<{width}} | {line}")
    return int(any(line.startswith("FAILED") for _, line in found))


if __name__ == "__main__":
    sys.exit(main())
