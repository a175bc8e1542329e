"""Pictures of the lessons: what is left of an order, hours of work, and a desk by its agents."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.inputs.labels import Language, label, number
from ecteam.plan.plan import Plan
from ecteam.staffing import queueing
from ecteam.view.team import axes_of


def routes(found: pd.DataFrame, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What is left of an order before the team beside what the team costs, as shares of the order's value."""
    ax = axes_of(ax)
    left, team = found["left"] / found["order_value"], found["team"] / found["order_value"]
    place = np.arange(len(found))
    words = {"en": ("left before the team", "team"), "zh": ("付人力前的毛利", "人力")}[lang]
    for shift, values, colour, name in ((-0.2, left, "C0", words[0]), (0.2, team, "C1", words[1])):
        bars = ax.barh(place + shift, values, height=0.38, color=colour, label=name)
        ax.bar_label(bars, [f"{value:.0%}" for value in values], padding=3, fontsize=8)
    ax.set_yticks(place, found[lang])
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    pays = int((left >= team).sum())
    ax.set_title(
        f"{pays} of {len(found)} routes pay for their team"
        if lang == "en"
        else f"{len(found)} 条路线中，养得起团队的有 {pays} 条"
    )
    ax.set_xlabel({"en": "share of an order's value", "zh": "占客单价的比例"}[lang])
    ax.legend()
    ax.margins(x=0.12)
    return ax


def work_hours(plan: Plan, ax: Axes | None = None, lang: Language = "en", n: int = 10) -> Axes:
    """The duties of the first month with most hours."""
    ax = axes_of(ax)
    mine = plan.workload[plan.workload["month"] == plan.months[0]]
    most = mine.nlargest(n, "hours")
    bars = ax.barh([label(str(duty), lang) for duty in most["duty"]], most["hours"], color="C0")
    ax.bar_label(bars, [number(hours) for hours in most["hours"]], padding=3, fontsize=8)
    ax.invert_yaxis()
    share = most["hours"].sum() / mine["hours"].sum()
    ax.set_title(f"{n} duties are {share:.0%} of the hours" if lang == "en" else f"{n} 项职责占了 {share:.0%} 的工时")
    ax.set_xlabel({"en": f"hours in {plan.months[0]}", "zh": f"{plan.months[0]} 工时（小时）"}[lang])
    ax.margins(x=0.1)
    return ax


def desk(
    arrivals_per_hour: float,
    handle_seconds: float,
    target_seconds: float,
    agents: Sequence[int],
    ax: Axes | None = None,
    lang: Language = "en",
) -> Axes:
    """The share of customers answered in time over the number of agents; the average work marks where queues begin."""
    ax = axes_of(ax)
    level = queueing.service_level(list(agents), arrivals_per_hour, handle_seconds, target_seconds)
    load = arrivals_per_hour * handle_seconds / 3600
    ax.plot(list(agents), level, marker="o", color="C0")
    ax.axvline(load, color="0.3", linestyle=":")
    ax.annotate(
        {"en": f"the average: {number(load)}", "zh": f"平均数：{number(load)}"}[lang],
        (load, 0.5), xytext=(6, 0), textcoords="offset points",
    )  # fmt: skip
    ax.set_ylim(0, 1.05)
    ax.set_xticks(list(agents))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    step = float(np.max(np.diff(level)))
    ax.set_title(
        f"One more agent can be worth {100 * step:.0f} points"
        if lang == "en"
        else f"多一个客服，及时接待率最多提高 {100 * step:.0f} 个百分点"
    )
    ax.set_xlabel({"en": "agents at the desk", "zh": "在岗客服人数"}[lang])
    ax.set_ylabel({"en": f"answered within {target_seconds:.0f} s", "zh": f"{target_seconds:.0f} 秒内接待的比例"}[lang])
    return ax
