"""Tables of a plan for people: named columns, units, grouped thousands. They hold the numbers the charts show."""

import zlib
from collections.abc import Mapping
from datetime import date
from html import escape
from importlib.metadata import version

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.errors import InputError
from ecteam.explanation import explain
from ecteam.model.history import load_history
from ecteam.plan import Plan, compare
from ecteam.scenario import PLACES, Scenario, field_info
from ecteam.shown import items_shown, joined_roles
from ecteam.view.charts import span
from ecteam.view.words import Language, label, number

SMALL_FTE = 0.3
"""A role with less work than this share of a head is pointed out."""


class Html(str):
    """A piece of a page, made of escaped text, that notebooks show as HTML."""

    def _repr_html_(self) -> str:
        return str(self)


def headline(plan: Plan) -> Html:
    """The question, the answer in five figures, and what a reader must know before relying on them."""
    totals, currency, months = plan.totals(), plan.scenario.currency, plan.months
    revenue = totals["orders_total"] * plan.scenario.average_order_value
    first, last = totals["heads_first_month"], totals["heads_last_month"]
    figures = [
        (
            f"{first} → {last}" if first != last else f"{first}",
            f"heads, {months[0]:%b %Y} to {months[-1]:%b %Y}" if len(months) > 1 else f"heads, {months[0]:%b %Y}",
        ),
        (number(totals["fte_mean"]), "full-time equivalents of work, mean"),
        (f"{number(totals['cost_per_month'])} {currency}", "loaded cost a month, mean"),
        (f"{totals['cost_per_order']:,.2f} {currency}" if revenue else "–", "cost per order"),
        (f"{totals['cost_total'] / revenue:.1%}" if revenue else "–", "of order value"),
    ]
    cards = "".join(
        f"<div class='figure'><b>{escape(value)}</b><span>{escape(unit)}</span></div>" for value, unit in figures
    )
    question = f"Which team does {plan.scenario.name} need, {span(plan)}, what will it cost, and why?"
    return Html(f"<p class='question'>{escape(question)}</p><div class='figures'>{cards}</div>")


def side_by_side(plans: Mapping[str, Plan], lang: Language = "en") -> Styler:
    """Plans beside each other: what `compare` gives, in words, with units."""
    table = compare(plans)
    currencies = list(dict.fromkeys(table.loc["currency"]))
    if len(currencies) > 1:
        raise InputError(f"the plans are in {' and '.join(currencies)}; plans side by side must have one currency")
    currency = currencies[0]
    words = {
        "heads_first_month": "Heads at the start", "heads_last_month": "Heads at the end", "fte_mean": "Work, mean FTE",
        "hires_total": "Hires", "temp_hours_total": "Hours of temps", "orders_total": "Orders",
        "cost_total": f"Cost of the plan, {currency}", "cost_per_month": f"Cost a month, {currency}",
        "cost_per_order": f"Cost per order, {currency}", "owner_time_total": f"Apart: owner's time, {currency}",
    }  # fmt: skip
    rows = []
    for key, row in table.drop(index="currency").iterrows():
        words_of = words.get(str(key)) or f"Heads at the end: {label(str(key).removeprefix('heads_'), lang)}"
        rows.append((words_of, *(number(float(value)) for value in row)))
    return plain(pd.DataFrame(rows, columns=["", *table.columns]), right=list(table.columns))


def notes(plan: Plan) -> Html:
    """What is not known for sure, one sentence each; empty where there is nothing to say."""
    items = "".join(f"<li>{escape(note)}</li>" for note in plan.notes)
    return Html(f"<ul class='notes'>{items}</ul>" if items else "")


def scenario(plan: Plan, lang: Language = "en") -> Styler:
    """The shop's own figures and choices: those that differ from the defaults, and the level of orders."""
    rows = []
    for field in Scenario.model_fields:
        info, value = field_info(field), getattr(plan.scenario, field)
        if field in ("name", "history") or value is None or (value == info["default"] and not info["required"]):
            continue
        rows.append((info[lang], _shown(field, value, lang), _unit(field, plan.scenario.currency)))
    if plan.scenario.orders_per_day is None:
        rows.insert(
            0,
            (field_info("orders_per_day")[lang], number(plan.inputs.orders_per_day), "orders a day, from the history"),
        )
    columns = [label("shop", lang), label("value", lang), label("unit", lang)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2])


def _shown(field: str, value: object, lang: Language) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    return (
        PLACES[str(value)][lang]
        if field == "city"
        else label(str(value), lang)
        if field in ("stage", "hats")
        else str(value)
    )


def _unit(field: str, currency: str) -> str:
    """A field's unit for people: amounts of money in the shop's currency."""
    return "" if field == "start_month" else field_info(field)["unit"].replace("currency units", currency)


def team(plan: Plan, lang: Language = "en", show_pay: bool = True) -> Styler:
    """The team by role: department, FTE (mean), heads at the start and the end, cost of the plan, and the total.

    Without `show_pay` roles of few heads have one cost together, so that nobody can read one person's pay in it.
    """
    by_role = (
        plan.team.groupby(["department", "role"], sort=False)
        .agg(fte=("fte", "mean"), first=("heads", "first"), last=("heads", "last"))
        .reset_index()
    )
    by_role["cost"] = by_role["role"].map(plan.cash_cost.groupby("role")["amount"].sum()).fillna(0)
    shop = plan.cash_cost.loc[plan.cash_cost["role"] == "", "amount"].sum()
    currency = plan.scenario.currency
    columns = [
        label("department", lang),
        label("role", lang),
        label("fte", lang),
        label("heads_first", lang),
        label("heads_last", lang),
        f"{label('cost_total', lang)}, {currency}",
    ]
    together = {} if show_pay else {r: g for r, g in joined_roles(plan.team).items() if r != g}
    rows = [
        (
            label(r.department, lang),
            label(r.role, lang),
            f"{r.fte:.1f}",
            r.first,
            r.last,
            label("joined", lang) if r.role in together else number(r.cost),
        )
        for r in by_role.itertuples()
    ]
    for group in dict.fromkeys(together.values()):
        members = [label(role, lang) for role, of in together.items() if of == group]
        cost_of = by_role.loc[by_role["role"].map(together) == group, "cost"].sum()
        rows.append((label("together", lang), ", ".join(members), "", "", "", number(cost_of)))
    if shop:
        rows.append(("", "Shop as a whole", "", "", "", number(shop)))
    rows.append(
        (
            "Total",
            "",
            f"{by_role['fte'].sum():.1f}",
            by_role["first"].sum(),
            by_role["last"].sum(),
            number(by_role["cost"].sum() + shop),
        )
    )
    styler = plain(pd.DataFrame(rows, columns=columns), right=columns[2:], total=True)
    small = by_role[(by_role["fte"] < SMALL_FTE) & (by_role["role"] != "owner")]
    if len(small):
        names = ", ".join(f"{label(r.role, lang)} ({r.fte:.1f})" for r in small.itertuples())
        styler.set_caption(f"Whole heads with little work of their own, FTE: {names}. Combine them, or buy the hours.")
    return styler


def by_department(plan: Plan, lang: Language = "en") -> Styler:
    """FTE by department: the numbers behind the chart of work, by month, or by quarter where months would not fit."""
    table = plan.team.pivot_table(index="department", columns="month", values="fte", aggfunc="sum", sort=False)
    table.columns = plan.months
    long = len(plan.months) > 13
    if long:
        table = table.T.groupby(plan.months.asfreq("Q")).mean().T
    table.loc["Total"] = table.sum()
    table.index = [label(str(d), lang) if d != "Total" else "Total" for d in table.index]
    table.columns = [f"{m:%y} Q{m.quarter}" if long else f"{m:%b %y}" for m in table.columns]
    shown = table.map(lambda v: f"{v:.1f}").reset_index(
        names=f"{label('department', lang)}, {'mean ' if long else ''}FTE"
    )
    return plain(shown, right=list(table.columns), total=True)


def cost(plan: Plan, lang: Language = "en", show_pay: bool = True) -> Styler:
    """Cost by item: mean month and whole plan, cash items first, then the total, then the owner's time apart.

    Without `show_pay` a team of few heads has its pay items in one.
    """
    items = plan.cost["item"] if show_pay else items_shown(plan.cost["item"], plan.team)
    by_item = plan.cost["amount"].groupby(items, sort=False).sum()
    cash = by_item.drop("owner_time", errors="ignore").sort_values(ascending=False)
    months, currency = len(plan.months), plan.scenario.currency
    columns = ["Item", f"{currency} in the mean month", f"{currency} in the plan"]
    rows = [(label(str(item), lang), number(a / months), number(a)) for item, a in cash.items()]
    rows.append(("Total", number(cash.sum() / months), number(cash.sum())))
    styler = plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)
    if "owner_time" in by_item:
        styler.set_caption(
            f"Apart from this: {label('owner_time', lang)}, worth {number(by_item['owner_time'] / months)} "
            f"{currency} a month at the pay of the role."
        )
    return styler


def why(plan: Plan, role: str, lang: Language = "en", largest: int = 3) -> Styler:
    """The factors behind one role in the month of its largest FTE: its `largest` duties down to sourced inputs."""
    mine = plan.team[plan.team["role"] == role]
    month = str(mine.loc[mine["fte"].idxmax(), "month"])
    frame = explain(plan, role, month)
    hours = frame[(frame["depth"] == 2) & frame["unit"].eq("hours a month")]
    duties = set(hours.nlargest(largest, "value").index)
    kept, inside = [], True
    for index, row in frame.iterrows():
        if row["depth"] <= 2:
            inside = row["depth"] < 2 or index in duties or index not in hours.index
        if inside and row["depth"] <= 4 and not (row["depth"] > 3 and row["kind"] == "computed"):
            kept.append(index)
    # What every rate per person rests on stands once, at the end.
    rest = (frame["depth"] > 3) & (frame["unit"].isin(["hours a day", "days a month", "share of paid time"]))
    shown = frame.loc[[index for index in kept if not rest[index]]]
    rows = [
        (
            "\u2003" * int(r.depth) + _readable(r.factor, plan, lang),
            number(r.value),
            r.unit,
            r.formula.replace("_", " ").replace(" * ", " × ").replace(" x ", " × ") or _source(r),
        )
        for r in shown.itertuples()
    ]
    columns = [
        label("factor", lang),
        label("value", lang),
        label("unit", lang),
        f"{label('how', lang)}, {label('source', lang).lower()}",
    ]
    caption = f"{label(role, lang)}, {pd.Period(month):%B %Y}" + (
        f" (the {largest} largest of {len(hours)} duties)" if len(hours) > largest else ""
    )
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2], wide=columns[3]).set_caption(caption)


def largest_roles(plan: Plan, n: int = 3) -> list[str]:
    """The roles that cost most."""
    by_role = plan.cash_cost[plan.cash_cost["role"] != ""].groupby("role")["amount"].sum()
    return by_role.nlargest(n).index.tolist()


def forecast_error(plan: Plan) -> Styler | None:
    """How wrong the forecast would have been on the shop's own past, by origin and in total; None without a history."""
    test = plan.forecast_error
    if test is None:
        return None
    columns = ["Forecast from", "Days", "Orders", "Error, this model", "Error, last week repeated"]
    total = test[["days", "orders", "model_error", "naive_error"]].sum()
    rows = [
        (
            f"{r.origin:%d %b %Y}",
            r.days,
            number(r.orders),
            f"{r.model_error / r.orders:.0%}",
            f"{r.naive_error / r.orders:.0%}",
        )
        for r in test.itertuples()
    ]
    rows.append(
        (
            "All",
            int(total["days"]),
            number(total["orders"]),
            f"{total['model_error'] / total['orders']:.1%}",
            f"{total['naive_error'] / total['orders']:.1%}",
        )
    )
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True).set_caption(
        "Rolling-origin test on the shop's own past: sum of the daily errors over the orders. A season that has not "
        "been seen before shows in the level only; so the test follows the last weeks (half-life 56 days), while the "
        "plan takes the whole history."
    )


def assumptions(influence: pd.DataFrame, plan: Plan, lang: Language = "en", n: int = 15) -> Styler:
    """The assumptions that move the cost most, as `uncertainty.influence` ranks them, with range, source and date."""
    currency, top = plan.scenario.currency, influence.head(n)
    columns = [
        label("assumption", lang),
        f"{label('low', lang)} – {label('typical', lang).lower()} – {label('high', lang).lower()}",
        label("unit", lang),
        f"{label('swing', lang)}, {currency}",
        label("kind", lang),
        label("source", lang),
        label("as_of", lang),
    ]
    rows = [
        (
            getattr(r, lang),
            f"{number(r.low)} – {number(r.typical)} – {number(r.high)}",
            r.unit,
            number(r.swing),
            r.kind,
            _short(r.source),
            r.as_of,
        )
        for r in top.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=[columns[1], columns[3]], wide=columns[5])


def _short(source: str, most: int = 110) -> str:
    """A source as a table has room for it; the whole of it stands in assumptions.csv."""
    return source if len(source) <= most else source[:most].rsplit(" ", 1)[0] + " …"


def _source(row: object) -> str:
    source, as_of, kind = (getattr(row, name) for name in ("source", "as_of", "kind"))
    return f"{kind}: {source}" + (f" ({as_of})" if as_of else "") if source else ""


def _readable(factor: str, plan: Plan, lang: Language) -> str:
    """A factor's key in words: a label, an assumption's or a field's name, or a part of a role or duty."""
    for prefix, words in (("seats of ", "Seats: "), ("FTE of ", "FTE: "), ("people on shift: ", "People on shift: "),
                          ("minutes of ", "Minutes: ")):  # fmt: skip
        if factor.startswith(prefix):
            return words + _readable(factor.removeprefix(prefix), plan, lang)
    rows = plan.assumptions.rows(plan.scenario.region)
    if factor in rows.index:
        return str(rows.loc[factor, lang])
    if factor in Scenario.model_fields:
        return str(field_info(factor)[lang])
    try:
        return label(factor, lang)
    except InputError:
        return factor[0].upper() + factor[1:].replace("_", " ")


def plain(table: pd.DataFrame, right: list[str] | None = None, total: bool = False, wide: str | None = None) -> Styler:
    """A table as its values stand: escaped, no index, numbers right, the last row set off where it is a total."""
    styler = table.style.hide(axis="index").format(escape="html")
    # Cell styles are kept apart by this name: it must differ between the tables of a page and be the same every time.
    styler.set_uuid(f"{zlib.crc32(table.to_csv().encode()):08x}").set_table_attributes("class='ecteam'")
    heads = []
    for column in right or []:
        styler.set_properties(subset=[column], **{"text-align": "right", "white-space": "nowrap"})
        heads.append(
            {"selector": f"th.col_heading.level0.col{table.columns.get_loc(column)}", "props": "text-align: right"}
        )
    if wide is not None:
        styler.set_properties(subset=[wide], **{"overflow-wrap": "anywhere", "min-width": "12rem"})
    if total:
        styler.set_properties(subset=pd.IndexSlice[[table.index[-1]], :], **{"font-weight": "bold"})
    return styler.set_table_styles(heads)


def sources(plan: Plan, influence: pd.DataFrame, made_on: date) -> Html:
    """Where the figures come from: order history, payroll pack, counts of sourced and assumed rows, dates, version."""
    rows = plan.assumptions.rows(plan.scenario.region)
    mattering = rows.loc[rows.index.isin(influence["key"])]
    sourced = int((mattering["kind"] == "sourced").sum())
    lines = [
        f"{len(mattering)} figures matter to the cost of this plan: {sourced} sourced, {len(mattering) - sourced} "
        f"planning assumptions; dated {mattering['as_of'].min()} to {mattering['as_of'].max()}. All of them stand in "
        "assumptions.csv.",
        f"Employer contributions: country pack {plan.scenario.place}, figures of {plan.inputs.payroll_months[0]} to "
        f"{plan.inputs.payroll_months[-1]}, each with its source in data/payroll.",
    ]
    if plan.scenario.history:
        sheet = load_history(plan.scenario.history).datasheet
        lines.append(f"Orders: {sheet.get('attribution', plan.inputs.profile.source)}")
        lines += [str(gap) for gap in sheet.get("gaps", [])]
    else:
        lines.append(
            "Season, week and day of the orders are planning assumptions: the shop has given no order history."
        )
    lines.append(f"Made on {made_on} with ecteam {version('ecteam')}; the same input gives the same numbers.")
    return Html("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")
