"""`make bench`: run every tests/benchmarks/bench_*.py, print one table, exit 1 if a target is missed.

Each such module has a function `benchmarks()` that yields `Result` rows. Names on the command line select modules.
"""

import importlib
import sys
from pathlib import Path


def main(wanted: list[str]) -> int:
    missed = 0
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if wanted and not any(word in path.stem for word in wanted):
            continue
        for row in importlib.import_module(f"tests.benchmarks.{path.stem}").benchmarks():
            target = f"<= {row.at_most:g}" if row.at_most is not None else f">= {row.at_least:g}"
            verdict = "ok" if row.met else "MISSED"
            missed += not row.met
            print(f"{path.stem:22} {row.name:58} {row.measured:>10.4g} {row.unit:6} {target:>9}  {verdict}", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
