"""A plan in a line, and as a notebook shows it: the answer in figures, and what to try next."""

from collections.abc import Sequence
from html import escape
from typing import Any

from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.words import CARDS, label, language, money, month_in_words, number, phrase, text
from ecteam.plan.solution import Solution


def in_a_line(plan: Solution, totals: dict[str, float]) -> str:
    """The shop, its months, heads and cost.

    >>> from ecteam import load_scenario, make_plan
    >>> make_plan(load_scenario("tea_shop_startup", months=1))  # doctest: +ELLIPSIS
    <Plan of Mountain Tea (start-up), Jan 2027: ... heads, ... CNY a month>
    """
    cost, shop = number(totals["cost_per_month"]), plan.scenario
    words = {"name": phrase(shop.name), "months": months(plan), "heads": _heads(totals), "cost": cost}
    return text("plan_repr", **words, currency=shop.currency)


def in_a_notebook(plan: Solution, totals: dict[str, float], role: str) -> str:
    """The same as cards, and lines of Python that go on from it; `role` is one to explain."""
    shop = plan.scenario
    other = f"make_plan(plan.scenario.with_changes(self_shipping={not shop.self_shipping}))"
    lines = {
        "plan.team": "try_next.team",
        "plan.cost": "try_next.cost",
        f'explain(plan, "{role}")': "try_next.explain",
        f'compare({{"now": plan, "changed": {other}}})': "try_next.compare",
    }
    items = "".join(f"<li><code>{escape(code)}</code>: {escape(text(key))}</li>" for code, key in lines.items())
    return (
        f"<style>{CARDS}</style><p><b>{escape(phrase(shop.name))}</b></p>{cards(figures(plan, totals))}"
        f"<p>{escape(text('try_next'))}</p><ul>{items}</ul>"
    )


def figures(plan: Solution, totals: dict[str, Any]) -> list[tuple[str, str]]:
    """Heads, full-time equivalents and cost a month, each with the words that say what it is."""
    part_time = int((plan.results.employed_fte[:, 0, -1] % 1 > ROUNDING).sum())
    heads = text("headline_heads" if part_time else "headline_all_full_time", n=part_time, months=months(plan))
    return [
        (_heads(totals), heads),
        (number(totals["fte_mean"]), label("headline_fte")),
        (money(number(totals["cost_per_month"]), plan.scenario.currency), label("headline_cost")),
    ]


def share_of_sales(plan: Solution, totals: dict[str, Any]) -> float:
    """The cost of people as a share of the value of the orders; NaN for a shop without orders."""
    revenue = float(totals["orders_total"]) * plan.scenario.average_order_value
    return float(totals["cost_total"]) / revenue if revenue else float("nan")


def cards(figures: Sequence[tuple[str, str]]) -> str:
    """Figures in large type, each with the words that say what it is."""
    inside = "".join(
        f"<div class='figure'><b>{escape(value)}</b><span>{escape(unit)}</span></div>" for value, unit in figures
    )
    return f"<div class='figures'>{inside}</div>"


def months(plan: Solution) -> str:
    """The months of a plan in words."""
    first, last = (month_in_words(plan.months[at]) for at in (0, -1))
    return first if first == last else f"{first}{' to ' if language() == 'en' else '至'}{last}"


def first_to_last(first: float, last: float) -> str:
    """People at the start and at the end.

    >>> first_to_last(5, 6), first_to_last(6, 6)
    ('5 → 6', '6')
    """
    return f"{last:.0f}" if first == last else f"{first:.0f} → {last:.0f}"


def _heads(totals: dict[str, Any]) -> str:
    return first_to_last(totals["heads_first_month"], totals["heads_last_month"])
