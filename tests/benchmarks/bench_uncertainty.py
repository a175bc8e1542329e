"""What issue 6 asks: 1,000 draws of a 12-month plan under 5 s on two cores and under 1 GB, for every scenario."""

import subprocess
import sys
from collections.abc import Iterator

from ecteam import load_scenario, make_plan
from ecteam.analysis.uncertainty import how_sure
from tests.benchmarks.result import Result, best_seconds

SCENARIOS = ["online_retail_uk", "tea_shop_startup", "tea_shop_growth", "tea_shop_maturity"]
DRAWS = 1000


def everything(name: str) -> str:
    """A plan, its draws and all that is said of them, as `make report` would ask for it."""
    return how_sure(make_plan(load_scenario(name, months=12)), draws=DRAWS).totals


def peak_gigabytes(name: str) -> float:
    """The most memory of a fresh process that makes everything, libraries included."""
    code = f"from tests.benchmarks.bench_uncertainty import everything; everything({name!r});"
    code += "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    # Linux counts in KiB, macOS in bytes.
    return int(run.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e9


def benchmarks() -> Iterator[Result]:
    for name in SCENARIOS:
        plan = make_plan(load_scenario(name, months=12))
        seconds = best_seconds(lambda p=plan: how_sure(p, draws=DRAWS), 3)
        yield Result(f"1,000 draws x 12 months: {name}", seconds, "s", at_most=5)
        seconds = best_seconds(lambda n=name: everything(n), 3)
        yield Result(f"the same with every table and the tornado: {name}", seconds, "s", at_most=8)
        yield Result(f"peak memory of that, fresh process: {name}", peak_gigabytes(name), "GB", at_most=1)
