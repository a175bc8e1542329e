"""Decisions, defenders, stages, levers and differences of plans: pictures, and tables of the numbers they show."""

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
from ecteam.view.picture import chart, names_beside, names_left, note
from ecteam.view.table import (
    Column,
    Html,
    captioned,
    columns_of,
    figure,
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


@chart
def break_even(decision: Decision, *, ax: Axes) -> None:
    """Cost of the options for each order over orders a day; the break-evens that decide, with the range of the flip."""
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


def _break_even_title(decision: Decision, deciding: pd.DataFrame) -> str:
    best, orders = label(decision.best), number(decision.orders_per_day)
    if deciding.empty:
        return text("cheapest_at_any_volume", orders=orders, best=best)
    row = min(deciding.itertuples(), key=lambda r: abs(np.log(r.orders_per_day / max(decision.orders_per_day, 1))))
    high = f"{row.high:,.0f}" if np.isfinite(row.high) else "∞"
    above = label(str(row.above))
    return text("cheapest_from", orders_per_day=row.orders_per_day, low=row.low, high=high, above=above)


@chart
def tipping_points(machine: TimeMachine, *, ax: Axes) -> None:
    """Each post over orders a day: a hat of somebody, then from its tipping point a person of its own."""
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


@chart
def expected_loss(table: pd.DataFrame, currency: str, *, ax: Axes) -> None:
    """What each defender saves a year, from the low to the high end, beside what it costs."""
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

    def says(row: Any) -> str:
        return label(row.says) + (text("close_to_it") if row.close else "")

    return table(stage.evidence, "decisions.evidence", evidence_says=says, source=source_in_words)


def posts(stage: StageOfPlan) -> Styler:
    """Every post: what it answers, its work, its trigger and whether it is met, what follows, and why."""

    def trigger(row: Any) -> str:
        limits = f"{number(row.value)} / {number(row.typical)} ({number(row.low)}–{number(row.high)})"
        return f"{label(MEASURES_OF_POSTS.get(row.measure, row.measure))}: {limits}"

    caption = text("nearest_to_its_trigger", post=label(stage.next_post)) if stage.next_post else ""
    return table(stage.posts, "decisions.posts", trigger_met=trigger, caption=caption)


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

    unit = with_unit(phrase(decision.currency), label(f"per_{decision.per}"))
    shown = table(decision.now, "decisions.options", unit=unit, cheapest_from_orders=takes_over)
    space = " " if language() == "en" else ""
    return captioned(shown, space.join(phrase(note) for note in decision.notes))


def curves(decision: Decision, points: int = 9) -> Styler:
    """The numbers behind the chart of a break-even: what each option costs at some numbers of orders a day."""
    costs = decision.curves.pivot_table(index="orders_per_day", columns="option", values="cost", sort=False)
    shown = costs.iloc[np.unique(np.linspace(0, len(costs) - 1, points).round().astype(int))][decision.options]
    unit = f"{phrase(decision.currency)} {label(f'per_{decision.per}')}"
    rows = shown.map(lambda cost: number(float(f"{cost:.4g}")))
    rows.columns = [f"option_{i}" for i in range(len(decision.options))]
    costs_of = [Column(name, f"option_{i}", unit=unit, look="right") for i, name in enumerate(decision.options)]
    return table(rows.reset_index(), [*columns_of("decisions.curves").values(), *costs_of])


def flips(decision: Decision, n: int = 6) -> Styler:
    """The assumptions that flip the answer or else move it most: range, where it flips, what is best at each end."""
    words = {"flipping": decision.flipping, "of": len(decision.flips), "orders": number(decision.orders_per_day)}
    caption = text("assumptions_flip", **words)
    return table(decision.flips.head(n), "decisions.flips", low_typical_high=range_of, caption=caption)


def first_hires(found: pd.DataFrame, currency: str) -> Styler:
    """The first heads of HR, finance and technology: hours, what they are worth and cost, break-even heads, answer."""

    def pays_from(row: Any) -> str:
        return _spread(row.break_even_heads, row.break_even_low, row.break_even_high)

    return table(found, "decisions.first_hires", unit=currency, pays_from_heads=pays_from)


def defences(found: pd.DataFrame, currency: str) -> Styler:
    """The defenders: cost and saving a year with its range, break-even beside what the shop has, and the answer."""
    return table(
        found,
        "decisions.defences",
        unit=currency,
        saves_a_year=lambda row: _spread(row.saving, row.saving_low, row.saving_high),
        answer=lambda row: label(row.answer) + (": " + listed(map(label, row.asks.split(", "))) if row.asks else ""),
    )


def needed_loss(plan: Plan, margin_per_order: float) -> Html:
    """From which loss on a bad order reviewing orders pays, over the range of its assumptions, in a sentence."""
    losses = needed_loss_per_bad_order(plan, margin_per_order)
    high, typical, low = (number(round(loss)) if loss < inf else "∞" for loss in losses)
    currency = plan.scenario.currency
    words = {"typical": typical, "currency": currency, "margin_per_order": number(margin_per_order)}
    line = text("review_pays_from", shown=money(f"{low} – {high}", currency), **words)
    return Html(f"<p>{escape(line)}</p>")


def small_holes(found: pd.DataFrame, currency: str) -> Styler:
    """The largest single losses against the cash: what is left, and whether it sinks the ship, or is unknown."""

    def sinks(row: Any) -> str:
        return "–" if row.sinks is None else label("sinks" if row.sinks else "floats")

    return table(
        found,
        "decisions.small_holes",
        unit=currency,
        hole=lambda row: label(row.hole) if row.hole in HOLES else row.hole,
        sinks_the_ship=sinks,
        caption=text("no_cash_figure") if found["cash_left"].isna().all() else "",
    )


def levers(found: pd.DataFrame, currency: str) -> Styler:
    """The growth levers: heads, work and cost that each adds, to whom most, and the orders that would pay for it."""

    def lever(row: Any) -> str:
        return label(MEASURES_OF_POSTS.get(row.lever, row.lever))

    return table(found, "decisions.levers", unit=currency, lever=lever)


def changes(before: Plan, after: Plan) -> Styler:
    """What changes between two plans: heads and cost by role, with the duty that moves it most and its cause."""
    rows, currency = difference(before, after), before.scenario.currency
    start, end, cost = rows[["heads_before", "heads_after", "cost"]].sum()

    def why(row: Any) -> str:
        if not row.duty:
            # A manager has no duty of its own, but what the owner has no time for.
            return text("beyond_the_owner") if row.role == "shop_manager" and row.heads > 0 else ""
        said = text("more_of_duty", duty=label(row.duty), driver=label(row.driver), hours=row.hours)
        return listed([said, text("now_done_by", role=label(row.now_by))]) if row.now_by else said

    return table(
        rows,
        "decisions.changes",
        unit=currency,
        role_of=lambda row: label(row.role or "whole_shop"),
        why=why,
        more=[(text("total_of_these_roles"), f"{start:.0f}", f"{end:.0f}", number(float(cost)), "")],
        total=True,
    )


def tipping_points_table(machine: TimeMachine) -> Styler:
    """The posts by the orders at which each becomes a person of its own, its work there and one order below."""
    return table(
        machine.posts.sort_values("tips_at", kind="stable"),
        "decisions.tipping_points",
        tips_at=lambda row: ("≤ " if row.at_least else "") + number(row.tips_at),
        fte_below=lambda row: f"{row.fte_below:.3f}" if row.fte_below == row.fte_below else "",
        caption=text("tipping_points_note"),
    )


def _spread(value: float, low: float, high: float) -> str:
    return "–" if value != value else f"{figure(value)} ({figure(low)}–{figure(high)})"


HOLES = ("fine", "incident", "bad_lot", "late_peak_day")
MEASURES_OF_POSTS = {"orders_per_day": "orders", "channels": "channels_lever", "fte": "work_fte_decided"}
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


@chart
def shape_of_teams(plans: Mapping[str, Plan], *, ax: Axes) -> None:
    """The share of each department in the heads of each stage: how the shape of the team changes."""
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


def _colour(place: int) -> str:
    return f"C{place}" if place < 8 else str(0.5 + 0.06 * (place - 8))


MEASURES = ("layers", "managers", "mean_span", "largest_span", "working_leads", "management_cost_share")


def stage_summary(plans: Mapping[str, Plan]) -> Html:
    """The first sheet: what each stage asks, its team and cost, and the posts that become a person's there."""
    shop = phrase(next(iter(plans.values())).scenario.name)
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
    rows = []
    for measure in MEASURES:
        form = ".1%" if measure.endswith("share") else ""
        shown = [format(v[measure], form) if form else number(round(float(v[measure]), 1)) for v in found.values()]
        rows.append((label(measure), *shown))
    columns = [label("measure"), *(label(stage) for stage in plans)]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:])
