"""A plan in a line, and as a notebook shows it: the answer in figures, and what to try next."""

from html import escape
from typing import Any

from ecteam.inputs.words import CARDS, label, month_in_words, number, text
from ecteam.plan.solution import Solution


def in_a_line(plan: Solution, totals: dict[str, float]) -> str:
    """The shop, its months, heads and cost.

    >>> from ecteam import load_scenario, make_plan
    >>> make_plan(load_scenario("tea_shop_startup", months=1))  # doctest: +ELLIPSIS
    <Plan of Mountain Tea (start-up), Jan 2027: ... heads, ... CNY a month>
    """
    cost, shop = number(totals["cost_per_month"]), plan.scenario
    words = {"name": shop.name, "months": _months(plan), "heads": _heads(totals), "cost": cost}
    return text("plan_repr", **words, currency=shop.currency)


def in_a_notebook(plan: Solution, totals: dict[str, float], role: str) -> str:
    """The same as cards, and lines of Python that go on from it; `role` is one to explain."""
    shop = plan.scenario
    figures = [
        (_heads(totals), f"{label('headline_heads')}{_months(plan)}"),
        (number(totals["fte_mean"]), label("headline_fte")),
        (f"{number(totals['cost_per_month'])} {shop.currency}", label("headline_cost")),
    ]
    other = f"make_plan(plan.scenario.with_changes(self_shipping={not shop.self_shipping}))"
    lines = {
        "plan.team": "try_next.team",
        "plan.cash_cost": "try_next.cost",
        f'explain(plan, "{role}")': "try_next.explain",
        f'compare({{"now": plan, "changed": {other}}})': "try_next.compare",
    }
    cards = "".join(f"<div class='figure'><b>{escape(b)}</b><span>{escape(said)}</span></div>" for b, said in figures)
    items = "".join(f"<li><code>{escape(code)}</code>: {escape(text(key))}</li>" for code, key in lines.items())
    return (
        f"<style>{CARDS}</style><p><b>{escape(shop.name)}</b></p><div class='figures'>{cards}</div>"
        f"<p>{escape(text('try_next'))}</p><ul>{items}</ul>"
    )


def _heads(totals: dict[str, Any]) -> str:
    first, last = totals["heads_first_month"], totals["heads_last_month"]
    return f"{first}" if first == last else f"{first} → {last}"


def _months(plan: Solution) -> str:
    first, last = (month_in_words(plan.months[at]) for at in (0, -1))
    return first if first == last else f"{first} – {last}"
