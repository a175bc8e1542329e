"""The page that ranks a fleet: one table for each currency, links to the reports, changes, and what failed.

Names are text: the template escapes everything, and the page runs no script and asks no other host.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import label, language, number
from ecteam.publish.journal import Row
from ecteam.view.fleet import pools
from ecteam.view.table import CODES, filled

COLUMNS = ("fleet_rank", "shop", "fleet_stage", "fleet_city", "fleet_orders", "heads_first", "heads_last",
           "fleet_change", "fleet_cost_per_month", "fleet_change", "fleet_cost_per_order", "fleet_change",
           "share_of_sales")  # fmt: skip
TEXTS = {"shop", "fleet_stage", "fleet_city", "fleet_row", "fleet_cell", "fleet_reason", "fleet_tries"}


def index_page(fleet: str, rows: Sequence[Row], gone: Sequence[Row] = (), pooling: pd.DataFrame | None = None) -> str:
    """The index of a fleet: shops by share of sales in each currency, the lowest first; failures before all.

    `gone` are shops of the last batch that the fleet has no longer; their reports are still there. `pooling` is what
    the shops would save by sharing.
    """
    right = [row for row in rows if not row["sentence"]]
    currencies = sorted({row["currency"] for row in right})
    return filled(
        Path(__file__).with_name("template") / "fleet_index.html.j2",
        fleet=fleet, code=CODES[language()], colon="：" if language() == "zh" else ": ", today=date.today(),
        right=len(right), failures=[row for row in rows if row["sentence"]], gone=gone, columns=COLUMNS,
        figures=set(COLUMNS) - TEXTS, rankings=[_ranking(right, of) for of in currencies],
        pools=pools(pooling) if pooling is not None and len(right) > 1 else "",
    )  # fmt: skip


def _ranking(right: Sequence[Row], currency: str) -> tuple[str, list[tuple[Row, list[str]]], str, str]:
    """The shops of a currency in their order, each with its cells; their heads and cost."""
    rows = sorted((row for row in right if row["currency"] == currency), key=_by_share)
    heads, cost = (sum(row["totals"][key] or 0.0 for row in rows) for key in ("heads_last_month", "cost_per_month"))
    return currency, [(row, _cells(row)) for row in rows], number(heads), f"{cost:,.0f}"


def _cells(row: Row) -> list[str]:
    now, place = {key: value or 0.0 for key, value in row["totals"].items()}, PLACES[row["city"]]
    per_order, share = row["totals"]["cost_per_order"], row["totals"].get("share_of_sales")

    def change(key: str) -> str:
        """A figure against that of the last batch, if the shop was in it."""
        if (before := row["before"].get(key)) is None:
            return "–"
        moved = now[key] - before
        return f"{'+' if moved > 0 else '−'}{number(abs(moved))}" if abs(moved) > 1e-6 else "="

    return [
        label(row["stage"]), place[language()], number(now["orders_total"]), number(now["heads_first_month"]),
        number(now["heads_last_month"]), change("heads_last_month"), f"{now['cost_per_month']:,.0f}",
        change("cost_per_month"), "–" if per_order is None else f"{per_order:,.2f}", change("cost_per_order"),
        "–" if share is None else f"{share:.1%}",
    ]  # fmt: skip


def _by_share(row: Row) -> tuple[bool, float, str]:
    """A shop without orders has no share of sales and comes last."""
    share = row["totals"].get("share_of_sales")
    return share is None, share or 0.0, row["name"]
