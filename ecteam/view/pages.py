"""What an explorer shows of a plan: pictures, tables and pieces of a page, in order."""

from typing import Any

from ecteam import day
from ecteam.plan import Plan
from ecteam.uncertainty import how_sure
from ecteam.view import charts, cost_charts, day_charts, source_tables, tables, uncertainty_charts, uncertainty_tables
from ecteam.view.words import Language

DRAWS_WHILE_MOVING = 200
"""Draws behind a picture that follows a slider; a table to rely on takes more."""


def team_view(plan: Plan, lang: Language) -> list[Any]:
    """The answer in figures, what to know before relying on it, the team, heads, work and cost."""
    shown = (charts.heads_per_month, charts.work_by_department, charts.cost_by_item)
    return [
        tables.headline(plan, lang),
        tables.notes(plan, lang),
        tables.team(plan, lang),
        *(charts.picture(chart, plan, lang=lang) for chart in shown),
    ]


def day_view(plan: Plan, lang: Language) -> list[Any]:
    """An ordinary day and the busiest one: people required and on shift at the desk, and the crew of the warehouse."""
    items: list[Any] = []
    for date in day.ordinary_and_peak_day(plan):
        if plan.solved.desks:
            items.append(charts.picture(day_charts.desk_hours, day.desk_day(plan, date), lang=lang))
        if plan.solved.crews:
            items.append(day_charts.warehouse_said(day.warehouse_day(plan, date)))
    return items


def rehearsal_view(plan: Plan, lang: Language) -> list[Any]:
    """The busiest day played through many times with its recommended team: replies in time, and parcels waiting."""
    _, peak = day.ordinary_and_peak_day(plan)
    items: list[Any] = []
    if plan.solved.desks:
        desk = day.desk_day(plan, peak)
        played, target = day.rehearse_desk_day(plan, desk), plan.scenario.reply_target_share
        items.append(charts.picture(day_charts.desk_rehearsed, desk, played, target, lang=lang))
    if plan.solved.crews:
        crew = day.warehouse_day(plan, peak)
        items.append(
            charts.picture(day_charts.warehouse_backlog, crew, day.rehearse_warehouse_day(plan, crew), lang=lang)
        )
    return items


def cost_view(plan: Plan, lang: Language) -> list[Any]:
    """The answer in figures, one head of the largest role from pay to full cost, and the team's cost by item."""
    role = source_tables.largest_roles(plan, 1)[0]
    return [
        tables.headline(plan, lang),
        charts.picture(cost_charts.from_salary_to_full_cost, plan, role, lang=lang, height=4.2),
        charts.picture(charts.cost_by_item, plan, lang=lang),
    ]


def sure_view(plan: Plan, lang: Language) -> list[Any]:
    """Heads and cost from P10 to P90, over fewer draws than a table to rely on."""
    sure = how_sure(plan, draws=DRAWS_WHILE_MOVING)
    return [uncertainty_tables.totals(sure, lang), charts.picture(uncertainty_charts.cost_fan, sure, lang=lang)]
