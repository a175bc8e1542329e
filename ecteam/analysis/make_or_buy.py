"""Make, buy or wait: the decisions of a plan, each with its break-even and the range in which the answer flips."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from ecteam.analysis import options
from ecteam.analysis.options import (
    Decision,
    Floats,
    bearing_keys,
    flat,
    head_cost_per_month,
    hours_per_head,
    one_at_a_time,
    spanning_rows,
    weigh,
    with_choices,
)
from ecteam.analysis.sensitivity import cash_cost
from ecteam.inputs.arguments import whole
from ecteam.inputs.calendar_units import DAYS_PER_MONTH, MINUTES_PER_HOUR
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Note
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, values_of
from ecteam.plan.solution import Solution
from ecteam.plan.solve import hours_of_an_outside_desk, solve

STANDARDISERS = {"people": "hr_specialist", "finance": "accountant", "technology": "it_support"}
"""Post of a standardiser -> who is hired for it."""
CHATS = ("presale_chats", "insale_chats", "aftersale_chats")
METHODS = {"warehouse": "deadline", "service": "queue"}


def shop_system(plan: Plan, years: float = 3) -> Decision:
    """A bought shop system, own technology (built once, over `years`), or a bought system with own connections?

    Own technology saves the fee on orders and the hand work between systems; whole developers keep it running.

    >>> from ecteam import load_scenario, make_plan
    >>> shop_system(make_plan(load_scenario("tea_shop_startup"))).best
    'bought_system'
    """
    if not years > 0:
        raise InputError(f"years is {years:g}; it must be more than 0 years")
    return weigh(
        "shop_system",
        plan,
        partial(_shop_system, years=years),
        bearing_keys(plan.inputs, ["technology", "operations"], "shop_system"),
        present="own_technology" if plan.scenario.own_technology else "bought_system",
        notes=(Note("own_system_weighed", years=years, n=plan.scenario.channels),),
    )


def _shop_system(inputs: Inputs, values: Mapping[str, Any], years: float) -> dict[str, Floats]:
    shop = inputs.scenario
    orders = inputs.orders_per_day * inputs.orders_times.mean(axis=-1) * DAYS_PER_MONTH
    of = partial(flat, values)
    developer = head_cost_per_month(inputs, values, "developer")
    clerk_hour = head_cost_per_month(inputs, values, "ops_specialist") / hours_per_head(
        inputs, values, "ops_specialist"
    )
    day = developer / inputs.working_days.mean()
    fee = of("shop_system_fee_share") * shop.average_order_value
    hand = of("hand_minutes_per_order") / MINUTES_PER_HOUR * clerk_hour
    automated = hand * (1 - of("automated_share"))
    upkeep = shop.channels * of("channel_upkeep_days") / inputs.working_days.mean()
    total = partial(options.cost_per_month, units_per_month=orders, years=years)
    return {
        "bought_system": total(0.0, of("shop_system_cost"), fee + hand),
        "own_technology": total(
            of("own_shop_build_days") * day,
            whole(of("own_shop_upkeep_developers")) * developer + of("server_cost"),
            automated,
        ),
        "bought_and_connected": total(
            of("connection_build_days") * shop.channels * day,
            of("shop_system_cost") + np.maximum(whole(upkeep), 1) * developer + of("server_cost"),
            fee + automated,
        ),
    }


def shipping(plan: Plan) -> Decision:
    """Ship oneself, through a logistics company, or have suppliers ship: what does shipping cost?

    The own warehouse is the plan with it less the plan without it, so that the HR, leading and rent it brings count.
    """
    return weigh(
        "shipping",
        plan,
        _shipping,
        bearing_keys(plan.inputs, ["stock_keeping"], "shipping"),
        present="own_warehouse" if plan.scenario.self_shipping else "logistics_company",
        notes=(
            Note("carriage_left_out"),
            *([Note("pallets_as_parcels")] if plan.scenario.pallets_per_month else []),
        ),
    )


def _shipping(inputs: Inputs, values: Mapping[str, Any]) -> dict[str, Floats]:
    months = len(inputs.months)
    own = solve(with_choices(inputs, self_shipping=True), values).results
    bought = solve(with_choices(inputs, self_shipping=False), values).results
    fees = bought.items["logistics_company"].sum(axis=-1) / months
    orders = bought.demand.orders.sum(axis=-1) / months
    return {
        "dropship": orders * inputs.scenario.average_order_value * flat(values, "dropship_margin_share"),
        "logistics_company": fees,
        "own_warehouse": (cash_cost(own) - cash_cost(bought)) / months + fees,
    }


def service_desk(plan: Plan) -> Decision:
    """Answer chats oneself, or pay for outsourced seats, shared seats, or by the chat?

    The own desk is the plan with its chats less the plan without any.
    """
    return weigh(
        "service_desk",
        plan,
        _service_desk,
        bearing_keys(plan.inputs, ["customer_service"], "service_desk"),
        present="own_desk" if plan.scenario.outsourced_service_share < 1 else "outsourced_seats",
        notes=(Note("lost_sales_left_out"),),
    )


def _service_desk(inputs: Inputs, values: Mapping[str, Any]) -> dict[str, Floats]:
    months, of = len(inputs.months), partial(flat, values)
    own = solve(inputs, values).results
    silent = {f"{chats}_per_order": 0.0 for chats in CHATS}
    rest = solve(with_choices(inputs, dedicated_desk=False), dict(values) | silent).results
    chats = sum(np.asarray(own.amounts[name]) for name in CHATS)
    lead_hour = head_cost_per_month(inputs, values, "cs_manager") / hours_per_head(inputs, values, "cs_manager")
    own_desk = (cash_cost(own) - cash_cost(rest)) / months
    return {"own_desk": own_desk} | options.outsourced_desk(
        chats,
        hours_of_an_outside_desk(inputs, values, own.demand),
        seat_cost=of("outsourced_seat_cost"),
        seat_hours=of("outsourced_seat_hours"),
        shared_cost=of("shared_seat_cost"),
        shared_chats=of("shared_seat_chats"),
        chat_price=of("outsourced_chat_price"),
        lead_cost_per_chat=of("outsourced_lead_minutes_per_chat") / MINUTES_PER_HOUR * lead_hour,
    )


def event_peak(plan: Plan, work: Literal["warehouse", "service"] = "warehouse") -> Decision:
    """Temps, overtime, hires or nobody for the largest event of a plan, the month with the most work above an ordinary
    day?

    Costs are per event. Raises `InputError` where the plan has no event.
    """
    if work not in METHODS:
        raise InputError(f"work is {work!r}; it must be one of {', '.join(METHODS)}")
    lifted = plan.days[_lifted(plan)]
    if lifted.empty:
        raise InputError("the plan has no day with more orders than an ordinary one: there is no event to decide for")
    if METHODS[work] not in set(plan.inputs.duties["method"]):
        raise InputError("self_shipping is false; the shop has no warehouse work to decide for")
    above = (lifted["orders"] - lifted["ordinary_orders"]).groupby(lifted["month"]).sum()
    month = int(plan.months.get_loc(above.idxmax()))
    days = int((lifted["month"] == above.idxmax()).sum())
    return weigh(
        f"event_{work}",
        plan,
        partial(_event_peak, work=work, month=month, days=days),
        bearing_keys(plan.inputs, ["stock_keeping" if work == "warehouse" else "customer_service"], "event"),
        # Without temps the plan's own people are enough for the busiest day.
        present="temps" if plan.scenario.temps_on_event_days else "hires",
        per="event",
        notes=(Note("event_days_weighed", month=str(above.idxmax()), n=days),),
    )


def _event_peak(inputs: Inputs, values: Mapping[str, Any], work: str, month: int, days: int) -> dict[str, Floats]:
    of = partial(flat, values)
    solution = solve(with_choices(inputs, temps_on_event_days=True), values)
    inputs, results = solution.inputs, solution.results
    at_work = (inputs.duties["method"] == METHODS[work]).to_numpy()
    hours = (results.hours[at_work, :, month] * results.demand.event_share[:, month]).sum(axis=0)
    orders = results.demand.orders[:, month] * results.demand.event_share[:, month]
    role = {"warehouse": "warehouse_keeper", "service": "cs_agent"}[work]
    worn = [results.roles.index(r) for r in dict.fromkeys(inputs.duties.loc[at_work, "worn_by"])]
    heads = results.heads[worn, :, month].sum(axis=0)
    head, month_hours = head_cost_per_month(inputs, values, role), hours_per_head(inputs, values, role)
    # Overtime is paid on the wage: it moves no contributions, and it is worked, so nothing is lost to leave.
    gross = of(f"pay_{role}") * of(PLACES[inputs.scenario.city]["pay_level"])
    paid_hours = of("hours_per_day") * of("working_days_per_month")
    return options.peak_cost(
        hours,
        orders,
        pay_per_hour=gross / paid_hours,
        temp_pay_per_hour=of(f"temp_{work}_pay_per_hour"),
        temp_agency_share=of("temp_agency_share"),
        temp_productivity=of("temp_productivity"),
        overtime_factor=of("peak_overtime_factor"),
        overtime_hours_most=heads * of("peak_overtime_hours"),
        hours_per_head=month_hours * days / inputs.months[month].days_in_month,
        head_cost_per_month=head,
        hire_cost=of(str(inputs.assumptions.roles.loc[role, "hire_cost"])),
        months_kept=of("peak_hire_months"),
        late_cost_per_order=of("late_order_cost"),
    )


def first_hires(plan: Plan) -> pd.DataFrame:
    """Do the first heads of HR, finance and technology pay: the hours they save against what they cost?

    post, role, heads (now), hours_per_month (of the post's duties at the growth stage), friction_pairs (of people for
    HR, of channels for the others), value_per_month, cost_per_month, break_even_heads, break_even_low and
    break_even_high and net_low, net, net_high (each assumption alone at its low and high figure), moved_by (the key
    that moves the net most), answer (hire, part_time, measure_first, not_yet). An hour is worth what it costs in the
    hands of the operations head.
    """
    among = bearing_keys(plan.inputs, list(STANDARDISERS), "first_hires")
    rows, table = spanning_rows(plan, among), plan.assumptions.numbers
    ends = one_at_a_time(plan.assumptions, rows)
    ends = ends.with_draws(np.hstack([plan.assumptions.draws[:, :1], ends.draws]))
    stage = "growth" if plan.scenario.stage == "startup" else plan.scenario.stage
    inputs = with_choices(replace(plan.inputs, assumptions=ends), stage=stage, hats="specialists")
    solution = solve(inputs, values_of(inputs))
    here = float(plan.team.groupby("month", sort=False)["heads"].sum().max())
    posts = []
    for post, role in STANDARDISERS.items():
        terms = _standardiser(post, role, solution)
        fixed, per_head = (float(np.ravel(hours)[0]) for hours in (terms.hours_fixed, terms.hours_per_head_on_board))
        spent = head_cost_per_month(inputs, solution.values, role)
        net, at = terms.value(here) - spent, terms.break_even(spent)
        moves = np.abs(net[1 : len(rows) + 1] - net[len(rows) + 1 :])
        posts.append(
            {
                "post": post,
                "role": role,
                "heads": int(here),
                "hours_per_month": fixed + per_head * here,
                "friction_pairs": float(options.pairs(here if post == "people" else plan.scenario.channels)),
                "value_per_month": float(net[0] + spent[0]),
                "cost_per_month": float(spent[0]),
                "break_even_heads": float(at[0]),
                "break_even_low": float(at.min()),
                "break_even_high": float(at.max()),
                "net_low": float(net.min()),
                "net": float(net[0]),
                "net_high": float(net.max()),
                "moved_by": str(table["key"].iloc[rows[int(moves.argmax())]]),
                "answer": options.answer(float(net.min()), float(net[0]), float(net.max())),
            }
        )
    return pd.DataFrame(posts)


def _standardiser(post: str, role: str, solution: Solution) -> options.Standardiser:
    inputs, values, results = solution.inputs, solution.values, solution.results
    of, duties = partial(flat, values), inputs.duties
    of_post = ((duties["post"] == post) & (duties["when"] == "")).to_numpy()
    by_heads = of_post & duties["driver"].isin(inputs.assumptions.drivers_of_people).to_numpy()
    mean_hours = np.asarray(results.hours).mean(axis=-1)
    people = results.heads.sum(axis=0).mean(axis=-1)
    fixed, per_head = mean_hours[of_post & ~by_heads].sum(axis=0), mean_hours[by_heads].sum(axis=0) / people
    channel_friction = of("friction_removed_share") * of("friction_hours_per_channel_pair")
    if post != "people":
        fixed = fixed + channel_friction * options.pairs(inputs.scenario.channels)
    pair = of("friction_minutes_per_pair") / MINUTES_PER_HOUR if post == "people" else np.zeros(1)
    manager = head_cost_per_month(inputs, values, "shop_manager") / hours_per_head(inputs, values, "shop_manager")
    return options.Standardiser(
        fixed, per_head, pair, of("friction_removed_share"), manager, hours_per_head(inputs, values, role)
    )


def _lifted(plan: Plan) -> pd.Series:
    """Which days have more orders than an ordinary one."""
    return plan.days["orders"] > plan.days["ordinary_orders"] * (1 + 1e-9)


def decide(plan: Plan) -> dict[str, Decision]:
    """The decisions of a plan that have options to weigh, by name; an event only where the plan has one."""
    weighed = {"shop_system": shop_system(plan), "shipping": shipping(plan), "service_desk": service_desk(plan)}
    if _lifted(plan).any() and plan.scenario.self_shipping:
        weighed["event_warehouse"] = event_peak(plan)
    return weighed
