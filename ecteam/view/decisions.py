"""Pictures of decisions: where options cost the same, when posts become a person of their own, what defenders save.

Tables of decisions, defenders, stages, levers and differences for people. They hold the numbers the charts show.

Pictures of one shop in several stages.

Tables of one shop in several stages, side by side.
"""

from collections.abc import Mapping
from html import escape
from math import inf

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
from ecteam.inputs.scenario import field_info
from ecteam.inputs.words import label, language, number, phrase
from ecteam.plan.plan import Plan
from ecteam.view.picture import axes_of, names_beside, names_left, note
from ecteam.view.report import part
from ecteam.view.table import Html, plain

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
        ax.plot(
            decision.curves.loc[mine, "orders_per_day"],
            each[mine],
            color=f"C{i}",
            linestyle=LINES[i % len(LINES)],
            linewidth=1.8,
        )
        ends.append((float(each[mine].iloc[-1]), label(option), f"C{i}"))
    ax.set_xscale("log")
    ax.set_yscale("log")
    deciding = decision.break_evens[decision.break_evens["decides"]]
    lowest, highest = decision.curves["orders_per_day"].min(), decision.curves["orders_per_day"].max()
    for row in deciding.itertuples():
        ax.axvspan(max(row.low, lowest), min(row.high, highest), color="0.88", zorder=0, linewidth=0)
        ax.axvline(row.orders_per_day, color="0.35", linewidth=1.2)
    here = max(decision.orders_per_day, lowest)
    ax.axvline(here, color="C5", linewidth=1, linestyle=":")
    now = {"en": f"now: {number(decision.orders_per_day)}", "zh": f"现在：{number(decision.orders_per_day)}"}[
        language()
    ]
    near = ((deciding["orders_per_day"] > 0.9 * here) & (deciding["orders_per_day"] < 3 * here)).any()
    dx, side = (-4, "right") if near else (4, "left")
    note(ax, here, 1, now, dx=dx, dy=-3, color="C5", size=8, within="x", va="top", ha=side)
    ax.set_xlim(lowest, highest)
    names_beside(ax, ends)
    ax.set_title(_break_even_title(decision, deciding))
    per = {
        "month": {"en": "an order", "zh": "每单"},
        "event": {"en": "an event, for each order a day", "zh": "每次大促，按日均每单"},
    }[decision.per][language()]
    ax.set_ylabel(f"{decision.currency} {per}")
    ax.set_xlabel(
        {
            "en": "orders a day; grey: where the answer flips over the assumptions, each alone",
            "zh": "日均订单；灰色：单个假设变动时答案翻转的范围",
        }[language()]
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3) if axis is ax.yaxis else (1,), numticks=8))
        axis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
        axis.set_minor_locator(NullLocator())
    return ax


def _break_even_title(decision: Decision, deciding: pd.DataFrame) -> str:
    best, orders = label(decision.best), number(decision.orders_per_day)
    if deciding.empty:
        return {
            "en": f"Cheapest at {orders} orders a day and at any volume: {best.lower()}",
            "zh": f"日均 {orders} 单时「{best}」最省，单量变化不改变答案",
        }[language()]
    row = min(deciding.itertuples(), key=lambda r: abs(np.log(r.orders_per_day / max(decision.orders_per_day, 1))))
    high = f"{row.high:,.0f}" if np.isfinite(row.high) else "∞"
    above = label(str(row.above))
    return {
        "en": f"Cheapest from {row.orders_per_day:,.0f} orders a day ({row.low:,.0f} to {high}): {above.lower()}",
        "zh": f"日均 {row.orders_per_day:,.0f} 单（{row.low:,.0f}–{high}）起，{above}最省",
    }[language()]


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
            text = f"{'≤ ' if row.at_least else ''}{row.tips_at:,.0f}"
            # To the left over the thin line, unless the axis begins there.
            dx, side = (-3, "right") if row.tips_at > 2 * lowest else (2, "left")
            note(ax, row.tips_at, place, text, dx=dx, dy=7, size=8, ha=side)
        else:
            text = {"en": f"not by {highest:,} orders", "zh": f"{highest:,} 单仍为兼任"}[language()]
            note(ax, highest, place, text, dx=-4, dy=7, size=8, ha="right")
    for row in machine.stages.itertuples():
        ax.axvline(row.from_orders_per_day, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
        note(ax, row.from_orders_per_day, len(table) - 0.2, label(row.stage), dx=3, size=8, color="0.35")
    ax.set_xscale("log")
    ax.set_xlim(lowest, highest)
    ax.set_ylim(-0.6, len(table) + 0.3)
    names_left(ax, range(len(table)), [label(post) for post in table["post"]])
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    own = table[table["tips_at"].notna() & ~table["at_least"]].sort_values("tips_at")
    if len(own):
        name, orders = label(str(own["post"].iloc[0])), f"{own['tips_at'].iloc[0]:,.0f}"
        ax.set_title(
            {
                "en": f"The next post to fill a person: {name.lower()}, at {orders} orders a day",
                "zh": f"下一个成为专人的岗位：{name}（日均 {orders} 单）",
            }[language()]
        )
    else:
        ax.set_title({"en": "No post becomes a person of its own", "zh": "没有岗位成为专人"}[language()])
    ax.set_xlabel(
        {
            "en": "orders a day; thin: a hat of somebody, thick: a person of its own",
            "zh": "日均订单；细线：兼任，粗线：专人",
        }[language()]
    )
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
            text = {"en": "your figure is needed", "zh": "请提供贵店数据"}[language()]
            note(ax, 0.01, place, text, size=8, color="0.35", within="y")
    ax.set_xscale("log")
    names_left(ax, range(len(shown)), [label(name) for name in shown["defender"]])
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    sure = [label(name) for name in table.loc[table["answer"] == "hire", "defender"]]
    joined = ", ".join(sure)
    ax.set_title(
        {
            "en": f"Pays at the low end too: {joined}" if sure else "No defender pays for itself at the low end",
            "zh": f"低端也划算：{joined}" if sure else "按低端计算，没有防守岗划算",
        }[language()]
    )
    ax.set_xlabel(
        {
            "en": f"{currency} a year; bar: saving from low to high, dot: typical; stroke: cost",
            "zh": f"{currency}/年；横条：减损低至高，圆点：典型；竖线：成本",
        }[language()]
    )
    return ax


QUESTIONS = {
    "startup": {"en": "What to sell, and how to sell it?", "zh": "卖什么？怎么卖？"},
    "growth": {"en": "How to make it standard?", "zh": "如何规范化？"},
    "maturity": {"en": "Which small hole sinks the ship?", "zh": "哪个小洞会沉船？"},
}
WARNINGS = {
    "scaling_not_proven": {
        "en": "The shop grows before its model is proven: one of the proofs falls short. Prove what sells first.",
        "zh": "模型未经验证就在扩张：有一项证据不达标。请先验证卖什么、怎么卖。",
    },
    "scaling_not_shown": {
        "en": "The shop is run as a later stage, but it is not shown that its model is proven: give the share of "
        "buyers who come back, the contribution margin and the months of steady orders.",
        "zh": "已按后一阶段经营，但尚未证明模型成立：请提供复购率、边际贡献率与订单平稳月数。",
    },
    "stage_overruled": {
        "en": "The scenario's stage is not the one that the evidence says. The scenario's holds.",
        "zh": "所选阶段与证据所示不同；以所选为准。",
    },
}


def question(stage: StageOfPlan) -> Html:
    """The question of the stage, what the evidence says, and what is to be warned of."""
    chosen, says = label(stage.chosen), label(stage.says)
    line = {
        "en": f"Stage: {chosen}. The evidence says: {says.lower()}.",
        "zh": f"所处阶段：{chosen}。证据所示：{says}。",
    }[language()]
    notes = "".join(f"<li>{escape(WARNINGS[key][language()])}</li>" for key in stage.warnings)
    return Html(
        f"<p class='question'>{escape(QUESTIONS[stage.chosen][language()])}</p><p>{escape(line)}</p>"
        + (f"<ul class='notes'>{notes}</ul>" if notes else "")
    )


def evidence(stage: StageOfPlan) -> Styler:
    """The evidence of the stage: measure, value, thresholds, what it says, and where the thresholds are from."""
    columns = _words("measure", "value", "growth_from", "maturity_from", "unit", "says", "source")
    rows = [
        (
            getattr(r, language()),
            number(r.value),
            number(r.growth_from),
            number(r.maturity_from),
            phrase(r.unit),
            label(r.says) + ({"en": " (close)", "zh": "（接近）"}[language()] if r.close else ""),
            _cited(r.kind, r.source, r.as_of),
        )
        for r in stage.evidence.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:4], wide=columns[6], cited=columns[6])


def posts(stage: StageOfPlan) -> Styler:
    """Every post: what it answers, its work, its trigger and whether it is met, what follows, and why."""
    columns = _words("post", "answers", "fte", "trigger", "answer", "why")
    rows = []
    for r in stage.posts.itertuples():
        measure = _WORDS[r.measure][language()] if r.measure in _WORDS else label(_NAMES[r.measure])
        rows.append(
            (
                label(r.post),
                label(r.answers),
                f"{r.fte:.2f}",
                f"{measure}: {number(r.value)} / {number(r.typical)} ({number(r.low)}–{number(r.high)})",
                label(r.status),
                getattr(r, language()),
            )
        )
    table = plain(pd.DataFrame(rows, columns=columns), right=[columns[2]], wide=columns[5])
    if stage.next_post:
        table.set_caption(
            {"en": "Nearest to its trigger: ", "zh": "最接近触发条件的岗位："}[language()] + label(stage.next_post)
        )
    return table


def options(decision: Decision) -> Styler:
    """The options of a decision at the shop's own orders: cost, more than the cheapest, and where each takes over."""
    columns = [
        _WORDS["option"][language()],
        f"{decision.currency}, {_PER[decision.per][language()]}",
        _WORDS["more"][language()],
        _WORDS["takes_over"][language()],
    ]
    deciding = decision.break_evens[decision.break_evens["decides"]]
    rows = []
    for r in decision.now.itertuples():
        starts = [
            f"{number(b.orders_per_day)} ({number(b.low)}–{number(b.high) if b.high != float('inf') else '∞'})"
            for b in deciding[deciding["above"] == r.option].itertuples()
        ]
        rows.append((label(r.option), number(r.cost), number(r.more_than_best), ", ".join(starts)))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:]).set_caption(
        "".join(phrase(n) + (" " if language() == "en" else "") for n in decision.notes).strip()
    )


def curves(decision: Decision, points: int = 9) -> Styler:
    """The numbers behind the chart of a break-even: what each option costs at some numbers of orders a day."""
    table = decision.curves.pivot_table(index="orders_per_day", columns="option", values="cost", sort=False)
    shown = table.iloc[np.unique(np.linspace(0, len(table) - 1, points).round().astype(int))][decision.options]
    stop = "，" if language() == "zh" else ", "
    columns = [
        field_info("orders_per_day")[language()],
        *(f"{label(name)}{stop}{decision.currency} {_PER[decision.per][language()]}" for name in decision.options),
    ]
    rows = [(number(orders), *(number(float(f"{cost:.4g}")) for cost in row)) for orders, *row in shown.itertuples()]
    return plain(pd.DataFrame(rows, columns=columns), right=columns)


def flips(decision: Decision, n: int = 6) -> Styler:
    """The assumptions that flip the answer or else move it most: range, where it flips, what is best at each end."""
    columns = _words("assumption", "range", "unit", "flips_at", "best_low", "best_high", "kind")
    rows = [
        (
            getattr(r, language()),
            f"{number(r.low)} – {number(r.typical)} – {number(r.high)}",
            phrase(r.unit),
            number(r.flips_at),
            label(r.best_at_low),
            label(r.best_at_high),
            phrase(r.kind),
        )
        for r in decision.flips.head(n).itertuples()
    ]
    flipping, of, orders = (
        decision.flips["flips_at"].notna().sum(),
        len(decision.flips),
        number(decision.orders_per_day),
    )
    said = {
        "en": f"{flipping} of {of} assumptions flip the answer at {orders} orders a day.",
        "zh": f"日均 {orders} 单时，{of} 个假设中有 {flipping} 个会翻转答案。",
    }[language()]
    return plain(pd.DataFrame(rows, columns=columns), right=[columns[1], columns[3]]).set_caption(said)


def first_hires(table: pd.DataFrame, currency: str) -> Styler:
    """The first heads of HR, finance and technology: hours, what they are worth and cost, break-even heads, answer."""
    columns = _words("post", "hours", "pairs", "worth", "cost", "break_even_heads", "heads", "answer")
    columns[3], columns[4] = f"{columns[3]}, {currency}", f"{columns[4]}, {currency}"
    rows = [
        (
            label(r.post),
            number(r.hours_per_month),
            number(r.friction_pairs),
            number(r.value_per_month),
            number(r.cost_per_month),
            _spread(r.break_even_heads, r.break_even_low, r.break_even_high),
            r.heads,
            label(r.answer),
        )
        for r in table.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:7])


def defences(table: pd.DataFrame, currency: str) -> Styler:
    """The defenders: cost and saving a year with its range, break-even beside what the shop has, and the answer."""
    columns = _words("post", "by", "cost_year", "saving", "break_even", "has", "unit", "answer")
    columns[2], columns[3] = f"{columns[2]}, {currency}", f"{columns[3]}, {currency}"
    rows = [
        (
            label(r.defender),
            label(r.means),
            number(r.cost),
            _spread(r.saving, r.saving_low, r.saving_high),
            number(r.break_even) if r.break_even != float("inf") else "∞",
            number(r.has),
            label(r.unit),
            label(r.answer) + (f": {phrase(r.asks)}" if r.asks else ""),
        )
        for r in table.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:6])


def needed_loss(plan: Plan, margin_per_order: float) -> Html:
    """From which loss on a bad order reviewing orders pays, over the range of its assumptions, in a sentence."""
    losses = needed_loss_per_bad_order(plan, margin_per_order)
    high, typical, low = (number(round(loss)) if loss < inf else "∞" for loss in losses)
    currency = plan.scenario.currency
    shown = f"{low} – {high} {currency}"
    text = {
        "en": f"A review of suspicious orders pays from a loss of {shown} for each bad order (typical "
        f"{typical} {currency}), if a good order leaves {number(margin_per_order)} {currency}.",
        "zh": f"若每笔正常订单毛利为 {number(margin_per_order)} {currency}，每笔坏单损失达到 {shown}"
        f"（典型 {typical} {currency}）时，审核可疑订单才划算。",
    }[language()]
    return Html(f"<p>{escape(text)}</p>")


def small_holes(table: pd.DataFrame, currency: str) -> Styler:
    """The largest single losses against the cash: what is left, and whether it sinks the ship, or is unknown."""
    columns = _words("hole", "largest_loss", "months_of_cost", "cash_left", "sinks")
    columns[1], columns[3] = f"{columns[1]}, {currency}", f"{columns[3]}, {currency}"
    yes = {True: {"en": "yes", "zh": "会"}, False: {"en": "no", "zh": "不会"}}
    rows = [
        (
            label(r.hole) if r.hole in HOLES else r.hole,
            number(r.largest_loss),
            number(r.months_of_cost),
            number(r.cash_left),
            "–" if r.sinks is None else yes[bool(r.sinks)][language()],
        )
        for r in table.itertuples()
    ]
    shown = plain(pd.DataFrame(rows, columns=columns), right=columns[1:4])
    if table["cash_left"].isna().all():
        shown.set_caption(
            {
                "en": "No cash figure is given: whether a loss sinks the ship is not known.",
                "zh": "未提供现金数额：无法判断损失是否会沉船。",
            }[language()]
        )
    return shown


def levers(table: pd.DataFrame, currency: str) -> Styler:
    """The growth levers: heads, work and cost that each adds, to whom most, and the orders that would pay for it."""
    columns = _words("lever", "heads", "fte", "cost", "whom", "duty", "orders_to_pay")
    columns[3] = f"{columns[3]}, {currency}"
    rows = [
        (
            label(_NAMES.get(r.lever, r.lever)),
            f"{r.heads:+d}",
            f"{r.fte:+.1f}",
            number(r.cost_per_month),
            label(r.role) if r.role else "",
            label(r.duty) if r.duty else "",
            number(r.orders_to_pay),
        )
        for r in table.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=[*columns[1:4], columns[6]])


def changes(before: Plan, after: Plan) -> Styler:
    """What changes between two plans: heads and cost by role, with the duty that moves it most and its cause."""
    table, currency = difference(before, after), before.scenario.currency
    columns = _words("role", "heads_before", "heads_after", "cost", "why")
    columns[3] = f"{columns[3]}, {currency}"
    whole, hours = {"en": ("Shop as a whole", "h"), "zh": ("店铺整体", "小时")}[language()]
    rows = [
        (
            label(r.role) if r.role else whole,
            r.heads_before,
            r.heads_after,
            number(r.cost),
            f"{label(r.duty)} ({label(r.driver)}): {r.hours:+,.0f} {hours}" if r.duty else "",
        )
        for r in table.itertuples()
    ]
    sums = table[["heads_before", "heads_after", "cost"]].sum()
    total = {"en": "Total of these roles", "zh": "以上合计"}[language()]
    rows.append((total, int(sums["heads_before"]), int(sums["heads_after"]), number(float(sums["cost"])), ""))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:4], total=True)


def tipping_points_table(machine: TimeMachine) -> Styler:
    """The posts by the orders at which each becomes a person of its own, its work there and one order below."""
    columns = _words("post", "tips_at", "fte_below", "fte_at", "stage", "worn_by")
    rows = [
        (
            label(r.post),
            ("≤ " if r.at_least else "") + number(r.tips_at),
            f"{r.fte_below:.3f}" if r.fte_below == r.fte_below else "",
            f"{r.fte_at:.3f}",
            label(r.stage) if r.stage else "",
            label(r.worn_by),
        )
        for r in machine.posts.sort_values("tips_at", kind="stable").itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:4]).set_caption(
        {
            "en": "Only the orders change, and the stage with them; products, channels and campaigns stay as they are. "
            "A dash: not within the range. Work: mean of the plan's months, as if everybody did one post only.",
            "zh": "仅订单量及随之的阶段变化，商品、渠道与活动不变；“–”表示范围内未达到。"
            "工作量为各月均值，按一人一岗计算。",
        }[language()]
    )


def _spread(value: float, low: float, high: float) -> str:
    """A value with its range."""
    if value != value:
        return "–"
    shown = ["∞" if figure == float("inf") else number(figure) for figure in (value, low, high)]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def _cited(kind: str, source: str, as_of: str) -> str:
    """What a figure rests on: its kind, its source and the source's date."""
    said = phrase(source)
    return f"{phrase(kind)}: {said} ({as_of})" if language() == "en" else f"{phrase(kind)}：{said}（{as_of}）"


def _words(*names: str) -> list[str]:
    return [_WORDS[name][language()] for name in names]


HOLES = ("fine", "incident", "bad_lot", "late_peak_day")
_NAMES = {"orders_per_day": "orders", "channels": "channels_lever"}
_PER = {"month": {"en": "a month", "zh": "每月"}, "event": {"en": "an event", "zh": "每次大促"}}
_WORDS: dict[str, dict[str, str]] = {
    "measure": {"en": "Measure", "zh": "指标"},
    "value": {"en": "Value", "zh": "数值"},
    "growth_from": {"en": "Growth from", "zh": "成长期起点"},
    "maturity_from": {"en": "Maturity from", "zh": "成熟期起点"},
    "unit": {"en": "Unit", "zh": "单位"},
    "says": {"en": "Says", "zh": "所示"},
    "source": {"en": "Source", "zh": "来源"},
    "post": {"en": "Post", "zh": "岗位"},
    "answers": {"en": "Answers", "zh": "回答的问题"},
    "fte": {"en": "Work, FTE", "zh": "工作量（FTE）"},
    "trigger": {"en": "Trigger: value / threshold", "zh": "触发：现值 / 阈值"},
    "answer": {"en": "Answer", "zh": "结论"},
    "why": {"en": "Why", "zh": "原因"},
    "option": {"en": "Option", "zh": "方案"},
    "more": {"en": "More than the cheapest", "zh": "比最省方案多"},
    "takes_over": {"en": "Cheapest from, orders a day (range)", "zh": "从日均多少单起最省（范围）"},
    "assumption": {"en": "Assumption", "zh": "假设"},
    "range": {"en": "Low – typical – high", "zh": "低 – 典型 – 高"},
    "flips_at": {"en": "Flips at", "zh": "翻转值"},
    "best_low": {"en": "Best at low", "zh": "取低值时最优"},
    "best_high": {"en": "Best at high", "zh": "取高值时最优"},
    "kind": {"en": "Kind", "zh": "性质"},
    "hours": {"en": "Hours a month", "zh": "每月小时"},
    "pairs": {"en": "Pairs to keep in step (index)", "zh": "协调配对数（指数）"},
    "worth": {"en": "Worth a month", "zh": "每月价值"},
    "cost": {"en": "Cost a month", "zh": "每月成本"},
    "break_even_heads": {"en": "Pays from, heads (range)", "zh": "从多少人起划算（范围）"},
    "heads": {"en": "Heads", "zh": "人数"},
    "by": {"en": "By", "zh": "方式"},
    "cost_year": {"en": "Cost a year", "zh": "年成本"},
    "saving": {"en": "Saves a year (range)", "zh": "年减损（范围）"},
    "break_even": {"en": "Pays from", "zh": "盈亏点"},
    "has": {"en": "The shop has", "zh": "本店现值"},
    "hole": {"en": "Hole", "zh": "小洞"},
    "largest_loss": {"en": "Largest single loss", "zh": "单次最大损失"},
    "months_of_cost": {"en": "In months of the team's cost", "zh": "相当于几个月团队成本"},
    "cash_left": {"en": "Cash left", "zh": "剩余现金"},
    "sinks": {"en": "Sinks the ship", "zh": "会沉船吗"},
    "lever": {"en": "Lever", "zh": "增长抓手"},
    "whom": {"en": "Adds most to", "zh": "主要加给"},
    "duty": {"en": "By", "zh": "因为"},
    "orders_to_pay": {"en": "Further orders a day that pay for it", "zh": "需多少额外日单回本"},
    "role": {"en": "Role", "zh": "角色"},
    "heads_before": {"en": "Heads before", "zh": "之前人数"},
    "heads_after": {"en": "Heads after", "zh": "之后人数"},
    "tips_at": {"en": "Own person from, orders a day", "zh": "成为专人：日均订单"},
    "fte_below": {"en": "Work one order below, FTE", "zh": "少一单时工作量（FTE）"},
    "fte_at": {"en": "Work there, FTE", "zh": "该点工作量（FTE）"},
    "stage": {"en": "Stage", "zh": "阶段"},
    "worn_by": {"en": "Until then a hat of", "zh": "此前由谁兼任"},
}


LABEL_SHARE = 0.045
"""A part of a bar narrower than this share has no room for its figure."""


def heads_by_department(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Heads of the last month: departments x plans, the largest department of the last plan first."""
    columns = {}
    for name, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        columns[name] = last.groupby("department", sort=False)["heads"].sum()
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
    ax.grid(axis="y", visible=False)
    first, last = next(iter(plans)), list(plans)[-1]
    top = label(str(table.index[0]))
    before, after = f"{shares[first].iloc[0]:.0%}", f"{shares[last].iloc[0]:.0%}"
    fewest, most = number(int(totals[first])), number(int(totals[last]))
    ax.set_title(
        {
            "en": f"From {fewest} to {most} heads; {top} goes from {before} to {after} of them",
            "zh": f"从 {fewest} 人到 {most} 人；{top}占比从 {before} 变为 {after}",
        }[language()]
    )
    ax.set_xlabel(
        {"en": "share of the heads of the last month; figures are heads", "zh": "占末月人数比例；图中数字为人数"}[
            language()
        ]
    )
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
    question = {
        "en": f"How does the team of {shop} change from stage to stage?",
        "zh": f"{shop}的团队在各阶段如何变化？",
    }[language()]
    cards, parts, before = [], [], set()
    for stage, plan in plans.items():
        totals, orders = plan.totals(), number(round(plan.inputs.orders_per_day))
        heads = number(totals["heads_last_month"])
        cost = f"{number(totals['cost_per_month'])} {plan.scenario.currency}"
        words = {
            "en": f"heads in {label(stage).lower()}, at {orders} orders a day",
            "zh": f"人：{label(stage)}，日均 {orders} 单",
        }[language()]
        cards.append(f"<div class='figure'><b>{heads}</b><span>{escape(words)}</span></div>")
        due = stage_of(plan).posts
        new = [label(post) for post in due.loc[due["status"] == "now", "post"] if post not in before]
        before |= set(due.loc[due["status"] == "now", "post"])
        each = f"{totals['cost_per_order']:,.2f} {plan.scenario.currency}"
        stop = "、" if language() == "zh" else ", "
        lines = {
            "en": [f"Asks: <b>{QUESTIONS[stage]['en']}</b>", f"{cost} a month, {each} an order",
                   f"Posts that are due now: {escape(stop.join(new)) or '–'}"],
            "zh": [f"要回答：<b>{QUESTIONS[stage]['zh']}</b>", f"每月 {cost}，每单 {each}",
                   f"此时应设的岗位：{escape(stop.join(new)) or '–'}"],
        }[language()]  # fmt: skip
        parts.append(part(label(stage), lines))
    kept = {
        "en": "Only the orders and the stage change; products, channels and campaigns stay as they are.",
        "zh": "只改变订单量与阶段；商品、渠道与活动保持不变。",
    }[language()]
    return Html(
        f"<section class='summary short'><p class='question'>{escape(question)}</p>"
        f"<div class='figures'>{''.join(cards)}</div>"
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
