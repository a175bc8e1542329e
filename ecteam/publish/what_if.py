"""The what-if of a report page: sliders that work without Python, from figures that Python has computed.

A fragment of HTML with its own style and script and its figures inside: no request to anywhere, no library.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ecteam.analysis.what_if import HANDLE, WhatIfGrid, what_if_grid
from ecteam.inputs.words import label, language, phrase, text
from ecteam.plan.plan import Plan
from ecteam.view.table import Html, filled, with_unit

TEMPLATE = Path(__file__).with_name("template") / "what_if.html.j2"
CENTS = 100
WORDS = {
    **{"first": "heads_first_month", "last": "heads_last_month", "total": "cost_total", "per_month": "cost_per_month"},
    "per_order": "cost_per_order",
    **{name: f"wi_{name}" for name in ("orders_unit", "handle_unit", "pay_unit", "ships_yes", "ships_no")},
    **{name: f"wi_{name}" for name in ("summary", "summary_cost", "unsettled")},
}


def what_if(plan: Plan, show_pay: bool = False) -> str:
    """Sliders for orders per day, handle time, self-shipping and pay that re-draw heads and cost, as HTML.

    Every step is exact: what `make_plan` says of it. Without `show_pay` they move the plan `shown`.

    >>> from ecteam import load_scenario, make_plan
    >>> page = what_if(make_plan(load_scenario("tea_shop_startup")))
    >>> page.count("<input"), "http:" in page.replace("http://www.w3.org/2000/svg", "")
    (4, False)
    """
    plan = plan.shown(show_pay)
    grid, totals = what_if_grid(plan), plan.totals
    base = dict(zip(("ships", "orders", "handle", "pay"), grid.base, strict=True))
    sizes = {"orders": len(grid.orders_per_day), "handle": len(grid.handle_times), "pay": len(grid.pay_times)}
    rows = [(_named(WORDS[name], plan), totals[WORDS[name]]) for name in ("first", "last", "total", "per_month")]
    rows += zip(map(_heads_of, grid.departments), map(float, grid.by_department[grid.base]), strict=True)
    return filled(
        TEMPLATE,
        sliders=[(name, size, base[name]) for name, size in sizes.items()],
        ships=grid.ships[base["ships"]],
        charts={"heads": label("wi_heads_chart"), "cost": text("wi_cost_chart", currency=plan.scenario.currency)},
        rows=rows,
        figures=Html(figures(plan, grid)),
    )


def _named(key: str, plan: Plan) -> str:
    return with_unit(label(key), plan.scenario.currency if key.startswith("cost_") else "")


def _heads_of(department: str) -> str:
    return text("wi_heads_of", department=label(department))


def figures(plan: Plan, grid: WhatIfGrid) -> str:
    """The grid as JSON that may stand inside a page: whole heads, cost in hundredths, null where a team runs away."""
    content: dict[str, Any] = {
        "lang": language(),
        "currency": phrase(plan.scenario.currency),
        "months": list(plan.months.strftime("%m/%y" if language() == "en" else "%y-%m")),
        "ships": grid.ships,
        "orders_per_day": grid.orders_per_day,
        "handle_times": grid.handle_times,
        "pay_times": grid.pay_times,
        "minutes": plan.values[HANDLE[0]],
        "orders": grid.orders.tolist(),
        "base": grid.base,
        "departments": [_heads_of(name) for name in grid.departments],
        "heads": _whole(grid.heads),
        "by_department": _whole(grid.by_department),
        "cost": _whole(_cents(grid.cost)),
        "words": {name: _named(key, plan) for name, key in WORDS.items()},
    }
    # What could end the script or begin a comment in it is written as JSON allows.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _cents(amounts: np.ndarray) -> np.ndarray:
    """Amounts by month in hundredths: the sum of months is right to half of one, each month to one."""
    return np.diff(np.round(np.cumsum(amounts, axis=-1) * CENTS), axis=-1, prepend=0.0)


def _whole(values: np.ndarray) -> Any:
    """Whole numbers as nested lists; a row that holds one that is none is null."""
    if values.ndim == 1:
        return None if np.isnan(values).any() else [int(value) for value in values]
    return [_whole(part) for part in values]
