"""What one head costs: with pay shown, from gross pay by the place's own rules; without, the mean of three or more."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import language
from ecteam.pay import loaded_cost
from ecteam.pay.payroll import employer_charges
from ecteam.pay.severance import severance_figures
from ecteam.plan.plan import Plan
from ecteam.publish.workbook.formulas import Cell, Term, call, least, most, where
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.sheet import Page
from ecteam.publish.workbook.work import Months

CHARGES = {"wb_contribution": 34, "wb_from": 14, "wb_rate": 12, "wb_planned": 12}
LIMITS = ("floor", "cap", "threshold", "amount")
NO_LIMIT = 1e12
"""Stands for a limit that the law does not set."""
SEVERANCE = ("months_per_year", "cap", "least", "most", "most_if_capped", "step")


@dataclass(frozen=True)
class HeadCost:
    """What a head of a role costs: gross pay and its year-end part, contributions and severance reserve of each month,
    and how many months of a newcomer's work are lost."""

    gross: Term
    year_end: Term
    contributions: Months
    reserve: Months
    lost: Term


def write_pay(page: Page, plan: Plan, names: CellNames) -> dict[str, HeadCost]:
    """The place's contributions and severance rule, and with them what one head of each role costs a month."""
    months = plan.inputs.payroll_months
    charges, severance = employer_charges(plan.scenario.place, months), severance_figures(plan.scenario.place, months)
    page.title(page.word("wb_pay"), page.word("wb_pay_about"))
    heads = [*map(page.word, CHARGES), *(page.word(f"wb_{limit}") for limit in LIMITS), page.word("wb_rounded_to")]
    page.heads(heads, [*CHARGES.values(), 13, 13, 13, 13, 13])
    by_month = {
        m: tuple(map(tuple, t.drop(columns="month").fillna(-1).to_numpy())) for m, t in charges.groupby("month")
    }
    kinds = [(by_month[m], tuple(float(severance[s][i]) for s in SEVERANCE)) for i, m in enumerate(months)]
    rules: dict[tuple, tuple[list[dict], dict[str, Term]]] = {}
    for kind, month in zip(kinds, months, strict=True):
        if kind not in rules:
            rules[kind] = _rules(page, charges[charges["month"] == month].to_dict("records"), kind[1], str(month))
    page.row += 1
    page.block(page.word("wb_head_cost"), page.word("wb_head_cost_about"))
    named = [
        *(f"{page.word(k)} {month}" for k in ("contributions", "severance_reserve") for month in _first(kinds, months))
    ]
    titles = [page.word(k) for k in ("role", "pay", "year_end_pay", "wb_lost")]
    for column, text in enumerate([*titles, *named]):
        page.write(page.row, column, text, "head")
    page.row += 1
    return {role: _head(page, plan, names, role, rules, kinds) for role in plan.results.roles}


def _first(kinds: list[tuple], months: np.ndarray) -> list[np.datetime64]:
    """The first month of each kind."""
    return [months[kinds.index(kind)] for kind in dict.fromkeys(kinds)]


def _rules(
    page: Page, charges: list[dict], severance: tuple[float, ...], month: str
) -> tuple[list[dict], dict[str, Term]]:
    """Charges and severance figures that hold from a month on, as cells; rates may be changed."""
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
        rows.append(cells | {"to": charge["to"], "mode": charge["mode"], "period": charge["period"]})
        page.row += 1
    figures = {}
    for name, value in zip(SEVERANCE, severance, strict=True):
        page.write(page.row, 0, page.word(f"wb_severance_{name}"))
        page.write(page.row, 1, month, "small")
        figures[name] = page.write(page.row, 2, min(value, NO_LIMIT), "figure")
        page.row += 1
    return rows, figures


def _head(page: Page, plan: Plan, names: CellNames, role: str, rules: Mapping, kinds: list[tuple]) -> HeadCost:
    row, group = page.row, plan.assumptions.role_columns["group"][role]
    page.write(row, 0, page.word(role))
    gross = page.write(row, 1, names[f"pay_{role}"] * names[PLACES[plan.scenario.city]["pay_level"]], "money")
    months_paid = names["pay_months_per_year"]
    year_end = page.write(row, 2, gross * (months_paid - MONTHS_PER_YEAR) / MONTHS_PER_YEAR, "money")
    lost = page.write(row, 3, months_lost(plan, names, group), "fte")
    counted = gross + year_end
    leavers = names[plan.assumptions.role_columns["attrition"][role]]
    kind_columns = {kind: 4 + i for i, kind in enumerate(dict.fromkeys(kinds))}
    burden, reserve = {}, {}
    for kind, column in kind_columns.items():
        charges, severance = rules[kind]
        burden[kind] = page.write(row, column, _contributions(gross, charges), "money")
        put_aside = _reserve(counted, leavers, names["severance_owed_share"], severance)
        reserve[kind] = page.write(row, column + len(kind_columns), put_aside, "money")
    page.row += 1
    return HeadCost(gross, year_end, [burden[k] for k in kinds], [reserve[k] for k in kinds], lost)


def months_lost(plan: Plan, names: CellNames, group: str) -> Term:
    """Months of work that a newcomer costs, as `costing.role_items` counts them."""
    lost = loaded_cost.months_lost_to_learning(names["ramp_start_share"], names[f"ramp_weeks_{group}"])
    if plan.inputs.training_is_a_duty:
        return lost
    return lost + names["training_hours_per_hire"] / (names["hours_per_day"] * names["working_days_per_month"])


def _contributions(gross: Term, charges: list[dict]) -> Term:
    """The employer's contributions on a month's pay, each rounded as the law says."""
    base = _rounded(gross, 0.01, "half_up")
    asked: Cell = 0.0
    for charge in charges:
        subject: Term = most(base, charge["floor"]) if "floor" in charge else base
        subject = least(subject, charge["cap"]) if "cap" in charge else subject
        subject = most(subject - charge["threshold"], 0.0) if "threshold" in charge else subject
        due = subject * charge["rate"]
        due = due + charge["amount"] if "amount" in charge else due
        due = _rounded(due, charge["to"], charge["mode"])
        asked = due if isinstance(asked, float) else asked + due
    return where(f"{gross.text}>0", gross.value > 0, asked, 0.0)


def _rounded(amount: Term, to: float, mode: str) -> Term:
    """An amount in whole units, after the last digits of floats are gone."""
    digits = 0 if to == 1 else 2
    clean = round(amount.value, 6)
    text = f"ROUND({amount.text},6)"
    if mode == "half_up":
        return Term(f"ROUND({text},{digits})", math.floor(round(clean / to, 4) + 0.5) * to)
    if mode == "half_down":
        # The half goes down: a hair less than it is rounded as usual.
        return Term(f"ROUND({text}-0.00001,{digits})", math.ceil(round(clean / to, 4) - 0.5) * to)
    down = mode == "down"
    name = "ROUNDDOWN" if down else "ROUNDUP"
    return Term(f"{name}({text},{digits})", (math.floor if down else math.ceil)(round(clean / to, 4)) * to)


def _reserve(pay: Term, leavers: Term, owed: Term, figures: Mapping[str, Term]) -> Term:
    """Eq. 1 and 2 of `reserve.severance_reserve`."""
    step, least_years = figures["step"], figures["least"]
    capped = where(
        f"{pay.text}>{figures['cap'].text}",
        pay.value > figures["cap"].value,
        least(figures["most"], figures["most_if_capped"]),
        figures["most"],
    )

    def stays(years: Term) -> Term:
        longest = most(years, 0.0)
        return call("EXP", 0.0 - leavers * longest, value=math.exp(-leavers.value * longest.value))

    offset = step - 1
    if step.value and leavers.value > 0:
        steps = (stays(least_years + step + offset) - stays(capped + step + offset)) / (
            1 - call("EXP", 0.0 - leavers * step, value=math.exp(-leavers.value * step.value))
        )
        first = where(f"{least_years.text}>0", least_years.value > 0, least_years * stays(least_years + offset), 0.0)
        years: Term = first + step * steps
    else:
        years = Term("0", 0.0)
    years = where(f"{leavers.text}>0", leavers.value > 0, years, 0.0)
    months = figures["months_per_year"] * years * least(pay, figures["cap"])
    return leavers / MONTHS_PER_YEAR * owed * months
