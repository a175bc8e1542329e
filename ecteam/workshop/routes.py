"""Routes of industry and platform: what is left of an order, and whether it pays for the team that the order needs."""

from functools import cache

import pandas as pd

from ecteam.workshop.cases import case_table, load_case


@cache
def routes() -> pd.DataFrame:
    """The routes by name: en, zh, what goods, platform and traffic take, and what the team of its case costs.

    left : of the mean order, before the team: value x share kept x (1 - goods - platform - traffic). What comes back
        earns nothing; traffic is paid as a share of what is sold and kept.
    team : cash cost of the case's plan per order; profit : (left - team) x orders a month. The owner's time and what
    returns do to the goods are left out.

    >>> bool(routes().loc["tea", "left"] > routes().loc["tea", "team"])
    True
    """
    found = case_table("routes").set_index("route")
    rows = {}
    for name in found.index:
        plan = load_case(str(name)).plan
        shop, totals = plan.scenario, plan.totals()
        takes = found.loc[name, ["goods_share", "fee_share", "traffic_share"]].sum()
        left = shop.average_order_value * (1 - shop.return_share) * (1 - float(takes))
        rows[name] = {
            "order_value": shop.average_order_value,
            "return_share": shop.return_share,
            "left": left,
            "team": totals["cost_per_order"],
            "heads": totals["heads_last_month"],
            "profit": (left - totals["cost_per_order"]) * totals["orders_total"] / len(plan.months),
        }
    return found.join(pd.DataFrame.from_dict(rows, orient="index"))
