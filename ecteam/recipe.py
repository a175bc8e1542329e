"""The order of the steps, over arrays: scenario and values in, hours, people and cost out.

`(draws, months)` is the shape of everything; one case is one draw. `plan.py` turns one case into tables for people,
`uncertainty.py` asks for many draws at once. The loop of people who need people (HR, finance, IT work follows from the
heads it is part of) is solved here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ecteam.assumptions import formula_function, names_in
from ecteam.calendar_units import MONTHS_PER_YEAR
from ecteam.costing import cost_items
from ecteam.errors import InputError
from ecteam.inputs import Inputs, column, of_roles
from ecteam.model import demand, headcount, workload
from ecteam.model.fulfilment import Crew
from ecteam.presence import Demand, Desk, staff_crews, staff_desks

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_ROUNDS = 60
MOST_ORDERS = 1e7
"""More orders a day than any shop has had."""
MOST_HEADS = 1e6
"""More heads than any shop has: the loop has run away."""


@dataclass(frozen=True, eq=False)
class Solved:
    """Everything on the way: (duties, draws, months) in the order of `Inputs.duties`, (roles, draws, months) in that of
    `roles`.

    `growth` is the growth of the work in FTE a month, (draws, 1); `settled` whether the loop of people who need people
    stood still, (draws,); `team_seats` the seats that the work asks of a team that is given, None without one.
    """

    demand: Demand
    amounts: dict[str, Any]
    minutes: list[Any]
    hours: Floats
    staffed_hours: Floats
    temp_work: Floats
    roles: list[str]
    paid_hours: Floats
    changing_fte: Floats
    fte: Floats
    on_shift: Floats
    seats: Floats
    heads: Floats
    hires: Floats
    temp_hours: Floats
    items: dict[str, Floats]
    desks: dict[str, Desk]
    crews: dict[str, Crew]
    growth: Floats
    settled: npt.NDArray[np.bool_]
    team_seats: Floats | None


def solve(inputs: Inputs, values: Mapping[str, Any], *, team: Solved | None = None, all_settle: bool = True) -> Solved:
    """Run every step once, and the loop of people who need people until it stands still.

    Raises `InputError` if it does not: then each head asks for more than one further head. With `all_settle` false such
    draws are marked in `settled` instead, and what they hold means nothing. `team` asks besides which seats the work of
    each draw needs if the people are those of another, solved plan: its heads and hires cause the HR and IT work.
    """
    scenario, duties = inputs.scenario, inputs.duties
    demanded = _demand(inputs, values)
    shape = np.broadcast_shapes(demanded.orders.shape, *(np.shape(v) for v in values.values()))
    given: dict[str, Any] = dict(values) | {"orders": demanded.orders, "months": 1.0, "heads": 0.0, "recruitments": 0.0}
    formulas = [
        (str(name), formula_function(text) if text else None)
        for name, text in inputs.assumptions.drivers["formula"].items()
    ]
    amounts = workload.driver_amounts(formulas, given)
    drivers, minutes = duties["driver"].tolist(), _minutes(inputs, values)
    hours = np.stack(
        [np.broadcast_to(workload.duty_hours(amounts[d], m), shape) for d, m in zip(drivers, minutes, strict=True)]
    )

    filled = {*duties["worn_by"], "shop_manager"}
    roles = [r for r in inputs.assumptions.roles.index if r in filled]
    worn = np.array([roles.index(r) for r in duties["worn_by"]])
    hat = np.eye(len(roles))[worn]
    has_temps = np.array([inputs.assumptions.role_columns["temp_pay"][role] != "" for role in roles])[worn]
    peaks = has_temps & duties["method"].isin(["queue", "deadline"]).to_numpy() & scenario.temps_on_event_days
    temp_work = hours * demanded.event_share * peaks[:, None, None]
    staffed, desks = staff_desks(inputs, values, amounts, minutes, hours - temp_work, demanded)
    crews = staff_crews(inputs, hours, demanded)
    on_shift = np.zeros((len(roles), *shape))
    # Five on phones and three packing at the same hour are eight bodies.
    for role, crew in crews.items():
        on_shift[roles.index(role)] += headcount.whole(crew.people)
    for role, desk in desks.items():
        on_shift[roles.index(role)] += desk.most_agents

    paid = inputs.working_days * column(values["hours_per_day"])
    shrinkage = of_roles(inputs, values, roles, "shrinkage")
    hired = np.array([role != "owner" for role in roles])[:, None, None]
    attrition = hired * of_roles(inputs, values, roles, "attrition") / MONTHS_PER_YEAR
    people_drivers = _needs_people(inputs)
    loop = [i for i, driver in enumerate(drivers) if driver in people_drivers]
    # What grows is the work, not the whole heads of a round: those jump, and a loop over them would swing.
    work = np.maximum.accumulate(np.einsum("dr,dnm->rnm", hat, hours - temp_work) / (paid * (1 - shrinkage)), axis=-1)
    posts = duties["post"].factorize()[0]
    growth = (work[..., -1:] - work[..., :1]).sum(axis=0) / max(shape[-1] - 1, 1)

    def asked(heads: Floats, growth: Floats) -> tuple[dict[str, Any], Floats, Floats, Floats]:
        given["heads"], given["recruitments"] = heads.sum(axis=0), growth + _spread(heads * attrition)
        amounts = workload.driver_amounts(formulas, given)
        for i in loop:
            hours[i] = staffed[i] = workload.duty_hours(amounts[drivers[i]], minutes[i])
        posts_worn = _posts_worn(worn, posts, len(roles), staffed > 0)
        changing = headcount.changing_fte(posts_worn, column(values["hat_loss_share"]))
        needed = headcount.fte(np.einsum("dr,dnm->rnm", hat, staffed), paid, shrinkage) + changing
        fte = _one_owner(roles, needed)
        seats = np.maximum(headcount.whole(fte), on_shift)
        return amounts, changing, fte, seats

    # First, since the loop leaves the hours of its last round behind.
    team_seats = None if team is None else asked(team.heads, team.growth)[-1]
    heads = np.zeros((len(roles), *shape))
    for _ in range(MOST_ROUNDS):
        amounts, changing, fte, seats = asked(heads, growth)
        before, heads = heads, np.minimum(np.maximum.accumulate(seats, axis=-1), MOST_HEADS)
        if np.array_equal(before, heads):
            break
    settled = ((heads == before) & (heads < MOST_HEADS)).all(axis=(0, 2))
    if all_settle and not settled.all():
        raise InputError(
            "the team does not settle: every head asks for more than one further head of leading, HR, finance and IT "
            "work; look at leading_hours_per_head, hr_hours_per_head, it_hours_per_head and training_hours_per_hire"
        )
    start = heads[..., :1] if scenario.team_in_place else 0.0
    joiners = np.diff(heads, axis=-1, prepend=np.broadcast_to(start, heads[..., :1].shape))
    hires = hired * joiners + heads * attrition
    # Temps at a desk wait for chats as others do, up to the occupancy limit.
    at_desk = (duties["method"] == "queue").to_numpy()[:, None, None]
    paid_temps = temp_work / np.where(at_desk, column(values["service_occupancy_max"]), 1.0)
    temp_hours = np.einsum("dr,dnm->rnm", hat, paid_temps) / values["temp_productivity"]
    items = cost_items(inputs, values, roles, heads, hires, temp_hours, amounts)
    return Solved(
        demanded,
        amounts,
        minutes,
        hours,
        staffed,
        temp_work,
        roles,
        paid,
        changing,
        fte,
        on_shift,
        seats,
        heads,
        hires,
        temp_hours,
        items,
        desks,
        crews,
        growth,
        settled,
        team_seats,
    )


def _posts_worn(worn: npt.NDArray[np.intp], posts: npt.NDArray[np.intp], roles: int, at_work: Bools) -> Floats:
    """At how many posts the people of each role work, (roles, draws, months); `at_work` (duties, draws, months).

    `worn` and `posts` (duties,): the number of the role that does a duty, and of its post.
    """
    order = np.lexsort((posts, worn))
    starts = np.flatnonzero(np.diff(worn[order], prepend=-1) | np.diff(posts[order], prepend=-1))
    is_worn = np.logical_or.reduceat(at_work[order], starts)
    wearers, first = np.unique(worn[order][starts], return_index=True)
    found = np.zeros((roles, *at_work.shape[1:]))
    found[wearers] = np.add.reduceat(is_worn.astype(float), first)
    return found


def _spread(leavers: Floats) -> Floats:
    """Leavers to be replaced a month, (draws, 1): recruiting runs ahead and is spread evenly over the plan."""
    return leavers.sum(axis=0).mean(axis=-1, keepdims=True)


def _demand(inputs: Inputs, values: Mapping[str, Any]) -> Demand:
    """Orders by day, month and the weekday that service and warehouse are sized for, at `orders_times` the forecast."""
    scenario, profile, days = inputs.scenario, inputs.profile, inputs.days
    level = profile.level if scenario.orders_per_day is None else scenario.orders_per_day / inputs.year_factor
    month, weekday, closed = (days[column].to_numpy() for column in ("month", "weekday", "closed"))
    lift, names = np.ones((1, len(days))), days["lift"].to_numpy(object)
    for name in set(names) - {""}:
        worth = profile.lifts.get(name, values[name])
        lift = np.where(names == name, column(worth), lift)
    ordinary, orders = demand.daily_orders(
        profile,
        np.asarray(inputs.months.month)[month],
        month,
        weekday,
        closed,
        lift,
        orders_per_day=level,
        growth_per_month_share=scenario.growth_per_month_share,
        event_strength=scenario.event_strength,
    )
    if (top := orders.max()) > MOST_ORDERS:
        raise InputError(
            f"orders_per_day and growth_per_month_share lead to {top:,.0f} orders on a day of the plan; "
            f"it must be {MOST_ORDERS:,.0f} at most"
        )
    starts = np.flatnonzero(np.diff(month, prepend=-1))
    total = np.add.reduceat(orders, starts, axis=-1)
    excess = np.add.reduceat(np.maximum(orders - ordinary, 0), starts, axis=-1)
    share = np.divide(excess, total, out=np.zeros_like(total), where=total > 0)
    if not scenario.history:
        profile = replace(profile, variation=values["day_spread"])
    busy = np.reshape(profile.busy_day_factor(scenario.busy_day_quantile), (-1, 1, 1))
    open_days = np.bincount(
        month * 7 + weekday, weights=~closed & (profile.weekday[weekday] > 0), minlength=7 * len(inputs.months)
    ).astype(float)
    mean, peak = demand.sizing_days(ordinary, orders, month, weekday, closed)
    times = np.broadcast_to(inputs.orders_times, (len(inputs.orders_times), len(inputs.months)))
    busy_times = busy[..., 0] * times
    return Demand(
        ordinary,
        orders * times[:, month],
        total * times,
        share,
        open_days.reshape(-1, 7),
        busy,
        mean,
        busy_times,
        busy_times[..., None] * mean,
        busy_times[..., None] * np.maximum(mean, peak),
    )


def _minutes(inputs: Inputs, values: Mapping[str, Any]) -> list[Any]:
    """Minutes per unit of each duty; a rate per person and month counts the hours its role really works."""
    basis = inputs.assumptions.rows(inputs.scenario.region)["basis"].to_dict()
    shrinkage = inputs.assumptions.role_columns["shrinkage"]
    month = values["hours_per_day"] * values["working_days_per_month"]
    return [
        workload.minutes_per_unit(
            basis[rate],
            values[rate],
            hours_per_day=values["hours_per_day"],
            productive_hours_per_month=month * (1 - values[shrinkage[role]]),
        )
        for rate, role in zip(inputs.duties["rate"], inputs.duties["role"], strict=True)
    ]


def _needs_people(inputs: Inputs) -> set[str]:
    """The drivers that follow from heads or recruitments."""
    found = {"heads", "recruitments"}
    for driver, formula in inputs.assumptions.drivers["formula"].items():
        if formula and found & set(names_in(formula)):
            found.add(str(driver))
    return found


def _one_owner(roles: list[str], role_fte: Floats) -> Floats:
    """There is one owner: what does not fit is the work of a hired operations head."""
    if "owner" not in roles:
        return role_fte
    owner, head = roles.index("owner"), roles.index("shop_manager")
    over = np.maximum(role_fte[owner] - 1, 0)
    role_fte[owner] -= over
    role_fte[head] += over
    return role_fte
