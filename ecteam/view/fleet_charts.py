"""Pictures of a fleet of shops."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from ecteam.plan import Plan
from ecteam.view.charts import axes_of
from ecteam.view.fleet_tables import fleet_frame
from ecteam.view.words import Language, label, number

NAMED = 16
"""Of so many shops each point is named; of more only the two ends of each currency."""
LONGEST_NAME = 26


def cost_per_order(plans: Mapping[str, Plan], ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Cost per order over orders a day, both in powers: what size brings, and who stands off the line."""
    ax = axes_of(ax)
    table = fleet_frame(plans).dropna(subset=["cost_per_order"])
    for i, (currency, mine) in enumerate(table.groupby("currency", sort=False)):
        ax.scatter(mine["orders_per_day"], mine["cost_per_order"], s=34, color=f"C{i}", zorder=3, label=str(currency))
        named = mine if len(table) <= NAMED else mine.iloc[[0, -1]]
        for row in named.itertuples():
            name = row.shop if len(row.shop) <= LONGEST_NAME else row.shop[: LONGEST_NAME - 1] + "…"
            ax.annotate(name, (row.orders_per_day, row.cost_per_order), xytext=(6, 3), textcoords="offset points",
                        fontsize=8, parse_math=False)  # fmt: skip
    if table["currency"].nunique() > 1:
        ax.legend()
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: number(value))
        axis.set_minor_formatter(NullFormatter())
    ax.margins(x=0.14, y=0.1)
    ax.set_title(_finding(table, lang))
    ax.set_xlabel(label("orders_per_day", lang))
    currencies = " / ".join(table["currency"].unique())
    ax.set_ylabel({"en": f"cost per order, {currencies}", "zh": f"单均成本，{currencies}"}[lang])
    return ax


def _finding(table: pd.DataFrame, lang: Language) -> str:
    """How far apart the shops are, in the currency that most of them have."""
    if table.empty:
        return {"en": "No shop of this fleet has orders", "zh": "这些店铺都没有订单"}[lang]
    currency = table["currency"].mode().iloc[0]
    costs = table.loc[table["currency"] == currency, "cost_per_order"]
    least, most = f"{costs.min():,.2f}", f"{costs.max():,.2f}"
    if len(costs) == 1:
        return {"en": f"An order costs {most} {currency}", "zh": f"每单成本 {most} {currency}"}[lang]
    times = f"{costs.max() / costs.min():.1f}"
    return {
        "en": f"An order costs {least} to {most} {currency}: {times} times as much from shop to shop",
        "zh": f"每单成本 {least} 至 {most} {currency}，店与店相差 {times} 倍",
    }[lang]
