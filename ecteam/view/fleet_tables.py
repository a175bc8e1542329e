"""Tables of a fleet of shops: ranks, totals, heads per shop and department. Money of two currencies is never added."""

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number, phrase
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Note
from ecteam.plan.plan import Plan
from ecteam.view.tables import Html, cards, plain


def fleet_frame(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """One row a shop, the lowest cost per order first, currency by currency: shop, stage, city, currency,
    orders_per_day, heads, fte, cost_per_month, cost_per_order, hires.

    A shop without orders has no cost per order and comes last.
    """
    rows = []
    for name, plan in plans.items():
        totals, shop = plan.totals(), plan.scenario
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
                "hires": totals["hires_total"],
            }
        )
    return pd.DataFrame(rows).sort_values(["currency", "cost_per_order", "shop"], kind="stable", ignore_index=True)


def fleet_summary(plans: Mapping[str, Plan], file: str, lang: Language = "en") -> Html:
    """The first sheet: how many shops, heads and orders, what they cost, and which costs least and most per order."""
    table = fleet_frame(plans)
    question = {
        "en": f"Which teams do the {len(table)} shops of {file} need, and what do they cost?",
        "zh": f"{file} 的 {len(table)} 家店各需怎样的团队？成本多少？",
    }[lang]
    figures = [
        (number(len(table)), label("fleet_shops", lang)),
        (number(int(table["heads"].sum())), label("fleet_all_heads", lang)),
        (number(round(table["orders_per_day"].sum())), label("fleet_all_orders", lang)),
    ]
    lines = []
    for currency, mine in table.groupby("currency", sort=False):
        figures.append((f"{number(mine['cost_per_month'].sum())} {currency}", label("headline_cost", lang)))
        if len(known := mine.dropna(subset=["cost_per_order"])) > 1:
            lines.append(_extremes(known, str(currency), lang))
    largest = table.loc[table["heads"].idxmax()]
    share = largest["heads"] / table["heads"].sum()
    lines.append(
        {
            "en": f"<b>{escape(largest['shop'])}</b> has {share:.0%} of all heads ({largest['heads']:,}).",
            "zh": f"<b>{escape(largest['shop'])}</b>占全部人数的 {share:.0%}（{largest['heads']:,} 人）。",
        }[lang]
    )
    items = "".join(f"<li>{line}</li>" for line in lines)
    return Html(
        f"<section class='summary short'><p class='question'>{escape(question)}</p>{cards(figures)}"
        f"<ul>{items}</ul></section>"
    )


def _extremes(known: pd.DataFrame, currency: str, lang: Language) -> str:
    low, high = known.iloc[0], known.iloc[-1]
    least, most = (f"{row['cost_per_order']:,.2f} {currency}" for row in (low, high))
    return {
        "en": f"An order costs least at <b>{escape(low['shop'])}</b> ({least}), most at <b>{escape(high['shop'])}</b> "
        f"({most}).",
        "zh": f"单均成本最低的是<b>{escape(low['shop'])}</b>（{least}），最高的是<b>{escape(high['shop'])}</b>"
        f"（{most}）。",
    }[lang]


def fleet_notes(plans: Mapping[str, Plan], lang: Language = "en") -> Html:
    """What must be known before relying on the plans, each sentence once, with how many shops it holds for."""
    holds: dict[Note, int] = {}
    for plan in plans.values():
        for note in plan.notes:
            holds[note] = holds.get(note, 0) + 1
    of = {"en": "{text} ({n} of {all} shops)", "zh": "{text}（{all} 家店中的 {n} 家）"}[lang]
    said = [of.format(text=phrase(note, lang), n=n, all=len(plans)) for note, n in holds.items()]
    return Html(f"<ul class='notes'>{''.join(f'<li>{escape(text)}</li>' for text in said)}</ul>" if said else "")


def ranking(plans: Mapping[str, Plan], lang: Language = "en", links: Mapping[str, str] | None = None) -> Html:
    """The shops by cost per order, a table for each currency with its total; `links`: shop -> address of its report."""
    keys = ("fleet_rank", "shop", "fleet_stage", "fleet_city", "orders_per_day", "fleet_heads_end", "work_fte",
            "fleet_cost_per_month", "fleet_cost_per_order")  # fmt: skip
    tables = []
    for currency, mine in fleet_frame(plans).groupby("currency", sort=False):
        money = {"fleet_cost_per_month", "fleet_cost_per_order"}
        stop = "，" if lang == "zh" else ", "
        heads = [label(key, lang) + (f"{stop}{currency}" if key in money else "") for key in keys]
        rows = [
            (
                str(rank),
                r.shop,
                label(r.stage, lang),
                PLACES[r.city][lang],
                number(round(r.orders_per_day)),
                f"{r.heads:,}",
                f"{r.fte:.1f}",
                number(round(r.cost_per_month)),
                "–" if pd.isna(r.cost_per_order) else f"{r.cost_per_order:,.2f}",
            )
            for rank, r in enumerate(mine.itertuples(), start=1)
        ]
        sums = mine[["orders_per_day", "heads", "fte", "cost_per_month"]].sum()
        orders = sum(plans[name].totals()["orders_total"] for name in mine["shop"])
        paid = sum(plans[name].totals()["cost_total"] for name in mine["shop"])
        all_together = ("", label("fleet_total", lang), "", "", number(round(sums["orders_per_day"])))
        last = (f"{int(sums['heads']):,}", f"{sums['fte']:.1f}", number(round(sums["cost_per_month"])))
        rows.append((*all_together, *last, f"{paid / orders:,.2f}" if orders else "–"))
        styler = plain(pd.DataFrame(rows, columns=heads), right=[heads[0], *heads[4:]], total=True)
        if links:
            styler.format(lambda name: _linked(name, links), subset=[heads[1]])
        tables.append(styler.to_html())
    return Html("".join(tables))


def _linked(name: str, links: Mapping[str, str]) -> str:
    """A shop's name, as a link where it has a report; only a path beside this page, never another host's address."""
    return f'<a href="{quote(links[name])}">{escape(name)}</a>' if name in links else escape(name)


def heads_per_shop(plans: Mapping[str, Plan], lang: Language = "en") -> Styler:
    """Heads of the last month: departments x shops turned so that a shop is a row, the largest team first."""
    rows = {}
    for name, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        rows[name] = last.groupby("department", sort=False)["heads"].sum()
    table = pd.DataFrame(rows).T.fillna(0).astype(int)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    table = table[table.sum().sort_values(ascending=False, kind="stable").index]
    table.insert(0, "heads", table.sum(axis=1))
    table.loc[label("total", lang)] = table.sum()
    shown = table.rename(columns=lambda key: label(str(key), lang)).map(lambda n: f"{n:,}" if n else "")
    shown = shown.reset_index(names=label("shop", lang))
    styler = plain(shown, right=list(shown.columns[1:]), total=True)
    return styler.set_properties(subset=[shown.columns[0]], **{"min-width": "8em"})


def two_to_compare(plans: Mapping[str, Plan]) -> dict[str, Plan]:
    """The shops whose order costs least and most, of the currency that most shops have."""
    table = fleet_frame(plans)
    mine = table[table["currency"] == table["currency"].mode().iloc[0]]
    mine = mine.dropna(subset=["cost_per_order"]) if mine["cost_per_order"].notna().any() else mine
    return {name: plans[name] for name in dict.fromkeys(mine["shop"].iloc[[0, -1]])}
