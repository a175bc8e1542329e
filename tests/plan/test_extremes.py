"""Whatever figure is given, a plan of finite figures comes of it, or a sentence."""

import math
import random
import time
import warnings
from typing import get_args

import pytest

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.scenario_file import changes_of, load_scenario
from ecteam.inputs.tables import bounds
from ecteam.plan.plan import make_plan

SAMPLE = 80
LONGEST_SECONDS = 60
EXTREMES = ("0", "1e-9", "1e9", "-1", "nan", "inf", "-inf", "1e400")


def cases():
    """(name, text) of every figure that can be set, at its ends and beyond them."""
    ends = {}
    for name, field in Scenario.model_fields.items():
        if {int, float} & {field.annotation, *get_args(field.annotation)}:
            ends[name] = field_info(name)["low"], field_info(name)["high"]
    for key, unit, basis in load_assumptions().numbers[["key", "unit", "basis"]].itertuples(index=False):
        allowed = bounds(key, unit, basis)
        ends[key] = allowed.at_least, allowed.at_most
    return [
        (name, text)
        for name, found in ends.items()
        for text in dict.fromkeys((*EXTREMES, *(f"{end:.15g}" for end in found)))
    ]


def wrong(name, text):
    """What is wrong with the answer to a figure, if anything is: no sentence, no plan, endless figures, too late."""
    began = time.perf_counter()
    shop = load_scenario("tea_shop_maturity", months=1, dedicated_desk=True, own_technology=True, business_accounts=20)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            fields, figures, mistakes = changes_of([f"{name}={text}"])
            if mistakes:
                return ""
            plan = make_plan(shop.with_changes(**fields), load_assumptions().with_values(**figures))
            frames = [plan.team, plan.cost, plan.headcount, plan.workload, plan.days, plan.drivers]
            endless = [column for frame in frames for column, values in frame.select_dtypes("number").items()
                       if not all(map(math.isfinite, values))]  # fmt: skip
            endless += [total for total, value in plan.totals.items() if not math.isfinite(value)]
    except InputError as error:
        return "" if all(error.mistakes) else "no sentence"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if time.perf_counter() - began > LONGEST_SECONDS:
        return "too late"
    return (
        f"not finite: {endless}" if endless and not (name == "orders_per_day" and endless == ["cost_per_order"]) else ""
    )


def found(chosen):
    return {f"{name}={text}": answer for name, text in chosen if (answer := wrong(name, text))}


def test_an_extreme_figure_gives_a_plan_or_a_sentence():
    assert found(random.Random(20).sample(cases(), SAMPLE)) == {}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_extreme_figure_gives_a_plan_or_a_sentence():
    every = cases()
    assert len(every) > 2_000
    assert found(every) == {}
