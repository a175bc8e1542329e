"""What issue 2 asks: a light import, a plan a slider can wait for, a report in seconds."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from ecteam import load_scenario, make_plan
from ecteam.analysis.uncertainty import influence
from tests.benchmarks.result import Result, best_seconds

SCENARIOS = ["online_retail_uk", "tea_shop_startup", "tea_shop_growth", "tea_shop_maturity"]


def run(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=os.environ)


def benchmarks() -> Iterator[Result]:
    start = best_seconds(lambda: run("-c", "pass"))
    yield Result(
        "import ecteam, fresh process", best_seconds(lambda: run("-c", "import ecteam")) - start, "s", at_most=0.6
    )
    public = "from ecteam import *; make_plan, explain, compare"
    yield Result("every public name of it", best_seconds(lambda: run("-c", public)) - start, "s", at_most=3)
    for name in SCENARIOS:
        shop = load_scenario(name)
        make_plan(shop)
        yield Result(
            f"make_plan, 12 months, warm: {name}", 1000 * best_seconds(lambda s=shop: make_plan(s), 9), "ms", at_most=50
        )
    yield Result(
        "influence of every assumption (uk)",
        best_seconds(lambda: influence(make_plan(load_scenario(SCENARIOS[0])))),
        "s",
        at_most=3,
    )
    with tempfile.TemporaryDirectory() as out:
        seconds = best_seconds(lambda: run("-m", "ecteam.cli", "report", "online_retail_uk", "--out", out), 3)
    yield Result("make report, after set-up", seconds, "s", at_most=15)
