"""A fleet of shops: ranks, totals, heads, what sharing would save. Money of two currencies is never added."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from pandas.io.formats.style import Styler

from ecteam.analysis.pooling import DESK, parts_of, shared
from ecteam.analysis.reality import nearest_published
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Note, label, language, listed, money, number, phrase, text
from ecteam.plan.headline import cards, share_of_sales
from ecteam.plan.plan import Plan
from ecteam.view.organisation import ems
from ecteam.view.picture import chart
from ecteam.view.table import Html, columns_of, on_phones, plain, table

RANKED_BY = ("share_of_sales", "cost_per_order", "heads", "gap_to_published")
"""What shops are ranked by, the first unless the reader unfolds another."""


def fleet_frame(plans: Mapping[str, Plan], by: str = RANKED_BY[0]) -> pd.DataFrame:
    """One row a shop, currency by currency, the lowest of `by` (one of `RANKED_BY`) first: shop, stage, city, currency,
    orders_per_day, heads, fte, cost_per_month, cost_per_order, share_of_sales, gap_to_published, hires.

    gap_to_published : heads an order over those of the published team that is nearest in size, less 1
    A shop without orders has no cost per order, share and gap, and comes last.
    """
    rows = []
    for name, plan in plans.items():
        totals, shop = plan.totals, plan.scenario
        near, orders = nearest_published(plan.inputs.orders_per_day, 1).iloc[0], plan.inputs.orders_per_day
        published = (near["low"] + near["high"]) / 2 / near["orders_per_day"]
        rows.append(
            {
                "shop": name,
                "stage": shop.stage,
                "city": shop.city,
                "currency": shop.currency,
                "orders_per_day": plan.inputs.orders_per_day,
                "heads": int(totals["heads_last_month"]),
                "fte": totals["fte_mean"],
                "cost_per_month": totals["cost_per_month"],
                "cost_per_order": totals["cost_per_order"],
                "share_of_sales": share_of_sales(plan, totals),
                "gap_to_published": totals["heads_last_month"] / orders / published - 1 if orders else float("nan"),
                "hires": totals["hires_total"],
            }
        )
    return pd.DataFrame(rows).sort_values(["currency", by, "shop"], kind="stable", ignore_index=True)


def fleet_summary(plans: Mapping[str, Plan], file: str) -> Html:
    """The first sheet: how many shops, heads and orders, what they cost, and which costs least and most per order."""
    table = fleet_frame(plans)
    question = text("fleet_question", n=len(table), file=file)
    figures = [
        (number(len(table)), text("fleet_shops", n=len(table))),
        (number(heads := int(table["heads"].sum())), text("fleet_all_heads", n=heads)),
        (number(round(table["orders_per_day"].sum())), label("fleet_all_orders")),
    ]
    lines = []
    for currency, mine in table.groupby("currency", sort=False):
        figures.append((money(number(mine["cost_per_month"].sum()), str(currency)), label("headline_cost")))
        if len(known := mine.dropna(subset=["cost_per_order"])) > 1:
            lines.append(_extremes(known, str(currency) if len(set(table["currency"])) > 1 else ""))
    largest = table.loc[table["heads"].idxmax()]
    share = largest["heads"] / table["heads"].sum()
    lines.append(text("fleet_largest", shop=escape(largest["shop"]), share=share, heads=int(largest["heads"])))
    items = "".join(f"<li>{line}</li>" for line in lines)
    return Html(
        f"<section class='summary short'><p class='question'>{escape(question)}</p>{cards(figures)}"
        f"<ul>{items}</ul></section>"
    )


def _extremes(known: pd.DataFrame, currency: str) -> str:
    low, high = known.iloc[0], known.iloc[-1]
    least, most = (f"{row['share_of_sales']:.1%}" for row in (low, high))
    line = text("fleet_extremes", low=escape(low["shop"]), least=least, high=escape(high["shop"]), most=most)
    return text("name_and_value", name=phrase(currency), value=line) if currency else line


def fleet_notes(plans: Mapping[str, Plan]) -> Html:
    """What must be known before relying on the plans, each sentence once, with how many shops it holds for."""
    holds: dict[Note, int] = {}
    for plan in plans.values():
        for note in plan.notes:
            holds[note] = holds.get(note, 0) + 1
    said = [text("fleet_holds_for", note=note, n=n, all=len(plans)) for note, n in holds.items()]
    return Html(f"<ul class='notes'>{''.join(f'<li>{escape(each)}</li>' for each in said)}</ul>" if said else "")


def ranking(plans: Mapping[str, Plan], links: Mapping[str, str] | None = None) -> Html:
    """The shops ranked by each of `RANKED_BY`, the first unfolded; `links`: shop -> address of its report."""
    folds = [
        f"<details class='rank'{' open' if by == RANKED_BY[0] else ''}><summary>{escape(label(f'ranked_by_{by}'))}"
        f"</summary>{_ranking(plans, links, by)}</details>"
        for by in RANKED_BY
    ]
    return Html("".join(folds))


def _ranking(plans: Mapping[str, Plan], links: Mapping[str, str] | None, by: str) -> str:
    """A table for each currency with its total; what it is ranked by stands beside the name, where a phone shows it."""
    tables = []
    for currency, mine in fleet_frame(plans, by).groupby("currency", sort=False):
        sums = mine[["orders_per_day", "heads", "fte", "cost_per_month"]].sum()
        paid, orders = (sum(plans[name].totals[key] for name in mine["shop"]) for key in ("cost_total", "orders_total"))
        totals = {
            "shop": label("fleet_total"),
            "orders_per_day": number(round(sums["orders_per_day"])),
            "fleet_heads_end": f"{int(sums['heads']):,}",
            "work_fte": f"{sums['fte']:.1f}",
            "fleet_cost_per_month": number(round(sums["cost_per_month"])),
            "fleet_cost_per_order": f"{paid / orders:,.2f}" if orders else "–",
        }
        columns = columns_of("fleet.ranking")
        first = next(heading for heading, column in columns.items() if by in column[:2])
        order = list(dict.fromkeys(["fleet_rank", "shop", first, *columns]))
        styler = table(
            mine.assign(rank=range(1, len(mine) + 1)),
            [columns[heading] for heading in order],
            unit=str(currency),
            fleet_city=lambda row: PLACES[row.city][language()],
            more=[tuple(totals.get(heading, "") for heading in order)],
            total=True,
        )
        if links:
            styler.format(lambda name: _linked(name, links), subset=[label("shop")])
        styler.set_properties(subset=[label("fleet_stage")], **{"white-space": "nowrap"})
        tables.append(on_phones(styler, "flow actions").set_uuid(f"{by}{currency}").to_html())
    return "".join(tables)


def _linked(name: str, links: Mapping[str, str]) -> str:
    """A shop's name, as a link where it has a report; only a path beside this page, never another host's address."""
    return f'<a href="{quote(links[name])}">{escape(name)}</a>' if name in links else escape(name)


def heads_per_shop(plans: Mapping[str, Plan]) -> Styler:
    """Heads of the last month: departments x shops turned so that a shop is a row, the largest team first."""
    rows = {}
    for name, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        rows[name] = last.groupby("department", sort=False)["heads"].sum()
    table = pd.DataFrame(rows).T.fillna(0).astype(int)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    table = table[table.sum().sort_values(ascending=False, kind="stable").index]
    table.insert(0, "heads", table.sum(axis=1))
    table.loc[label("total")] = table.sum()
    shown = table.rename(columns=lambda key: label(str(key))).map(lambda n: f"{n:,}" if n else "")
    shown = shown.reset_index(names=label("shop"))
    styler = on_phones(plain(shown, right=list(shown.columns[1:]), total=True), "flow")
    return styler.set_properties(subset=[shown.columns[0]], **{"min-width": "8em"})


def two_to_compare(plans: Mapping[str, Plan]) -> dict[str, Plan]:
    """The shops with the least and the largest share of sales, of the currency that most shops have."""
    table = fleet_frame(plans)
    mine = table[table["currency"] == table["currency"].mode().iloc[0]]
    mine = mine.dropna(subset=RANKED_BY[:1]) if mine[RANKED_BY[0]].notna().any() else mine
    return {name: plans[name] for name in dict.fromkeys(mine["shop"].iloc[[0, -1]])}


NAMED = 16
"""Of so many shops each point is named; of more only the two ends of each currency."""
LONGEST_NAME = 26
NAME_SIZE = 8


@chart
def cost_per_order(plans: Mapping[str, Plan], *, ax: Axes) -> None:
    """Cost per order over orders a day, both in powers: what size brings, and who stands off the line."""
    table = fleet_frame(plans).dropna(subset=["cost_per_order"])
    to_name: list[tuple[str, float, float]] = []
    for i, (currency, mine) in enumerate(table.groupby("currency", sort=False)):
        ax.scatter(
            mine["orders_per_day"], mine["cost_per_order"], s=34, color=f"C{i}", zorder=3, label=phrase(str(currency))
        )
        named = mine if len(table) <= NAMED else mine.sort_values("cost_per_order").iloc[[0, -1]]
        to_name += list(named[["shop", "orders_per_day", "cost_per_order"]].itertuples(index=False, name=None))
    if len(set(table["currency"])) > 1:
        ax.legend()
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: number(value))
        axis.set_minor_locator(NullLocator())
    ax.margins(x=0.16, y=0.16)
    _name_points(ax, to_name)
    ax.set(title=_finding(table), xlabel=label("orders_per_day"))
    currencies = " / ".join(map(phrase, table["currency"].unique()))
    ax.set_ylabel(text("cost_per_order_axis", currencies=currencies))


def _finding(table: pd.DataFrame) -> str:
    if table.empty:
        return text("no_orders_in_fleet")
    currency = table["currency"].mode().iloc[0]
    costs = table.loc[table["currency"] == currency, "cost_per_order"]
    least, most = f"{costs.min():,.2f}", f"{costs.max():,.2f}"
    if len(costs) == 1:
        return text("an_order_costs", most=most, currency=currency)
    times = f"{costs.max() / costs.min():.1f}"
    return text("an_order_costs_from_to", least=least, most=most, currency=currency, times=times)


def _name_points(ax: Axes, points: list[tuple[str, float, float]]) -> None:
    """Write each name where it covers no other: beside its point, above or below it; the first place that is free."""
    scale = 72 / ax.figure.dpi
    at = [ax.transData.transform((x, y)) * scale for _, x, y in points]
    frame = ax.get_window_extent()
    leftmost, rightmost = frame.x0 * scale, frame.x1 * scale
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    for (name, x, y), (left, bottom) in zip(points, at, strict=True):
        said = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        width = ems(said) * NAME_SIZE * 0.92
        places = [(7, -3), (-7 - width, -3), (-width / 2, 7), (-width / 2, -15), (7, 9), (7, -15)]
        for dx, dy in places:
            box = (left + dx, bottom + dy - 2, left + dx + width, bottom + dy + NAME_SIZE)
            if box[0] < leftmost or box[2] > rightmost:
                continue
            if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                break
        else:
            dx, dy = places[0]
        taken.append((left + dx, bottom + dy - 2, left + dx + width, bottom + dy + NAME_SIZE))
        ax.annotate(said, (x, y), xytext=(dx, dy), textcoords="offset points", fontsize=NAME_SIZE, parse_math=False)


_NAMES_SHOWN = 8


def pools(pooling: pd.DataFrame) -> Html:
    """The groups of shops that could share a desk or a warehouse; a sentence where there are none."""
    if pooling.empty:
        return Html(f"<p>{label('pool_none')}</p>")
    shown = table(
        pooling,
        "fleet.pools",
        pool=lambda row: label(f"pool_{row.pool}"),
        pool_shops=lambda row: _names(row.shops),
        pool_conditions=_conditions,
        pool_at_once=lambda row: f"{row.at_once_apart} → {row.at_once_pooled}",
        pool_hours=lambda row: f"{row.hours_apart:,.0f} → {row.hours_pooled:,.0f}",
        pool_heads=lambda row: f"{row.heads_apart} → {row.heads_pooled}",
        pool_saved=lambda row: money(number(round(row.saved_per_month + row.rent_saved_per_month)), row.currency),
    )
    return Html(f"{on_phones(shown, 'stacked').to_html()}<p>{escape(label('pool_note'))}</p>")


def sharing(plans: Mapping[str, Plan]) -> Html:
    """What the shops would save by sharing a desk or a warehouse."""
    return pools(shared({name: parts_of(plan) for name, plan in plans.items()}))


def changed(plans: Mapping[str, Plan], before: Mapping[str, Mapping[str, float | None]]) -> Html:
    """What changed since the last batch, of which `before` has the totals of each shop: heads and cost a month."""
    lines = []
    for name, plan in plans.items():
        now, was = plan.totals, before.get(name, {})
        moved = [now[key] - (was.get(key) or now[key]) for key in ("heads_last_month", "cost_per_month")]
        if any(abs(by) >= 0.5 for by in moved):
            words = {"heads": f"{moved[0]:+,.0f}", "cost": f"{moved[1]:+,.0f}", "currency": plan.scenario.currency}
            lines.append(text("fleet_moved", shop=name, **words))
    none = label("fleet_nothing_moved" if before else "fleet_no_batch_before")
    return Html(f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines or [none])}</ul>")


def _names(shops: tuple[str, ...]) -> str:
    shown = listed(shops[:_NAMES_SHOWN])
    more = len(shops) - _NAMES_SHOWN
    return text("fleet_and_more", shops=shown, n=more) if more > 0 else shown


def _conditions(row: Any) -> str:
    hours = f"{row.from_hour}:00–{row.until_hour}:00"
    if row.pool == DESK:
        spoken = label(f"language_{row.language}")
        seconds, share = number(row.target_seconds), f"{row.target_share:.0%}"
        of_all = {"spoken": spoken, "currency": row.currency, "hours": hours, "share": share, "seconds": seconds}
        return text("pool_desk_conditions", **of_all)
    place, rule = PLACES[row.city][language()], label(row.ship_rule)
    return text("pool_warehouse_conditions", place=place, hours=hours, rule=rule)
