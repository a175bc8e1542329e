"""A plan as pictures, the finding in the title, and tables of the numbers they show. Nothing is computed but sums."""

from collections.abc import Mapping
from html import escape

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import date, label, language, listed, money, month_in_words, number, phrase, text
from ecteam.plan.headline import cards, figures, first_to_last, months, share_of_sales
from ecteam.plan.plan import Plan, compare
from ecteam.plan.privacy import items_shown, joined_roles
from ecteam.view.picture import (
    WIDTH_PIXELS,
    Picture,
    chart,
    columns,
    months_below,
    names_beside,
    names_left,
    note,
    picture,
)
from ecteam.view.table import Html, on_phones, plain, range_of, short, table, with_unit

__all__ = ["WIDTH_PIXELS", "Picture", "cost_by_item", "heads_per_month", "orders_per_day", "picture", "plt",
           "work_by_department"]  # fmt: skip

LABEL_SHARE = 0.06
"""A part smaller than this share of the tallest bar has no room for its name."""


@chart
def work_by_department(plan: Plan, *, ax: Axes) -> None:
    """Work per month in full-time equivalents, stacked by department."""
    table = plan.team.pivot_table(index="month", columns="department", values="fte", aggfunc="sum", sort=False).reindex(
        plan.months
    )
    table = table[table.sum().sort_values(ascending=False).index]
    named = table.loc[:, table.max() > LABEL_SHARE * table.sum(axis=1).max()].copy()
    if len(rest := table.columns.difference(named.columns, sort=False)):
        named["rest"] = table[rest].sum(axis=1)
    position, bottom = months_below(ax, plan.months), np.zeros(len(table))
    ends = []
    for i, (department, fte) in enumerate(named.items()):
        more = text("more_departments", n=len(rest))
        name, colour = (more, "#BFBFBF") if department == "rest" else (label(str(department)), f"C{i % 8}")
        columns(ax, position, fte, bottom, color=colour)
        ends.append((bottom[-1] + fte.iloc[-1] / 2, name, colour))
        bottom = bottom + fte.to_numpy()
    first, share = label(str(named.columns[0])), named.iloc[:, 0].sum() / table.to_numpy().sum()
    top = int(np.argmax(bottom))
    words = {"first": first, "share": share, "month": month_in_words(plan.months[top]), "fte": bottom[top]}
    ax.set_title(text("work_by_department_title", **words))
    ax.set(ylabel=text("work_axis"), xlim=(-0.6, position[-1] + 0.6), ylim=(0, 1.04 * max(bottom.max(), 0.1)))
    names_beside(ax, ends)


@chart
def heads_per_month(plan: Plan, *, ax: Axes) -> None:
    """Heads on board per month, beside the work in full-time equivalents."""
    by_month = plan.team.groupby("month", sort=False)[["heads", "fte"]].sum()
    position = months_below(ax, plan.months)
    columns(ax, position, by_month["heads"], width=0.7)
    if len(position) <= 18:
        for x, heads in zip(position, by_month["heads"], strict=True):
            note(ax, x, heads, f"{heads:.0f}", dy=2, ha="center", va="bottom")
    ax.plot(position, by_month["fte"], color="C1", marker="o", markersize=4)
    first, last = int(by_month["heads"].iloc[0]), int(by_month["heads"].iloc[-1])
    same = first == last
    words = {"n": first} if same else {"first": first, "last": last}
    ax.set_title(text("team_stays" if same else "team_changes", when=months(plan), **words))
    ax.set(ylabel=text("heads_on_board"), xlim=(-0.6, position[-1] + 0.6))
    ax.set_ylim(0, 1.12 * max(by_month.to_numpy().max(), 1))
    names_beside(ax, [(by_month["fte"].iloc[-1], text("work_in_fte"), "C1")])


@chart
def cost_by_item(plan: Plan, show_pay: bool = True, *, ax: Axes) -> None:
    """Cost of the mean month by item, largest first; without `show_pay` a team of few has its pay items in one."""
    items = plan.cost["item"] if show_pay else items_shown(plan.cost["item"], plan.team)
    per_month = plan.cost["amount"].groupby(items, sort=False).sum().sort_values() / len(plan.months)
    currency, place = plan.scenario.currency, np.arange(len(per_month))
    columns(ax, place, per_month, width=0.7, lying=True)
    for y, amount in zip(place, per_month, strict=True):
        note(ax, max(amount, 0), y, number(amount), dx=4)
    total, most = per_month.sum(), label(str(per_month.index[-1]))
    share = per_month.iloc[-1] / total if total else 0.0
    ax.set_title(text("cost_by_item_title", most=most, share=share, total=number(total), currency=currency))
    names_left(ax, place, [label(str(item)) for item in per_month.index])
    ax.set_xlabel(text("cost_by_item_axis", currency=currency))
    ax.set(ylim=(-0.6, len(place) - 0.4), xlim=(min(per_month.min(), 0), 1.1 * max(per_month.max(), 1)))


@chart
def orders_per_day(plan: Plan, *, ax: Axes) -> None:
    """Orders of every day of the plan, with the busiest day marked."""
    days = plan.days
    ax.plot(mdates.date2num(days["date"].to_numpy()), days["orders"], color="C0", linewidth=1)
    mean, top = days["orders"].mean(), days.loc[days["orders"].idxmax()]
    ax.axhline(mean, color="0.4", linewidth=0.8, linestyle="--")
    ax.plot(mdates.date2num(top["date"]), top["orders"], "o", color="C5")
    words = {"day": date(top["date"]), "orders": number(top["orders"])}
    ax.set_title(text("busiest_day_is", **words, times=top["orders"] / mean) if mean else text("no_orders_in_plan"))
    ax.set_ylabel(text("orders_a_day"))
    ax.set_ylim(0, 1.06 * max(top["orders"], 1))
    names_beside(ax, [(mean, text("mean_orders", mean=number(mean)), "#4D4D4D")])
    starts = mdates.date2num(plan.months.to_timestamp().to_numpy())
    months_below(ax, plan.months, starts, ha="left")
    ax.set_xlim(starts[0], mdates.date2num(days["date"].iloc[-1]) + 1)


SMALL_FTE = 0.3
"""A role with less work than this share of a head is pointed out."""


SIDE_BY_SIDE = (
    "heads_first_month", "heads_last_month", "fte_mean", "hires_total", "temp_hours_total", "orders_total",
    "cost_total", "cost_per_month", "cost_per_order", "owner_time_total",
)  # fmt: skip
"""Figures of `compare`; the last four are money."""


def headline(plan: Plan) -> Html:
    """The question, the answer in five figures, and what a reader must know before relying on them."""
    totals, currency = plan.totals, plan.scenario.currency
    share = share_of_sales(plan, totals)
    shown = [
        *figures(plan, totals),
        (
            money(f"{totals['cost_per_order']:,.2f}", currency) if share == share else "–",
            label("headline_cost_per_order"),
        ),
        (f"{share:.1%}" if share == share else "–", label("headline_share")),
    ]
    question = text("headline_question", name=phrase(plan.scenario.name), plan=months(plan))
    return Html(f"<p class='question'>{escape(question)}</p>{cards(shown)}")


def side_by_side(plans: Mapping[str, Plan]) -> Styler:
    """Plans beside each other: what `compare` gives, in words, with units."""
    shown = compare(plans)
    currencies = list(dict.fromkeys(shown.loc["currency"]))
    if len(currencies) > 1:
        raise InputError(f"the plans are in {' and '.join(currencies)}; plans side by side must have one currency")
    currency, rows = currencies[0], []
    for key, row in shown.drop(index="currency").iterrows():
        if str(key) in SIDE_BY_SIDE:
            said = with_unit(label(f"side_{key}"), currency if key in SIDE_BY_SIDE[-4:] else "")
        else:
            said = f"{label('side_heads')}{label(str(key).removeprefix('heads_'))}"
        digits = {"hires_total": 0, "temp_hours_total": 0, "cost_per_order": 2}.get(str(key))
        rows.append((said, *(number(v) if digits is None else f"{v:,.{digits}f}" for v in map(float, row))))
    names = [PLACES[name][language()] if name in PLACES else phrase(name) for name in shown.columns]
    return plain(pd.DataFrame(rows, columns=["", *names]), right=names)


def notes(plan: Plan) -> Html:
    """What is not known for sure, one sentence each; empty where there is nothing to say."""
    items = "".join(f"<li>{escape(phrase(note))}</li>" for note in plan.notes)
    return Html(f"<ul class='notes'>{items}</ul>" if items else "")


def scenario(plan: Plan) -> Styler:
    """The shop's own figures and choices: those that differ from the defaults, and the level of orders."""
    rows = []
    for field in Scenario.model_fields:
        info, value = field_info(field), getattr(plan.scenario, field)
        if field in ("name", "history") or value is None or (value == info["default"] and not info["required"]):
            continue
        rows.append((info[language()], _shown(field, value), _unit(field, plan.scenario.currency)))
    if plan.scenario.orders_per_day is None and plan.scenario.history is not None:
        level = number(plan.inputs.orders_per_day)
        rows.insert(0, (field_info("orders_per_day")[language()], level, phrase("orders a day, from the history")))
    columns = [label("shop"), label("value"), label("unit")]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2])


def _shown(field: str, value: object) -> str:
    if isinstance(value, bool):
        return label("yes" if value else "no")
    if isinstance(value, int | float):
        return number(value)
    return (
        PLACES[str(value)][language()]
        if field == "city"
        else label(str(value))
        if field in ("stage", "hats", "ship_rule")
        else text("own_figures", n=str(value).count(",") + 1)
        if field == "orders_per_month"
        else str(value)
    )


def _unit(field: str, currency: str) -> str:
    unit = field_info(field)["unit"].replace("currency units", currency)
    return "" if field == "start_month" else phrase(unit)


def team(plan: Plan, show_pay: bool = True) -> Styler:
    """The team by role: department, FTE (mean), heads at the start and the end, what does the rest, cost; the total.

    Without `show_pay` roles of few heads have one cost together, so that nobody can read one person's pay in it.
    """
    by_role = (
        plan.team.groupby(["department", "role"], sort=False)
        .agg(
            fte=("fte", "mean"),
            first=("heads", "first"),
            last=("heads", "last"),
            employed=("employed_fte", "last"),
            bought=("bought_hours", "mean"),
        )
        .reset_index()
    )
    by_role["cost"] = by_role["role"].map(plan.cost.groupby("role")["amount"].sum()).fillna(0)
    shop = plan.cost.loc[plan.cost["role"] == "", "amount"].sum()
    together = {} if show_pay else {r: g for r, g in joined_roles(plan.team).items() if r != g}
    more = []
    for group in dict.fromkeys(together.values()):
        members = listed(label(role) for role, of in together.items() if of == group)
        cost_of = by_role.loc[by_role["role"].map(together) == group, "cost"].sum()
        more.append((label("together"), members, *[""] * 3, number(cost_of)))
    if shop:
        more.append(("", label("shop_as_a_whole"), *[""] * 3, number(shop)))
    sums = by_role[["fte", "first", "last", "employed", "bought", "cost"]].sum()
    heads = (_heads(sums["first"], sums["last"], sums["employed"]), _remainder(sums["bought"], 0.0))
    more.append((label("total"), "", f"{sums['fte']:.1f}", *heads, number(sums["cost"] + shop)))
    small = by_role[(by_role["fte"] < SMALL_FTE) & (by_role["role"] != "owner")]
    names = [f"{label(r.role)} ({r.fte:.1f})" for r in small.itertuples()]
    shown = table(
        by_role,
        "team.team",
        unit=plan.scenario.currency,
        heads_with_fte=lambda row: _heads(row.first, row.last, row.employed),
        remainder=lambda row: _remainder(row.bought, row.employed),
        cost_total=lambda row: label("joined") if row.role in together else number(row.cost),
        more=more,
        total=True,
        caption=text("heads_with_little_work", names=names) if names else "",
    )
    return on_phones(shown, "flow")


def _remainder(bought_hours: float, employed_fte: float) -> str:
    share = employed_fte % 1
    part_time = text("remainder_part_time", share=share) if ROUNDING < share < 1 - ROUNDING else ""
    bought = text("remainder_bought", hours=bought_hours) if bought_hours >= 0.5 else ""
    return listed(filter(None, (part_time, bought))) or (text("remainder_whole") if employed_fte else "")


def _heads(first: float, last: float, employed_fte: float) -> str:
    heads = first_to_last(first, last)
    return f"{heads} ({employed_fte:.1f})" if last - employed_fte > ROUNDING else heads


def by_department(plan: Plan) -> Styler:
    """FTE by department: the numbers behind the chart of work, by month, or by quarter where months would not fit."""
    table = plan.team.pivot_table(index="department", columns="month", values="fte", aggfunc="sum", sort=False)
    table.columns = plan.months
    long = len(plan.months) > 13
    if long:
        table = table.T.groupby(plan.months.asfreq("Q")).mean().T
    table.loc["total"] = table.sum()
    table.index = [label(str(name)) for name in table.index]
    table.columns = [_column(month, long) for month in table.columns]
    head = label("department_mean_fte" if long else "department_fte")
    shown = table.map(lambda v: f"{v:.1f}").reset_index(names=head)
    return plain(shown, right=list(table.columns), total=True)


def _column(month: pd.Period, quarter: bool) -> str:
    if quarter:
        return month.strftime("%y Q%q")
    return month.strftime("%b %y") if language() == "en" else f"{month.strftime('%y')}年{month.month}月"


def heads_by_month(plan: Plan) -> Styler:
    """The numbers behind the chart of heads: work, seats, heads, hires and temps by month."""
    sums = plan.team.groupby("month", sort=False)
    figures = ["fte", "seats", "heads", "employed_fte", "hires", "temp_hours", "bought_hours"]
    return table(sums[figures].sum().reset_index(), "team.heads_by_month")


def orders_by_month(plan: Plan) -> Styler:
    """The numbers behind the chart of orders: all, the mean day and the busiest day of each month."""
    orders = plan.days.groupby("month", sort=False)["orders"]
    rows = plan.days.loc[orders.idxmax()].assign(all=orders.sum().to_numpy(), mean=orders.mean().to_numpy())
    return table(rows, "team.orders_by_month")


def cost(plan: Plan, show_pay: bool = True) -> Styler:
    """Cost by item: mean month and whole plan, cash items first, then the total, then the owner's time apart.

    Without `show_pay` a team of few heads has its pay items in one.
    """
    items = plan.cost["item"] if show_pay else items_shown(plan.cost["item"], plan.team)
    by_item = plan.cost["amount"].groupby(items, sort=False).sum()
    cash = by_item.sort_values(ascending=False)
    months, currency = len(plan.months), plan.scenario.currency
    caption = ""
    if owner_time := plan.owner_time["amount"].sum():
        worth = number(owner_time / months)
        caption = text("owner_time_note", owner_time=label("owner_time"), worth=worth, currency=currency)
    return table(
        cash.reset_index(),
        "team.cost",
        unit=currency,
        mean_month=lambda row: row.amount / months,
        more=[(label("total"), number(cash.sum() / months), number(cash.sum()))],
        total=True,
        caption=caption,
    )


def assumptions(influence: pd.DataFrame, plan: Plan, n: int = 15) -> Styler:
    """The assumptions that move the cost most, as `uncertainty.influence` ranks them, with range, source and date."""
    return table(
        influence.head(n),
        "team.assumptions",
        unit=plan.scenario.currency,
        low_typical_high=range_of,
        # The whole of it stands in assumptions.csv.
        source=lambda row: short(phrase(row.source), 110),
    )
