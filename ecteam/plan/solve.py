"""From a shop and the values of its assumptions to orders, work, people and cost: six steps, one after the other.

`(draws, months)` is the shape of everything; one case is one draw. `plan.py` turns one case into tables for people,
`uncertainty.py` asks for many draws at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import whole
from ecteam.inputs.assumptions import formula_function
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError
from ecteam.organisation.rules import read_rules
from ecteam.people.cover import cover, limits, people
from ecteam.people.hats import pass_on, wearers
from ecteam.plan.cost import cost_items, prices_of_cover
from ecteam.plan.people import kept_apart, skills
from ecteam.plan.prepare import Inputs, column, of_roles, values_of
from ecteam.plan.solution import Bools, Floats, OneTeam, Presence, Results, Solution
from ecteam.plan.staffing import Demand, staff_crews, staff_desks
from ecteam.staffing import forecast, headcount, workload

MOST_ROUNDS = 60
ROUNDS_OF_HATS = 3
"""Work that heads cause is a small part of all: after so many rounds its own share of itself is below a thousandth."""
MOST_ORDERS = 1e7
"""More orders a day than any shop has had."""
MOST_HEADS = 1e6
"""More heads than any shop has: the loop has run away."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """How much work the orders cause, before anybody is there to do it: a team causes no work yet.

    amounts : driver -> how often; minutes : per unit of each duty; hours, temp_work : (duties, draws, months), in all
    and by temps on event days
    roles : those with duties; role_numbers : of the role that does each duty, (duties,)
    amounts_with : the amounts once there are heads and recruitments
    """

    amounts: Mapping[str, Any]
    minutes: list[Any]
    hours: Floats
    temp_work: Floats
    roles: list[str]
    role_numbers: npt.NDArray[np.intp]
    amounts_with: Callable[[Any, Any], Mapping[str, Any]]

    def by_role(self, of_duties: Floats) -> Floats:
        """(duties, draws, months) added up to (roles, draws, months)."""
        return np.asarray(np.einsum("dr,dnm->rnm", np.eye(len(self.roles))[self.role_numbers], of_duties))


def solve(
    inputs: Inputs, values: Mapping[str, Any], *, team: Results | None = None, all_settle: bool = True
) -> Solution:
    """Which team does the work of this shop take, month by month, and what does it cost?

    Raises `InputError` where the headcount does not converge: then each head asks for more than one further head. With
    `all_settle` false such draws are marked in `settled` instead, and what they hold means nothing. `team` asks besides
    which people the work of each draw needs if those are those of another, solved plan: its heads and hires cause
    the HR and IT work.
    """
    inputs = with_hats(inputs)
    orders = forecast_orders(inputs, values)
    work = work_of_orders(inputs, values, orders)
    presence = people_at_once(inputs, values, orders, work)
    one_team = team_for_the_work(inputs, values, work, presence, given=team, all_settle=all_settle)
    joiners = hires_and_temps(inputs, values, work, one_team)
    team_of_roles = {"heads": one_team.heads, "employed_fte": one_team.employed_fte}
    cost = cost_items(
        inputs,
        values,
        work.roles,
        **team_of_roles,
        **joiners,
        amounts=one_team.amounts,
        outside_hours=presence.outside_hours,
    )
    # Hours and amounts of a later step hold: those with the team there.
    results = {
        **{"demand": orders, "minutes": work.minutes, "temp_work": work.temp_work, "roles": work.roles, "items": cost},
        **vars(presence), **vars(one_team), **joiners,
    }  # fmt: skip
    return Solution(inputs=inputs, values=values, results=Results(**results))


SCHEMES = ("departments", "five_posts", "two_posts")
"""Who wears a trade that does not fill a person: the nearest trade first, then as in a shop of five posts, and at last
whoever does nearly everything beside the owner."""


@cache
def _same_hour() -> tuple[tuple[str, str], ...]:
    """Pairs of duties of the same hour: whoever does one cannot do the other."""
    pairs = read_rules().keep_apart
    return tuple(pairs.loc[pairs["same_hour"] == "yes", ["duty_a", "duty_b"]].itertuples(index=False, name=None))


def with_hats(inputs: Inputs) -> Inputs:
    """The same shop with whoever wears the hats of each trade, where its scenario leaves that open.

    By the work of the busiest month at typical figures: draws and decisions change heads, not the division of work.
    Trades that stand at a desk or a crew together are split from `trade_team_fte` on only: each would need its own
    people on shift.
    """
    if inputs.hats_settled:
        return inputs
    typical = replace(inputs, assumptions=inputs.assumptions.at_typical(), orders_times=np.ones((1, 1)))
    return inputs.wearing(hats_by_case(typical, values_of(typical))[0])


def hats_by_case(inputs: Inputs, values: Mapping[str, Any]) -> list[pd.Series]:
    """Duty -> whose people do it, for each draw of orders and values, as `with_hats` finds it for a shop."""
    inputs = inputs.wearing(inputs.duties["role"])
    orders = forecast_orders(inputs, values)
    work = work_of_orders(inputs, values, orders)
    cases_of: dict[tuple[str, ...], list[int]] = {}
    trades = _trades_by_case(inputs, values, work)
    for case, hats in enumerate(trades):
        cases_of.setdefault(tuple(hats[trade] for trade in inputs.duties["role"]), []).append(case)
    found: dict[int, pd.Series] = {}
    for worn, cases in cases_of.items():
        shop, at = inputs.wearing(pd.Series(worn, inputs.duties.index)), values
        if len(cases_of) > 1:
            times = inputs.orders_times[cases] if len(inputs.orders_times) > 1 else inputs.orders_times
            at = {name: value[cases] if np.size(value) > 1 else value for name, value in values.items()}
            shop = replace(shop, orders_times=times)
            orders = forecast_orders(shop, at)
            work = work_of_orders(shop, at, orders)
        found |= zip(cases, _without_rests(shop, at, orders, as_worn(shop, orders, work)), strict=True)
    return [found[case] for case in range(len(trades))]


def _without_rests(inputs: Inputs, values: Mapping[str, Any], orders: Demand, work: Work) -> list[pd.Series]:
    """Duty -> whose people do it, for each draw, once the little that would take a person more is passed on.

    What hangs on the heads stays where it is, and so do desks and crews, what can be bought, and the pairs of duties
    that are kept apart or done in the same hour.
    """
    duties, roles, can = inputs.duties, work.roles, skills(inputs)
    presence = people_at_once(inputs, values, orders, work)
    team = team_for_the_work(inputs, values, work, presence, all_settle=False)
    is_bought = [inputs.scenario.buys(inputs.assumptions.role_columns["bought"][role]) for role in roles]
    of_bought = duties["worn_by"].isin([role for role, buys in zip(roles, is_bought, strict=True) if buys])
    pairs = kept_apart(inputs)
    together = [*pairs["duty_b"], *(duty for pair in _same_hour() for duty in pair)]
    stays = duties["driver"].isin(inputs.assumptions.drivers_of_people) | (duties["method"] != "volume") | of_bought
    may = np.stack([duties["post"].isin(can[role]) for role in roles], axis=1) & ~np.array(is_bought)
    may &= ~(stays | duties.index.isin(together)).to_numpy()[:, None]
    for duty, other in zip(pairs["duty_a"], pairs["duty_b"], strict=True):
        may[duties.index.get_loc(duty), roles.index(duties.loc[other, "worn_by"])] = False

    shrinkage = of_roles(inputs, values, roles, "shrinkage")
    fte = headcount.fte(work.by_role(team.staffed_hours) + team.answering_hours, team.paid_hours, shrinkage)
    fte = fte + team.changing_fte + column(values["hat_loss_share"]) * team.answering_posts
    hours_of_a_head = np.broadcast_to(team.paid_hours * (1 - shrinkage), fte.shape)
    most, below, loss = (float(values[key]) for key in ("owner_most_fte", "generalist_below_fte", "hat_loss_share"))
    without_rests = partial(
        pass_on,
        work.role_numbers,
        may=may,
        most_of_one=np.array([most if role == "owner" else np.inf for role in roles]),
        below_fte=below,
        hat_loss_share=loss,
        posts=duties["post"].factorize()[0],
    )
    by_case = (array.swapaxes(0, 1) for array in (team.staffed_hours, fte, hours_of_a_head, presence.on_shift))
    found = (without_rests(hours, fte, full, at_once=there) for hours, fte, full, there in zip(*by_case, strict=True))
    return [pd.Series(np.array(roles, dtype=object)[worn], duties.index) for worn in found]


def _trades_by_case(inputs: Inputs, values: Mapping[str, Any], work: Work) -> list[dict[str, str]]:
    """Trade -> whose people do its work, for each draw of orders and values."""
    trades = inputs.duties["role"]
    of_owner = inputs.duties["post"].isin(skills(inputs)["owner"])
    paid_hours = column(values["hours_per_day"] * values["working_days_per_month"])
    shrinkage = of_roles(inputs, values, work.roles, "shrinkage")
    hours, fte = work.hours - work.temp_work, np.zeros((len(work.roles), 1, len(inputs.months)))
    drivers_of_people = inputs.assumptions.drivers_of_people
    caused_by_people = [i for i, driver in enumerate(inputs.duties["driver"]) if driver in drivers_of_people]
    for _ in range(ROUNDS_OF_HATS):
        hired = (fte * _leaving_share(inputs, values, work.roles)).sum(axis=0)
        amounts = work.amounts_with(fte.sum(axis=0), hired)
        for i in caused_by_people:
            hours[i] = workload.duty_hours(amounts[inputs.duties["driver"].iloc[i]], work.minutes[i])
        fte = headcount.fte(work.by_role(hours), paid_hours, shrinkage)
    nearest, smallest, two = (inputs.assumptions.role_columns[scheme] for scheme in SCHEMES)
    at_once = {role for role in trades[inputs.duties["method"].isin(["queue", "deadline"])] if nearest[role] != role}
    found: Callable[[dict[str, float]], dict[str, str]] = partial(
        wearers,
        own_from_fte={role: float(values["trade_team_fte"]) if role in at_once else 1.0 for role in nearest},
        schemes=[nearest, smallest],
        generalists={trade: smallest[two[trade]] for trade in work.roles},
        generalist_below_fte=float(values["generalist_below_fte"]),
        owner_most_fte=float(values["owner_most_fte"]),
        hat_loss_share=float(values["hat_loss_share"]),
        can_be_bought=[
            role for role in work.roles if inputs.scenario.buys(inputs.assumptions.role_columns["bought"][role])
        ],
        # What an operations head can do goes to one.
        owner_only=set(trades[~inputs.duties["post"].isin(skills(inputs)["shop_manager"])]),
        owner_can=set(trades) - set(trades[~of_owner]),
    )
    same_hour = [(trades.get(host, ""), trades.get(control, "")) for host, control in _same_hour()]
    all_hats = []
    for peak in fte.max(axis=2).T.tolist():
        trades_fte = dict(zip(work.roles, peak, strict=True))
        hats = found(trades_fte)
        # One person cannot be on air and run the room: with a host who is alone, the owner does.
        for host, control in same_hour:
            alone = sum(fte for trade, fte in trades_fte.items() if hats[trade] == hats.get(host)) <= 1
            if host in hats and control in hats and hats[host] == hats[control] and alone and trades_fte[control] > 0:
                hats[control] = "owner"
        all_hats.append(hats)
    return all_hats


def forecast_orders(inputs: Inputs, values: Mapping[str, Any]) -> Demand:
    """How many orders come by day and month, and on the weekdays that service and warehouse are sized for?

    At `orders_times` their forecast, which is 1 but where `uncertainty` draws it.
    """
    scenario, profile, days = inputs.scenario, inputs.profile, inputs.days
    month, weekday, closed = (days[column].to_numpy() for column in ("month", "weekday", "closed"))
    lift, names = np.ones((1, len(days))), days["lift"].to_numpy(object)
    for name in set(names) - {""}:
        lift = np.where(names == name, column(profile.lifts[name] if name in profile.lifts else values[name]), lift)
    ordinary, orders = forecast.daily_orders(
        profile,
        np.asarray(inputs.months.month)[month],
        inputs.growth[month],
        weekday,
        closed,
        lift,
        orders_per_day=inputs.orders_per_day / inputs.year_factor,
        event_strength=scenario.event_strength,
    )
    if inputs.own_days is not None:
        ordinary, orders = inputs.own_days, forecast.with_events(inputs.own_days, lift, scenario.event_strength)
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
        month * 7 + weekday,
        weights=~closed & ((profile.weekday[weekday] > 0) | (ordinary > 0)),
        minlength=7 * len(inputs.months),
    ).astype(float)
    mean, peak = forecast.sizing_days(ordinary, orders, month, weekday, closed)
    times = np.broadcast_to(inputs.orders_times, (len(inputs.orders_times), len(inputs.months)))
    busy_times = busy[..., 0] * times
    return Demand(
        ordinary_by_day=ordinary,
        by_day=orders * times[:, month],
        orders=total * times,
        event_share=share,
        open_days=open_days.reshape(-1, 7),
        busy_day_factor=busy,
        week=mean,
        busy_times=busy_times,
        busy=busy_times[..., None] * mean,
        busiest=busy_times[..., None] * np.maximum(mean, peak),
    )


def work_of_orders(inputs: Inputs, values: Mapping[str, Any], orders: Demand) -> Work:
    """How many hours of each duty do the orders cause, and how many of them do temps?"""
    duties = inputs.duties
    shape = np.broadcast_shapes(orders.orders.shape, *(np.shape(v) for v in values.values()))
    formulas = [
        (str(name), formula_function(text) if text else None)
        for name, text in inputs.assumptions.drivers["formula"].items()
    ]

    def amounts_with(heads: Any, recruitments: Any) -> Mapping[str, Any]:
        causes = {"orders": orders.orders, "months": 1.0, "heads": heads, "recruitments": recruitments}
        return workload.driver_amounts(formulas, {**values, **causes})

    amounts, minutes = amounts_with(0.0, 0.0), _minutes(inputs, values)
    hours = np.stack(
        [
            np.broadcast_to(workload.duty_hours(amounts[driver], each), shape)
            for driver, each in zip(duties["driver"], minutes, strict=True)
        ]
    )
    work = Work(
        amounts=amounts,
        minutes=minutes,
        hours=hours,
        temp_work=np.zeros_like(hours),
        roles=[],
        role_numbers=np.zeros(len(hours), dtype=np.intp),
        amounts_with=amounts_with,
    )
    return as_worn(inputs, orders, work)


def as_worn(inputs: Inputs, orders: Demand, work: Work) -> Work:
    """The same work, done by those who wear its hats now."""
    duties = inputs.duties
    with_duties = {*duties["worn_by"], "shop_manager"}
    roles = [role for role in inputs.assumptions.roles.index if role in with_duties]
    role_numbers = np.array([roles.index(role) for role in duties["worn_by"]])
    has_temps = np.array([inputs.assumptions.role_columns["temp_pay"][role] != "" for role in roles])[role_numbers]
    at_peaks = duties["method"].isin(["queue", "deadline"]).to_numpy() & inputs.scenario.temps_on_event_days
    temp_work = work.hours * orders.event_share * (has_temps & at_peaks)[:, None, None]
    return replace(work, temp_work=temp_work, roles=roles, role_numbers=role_numbers)


def people_at_once(inputs: Inputs, values: Mapping[str, Any], orders: Demand, work: Work) -> Presence:
    """Who must sit at the service desk and stand in the warehouse at the same time?"""
    permanent = work.hours - work.temp_work
    staffed_hours, desks = staff_desks(inputs, values, work.amounts, work.minutes, permanent, orders)
    staffed_hours, crews = staff_crews(inputs, work.hours, staffed_hours, orders)
    on_shift = np.zeros((len(work.roles), *work.hours.shape[1:]))
    # Five on phones and three packing at the same hour are eight bodies.
    for role, crew in crews.items():
        on_shift[work.roles.index(role)] += whole(crew.people)
    for role, desk in desks.items():
        on_shift[work.roles.index(role)] += desk.most_agents
    names, wearers_of = inputs.duties.index, inputs.duties["worn_by"]
    for pair in _same_hour():
        together = {wearers_of.get(duty, "") for duty in pair}
        if len(together) > 1 or together & {"owner", ""}:
            continue
        role, places = together.pop(), [names.get_loc(duty) for duty in pair]
        live, at = work.hours[places].min(axis=0), work.roles.index(role)
        on_shift[at] = np.maximum(on_shift[at], 2 * (live > 0))
        # A second person who works part-time is there in all live hours.
        a_head = column(values["hours_per_day"] * values["working_days_per_month"])
        a_head = a_head * (1 - of_roles(inputs, values, [role], "shrinkage")[0])
        there = staffed_hours[(wearers_of == role).to_numpy()].sum(axis=0)
        staffed_hours[places[1]] += np.where(there > a_head, np.maximum(a_head + live - there, 0), 0)
    outside_hours = np.zeros(work.hours.shape[1:])
    if share := inputs.scenario.outsourced_service_share:
        outside_hours = hours_of_an_outside_desk(inputs, {**values, "outsourced_service_share": 1 - share}, orders)
    hours = {"staffed_hours": staffed_hours, "outside_hours": outside_hours}
    return Presence(desks=desks, crews=crews, on_shift=on_shift, **hours)


def hours_of_an_outside_desk(inputs: Inputs, values: Mapping[str, Any], orders: Demand) -> Floats:
    """Hours a month in which somebody sits at one desk for all chats that `values` leave to the shop, (draws, months):
    those in which they are busy or wait, by the shop's own promise, event days included."""
    queue = (inputs.duties["method"] == "queue").to_numpy()
    inputs = replace(inputs, duties=inputs.duties.assign(worn_by=inputs.duties["worn_by"].mask(queue, "cs_agent")))
    work = work_of_orders(inputs, values, orders)
    staffed, _ = staff_desks(inputs, values, work.amounts, work.minutes, work.hours - work.temp_work, orders)
    by_temps = work.temp_work[queue] / column(values["service_occupancy_max"])
    return np.asarray((staffed[queue] + by_temps).sum(axis=0))


def team_for_the_work(
    inputs: Inputs,
    values: Mapping[str, Any],
    work: Work,
    presence: Presence,
    *,
    given: Results | None = None,
    all_settle: bool = True,
) -> OneTeam:
    """How many heads of each role does the work take, if leading, hiring and equipping them is work too?

    A fixed point: the people for the work of so many heads are the heads of the next round, until they stay the same.
    What is left of a role's work is done part-time, bought or takes a head, whichever costs the least (`people.cover`).
    Heads of a role only grow inside a plan.
    """
    roles, drivers = work.roles, inputs.duties["driver"].tolist()
    paid_hours = column(values["hours_per_day"] * values["working_days_per_month"]) + np.zeros(len(inputs.months))
    shrinkage = of_roles(inputs, values, roles, "shrinkage")
    leaving_share = _leaving_share(inputs, values, roles)
    cover_limits = limits(**prices_of_cover(inputs, values, roles))
    caused_by_people = inputs.assumptions.drivers_of_people
    hired = _hired(roles)
    people_duties = [i for i, driver in enumerate(drivers) if driver in caused_by_people]
    post_numbers = inputs.duties["post"].factorize()[0]
    # What grows is the work, not the whole heads of a round: those jump, and a loop over them would swing.
    work_fte = headcount.fte(work.by_role(work.hours - work.temp_work), paid_hours, shrinkage)
    work_fte = np.maximum.accumulate(work_fte, axis=-1)
    growth = (work_fte[..., -1:] - work_fte[..., :1]).sum(axis=0) / max(work_fte.shape[-1] - 1, 1)

    # Whoever buys all of a duty answers for it, and works on it a little: as much as if nobody were there yet. Where
    # there is an operations head it is this one's: the owner approves the payments.
    answers = roles.index("shop_manager" if (inputs.duties["worn_by"] == "shop_manager").any() else "owner")
    answering_hours, answering_posts = np.zeros((2, len(roles), *work.hours.shape[1:]))
    bought = cover(work_fte, presence.on_shift, cover_limits).employed_fte == 0
    least = np.minimum(work.hours, column(values["owner_hours_per_month"])) * bought[work.role_numbers]
    answering_hours[answers] = least.sum(axis=0)
    answering_posts[answers] = _posts_of_roles(np.zeros(len(least), dtype=np.intp), post_numbers, 1, least > 0)[0]
    answering_fte = headcount.fte(answering_hours, paid_hours, shrinkage)
    answering_fte += column(values["hat_loss_share"]) * answering_posts

    def with_people(heads: Floats, growth: Floats) -> dict[str, Any]:
        """The work once so many people are there, and the team that it then takes: fields of `OneTeam`."""
        amounts = work.amounts_with(heads.sum(axis=0), growth + _leavers(heads * leaving_share))
        hours, staffed_hours = work.hours.copy(), presence.staffed_hours.copy()
        for i in people_duties:
            hours[i] = staffed_hours[i] = workload.duty_hours(amounts[drivers[i]], work.minutes[i])
        posts = _posts_of_roles(work.role_numbers, post_numbers, len(roles), staffed_hours > 0)
        changing_fte = headcount.changing_fte(posts, column(values["hat_loss_share"]))
        fte = headcount.fte(work.by_role(staffed_hours), paid_hours, shrinkage) + changing_fte + answering_fte
        fte = _one_owner(roles, fte, column(values["owner_most_fte"]))
        team = {"amounts": amounts, "hours": hours, "staffed_hours": staffed_hours}
        covered = cover(np.where(hired, fte, np.minimum(fte, 1)), presence.on_shift, cover_limits)
        lost = {"changing_fte": changing_fte, "answering_hours": answering_hours, "answering_posts": answering_posts}
        return team | lost | {"fte": fte} | covered._asdict()

    heads = np.zeros((len(roles), *work.hours.shape[1:]))
    for _ in range(MOST_ROUNDS):
        now = with_people(heads, growth)
        before, heads = heads, np.minimum(people(now["employed_fte"]), MOST_HEADS)
        if np.array_equal(before, heads):
            break
    settled = ((heads == before) & (heads < MOST_HEADS)).all(axis=(0, 2))
    if all_settle and not settled.all():
        raise InputError(
            "headcount does not converge: each hire creates more than one person's extra leading, HR, finance and IT "
            "work; look at leading_hours_per_head, hr_hours_per_head, it_hours_per_head and training_hours_per_hire"
        )
    needs = None if given is None else with_people(given.heads, given.growth)["needed_fte"]
    found = {"heads": heads, "growth": growth, "settled": settled, "team_needs_fte": needs}
    return OneTeam(**now, **found, paid_hours=paid_hours, cover_limits=cover_limits)


def hires_and_temps(inputs: Inputs, values: Mapping[str, Any], work: Work, team: OneTeam) -> dict[str, Floats]:
    """Who starts in which month, those who replace leavers included, and how many hours are paid to temps and bought?

    `hires`, `temp_hours` and `bought_hours`, (roles, draws, months).
    """
    heads = team.heads
    at_start = heads[..., :1] if inputs.scenario.team_in_place else 0.0
    starters = np.diff(heads, axis=-1, prepend=np.broadcast_to(at_start, heads[..., :1].shape))
    # Temps at a desk wait for chats as others do, up to the occupancy limit.
    at_desk = (inputs.duties["method"] == "queue").to_numpy()[:, None, None]
    paid_temps = work.temp_work / np.where(at_desk, column(values["service_occupancy_max"]), 1.0)
    return {
        "hires": _hired(work.roles) * starters + heads * _leaving_share(inputs, values, work.roles),
        "temp_hours": work.by_role(paid_temps) / values["temp_productivity"],
        "bought_hours": team.bought_fte * team.paid_hours * (1 - of_roles(inputs, values, work.roles, "shrinkage")),
    }


def _hired(roles: list[str]) -> Bools:
    """Who is hired, and may leave: all but the owner, (roles, 1, 1)."""
    return np.array([role != "owner" for role in roles])[:, None, None]


def _leaving_share(inputs: Inputs, values: Mapping[str, Any], roles: list[str]) -> Floats:
    """The share of a role's heads who leave in a month, (roles, draws or 1, 1)."""
    return np.asarray(_hired(roles) * of_roles(inputs, values, roles, "attrition") / MONTHS_PER_YEAR)


def _posts_of_roles(
    role_numbers: npt.NDArray[np.intp], post_numbers: npt.NDArray[np.intp], roles: int, at_work: Bools
) -> Floats:
    """At how many posts the people of each role work, (roles, draws, months); `at_work` (duties, draws, months).

    `role_numbers` and `post_numbers` (duties,): of the role that does a duty, and of its post.
    """
    order = np.lexsort((post_numbers, role_numbers))
    starts = np.flatnonzero(np.diff(role_numbers[order], prepend=-1) | np.diff(post_numbers[order], prepend=-1))
    is_worn = np.logical_or.reduceat(at_work[order], starts)
    wearers, first = np.unique(role_numbers[order][starts], return_index=True)
    posts = np.zeros((roles, *at_work.shape[1:]))
    posts[wearers] = np.add.reduceat(is_worn.astype(float), first)
    return posts


def _leavers(leavers: Floats) -> Floats:
    """Leavers to be replaced a month, (draws, 1): recruiting runs ahead and is spread evenly over the plan."""
    return np.asarray(leavers.sum(axis=0).mean(axis=-1, keepdims=True))


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


def _one_owner(roles: list[str], role_fte: Floats, most_fte: Floats) -> Floats:
    """There is one owner: what does not fit is the work of a hired operations head."""
    if "owner" not in roles:
        return role_fte
    owner, head = roles.index("owner"), roles.index("shop_manager")
    over, shared = np.maximum(role_fte[owner] - most_fte, 0), role_fte.copy()
    shared[owner] -= over
    shared[head] += over
    return shared
