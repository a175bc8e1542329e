"""Every chart of ecteam over a shop, as notebooks and reports show it: name -> (chart, what it shows, height)."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ecteam import load_scenario, make_plan
from ecteam.analysis import day, defenders, make_or_buy, tipping_points
from ecteam.analysis.uncertainty import how_sure
from ecteam.plan.hiring import hiring_of
from ecteam.plan.plan import Plan
from ecteam.view import accountability, decisions, fleet, lesson, pay, team, uncertainty
from ecteam.view import hiring as hiring_view

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
        "work": (team.work_by_department, (plan,), LOW),
        "heads": (team.heads_per_month, (plan,), LOW),
        "cost": (team.cost_by_item, (plan,), LOW),
        "cost, tall": (team.cost_by_item, (plan,), 4.2),
        "orders": (team.orders_per_day, (plan,), LOW),
        "salary to cost": (pay.from_salary_to_full_cost, (plan, role), 4.2),
        "burden": (pay.burden_by_city, (salaries, date(2026, 7, 1), currency), 4.2),
        "payroll": (pay.payroll_by_level, (plan,), LOW),
        "payroll, no pay": (pay.payroll_by_level, (plan, False), LOW),
        "who gains": (pay.who_gains, (plan,), 4.2),
        "checkpoints": (accountability.gantt, (cut,), accountability.gantt_height(cut)),
        "heads fan": (uncertainty.heads_fan, (sure,), LOW),
        "cost fan": (uncertainty.cost_fan, (sure,), LOW),
        "tornado": (uncertainty.tornado, (sure,), 4.6),
        "chance": (uncertainty.chance_grid, (sure,), uncertainty.grid_height(sure)),
        "defenders": (decisions.expected_loss, (defenders.all_defences(plan, **own), currency), 2.8),
        "defenders, unknown": (decisions.expected_loss, (defenders.all_defences(plan), currency), 2.8),
        "tipping points": (decisions.tipping_points, (tipping_points.time_machine(plan),), 5.0),
    }
    for name, decision in make_or_buy.decide(plan).items():
        shown[f"break-even: {name}"] = (decisions.break_even, (decision,), LOW)
    return shown | _of_hiring(plan) | _of_days(plan) | _of_many()


@cache
def _of_many() -> dict[str, Shown]:
    stages = dict(zip(("startup", "growth", "maturity"), map(plan_of, SHOPS[:3]), strict=True))
    return {
        "stages": (decisions.shape_of_teams, (stages,), LOW),
        "fleet": (fleet.cost_per_order, ({shop: plan_of(shop) for shop in SHOPS},), 4.4),
    }


def _of_hiring(plan: Plan) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    monthly = plan.totals["cost_total"] / len(plan.months)
    for name, terms in {"": {}, ", cash": {"cash": 3 * monthly, "inflow_per_month": 0.6 * monthly}}.items():
        hiring = hiring_of(plan, **terms)
        shown[f"cash{name or ', none given'}"] = (hiring_view.cash_by_month, (hiring,), LOW)
    role = hiring.hour_prices["temp_hour"].first_valid_index()
    return shown | {
        "hires": (hiring_view.hires_timeline, (hiring,), LOW),
        "cover": (hiring_view.cover_of_work, (hiring,), LOW),
        "cover of a role": (hiring_view.cover_of_work, (hiring, role), LOW),
        "temps or head": (hiring_view.temps_or_head, (hiring, role), LOW),
    }


def _of_days(plan: Plan) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    ordinary, peak = day.ordinary_and_peak_day(plan)
    share = plan.scenario.reply_target_share
    for name, date_ in (("ordinary", ordinary), ("peak", peak)):
        if plan.results.desks:
            desk = day.desk_day(plan, date_)
            played = day.rehearse_desk_day(plan, desk, replications=12)
            shown[f"desk, {name}"] = (lesson.desk_hours, (desk,), LOW)
            shown[f"desk rehearsed, {name}"] = (lesson.desk_rehearsed, (desk, played, share), LOW)
        if plan.results.crews:
            crew = day.warehouse_day(plan, date_)
            stored = day.rehearse_warehouse_day(plan, crew, replications=12)
            shown[f"backlog, {name}"] = (lesson.warehouse_backlog, (crew, stored), LOW)
    beside = day.rules_of_thumb(plan, ordinary)
    for task, rows in beside.groupby("task", sort=False):
        shown[f"rules, {task}"] = (lesson.rules_of_thumb, (rows, rows["model_people"].iloc[0]), 4.6)
    return shown
