"""Speed of payroll: a team's employer cost over three years, and payslips of many people."""

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
    seconds = best_seconds(lambda: payslip.employer_cost(pay, "cn/shanghai", plan))
    yield Result(f"employer cost, {people} people x {months} months", 1000 * seconds, "ms", at_most=50)
    many = np.round(rng.uniform(3000, 60_000, 100_000), 2)
    for month, earlier in (
        ("2026-01", "first month of the tax year"),
        ("2026-12", "eleven months before it"),
    ):
        day = np.datetime64(month, "D").item()
        seconds = best_seconds(lambda day=day: payslip.payslips(many, "cn/shanghai", day), repeat=2)
        yield Result(f"100,000 payslips, {earlier}", seconds, "s", at_most=2)
    for place in ("uk", "us", "de"):
        day = np.datetime64("2026-12", "D").item()
        seconds = best_seconds(lambda place=place, day=day: payslip.payslips(many, place, day), repeat=2)
        yield Result(f"100,000 payslips, {place}", seconds, "s", at_most=2)
