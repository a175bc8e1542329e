"""What a team costs: the assumptions of each role and the place's payroll put to its heads, hires and temps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.pay import loaded_cost
from ecteam.plan.prepare import Inputs, column, of_roles
from ecteam.plan.solution import Solution, by_month

Floats = npt.NDArray[np.float64]


def role_items(
    inputs: Inputs,
    values: Mapping[str, Any],
    roles: list[str],
    heads: Floats,
    employed_fte: Floats,
    hires: Floats,
    temp_hours: Floats,
    bought_hours: Floats,
    months: slice = slice(None),
) -> dict[str, Floats]:
    """The cost items of the roles, each (roles, draws, months), of all or some months of the plan."""
    columns = ("pay", "hire_cost", "equipment", "temp_pay", "bought", "attrition")
    of = {column: of_roles(inputs, values, roles, column) for column in columns}
    groups = inputs.assumptions.role_columns["group"]
    ramp_weeks = np.stack(
        np.broadcast_arrays(*(np.reshape(values[f"ramp_weeks_{groups[role]}"], (-1, 1)) for role in roles))
    )
    month_hours = values["hours_per_day"] * values["working_days_per_month"]
    trainer_hours = 0.0 if inputs.training_is_a_duty else values["training_hours_per_hire"]
    level = column(values[PLACES[inputs.scenario.city]["pay_level"]])
    rates = {
        name: column(values[name])
        for name in (
            "pay_months_per_year",
            "equipment_life_months",
            "seat_cost",
            "welfare_cost",
            "software_cost",
            "temp_agency_share",
            "ramp_start_share",
            "severance_owed_share",
            "overhead_share",
        )
    }
    rates |= {
        "gross_per_month": of["pay"] * level,
        "hire_cost": of["hire_cost"],
        "equipment": of["equipment"],
        "temp_pay_per_hour": of["temp_pay"],
        "bought_price_per_hour": of["bought"],
        "ramp_weeks": ramp_weeks,
        "training_months_per_hire": column(trainer_hours / month_hours),
        "leavers_per_year": of["attrition"],
    }
    return loaded_cost.team_cost(
        heads,
        employed_fte,
        hires,
        temp_hours,
        bought_hours,
        np.array([role == "owner" for role in roles]),
        np.array([has_office_seat(inputs, role) for role in roles]),
        place=inputs.scenario.place,
        on=inputs.payroll_months[months],
        rates=rates,
    )


def has_office_seat(inputs: Inputs, role: str) -> bool:
    """Whether somebody hired as a role sits in the office: all but the people of an own warehouse."""
    return not (inputs.scenario.self_shipping and inputs.assumptions.role_columns["group"][role] == "warehouse")


def cost_items(
    inputs: Inputs,
    values: Mapping[str, Any],
    roles: list[str],
    heads: Floats,
    employed_fte: Floats,
    hires: Floats,
    temp_hours: Floats,
    bought_hours: Floats,
    amounts: Mapping[str, Any],
    outside_hours: Floats,
) -> dict[str, Floats]:
    """The cost items: (roles, draws, months), and (draws, months) for those of the shop as a whole."""
    items = role_items(inputs, values, roles, heads, employed_fte, hires, temp_hours, bought_hours)
    items["shop_system"] = np.broadcast_to(column(values["shop_system_cost"]), heads.shape[1:])
    if inputs.scenario.self_shipping:
        size = (values["warehouse_area_least"], values["warehouse_area_per_daily_order"])
        rent = values["warehouse_rent_per_square_metre"] * loaded_cost.warehouse_area(amounts["orders"], *size)
        items["warehouse_rent"] = np.broadcast_to(rent, heads.shape[1:])
    else:
        fees = loaded_cost.logistics_company(amounts["orders"], *(values[name] for name in loaded_cost.LOGISTICS_FEES))
        items["logistics_company"] = np.broadcast_to(fees, heads.shape[1:])
    if inputs.scenario.outsourced_service_share:
        prices = values["outsourced_seat_hours"], values["outsourced_seat_cost"]
        items["outsourcing"] = np.broadcast_to(loaded_cost.outside_desk(outside_hours, *prices), heads.shape[1:])
    return items


def cost_of_a_head(inputs: Inputs, values: Mapping[str, Any], roles: list[str]) -> Floats:
    """What one head of each role costs a month, its share of replacing leavers with it: (roles, draws, months).

    An owner's time is in it at the pay of the role. Temps and what the shop pays as a whole are not.
    """
    one = np.ones((len(roles), inputs.assumptions.draws.shape[1], len(inputs.months)))
    leavers = one * of_roles(inputs, values, roles, "attrition") / MONTHS_PER_YEAR
    items = role_items(inputs, values, roles, one, one, leavers, np.zeros_like(one), np.zeros_like(one))
    return np.sum(np.broadcast_arrays(*(items[item] for item in loaded_cost.ROLE_ITEMS)), axis=0)


def prices_of_cover(inputs: Inputs, values: Mapping[str, Any], roles: list[str]) -> dict[str, Floats]:
    """What `people.cover.limits` weighs, (roles, draws, 1), at the figures of the first month.

    The cost of a full-time head, the part of it that does not follow the hours, that of a full-time equivalent bought
    by the hour, and the shares that a part-time person may work. Nobody takes the owner's place, part-time or bought.
    """
    one = np.ones((len(roles), inputs.assumptions.draws.shape[1], 1))
    none, leavers = np.zeros_like(one), of_roles(inputs, values, roles, "attrition") / MONTHS_PER_YEAR

    def cost(fte: Floats) -> Floats:
        items = role_items(inputs, values, roles, one, fte, leavers * one, none, none, months=slice(1))
        return np.sum(np.broadcast_arrays(*(items[item] for item in loaded_cost.ROLE_ITEMS)), axis=0)

    hired = np.array([role != "owner" for role in roles])[:, None, None]
    work_hours = column(values["hours_per_day"] * values["working_days_per_month"]) * (
        1 - of_roles(inputs, values, roles, "shrinkage")
    )
    services = [inputs.assumptions.role_columns["bought"][role] for role in roles]
    for_sale = np.array([inputs.scenario.buys(service) for service in services])[:, None, None]
    price = of_roles(inputs, values, roles, "bought") * work_hours
    part = one * hired * column(values["part_time_most_share"]) * inputs.scenario.part_time
    return {
        "head_cost": cost(one),
        "person_cost": cost(none),
        "bought_cost": np.where(for_sale & hired, price, np.inf),
        "part_time_most": part,
        "part_time_least": one * column(values["part_time_least_share"]),
    }


def cost_table(solution: Solution) -> pd.DataFrame:
    """Fully loaded cost of the plan's own case: month, role (empty for the shop as a whole), item, amount, currency."""
    months, results = solution.months, solution.results
    parts = [
        by_month(months, results.items[item][:, 0], results.roles, "role", "amount").assign(item=item)
        for item in loaded_cost.ROLE_ITEMS
    ]
    parts += [
        by_month(months, results.items[item], [""], "role", "amount").assign(item=item)
        for item in loaded_cost.SHOP_ITEMS
        if item in results.items
    ]
    frame = pd.concat(parts, ignore_index=True)
    kept = frame[frame["amount"].ne(0).groupby([frame["role"], frame["item"]]).transform("any")]
    return kept[["month", "role", "item", "amount"]].assign(currency=solution.scenario.currency).reset_index(drop=True)


def paid(cost_rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `cost_table` that are paid: all but the value of the owner's time."""
    return cost_rows[~cost_rows["item"].isin(loaded_cost.CASH_FREE_ITEMS)]
