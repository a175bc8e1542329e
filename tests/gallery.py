"""Every chart of ecteam over a shop, as notebooks and reports show it: name -> (chart, what it shows, height)."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecteam import choices, day, defences, load_scenario, make_plan, time_machine
from ecteam.hiring_of import hiring_of
from ecteam.plan import Plan
from ecteam.uncertainty import how_sure
from ecteam.view import (
    charts,
    checkpoint_charts,
    cost_charts,
    day_charts,
    decision_charts,
    fleet_charts,
    hiring_charts,
    pay_charts,
    stage_charts,
    uncertainty_charts,
)

SHOPS = ("tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk")
Shown = tuple[Callable[..., Axes], tuple[Any, ...], float]
LOW = 3.4


@cache
def plan_of(shop: str) -> Plan:
    return make_plan(load_scenario(shop))


@cache
def gallery(shop: str) -> dict[str, Shown]:
    plan = plan_of(shop)
    cut = plan.organised().checkpoints
    sure = how_sure(plan, draws=60, seed=1)
    role = plan.team.groupby("role", sort=False)["heads"].sum().idxmax()
    currency = plan.scenario.currency
    salaries = np.arange(3_000, 60_001, 250.0) if currency == "CNY" else np.arange(500, 8_001, 50.0)
    own = {"loss_per_bad_order": 100, "margin_per_order": 30, "defect_share": 0.02}
    shown: dict[str, Shown] = {
        "work": (charts.work_by_department, (plan,), LOW),
        "heads": (charts.heads_per_month, (plan,), LOW),
        "cost": (charts.cost_by_item, (plan,), LOW),
        "cost, tall": (charts.cost_by_item, (plan,), 4.2),
        "orders": (charts.orders_per_day, (plan,), LOW),
        "salary to cost": (cost_charts.from_salary_to_full_cost, (plan, role), 4.2),
        "burden": (cost_charts.burden_by_city, (salaries, date(2026, 7, 1), currency), 4.2),
        "payroll": (pay_charts.payroll_by_level, (plan,), LOW),
        "payroll, no pay": (pay_charts.payroll_by_level, (plan, False), LOW),
        "who gains": (pay_charts.who_gains, (plan,), 4.2),
        "checkpoints": (checkpoint_charts.gantt, (cut,), checkpoint_charts.gantt_height(cut)),
        "heads fan": (uncertainty_charts.heads_fan, (sure,), LOW),
        "cost fan": (uncertainty_charts.cost_fan, (sure,), LOW),
        "tornado": (uncertainty_charts.tornado, (sure,), 4.6),
        "chance": (uncertainty_charts.chance_grid, (sure,), uncertainty_charts.grid_height(sure)),
        "defenders": (decision_charts.expected_loss, (defences.all_defences(plan, **own), currency), 2.8),
        "defenders, unknown": (decision_charts.expected_loss, (defences.all_defences(plan), currency), 2.8),
        "tipping points": (decision_charts.tipping_points, (time_machine.time_machine(plan),), 5.0),
    }
    for name, decision in choices.decide(plan).items():
        shown[f"break-even: {name}"] = (decision_charts.break_even, (decision,), LOW)
    return shown | _of_hiring(plan) | _of_days(plan) | _of_many()


@cache
def _of_many() -> dict[str, Shown]:
    stages = dict(zip(("startup", "growth", "maturity"), map(plan_of, SHOPS[:3]), strict=True))
    return {
        "stages": (stage_charts.shape_of_teams, (stages,), LOW),
        "fleet": (fleet_charts.cost_per_order, ({shop: plan_of(shop) for shop in SHOPS},), 4.4),
    }


def _of_hiring(plan: Plan) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    monthly = plan.totals()["cost_total"] / len(plan.months)
    for name, terms in {"": {}, ", cash": {"cash": 3 * monthly, "inflow_per_month": 0.6 * monthly}}.items():
        hiring = hiring_of(plan, gap=1e-2, **terms)
        shown[f"cash{name or ', none given'}"] = (hiring_charts.cash_by_month, (hiring,), LOW)
    role = next(one.role for one in hiring.terms if one.temp_cost_per_hour is not None)
    return shown | {
        "hires": (hiring_charts.hires_timeline, (hiring,), LOW),
        "cover": (hiring_charts.cover_of_work, (hiring,), LOW),
        "cover of a role": (hiring_charts.cover_of_work, (hiring, role), LOW),
        "temps or head": (hiring_charts.temps_or_head, (hiring, role), LOW),
    }


def _of_days(plan: Plan) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    ordinary, peak = day.ordinary_and_peak_day(plan)
    share = plan.scenario.reply_target_share
    for name, date_ in (("ordinary", ordinary), ("peak", peak)):
        if plan.results.desks:
            desk = day.desk_day(plan, date_)
            played = day.rehearse_desk_day(plan, desk, replications=12)
            shown[f"desk, {name}"] = (day_charts.desk_hours, (desk,), LOW)
            shown[f"desk rehearsed, {name}"] = (day_charts.desk_rehearsed, (desk, played, share), LOW)
        if plan.results.crews:
            crew = day.warehouse_day(plan, date_)
            stored = day.rehearse_warehouse_day(plan, crew, replications=12)
            shown[f"backlog, {name}"] = (day_charts.warehouse_backlog, (crew, stored), LOW)
    beside = day.rules_of_thumb(plan, ordinary)
    for task, rows in beside.groupby("task", sort=False):
        shown[f"rules, {task}"] = (day_charts.rules_of_thumb, (rows, rows["model_people"].iloc[0]), 4.6)
    return shown
