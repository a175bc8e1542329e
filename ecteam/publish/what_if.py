"""The what-if of a report page: sliders that work without Python, from figures that Python has computed.

A fragment of HTML with its own style and script and its figures inside: no request to anywhere, no library.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ecteam.analysis.what_if import HANDLE, WhatIfGrid, what_if_grid
from ecteam.inputs.words import label, language, number
from ecteam.plan.plan import Plan

TEMPLATES = Path(__file__).with_name("template")
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
    grid = what_if_grid(plan)
    style, script = ((TEMPLATES / f"what_if.{ending}").read_text(encoding="utf-8") for ending in ("css", "js"))
    parts = [
        '<section class="what-if">',
        f"<style>{style}</style>",
        f'<h2 id="what-if-sliders">{escape(label("wi_title"))}</h2>',
        f'<p class="about">{escape(label("wi_about"))}</p>',
        f"<noscript><p>{escape(label('wi_no_script'))}</p></noscript>",
        _controls(grid),
        '<p class="now" data-part="summary" role="status" aria-live="polite"></p>',
        _charts(plan),
        _table(plan, grid),
        f'<script type="application/json">{figures(plan, grid)}</script>',
        f"<script>{script}</script>",
        "</section>",
    ]
    return "\n".join(parts)


def _controls(grid: WhatIfGrid) -> str:
    """The sliders; hidden until the script is there to move them."""
    sizes = {"orders": len(grid.orders_per_day), "handle": len(grid.handle_times), "pay": len(grid.pay_times)}
    base = dict(zip(("ships", "orders", "handle", "pay"), grid.base, strict=True))
    made = {
        name: f'<label>{escape(label(f"wi_{name}"))} <output data-part="{name}-out"></output>'
        f'<input type="range" data-part="{name}" min="0" max="{size - 1}" step="1" value="{base[name]}"></label>'
        for name, size in sizes.items()
    }
    checked = " checked" if grid.ships[base["ships"]] else ""
    switch = (
        f'<label class="switch"><input type="checkbox" data-part="ships"{checked}> {escape(label("wi_ships"))} '
        '<output data-part="ships-out"></output></label>'
    )
    reset = f'<button type="button" data-part="reset">{escape(label("wi_reset"))}</button>'
    legend = f"<legend>{escape(label('wi_controls'))}</legend>"
    return f'<fieldset data-part="controls" hidden>{legend}{"".join(made.values())}{switch}{reset}</fieldset>'


def _charts(plan: Plan) -> str:
    cost = label("wi_cost_chart").format(currency=plan.scenario.currency)
    titles, outline = {"heads": label("wi_heads_chart"), "cost": cost}, label("wi_outline")
    figures = [
        f'<figure><figcaption>{escape(title)} <span class="outline">· {escape(outline)}</span></figcaption>'
        f'<svg viewBox="0 0 420 190" role="img" aria-label="{escape(title)}" data-part="{name}-chart"></svg></figure>'
        for name, title in titles.items()
    ]
    return f'<div class="charts">{"".join(figures)}</div>'


def _table(plan: Plan, grid: WhatIfGrid) -> str:
    """The figures as planned, which the script replaces by those of its settings."""
    heads = "".join(f'<th scope="col">{escape(label(f"wi_{key}"))}</th>' for key in ("figure", "planned"))
    heads += "".join(f'<th scope="col">{escape(label(f"wi_{key}"))}</th>' for key in ("now", "moved"))
    totals = plan.totals
    shown = ("heads_first_month", "heads_last_month", "cost_total", "cost_per_month")
    rows = [(_named(key, plan), number(totals[key])) for key in shown]
    last = grid.by_department[grid.base]
    rows += [(_heads_of(name), number(float(n))) for name, n in zip(grid.departments, last, strict=True)]
    body = "".join(f'<tr><th scope="row">{escape(n)}</th><td>{v}</td><td></td><td></td></tr>' for n, v in rows)
    return f'<table><thead><tr>{heads}</tr></thead><tbody data-part="figures">{body}</tbody></table>'


def _named(key: str, plan: Plan) -> str:
    """A word of the page; amounts with their currency."""
    return label(key) + (f", {plan.scenario.currency}" if key.startswith("cost_") else "")


def _heads_of(department: str) -> str:
    return label("wi_heads_of").format(department=label(department))


def figures(plan: Plan, grid: WhatIfGrid) -> str:
    """The grid as JSON that may stand inside a page: whole heads, cost in hundredths, null where a team runs away."""
    content: dict[str, Any] = {
        "lang": language(),
        "currency": plan.scenario.currency,
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
