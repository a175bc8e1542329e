"""What issue 6 asks of decisions: the time machine of one shop, a decision weighed, the stage of a plan."""

from collections.abc import Iterator

from ecteam import load_scenario, make_plan
from ecteam.analysis.make_or_buy import shipping, shop_system
from ecteam.analysis.stages import levers
from ecteam.analysis.tipping_points import time_machine
from tests.benchmarks.result import Result, best_seconds


def benchmarks() -> Iterator[Result]:
    plan = make_plan(load_scenario("tea_shop_startup"))
    time_machine(plan)
    yield Result("time machine, 10 to 10,000 orders a day", best_seconds(lambda: time_machine(plan), 3), "s", at_most=6)
    yield Result("shop system weighed", best_seconds(lambda: shop_system(plan), 3), "s", at_most=1)
    yield Result("shipping weighed, by plans", best_seconds(lambda: shipping(plan), 3), "s", at_most=6)
    yield Result("three growth levers", best_seconds(lambda: levers(plan), 3), "s", at_most=2)
