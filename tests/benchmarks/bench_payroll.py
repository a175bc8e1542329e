"""Speed of payroll: a team's employer cost over three years."""

from collections.abc import Iterator

import numpy as np

from ecteam.pay import payslip
from tests.benchmarks.result import Result, best_seconds


def benchmarks() -> Iterator[Result]:
    rng = np.random.default_rng(1)
    people, months = 300, 36
    pay = np.round(rng.uniform(3000, 60_000, (people, 1)), 2)
    # The pack knows two years: a plan's later months follow the last known ones, as cost.py does.
    plan = np.minimum(np.datetime64("2025-07") + np.arange(months), np.datetime64("2027-06"))
    payslip.load_pack("cn/shanghai")
    seconds = best_seconds(lambda: payslip.employer_extra(pay, "cn/shanghai", plan))
    yield Result(f"employer cost, {people} people x {months} months", 1000 * seconds, "ms", at_most=50)
