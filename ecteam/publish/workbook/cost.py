"""The sheets of pay and cost: a head by the place's own rules, and every item by role and month, as formulas.

Without pay shown, roles of few heads stand together as in `privacy.py`, and what follows from pay is the mean of three
heads or more: the cells hold nothing but what `cost.csv` and `team.csv` say already.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ecteam.inputs.calendar_units import DAYS_PER_MONTH, MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import label, language, text
from ecteam.pay import loaded_cost
from ecteam.pay.payroll import employer_charges
from ecteam.pay.severance import severance_figures
from ecteam.plan.cost import has_office_seat
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import JOIN, PEOPLE, cost_shown, joined_roles
from ecteam.publish.workbook.formulas import Cell, Term, call, each, least, most, ratio, sums, where, whole
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.sheet import Page
from ecteam.publish.workbook.team import Months, TeamCells

OWNER = "owner"
CHARGES = {"wb_contribution": 34, "wb_from": 14, "wb_rate": 12, "wb_planned": 12}
LIMITS = ("floor", "cap", "threshold", "amount")
NO_LIMIT = 1e12
"""Stands for a limit that the law does not set."""
SEVERANCE = ("months_per_year", "cap", "least", "most", "most_if_capped", "step")
Blocks = dict[str, list[tuple[str, Months]]]
"""Item -> the lines of its block: who, and the cost by month."""


@dataclass(frozen=True)
class HeadCost:
    """What a head of a role costs: gross pay and its year-end part, contributions and severance reserve of each month,
    and how many months of a newcomer's work are lost."""

    gross: Term
    year_end: Term
    contributions: Months
    reserve: Months
    lost: Term


@dataclass
class Costs:
    """Item -> its total in each month; what is paid in all; the roles whose pay is in no cell."""

    items: dict[str, Months] = field(default_factory=dict)
    paid: Months = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)


def write_pay(page: Page, plan: Plan, names: CellNames) -> dict[str, HeadCost]:
    """The place's contributions and severance rule, and with them what one head of each role costs a month."""
    months = plan.inputs.payroll_months
    charges, severance = employer_charges(plan.scenario.place, months), severance_figures(plan.scenario.place, months)
    page.title(label("wb_pay"), label("wb_pay_about"))
    heads = [*page.words(*CHARGES), *(label(f"wb_{limit}") for limit in LIMITS), label("wb_rounded_to")]
    page.heads(heads, [*CHARGES.values(), 13, 13, 13, 13, 13])
    by_month = {
        np.datetime64(month, "M"): tuple(map(tuple, of.drop(columns="month").fillna(-1).to_numpy()))
        for month, of in charges.groupby("month")
    }
    kinds = [(by_month[m], tuple(float(severance[s][i]) for s in SEVERANCE)) for i, m in enumerate(months)]
    rules: dict[tuple, tuple[list[dict], dict[str, Term]]] = {}
    for kind, month in zip(kinds, months, strict=True):
        if kind not in rules:
            rules[kind] = _rules(page, charges[charges["month"] == month].to_dict("records"), kind[1], str(month))
    page.block(label("wb_head_cost"), label("wb_head_cost_about"), gap=True)
    first_months = [months[kinds.index(kind)] for kind in dict.fromkeys(kinds)]
    named = [f"{label(key)} {month}" for key in ("contributions", "severance_reserve") for month in first_months]
    page.cells([*page.words("role", "pay", "year_end_pay", "wb_lost"), *named], "head")
    return {role: _head(page, plan, names, role, rules, kinds) for role in plan.results.roles}


def _rules(
    page: Page, charges: list[dict], severance: tuple[float, ...], month: str
) -> tuple[list[dict], dict[str, Term]]:
    rows = []
    for charge in charges:
        page.write(page.row, 0, charge[language()])
        page.write(page.row, 1, month, "small")
        cells: dict = {"rate": page.write(page.row, 2, 0.0 if math.isnan(charge["rate"]) else charge["rate"], "input")}
        page.write(page.row, 3, cells["rate"].value, "figure")
        for column, limit in enumerate(LIMITS, start=4):
            if not math.isnan(charge[limit]):
                cells[limit] = page.write(page.row, column, charge[limit], "figure")
        page.write(page.row, 8, charge["to"], "figure")
        rows.append(cells | {"to": charge["to"], "mode": charge["mode"]})
        page.row += 1
    figures = {}
    for name, value in zip(SEVERANCE, severance, strict=True):
        page.write(page.row, 0, label(f"wb_severance_{name}"))
        page.write(page.row, 1, month, "small")
        figures[name] = page.write(page.row, 2, min(value, NO_LIMIT), "figure")
        page.row += 1
    return rows, figures


def _head(page: Page, plan: Plan, names: CellNames, role: str, rules: Mapping, kinds: list[tuple]) -> HeadCost:
    row = page.row
    page.write(row, 0, label(role))
    gross = page.write(row, 1, names[f"pay_{role}"] * names[PLACES[plan.scenario.city]["pay_level"]], "money")
    months_paid = names["pay_months_per_year"]
    year_end = page.write(row, 2, gross * (months_paid - MONTHS_PER_YEAR) / MONTHS_PER_YEAR, "money")
    # Months of work that a newcomer costs, as `plan.cost` counts them.
    group = plan.assumptions.role_columns["group"][role]
    lost = loaded_cost.months_lost_to_learning(names["ramp_start_share"], names[f"ramp_weeks_{group}"])
    if not plan.inputs.training_is_a_duty:
        lost = lost + names["training_hours_per_hire"] / (names["hours_per_day"] * names["working_days_per_month"])
    lost = page.write(row, 3, lost, "fte")
    counted, leavers = gross + year_end, names.of_role("attrition", role)
    kind_columns = {kind: 4 + i for i, kind in enumerate(dict.fromkeys(kinds))}
    burden, reserve = {}, {}
    for kind, column in kind_columns.items():
        charges, severance = rules[kind]
        burden[kind] = page.write(row, column, _contributions(counted, charges), "money")
        put_aside = _reserve(counted, leavers, names["severance_owed_share"], severance)
        reserve[kind] = page.write(row, column + len(kind_columns), put_aside, "money")
    page.row += 1
    return HeadCost(gross, year_end, [burden[k] for k in kinds], [reserve[k] for k in kinds], lost)


def _contributions(gross: Term, charges: list[dict]) -> Term:
    base = _rounded(gross, 0.01, "half_up")
    contributions: Cell = 0.0
    for charge in charges:
        subject: Term = most(base, charge["floor"]) if "floor" in charge else base
        subject = least(subject, charge["cap"]) if "cap" in charge else subject
        subject = most(subject - charge["threshold"], 0.0) if "threshold" in charge else subject
        due = subject * charge["rate"]
        due = due + charge["amount"] if "amount" in charge else due
        due = _rounded(due, charge["to"], charge["mode"])
        contributions = due if isinstance(contributions, float) else contributions + due
    return where(f"{gross.text}>0", gross.value > 0, contributions, 0.0)


def _rounded(amount: Term, to: float, mode: str) -> Term:
    """An amount in whole units, after the last digits of floats are gone."""
    digits, units = 0 if to == 1 else 2, round(round(amount.value, 6) / to, 4)
    text = f"ROUND({amount.text},6)"
    if mode == "half_up":
        return Term(f"ROUND({text},{digits})", math.floor(units + 0.5) * to)
    if mode == "half_down":
        # The half goes down: a hair less than it is rounded as usual.
        return Term(f"ROUND({text}-0.00001,{digits})", math.ceil(units - 0.5) * to)
    name, rounding = ("ROUNDDOWN", math.floor) if mode == "down" else ("ROUNDUP", math.ceil)
    return Term(f"{name}({text},{digits})", rounding(units) * to)


def _reserve(pay: Term, leavers: Term, owed: Term, figures: Mapping[str, Term]) -> Term:
    """Eq. 1 and 2 of `reserve.severance_reserve`."""
    step, least_years, cap = figures["step"], figures["least"], figures["cap"]
    both = least(figures["most"], figures["most_if_capped"])
    capped = where(f"{pay.text}>{cap.text}", pay.value > cap.value, both, figures["most"])

    def stays(years: Term) -> Term:
        return call("EXP", 0.0 - leavers * years, value=math.exp(-leavers.value * years.value))

    offset = step - 1
    years = Term("0", 0.0)
    if step.value and leavers.value > 0:
        from_least, to_most = (stays(most(limit + step + offset, 0.0)) for limit in (least_years, capped))
        steps = (from_least - to_most) / (1 - stays(step))
        below = least_years * stays(most(least_years + offset, 0.0))
        years = where(f"{least_years.text}>0", least_years.value > 0, below, 0.0) + step * steps
    years = where(f"{leavers.text}>0", leavers.value > 0, years, 0.0)
    return leavers / MONTHS_PER_YEAR * owed * (figures["months_per_year"] * years * least(pay, cap))


def write_cost(page: Page, team: TeamCells, heads: Mapping[str, HeadCost] | None) -> Costs:
    """Every item of the loaded cost, its total by month on top; `heads` what a head costs, None without pay shown."""
    plan = team.plan
    items = (*loaded_cost.ROLE_ITEMS, *(item for item in loaded_cost.SHOP_ITEMS if item in plan.results.items))
    page.title(label("wb_cost"), text("wb_cost_about", currency=plan.scenario.currency))
    page.month_heads(label("wb_what"), label("wb_figure"))
    top, page.row = page.row, page.row + len(items) + 5
    costs = Costs()
    blocks = _own(page, team, heads) if heads else _joined(page, team, costs)
    for item in (item for item in (*items, PEOPLE) if item in blocks):
        page.block(label(item))
        costs.items[item] = sums([page.line([who], cells, "money") for who, cells in blocks[item]])
        page.row += item != PEOPLE
    if PEOPLE in blocks:
        costs.items = {PEOPLE: costs.items[PEOPLE]} | costs.items
    costs.items |= {item: cells for item, cells in _shop(team).items() if item in items}
    page.row = top
    paid = [item for item in costs.items if item not in loaded_cost.CASH_FREE_ITEMS]
    for item in paid:
        costs.items[item] = page.line([label(item)], costs.items[item], "money")
    costs.paid = page.line([label("wb_paid")], sums(costs.items[item] for item in paid), "sum")
    page.row += 1
    for item in loaded_cost.CASH_FREE_ITEMS:
        costs.items[item] = page.line(page.words(item, "wb_no_payment"), costs.items[item], "money")
    return costs


def learning_fte(team: TeamCells, role: str) -> Months:
    """Those who start, in full-time equivalents: a part-time person learns in the own hours."""
    cells = zip(team.hires[role], team.employed[role], team.heads[role], strict=True)
    return [hires * ratio(employed, heads) for hires, employed, heads in cells]


def _not_pay(team: TeamCells, role: str) -> dict[str, Months]:
    names, heads = team.names, team.heads[role]
    items = {
        "equipment": [h * names.of_role("equipment", role) / names["equipment_life_months"] for h in heads],
        "software": [h * names["software_cost"] for h in heads],
    }
    if has_office_seat(team.plan.inputs, role):
        items["seat"] = [h * names["seat_cost"] for h in heads]
    if role != OWNER:
        items["recruiting"] = [h * names.of_role("hire_cost", role) for h in team.hires[role]]
        items["welfare"] = [h * names["welfare_cost"] for h in heads]
    if role in team.temp_hours:
        price = names.of_role("temp_pay", role) * (1 + names["temp_agency_share"])
        items["temps"] = [h * price for h in team.temp_hours[role]]
    if role in team.bought_hours:
        items["bought_hours"] = [h * names.of_role("bought", role) for h in team.bought_hours[role]]
    return items


def _own(page: Page, team: TeamCells, head_costs: Mapping[str, HeadCost]) -> Blocks:
    blocks: Blocks = {}
    for role, one in head_costs.items():
        employed, items = team.employed[role], _not_pay(team, role)
        if role == OWNER:
            items["owner_time"] = [h * one.gross for h in employed]
        else:
            items["pay"] = [h * one.gross for h in employed]
            items["year_end_pay"] = [h * one.year_end for h in employed]
            items["contributions"] = each(employed, one.contributions)
            items["severance_reserve"] = each(employed, one.reserve)
            a_month = [one.gross + one.year_end + c for c in one.contributions]
            learners = learning_fte(team, role)
            items["learning"] = [cost * one.lost for cost in each(learners, a_month)]
            items["overhead"] = [cost * team.names["overhead_share"] for cost in each(employed, a_month)]
        for item, cells in items.items():
            blocks.setdefault(item, []).append((label(role), cells))
    return blocks


def _joined(page: Page, team: TeamCells, costs: Costs) -> Blocks:
    """The same with small roles joined: what follows from pay is heads times a mean that stands in a blue cell."""
    plan, names = team.plan, team.names
    together = joined_roles(plan.team)
    costs.unpriced = [role for role in plan.results.roles if role not in together]
    shown = cost_shown(pd.concat([plan.cost, plan.owner_time]), plan.team).pivot_table(
        index=["role", "item"], columns="month", values="amount", aggfunc="sum", sort=False
    )
    shown = shown.reindex(columns=plan.months).fillna(0.0)
    page.block(label("wb_means"), label("wb_means_about"))
    blocks: Blocks = {}
    for group in [*dict.fromkeys(together.values()), *costs.unpriced]:
        roles = group.split(JOIN)
        who = " + ".join(page.words(*roles))
        by_role = [_not_pay(team, role) for role in roles]
        for item in dict.fromkeys(item for items in by_role for item in items):
            blocks.setdefault(item, []).append((who, sums(items[item] for items in by_role if item in items)))
        employed = sums(team.employed[role] for role in roles)
        hires = sums(learning_fte(team, role) for role in roles)
        from_pay: dict[str, Months] = {}
        for item in ("owner_time", "pay", "contributions", "severance_reserve", "learning", PEOPLE):
            if (group, item) in shown.index:
                per = hires if item == "learning" else employed
                means = _means(shown.loc[(group, item)].tolist(), [cell.value for cell in per], JOIN in group)
                row = [who, *page.words("wb_per_hire" if item == "learning" else "wb_per_head", item)]
                cells = page.line(row, means, "solved", adds_up=False)
                page.write(page.row - 1, 0, who, "wrapped")
                from_pay[item] = each(per, cells)
        if "pay" in from_pay:
            more = (names["pay_months_per_year"] - MONTHS_PER_YEAR) / MONTHS_PER_YEAR
            from_pay["year_end_pay"] = [pay * more for pay in from_pay["pay"]]
            parts = [from_pay[item] for item in ("pay", "year_end_pay", "contributions") if item in from_pay]
            from_pay["overhead"] = [part * names["overhead_share"] for part in sums(parts)]
        for item, cells in from_pay.items():
            blocks.setdefault(item, []).append((who, cells))
    page.row += 1
    return blocks


def _means(amounts: Sequence[float], per: Sequence[float], joined: bool) -> list[float]:
    """What one head or hire costs in each month; the mean of the plan where roles are joined and their heads change."""
    whole_plan = sum(amounts) / sum(per) if sum(per) else 0.0
    if joined and max(per) > min(per):
        return [whole_plan for _ in per]
    return [amount / n if n else whole_plan for amount, n in zip(amounts, per, strict=True)]


def _shop(team: TeamCells) -> dict[str, Months]:
    plan, names = team.plan, team.names
    items: dict[str, Months] = {"shop_system": [names["shop_system_cost"] + 0.0 for _ in team.months]}
    if plan.scenario.self_shipping:
        rent, smallest = names["warehouse_rent_per_square_metre"], names["warehouse_area_least"]
        per_order = names["warehouse_area_per_daily_order"] / DAYS_PER_MONTH
        items["warehouse_rent"] = [most(per_order * order, smallest) * rent for order in team.amounts["orders"]]
    else:
        prices = [names[fee] for fee in loaded_cost.LOGISTICS_FEES]
        items["logistics_company"] = [loaded_cost.logistics_company(o, *prices) for o in team.amounts["orders"]]
    if plan.scenario.outsourced_service_share:
        of_a_seat, hours = names["outsourced_seat_hours"], plan.results.outside_hours[0]
        items["outsourcing"] = [whole(float(h) / of_a_seat) * names["outsourced_seat_cost"] for h in hours]
    return items
