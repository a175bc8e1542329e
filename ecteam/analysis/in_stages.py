"""The same shop in three stages: only the orders change, and the stage with its duties, unless told otherwise."""

from collections.abc import Mapping
from math import sqrt
from typing import Any

from ecteam.analysis.options import LEAST_ORDERS, MOST_ORDERS
from ecteam.analysis.stages import read_stages
from ecteam.inputs.assumptions import STAGES
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.plan.plan import Plan, make_plan


def in_stages(plan: Plan, changes: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Plan]:
    """What team does this shop need as a start-up, in growth and at maturity? Stage -> plan.

    The stage it is in is the plan itself. In the others it has the orders a day of that stage (`orders_of_stage`) and
    that stage's usual way of combining posts; products, channels and campaigns stay as they are. `changes` are further
    fields of the scenario for a stage, such as {"maturity": {"channels": 6}}. Raises `InputError` for a stage that is
    none, and for what a scenario refuses.

    >>> from ecteam import load_scenario
    >>> plans = in_stages(make_plan(load_scenario("tea_shop_growth", months=1)))
    >>> [round(plan.scenario.orders_per_day) for plan in plans.values()]
    [45, 600, 4472]
    """
    if wrong := [name for name in changes or {} if name not in STAGES]:
        raise InputError([f"there is no stage {name!r}{did_you_mean(name, STAGES)}" for name in wrong])
    plans = {}
    for stage in STAGES:
        is_own = stage == plan.scenario.stage
        fields = {} if is_own else {"stage": stage, "hats": None, "orders_per_day": orders_of_stage(stage)}
        fields |= (changes or {}).get(stage, {})
        plans[stage] = make_plan(plan.scenario.with_changes(**fields), plan.assumptions) if fields else plan
    return plans


def orders_of_stage(stage: str) -> float:
    """Orders a day in the middle of a stage: the geometric mean of where it begins and where the next one does.

    >>> [round(orders_of_stage(stage)) for stage in STAGES]
    [45, 632, 4472]
    """
    limits = read_stages().thresholds
    begins = limits[limits["measure"] == "orders_per_day"].set_index("stage")["typical"].to_dict()
    edges = [float(LEAST_ORDERS), *(float(begins[name]) for name in STAGES[1:]), float(MOST_ORDERS)]
    place = STAGES.index(stage)
    return sqrt(edges[place] * edges[place + 1])
