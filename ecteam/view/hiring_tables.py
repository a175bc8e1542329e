"""Tables of a hiring plan: whom to advertise for, month by month, beside the simple plan, planned and actual."""

from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.hiring.hiring_cash import temp_or_head
from ecteam.inputs.checks import InputError
from ecteam.inputs.labels import Language, label, month_in_words, number
from ecteam.plan.hiring import Hiring, hiring_of
from ecteam.plan.plan import Plan
from ecteam.view import hiring as hiring_module
from ecteam.view.hiring import work_covered
from ecteam.view.tables import plain
from ecteam.view.team import picture

LEAST_GAP = 1e-4
"""Nobody is told of less than a hundredth of a percent."""
SLIDER_GAP = 0.01
"""While a slider moves, a plan within 1 % of the cheapest one is enough."""


def calendar(hiring: Hiring, lang: Language = "en") -> Styler:
    """Whom to advertise for, by when, and when they start: whole people, the earliest advertisement first."""
    columns = [label(name, lang) for name in ("advertise_by", "start_in", "role", "new_posts", "replacements")]
    rows = [
        (
            month_in_words(advert, lang),
            month_in_words(start, lang),
            label(role, lang),
            *(f"{int(n)}" if n else "" for n in people),
        )
        for advert, start, role, *people in hiring.calendar.itertuples(index=False)
    ]
    styler = plain(pd.DataFrame(rows, columns=columns), right=columns[3:])
    gap = max(hiring.result.gap, LEAST_GAP)
    return styler.set_caption(
        {
            "en": f"The plan costs at most {gap:.2%} more than the cheapest one there is.",
            "zh": f"该计划的成本最多比最省的方案高 {gap:.2%}。",
        }[lang]
    )


def by_month(hiring: Hiring, lang: Language = "en") -> Styler:
    """Every month: heads, starts, leavers, paid hours of temps and overtime, what is paid."""
    names = ["heads", "staff", "starts", "replacements", "leavers", "released"]
    names += ["temp_hours", "overtime_hours", "outsourced_hours"]
    table = hiring.table.assign(starts=hiring.table["starts"] + hiring.table["signed"])
    sums = table.groupby("month", sort=False)[names].sum()
    sums = sums.drop(columns=[n for n in ("released", "outsourced_hours") if not sums[n].any()])
    sums["cash_out"] = hiring.cash_out.reindex(sums.index).to_numpy()
    decimals = {"staff", "replacements", "leavers"}
    rows = [
        (month_in_words(month, lang), *(f"{v:.1f}" if n in decimals else number(round(v)) for n, v in row.items()))
        for month, row in sums.iterrows()
    ]
    heads = [
        f"{label(n, lang)}, {hiring.solution.scenario.currency}" if n == "cash_out" else label(n, lang) for n in sums
    ]
    columns = [label("month", lang), *heads]
    return plain(pd.DataFrame(rows, columns=columns), right=columns)


def beside_simple_plan(hiring: Hiring, lang: Language = "en") -> Styler:
    """The hiring plan beside the plan that hires every month's seats, item by item, the total last."""
    currency = hiring.solution.scenario.currency
    names = ["simple_plan", "hiring_plan", "difference"]
    columns = [f"{label(name, lang)}, {currency}" for name in names]
    rows = [
        (label(str(item), lang), *(number(float(v)) for v in amounts))
        for item, *amounts in hiring.against_simple_plan[["item", *names]].itertuples(index=False)
    ]
    return plain(pd.DataFrame(rows, columns=["", *columns]), right=columns, total=True)


def plan_and_actual(hiring: Hiring, lang: Language = "en") -> Styler:
    """The months gone where plan and actual differ: month, role, measure, planned, actual, difference."""
    if hiring.against_actual is None:
        raise InputError("this hiring plan knows no months gone; give months_gone to hiring_of")
    names = ["planned", "actual", "difference"]
    columns = [label(name, lang) for name in ("month", "role", "measure", *names)]
    rows = [
        (month_in_words(month, lang), label(role, lang), label(measure, lang), *(f"{v:,.4g}" for v in values))
        for month, role, measure, *values in hiring.against_actual.itertuples(index=False)
        if abs(values[2]) > 1e-9
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[3:])


def cover_of_work(hiring: Hiring, role: str | None = None, lang: Language = "en") -> Styler:
    """The numbers behind the chart of what covers the work: hours of work by month."""
    table = work_covered(hiring, role)
    heads = [label(str(name), lang) for name in table]
    rows = [(month_in_words(month, lang), *(number(round(v)) for v in row)) for month, row in table.iterrows()]
    columns = [label("month", lang), *heads]
    return plain(pd.DataFrame(rows, columns=columns), right=columns)


def cash_by_month(hiring: Hiring, lang: Language = "en") -> Styler:
    """The numbers behind the chart of cash: paid, coming in, left at the end of the month."""
    table, currency = hiring.runway.table, hiring.solution.scenario.currency
    names = ["cash_out", "inflow", "cash_at_end"]
    heads = [f"{label(name, lang)}, {currency}" for name in names]
    rows = [
        (month_in_words(month, lang), *(number(v) for v in row))
        for month, *row in table[["month", *names]].itertuples(index=False)
    ]
    columns = [label("month", lang), *heads]
    return plain(pd.DataFrame(rows, columns=columns), right=columns)


def temps_or_head(hiring: Hiring, role: str, lang: Language = "en") -> Styler:
    """From how many hours a month a head is cheaper than temps, by how long the need lasts."""
    currency, english = hiring.solution.scenario.currency, lang == "en"
    words = [
        "Months" if english else "月数",
        "A head pays from, hours a month" if english else "达到多少工时即招人更省（每月）",
        "Share of a head's hours" if english else "占一人工时",
        f"A head costs, {currency}" if english else f"招一人的成本，{currency}",
        f"Temps for its work, {currency}" if english else f"同等工作的临时工成本，{currency}",
    ]
    rows = []
    for months, hours, share, head, temps in temp_or_head(hiring.terms_of_role(role)).itertuples(index=False):
        pays = hours < float("inf")
        never = "never" if english else "从不"
        row = (number(hours) if pays else never, f"{share:.0%}" if pays else "–", number(head), number(temps))
        rows.append((f"{int(months)}", *row))
    return plain(pd.DataFrame(rows, columns=words), right=words)


def hiring_view(plan: Plan, lang: Language) -> list[Any]:
    """For `explore`: whom to hire and when, what covers the work, and the cost beside the simple plan."""
    hiring = hiring_of(plan, gap=SLIDER_GAP)
    shown = (hiring_module.hires_timeline, hiring_module.cover_of_work)
    pictures = [picture(chart, hiring, lang=lang) for chart in shown]
    return [*pictures, calendar(hiring, lang), beside_simple_plan(hiring, lang)]
