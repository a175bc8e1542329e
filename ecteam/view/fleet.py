"""Pictures of a fleet of shops."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from ecteam.inputs.labels import Language, label, number
from ecteam.plan.plan import Plan
from ecteam.view.fleet_tables import fleet_frame
from ecteam.view.organisation_boxes import ems
from ecteam.view.picture import axes_of

NAMED = 16
"""Of so many shops each point is named; of more only the two ends of each currency."""
LONGEST_NAME = 26
NAME_SIZE = 8


def cost_per_order(plans: Mapping[str, Plan], ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Cost per order over orders a day, both in powers: what size brings, and who stands off the line."""
    ax = axes_of(ax)
    table = fleet_frame(plans).dropna(subset=["cost_per_order"])
    to_name: list[tuple[str, float, float]] = []
    for i, (currency, mine) in enumerate(table.groupby("currency", sort=False)):
        ax.scatter(mine["orders_per_day"], mine["cost_per_order"], s=34, color=f"C{i}", zorder=3, label=str(currency))
        named = mine if len(table) <= NAMED else mine.iloc[[0, -1]]
        to_name += list(named[["shop", "orders_per_day", "cost_per_order"]].itertuples(index=False, name=None))
    if len(set(table["currency"])) > 1:
        ax.legend()
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: number(value))
        axis.set_minor_locator(NullLocator())
    ax.margins(x=0.16, y=0.16)
    _name_points(ax, to_name)
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
