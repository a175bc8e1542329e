"""Pictures of decisions: where options cost the same, when posts become a person of their own, what defenders save.

Tables of decisions, defenders, stages, levers and differences for people. They hold the numbers the charts show.

Pictures of one shop in several stages.

Tables of one shop in several stages, side by side.
"""

from collections.abc import Mapping
from html import escape
from math import inf
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from pandas.io.formats.style import Styler

from ecteam.analysis.defenders import needed_loss_per_bad_order
from ecteam.analysis.difference import difference
from ecteam.analysis.options import Decision
from ecteam.analysis.stages import StageOfPlan, stage_of
from ecteam.analysis.tipping_points import TimeMachine
from ecteam.inputs.calendar_units import DAYS_PER_MONTH
from ecteam.inputs.words import label, language, listed, money, number, phrase, text
from ecteam.plan.headline import cards
from ecteam.plan.plan import Plan
from ecteam.view.picture import axes_of, names_beside, names_left, note
from ecteam.view.table import (
    Column,
    Html,
    captioned,
    name,
    part,
    plain,
    range_of,
    small,
    source_in_words,
    table,
    with_unit,
)

LINES = ("-", "--", "-.", ":")
MOST_DECADES = 3
"""Costs below a thousandth of the largest are drawn as that: they are next to nothing."""


def break_even(decision: Decision, ax: Axes | None = None) -> Axes:
    """Cost of the options for each order over orders a day; the break-evens that decide, with the range of the flip."""
    ax = axes_of(ax)
    units = decision.curves["orders_per_day"] * (DAYS_PER_MONTH if decision.per == "month" else 1)
    each = decision.curves["cost"] / units
    # What costs nothing more runs along the foot of the picture.
    each = each.clip(lower=each.max() / 10**MOST_DECADES)
    ends = []
    for i, option in enumerate(decision.options):
        mine = decision.curves["option"] == option
        orders, line = decision.curves.loc[mine, "orders_per_day"], LINES[i % len(LINES)]
        ax.plot(orders, each[mine], color=f"C{i}", linestyle=line, linewidth=1.8)
        ends.append((float(each[mine].iloc[-1]), label(option), f"C{i}"))
    ax.set(xscale="log", yscale="log")
    deciding = decision.break_evens[decision.break_evens["decides"]]
    lowest, highest = decision.curves["orders_per_day"].min(), decision.curves["orders_per_day"].max()
    for row in deciding.itertuples():
        ax.axvspan(max(row.low, lowest), min(row.high, highest), color="0.88", zorder=0, linewidth=0)
        ax.axvline(row.orders_per_day, color="0.35", linewidth=1.2)
    here = max(decision.orders_per_day, lowest)
    ax.axvline(here, color="C5", linewidth=1, linestyle=":")
    now = text("now_orders", orders_per_day=number(decision.orders_per_day))
    near = ((deciding["orders_per_day"] > 0.9 * here) & (deciding["orders_per_day"] < 3 * here)).any()
    dx, side = (-4, "right") if near else (4, "left")
    note(ax, here, 1, now, dx=dx, dy=-3, color="C5", size=8, within="x", va="top", ha=side)
    ax.set_xlim(lowest, highest)
    names_beside(ax, ends)
    ax.set_title(_break_even_title(decision, deciding))
    ax.set_ylabel(text(f"cost_each_{decision.per}", currency=decision.currency))
    ax.set_xlabel(text("orders_where_the_answer_flips"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3) if axis is ax.yaxis else (1,), numticks=8))
        axis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
        axis.set_minor_locator(NullLocator())
    return ax


def _break_even_title(decision: Decision, deciding: pd.DataFrame) -> str:
    best, orders = label(decision.best), number(decision.orders_per_day)
    if deciding.empty:
        return text("cheapest_at_any_volume", orders=orders, best=best)
    row = min(deciding.itertuples(), key=lambda r: abs(np.log(r.orders_per_day / max(decision.orders_per_day, 1))))
    high = f"{row.high:,.0f}" if np.isfinite(row.high) else "∞"
    above = label(str(row.above))
    return text("cheapest_from", orders_per_day=row.orders_per_day, low=row.low, high=high, above=above)


def tipping_points(machine: TimeMachine, ax: Axes | None = None) -> Axes:
    """Each post over orders a day: a hat of somebody, then from its tipping point a person of its own."""
    ax = axes_of(ax)
    lowest, highest = (machine.team["orders_per_day"].iloc[end] for end in (0, -1))
    table = machine.posts.assign(order=machine.posts["tips_at"].fillna(np.inf))
    table = table.sort_values(["order", "post"], ascending=False, kind="stable")
    for place, row in enumerate(table.itertuples()):
        has_work = machine.work[(machine.work["post"] == row.post) & (machine.work["fte"] > 0)]["orders_per_day"]
        if len(has_work):
            start = has_work.min()
            end = row.tips_at if row.tips_at == row.tips_at else highest
            ax.plot([start, end], [place, place], color="C4", linewidth=2, solid_capstyle="butt")
        if row.tips_at == row.tips_at:
            ax.plot([row.tips_at, highest], [place, place], color="C0", linewidth=7, solid_capstyle="butt")
            line = f"{'≤ ' if row.at_least else ''}{row.tips_at:,.0f}"
            # To the left over the thin line, unless the axis begins there.
            dx, side = (-3, "right") if row.tips_at > 2 * lowest else (2, "left")
            note(ax, row.tips_at, place, line, dx=dx, dy=7, size=8, ha=side)
        else:
            line = text("no_own_person_by", highest=highest)
            note(ax, highest, place, line, dx=-4, dy=7, size=8, ha="right")
    for row in machine.stages.itertuples():
        ax.axvline(row.from_orders_per_day, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
        note(ax, row.from_orders_per_day, len(table) - 0.2, label(row.stage), dx=3, size=8, color="0.35")
    ax.set(xscale="log", xlim=(lowest, highest), ylim=(-0.6, len(table) + 0.3))
    names_left(ax, range(len(table)), [label(post) for post in table["post"]])
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    own = table[table["tips_at"].notna() & ~table["at_least"]].sort_values("tips_at")
    if len(own):
        name, orders = label(str(own["post"].iloc[0])), f"{own['tips_at'].iloc[0]:,.0f}"
        ax.set_title(text("next_post_to_fill_a_person", name=name, orders=orders))
    else:
        ax.set_title(text("no_post_of_its_own"))
    ax.set_xlabel(text("tipping_points_axis"))
    return ax


def expected_loss(table: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """What each defender saves a year, from the low to the high end, beside what it costs."""
    ax = axes_of(ax)
    shown = table.iloc[::-1].reset_index(drop=True)
    floor = 1.0
    for place, row in enumerate(shown.itertuples()):
        ax.plot([max(row.cost, floor)], [place], marker="|", markersize=22, markeredgewidth=2.5, color="C5")
        if row.saving == row.saving:
            ends = [max(value, floor) for value in (row.saving_low, row.saving_high)]
            ax.plot(ends, [place, place], color="C0", linewidth=6, solid_capstyle="butt", alpha=0.55)
            ax.plot([max(row.saving, floor)], [place], marker="o", color="C0")
        else:
            line = text("your_figure_is_needed")
            note(ax, 0.01, place, line, size=8, color="0.35", within="y")
    ax.set_xscale("log")
    names_left(ax, range(len(shown)), [label(name) for name in shown["defender"]])
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    sure = [label(name) for name in table.loc[table["answer"] == "hire", "defender"]]
    ax.set_title(text("defenders_pay", names=sure) if sure else text("no_defender_pays"))
    ax.set_xlabel(text("expected_loss_axis", currency=currency))
    return ax


def question(stage: StageOfPlan) -> Html:
    """The question of the stage, what the evidence says, and what is to be warned of."""
    chosen, says = label(stage.chosen), label(stage.says)
    line = text("stage_and_evidence", chosen=chosen, says=says)
    notes = "".join(f"<li>{escape(text('warning.' + key))}</li>" for key in stage.warnings)
    return Html(
        f"<p class='question'>{escape(text('asks.' + stage.chosen))}</p><p>{escape(line)}</p>"
        + (f"<ul class='notes'>{notes}</ul>" if notes else "")
    )


def evidence(stage: StageOfPlan) -> Styler:
    """The evidence of the stage: measure, value, thresholds, what it says, and where the thresholds are from."""
    return table(
        stage.evidence,
        Column("measure", of=language()),
        Column("value", number),
        Column("growth_from", number),
        Column("maturity_from", number),
        Column("unit", phrase),
        Column("evidence_says", of=lambda r: label(r.says) + (text("close_to_it") if r.close else "")),
        Column("source", of=source_in_words, wide=True, cited=True),
    )


def posts(stage: StageOfPlan) -> Styler:
    """Every post: what it answers, its work, its trigger and whether it is met, what follows, and why."""

    def trigger(row: Any) -> str:
        limits = f"{number(row.value)} / {number(row.typical)} ({number(row.low)}–{number(row.high)})"
        return f"{label(MEASURES_OF_POSTS.get(row.measure, row.measure))}: {limits}"

    return table(
        stage.posts,
        Column("post_of", label, "post"),
        Column("question_answered", label, "answers"),
        Column("work_fte_decided", ".2f", "fte"),
        Column("trigger_met", of=trigger),
        Column("answer", label, "status"),
        Column("why", of=language(), wide=True),
        caption=text("nearest_to_its_trigger", post=label(stage.next_post)) if stage.next_post else "",
    )


def flips_in_words(decision: Decision) -> str:
    """How many of the assumptions, each alone within its range, change the answer."""
    n = decision.flipping
    return text("assumptions_change_the_answer", n=n, of=len(decision.flips)) if n else ""


def tips_in_words(decision: Decision) -> str:
    """The nearest number of orders at which the answer changes, if there is one; where the shop has those orders by
    now, the plan does not yet do what is best for them."""
    found, own = decision.break_evens[decision.break_evens["decides"]], decision.orders_per_day
    rises = found["orders_per_day"] > own
    mine = found[(found["below"] == decision.best).where(rises, found["above"] == decision.best)]
    if not own or mine.empty:
        return text("at_any_number_of_orders")
    times = mine["orders_per_day"] / own
    at = mine.loc[times.where(times > 1, 1 / times).idxmin()]
    more = at["orders_per_day"] > own
    then = str(at["above"] if more else at["below"])
    words = {"orders": number(float(at["orders_per_day"])), "own": number(own), "then": small(label(then))}
    if then == decision.present:
        return text("pays_beyond" if not more else "pays_below", **words)
    return text("changes_from" if more else "changes_below", **words)


def options(decision: Decision) -> Styler:
    """The options of a decision at the shop's own orders: cost, more than the cheapest, and where each takes over."""
    deciding = decision.break_evens[decision.break_evens["decides"]]

    def takes_over(row: Any) -> str:
        starts = deciding[deciding["above"] == row.option].itertuples()
        return ", ".join(_spread(start.orders_per_day, start.low, start.high) for start in starts)

    shown = table(
        decision.now,
        Column("option", label),
        Column("", number, "cost", unit=with_unit(phrase(decision.currency), label(f"per_{decision.per}"))),
        Column("more_than_cheapest", number, "more_than_best"),
        Column("more_than_the_plan", number, "more_than_present"),
        Column("cheapest_from_orders", of=takes_over, right=True),
    )
    space = " " if language() == "en" else ""
    return captioned(shown, space.join(phrase(note) for note in decision.notes))


def curves(decision: Decision, points: int = 9) -> Styler:
    """The numbers behind the chart of a break-even: what each option costs at some numbers of orders a day."""
    costs = decision.curves.pivot_table(index="orders_per_day", columns="option", values="cost", sort=False)
    shown = costs.iloc[np.unique(np.linspace(0, len(costs) - 1, points).round().astype(int))][decision.options]
    unit = f"{phrase(decision.currency)} {label(f'per_{decision.per}')}"
    return table(
        shown.set_axis([f"option_{i}" for i in range(len(decision.options))], axis="columns").reset_index(),
        Column("orders_per_day", number),
        *(
            Column(name, lambda cost: number(float(f"{cost:.4g}")), f"option_{i}", unit=unit, right=True)
            for i, name in enumerate(decision.options)
        ),
    )


def flips(decision: Decision, n: int = 6) -> Styler:
    """The assumptions that flip the answer or else move it most: range, where it flips, what is best at each end."""
    return table(
        decision.flips.head(n),
        Column("assumption", of=language()),
        Column("low_typical_high", of=range_of, right=True),
        Column("unit", phrase),
        Column("flips_at", number),
        Column("best_at_low", label),
        Column("best_at_high", label),
        Column("kind", phrase),
        caption=text(
            "assumptions_flip",
            flipping=decision.flipping,
            of=len(decision.flips),
            orders=number(decision.orders_per_day),
        ),
    )


def first_hires(found: pd.DataFrame, currency: str) -> Styler:
    """The first heads of HR, finance and technology: hours, what they are worth and cost, break-even heads, answer."""
    return table(
        found,
        Column("post_of", label, "post"),
        Column("hours_a_month", number, "hours_per_month"),
        Column("pairs_in_step", number, "friction_pairs"),
        Column("worth_a_month", number, "value_per_month", currency),
        Column("cost_a_month", number, "cost_per_month", currency),
        Column(
            "pays_from_heads",
            of=lambda r: _spread(r.break_even_heads, r.break_even_low, r.break_even_high),
            right=True,
        ),
        Column("heads", "d"),
        Column("answer", label),
    )


def defences(found: pd.DataFrame, currency: str) -> Styler:
    """The defenders: cost and saving a year with its range, break-even beside what the shop has, and the answer."""
    return table(
        found,
        Column("post_of", label, "defender"),
        Column("by_means", label, "means"),
        Column("cost_a_year", number, "cost", currency),
        Column("saves_a_year", of=lambda r: _spread(r.saving, r.saving_low, r.saving_high), unit=currency, right=True),
        Column("pays_from", figure, "break_even", right=True),
        Column("shop_has", number, "has"),
        Column("unit", label),
        Column(
            "answer", of=lambda r: label(r.answer) + (": " + listed(map(label, r.asks.split(", "))) if r.asks else "")
        ),
    )


def needed_loss(plan: Plan, margin_per_order: float) -> Html:
    """From which loss on a bad order reviewing orders pays, over the range of its assumptions, in a sentence."""
    losses = needed_loss_per_bad_order(plan, margin_per_order)
    high, typical, low = (number(round(loss)) if loss < inf else "∞" for loss in losses)
    currency = plan.scenario.currency
    shown = money(f"{low} – {high}", currency)
    line = text(
        "review_pays_from", shown=shown, typical=typical, currency=currency, margin_per_order=number(margin_per_order)
    )
    return Html(f"<p>{escape(line)}</p>")


def small_holes(found: pd.DataFrame, currency: str) -> Styler:
    """The largest single losses against the cash: what is left, and whether it sinks the ship, or is unknown."""
    return table(
        found,
        Column("hole", lambda hole: label(hole) if hole in HOLES else hole),
        Column("largest_loss", number, unit=currency),
        Column("months_of_cost", number),
        Column("cash_left", number, unit=currency),
        Column(
            "sinks_the_ship", lambda sinks: "–" if sinks is None else label("sinks" if sinks else "floats"), "sinks"
        ),
        caption=text("no_cash_figure") if found["cash_left"].isna().all() else "",
    )


def levers(found: pd.DataFrame, currency: str) -> Styler:
    """The growth levers: heads, work and cost that each adds, to whom most, and the orders that would pay for it."""
    return table(
        found,
        Column("lever", lambda lever: label(MEASURES_OF_POSTS.get(lever, lever))),
        Column("heads", "+d"),
        Column("work_fte_decided", "+.1f", "fte"),
        Column("cost_a_month", number, "cost_per_month", currency),
        Column("adds_most_to", name, "role"),
        Column("because_of", name, "duty"),
        Column("orders_to_pay", number),
    )


def changes(before: Plan, after: Plan) -> Styler:
    """What changes between two plans: heads and cost by role, with the duty that moves it most and its cause."""
    rows, currency = difference(before, after), before.scenario.currency
    start, end, cost = rows[["heads_before", "heads_after", "cost"]].sum()

    def why(row: Any) -> str:
        said = f"{label(row.duty)} ({label(row.driver)}): {row.hours:+,.0f} {label('hours_short')}" if row.duty else ""
        return f"{said}; {text('now_done_by', role=label(row.now_by))}" if row.now_by else said

    return table(
        rows,
        Column("role_of", lambda role: label(role or "whole_shop"), "role"),
        Column("heads_before", "d"),
        Column("heads_after", "d"),
        Column("cost_a_month", number, "cost", currency),
        Column("why", of=why),
        more=[(text("total_of_these_roles"), f"{start:.0f}", f"{end:.0f}", number(float(cost)), "")],
        total=True,
    )


def tipping_points_table(machine: TimeMachine) -> Styler:
    """The posts by the orders at which each becomes a person of its own, its work there and one order below."""
    return table(
        machine.posts.sort_values("tips_at", kind="stable"),
        Column("post_of", label, "post"),
        Column("tips_at", of=lambda r: ("≤ " if r.at_least else "") + number(r.tips_at), right=True),
        Column("fte_below", lambda fte: f"{fte:.3f}" if fte == fte else "", right=True),
        Column("fte_at", ".3f"),
        Column("stage", name),
        Column("worn_by", lambda role: label(role) if role else ""),
        caption=text("tipping_points_note"),
    )


def figure(value: float) -> str:
    """A figure that may be beyond every bound."""
    return "∞" if value == inf else number(value)


def _spread(value: float, low: float, high: float) -> str:
    """A value with its range."""
    return "–" if value != value else f"{figure(value)} ({figure(low)}–{figure(high)})"


HOLES = ("fine", "incident", "bad_lot", "late_peak_day")
MEASURES_OF_POSTS = {
    "orders_per_day": "orders",
    "channels": "channels_lever",
    "fte": "work_fte_decided",
    "heads": "heads",
}


LABEL_SHARE = 0.045
"""A part of a bar narrower than this share has no room for its figure."""


def heads_by_department(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Heads of the last month: departments x plans, the largest department of the last plan first."""
    columns = {}
    for stage, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        columns[stage] = last.groupby("department", sort=False)["heads"].sum()
    table = pd.DataFrame(columns).fillna(0).astype(int)
    return table.loc[table.sum(axis=1) > 0].sort_values(list(plans)[-1], ascending=False, kind="stable")


def shape_of_teams(plans: Mapping[str, Plan], ax: Axes | None = None) -> Axes:
    """The share of each department in the heads of each stage: how the shape of the team changes."""
    ax = axes_of(ax)
    table = heads_by_department(plans)
    names, shares = [label(stage) for stage in plans], table / table.sum()
    left, places = np.zeros(len(plans)), np.arange(len(plans))
    for i, (_, row) in enumerate(shares.iterrows()):
        ax.barh(places, row, left=left, height=0.6, color=_colour(i), edgecolor="white")
        for place, share, start in zip(places, row, left, strict=True):
            if share >= LABEL_SHARE:
                heads = f"{table.iloc[i, place]}"
                ax.text(start + share / 2, float(place), heads, ha="center", va="center", fontsize=8.5,
                        color="black" if i in (1, 4, 6) or i >= 8 else "white")  # fmt: skip
        left = left + row.to_numpy()
    totals = table.sum()
    names_left(ax, places, [f"{name}\n{totals[stage]}" for name, stage in zip(names, plans, strict=True)])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.grid(visible=False)
    first, last = next(iter(plans)), list(plans)[-1]
    top = label(str(table.index[0]))
    before, after = f"{shares[first].iloc[0]:.0%}", f"{shares[last].iloc[0]:.0%}"
    fewest, most = number(int(totals[first])), number(int(totals[last]))
    ax.set_title(text("shape_of_teams_title", fewest=fewest, most=most, top=top, before=before, after=after))
    ax.set_xlabel(text("shape_of_teams_axis"))
    for i, department in enumerate(table.index):
        height = 1 - (i + 0.5) / len(table)
        note(ax, 1, height, label(str(department)), dx=20, size=8.5, within="axes")
        ax.text(1.012, height, "■", color=_colour(i), transform=ax.transAxes, va="center")
    return ax


def _colour(place: int) -> str:
    """The colours of the style, then greys."""
    return f"C{place}" if place < 8 else str(0.5 + 0.06 * (place - 8))


MEASURES = ("layers", "managers", "mean_span", "largest_span", "working_leads", "management_cost_share")


def stage_summary(plans: Mapping[str, Plan]) -> Html:
    """The first sheet: what each stage asks, its team and cost, and the posts that become a person's there."""
    shop = next(iter(plans.values())).scenario.name
    question = text("how_the_team_changes", shop=shop)
    figures, parts, before = [], [], set()
    for stage, plan in plans.items():
        totals, orders = plan.totals, number(round(plan.inputs.orders_per_day))
        heads = number(totals["heads_last_month"])
        cost = money(number(totals["cost_per_month"]), plan.scenario.currency)
        words = text("heads_in_stage", stage=label(stage), orders=orders)
        figures.append((heads, words))
        due = stage_of(plan).posts
        new = [label(post) for post in due.loc[due["status"] == "now", "post"] if post not in before]
        before |= set(due.loc[due["status"] == "now", "post"])
        each = money(f"{totals['cost_per_order']:,.2f}", plan.scenario.currency)
        due_now = escape(text("stage_posts_due", posts=new or ["–"]))
        asks = f"{text('stage_asks')}<b>{text('asks.' + stage)}</b>"
        parts.append(part(label(stage), [asks, text("stage_costs", cost=cost, each=each), due_now]))
    kept = text("only_orders_and_stage_change")
    return Html(
        f"<section class='summary short'><p class='question'>{escape(question)}</p>"
        f"{cards(figures)}"
        f"<div class='parts three'>{''.join(parts)}</div><p>{kept}</p></section>"
    )


def departments(plans: Mapping[str, Plan]) -> Styler:
    """Heads of the last month by department and stage, with the total."""
    table = heads_by_department(plans)
    rows = [
        (label(str(name)), *(f"{n:,}" for n in row)) for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    rows.append((label("total"), *(f"{n:,}" for n in table.sum())))
    columns = [label("department"), *(label(stage) for stage in plans)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)


def shapes(plans: Mapping[str, Plan]) -> Styler:
    """How high and how wide the organisation is in each stage: layers, leaders, spans, what leading costs."""
    found = {stage: plan.organised().measures["value"] for stage, plan in plans.items()}
    rows = [
        (
            label(measure),
            *(
                f"{values[measure]:.1%}" if measure.endswith("share") else number(round(float(values[measure]), 1))
                for values in found.values()
            ),
        )
        for measure in MEASURES
    ]
    columns = [label("measure"), *(label(stage) for stage in plans)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])
