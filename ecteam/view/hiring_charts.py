"""Pictures of a hiring plan: whom to advertise for and when, what covers the work, cash, and temps against heads."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.hiring_of import Hiring
from ecteam.model.hiring_cash import temp_or_head
from ecteam.view.charts import axes_of
from ecteam.view.words import Language, label, number

COVERS = ("own_work", "overtime", "temps", "outsourced_work", "spare_hours")
MOST_NAMES = 14
"""More roles than a picture has room for are said in its table only."""


def month_name(month: pd.Period, lang: Language) -> str:
    """A month in words: Nov 2027, 2027年11月."""
    return f"{month:%b %Y}" if lang == "en" else f"{month.year}年{month.month}月"


def hires_timeline(hiring: Hiring, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Who starts when, and from when a post must be advertised: new posts filled, replacements hollow."""
    ax = axes_of(ax)
    calendar, months = hiring.calendar, hiring.result.problem.months
    people = int(calendar[["new_posts", "replacements"]].to_numpy().sum())
    if not people:
        ax.set_title({"en": "Nobody is to be hired in these months", "zh": "这些月份无需招聘"}[lang])
        ax.set_axis_off()
        return ax
    roles = list(dict.fromkeys(calendar["role"]))[:MOST_NAMES]
    place = {role: len(roles) - 1 - i for i, role in enumerate(roles)}
    shown = calendar[calendar["role"].isin(roles)]
    first = min(shown["advertise_by"].min(), months[0])
    for advert, start, role, new, replaced in shown.itertuples(index=False):
        y, begin, end = place[role], advert.ordinal - first.ordinal, start.ordinal - first.ordinal
        ax.plot([begin, end], [y, y], color="0.55", linewidth=1.2, zorder=1)
        ax.plot(begin, y, marker="|", color="0.35", markersize=9, zorder=2)
        colour = "C0" if new else "white"
        ax.scatter(end, y, s=210, color=colour, edgecolors="C0", linewidths=1.5, zorder=3)
        ax.text(end, y, f"{int(new + replaced)}", ha="center", va="center", fontsize=9, zorder=4,
                color="white" if new else "C0")  # fmt: skip
    last = months[-1].ordinal - first.ordinal
    every = pd.period_range(first, months[-1], freq="M")
    step = max(1, len(every) // 14)
    names = [_tick(month, i == 0, lang) for i, month in enumerate(every)]
    ax.set_xticks(range(0, len(every), step), names[::step])
    ax.set_yticks(list(place.values()), [label(role, lang) for role in place])
    ax.set_ylim(-0.7, len(roles) - 0.3)
    ax.set_xlim(-0.6, last + 0.6)
    if first < months[0]:
        ax.axvline(months[0].ordinal - first.ordinal - 0.5, color="0.6", linewidth=0.8, linestyle="--")
    soonest = month_name(calendar["advertise_by"].min(), lang)
    persons = "1 person" if people == 1 else f"{people} people"
    ax.set_title(
        {
            "en": f"{persons} to hire; the first advertisement is due in {soonest}",
            "zh": f"需招聘 {people} 人；最早须在{soonest}发布招聘",
        }[lang]
    )
    ax.set_xlabel(
        {
            "en": "month: advertise by |, start ●; filled: new post, hollow: for a leaver; people",
            "zh": "月份：| 最迟发布招聘，● 入职；实心：新增岗位，空心：补缺；人",
        }[lang]
    )
    ax.grid(axis="y", visible=False)
    return ax


def cover_of_work(hiring: Hiring, role: str | None = None, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What covers the work of each month, in hours: own people, overtime, temps, outsourced; and what is spare."""
    ax = axes_of(ax)
    table = work_covered(hiring, role)
    position, bottom = np.arange(len(table)), np.zeros(len(table))
    for name, colour in zip(COVERS, ("C0", "C1", "C2", "C3", "0.85"), strict=True):
        hours = table[name].to_numpy()
        if hours.max() > 0.5:
            ax.bar(position, hours, bottom=bottom, width=0.78, color=colour, edgecolor="white", linewidth=0.6,
                   label=label(name, lang))  # fmt: skip
            bottom = bottom + hours
    ax.step(np.r_[position - 0.5, position[-1] + 0.5], np.r_[table["need_hours"], table["need_hours"].iloc[-1]],
            where="post", color="0.1", linewidth=1.6, label=label("need_hours", lang))  # fmt: skip
    bought = table[list(COVERS[1:4])].sum(axis=1) / table["need_hours"].where(table["need_hours"] > 0)
    top = int(bought.fillna(0).to_numpy().argmax())
    month, share = month_name(table.index[top], lang), bought.fillna(0).iloc[top]
    who = "" if role is None else f"{label(role, lang)}{'：' if lang == 'zh' else ': '}"
    found = {
        "en": f"{who}overtime and bought hours do up to {share:.0%} of the work ({month})",
        "zh": f"{who}加班与外购工时最多承担 {share:.0%} 的工作（{month}）",
    }
    alone = {"en": f"{who}own people do all the work in their hours", "zh": f"{who}自有人员在正常工时内完成全部工作"}
    title = (found if share >= 0.005 else alone)[lang]
    ax.set_title(title[0].upper() + title[1:])
    ax.set_ylabel({"en": "hours of work a month", "zh": "每月工时（折合熟练工）"}[lang])
    _months_below(ax, pd.PeriodIndex(table.index), lang)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_ylim(0, 1.25 * max(bottom.max(), 1.0))
    ax.legend(ncols=3, fontsize=8, loc="upper left")
    return ax


def work_covered(hiring: Hiring, role: str | None = None) -> pd.DataFrame:
    """The numbers of `cover_of_work`: hours of work by month; paid hours of overtime and temps count at their speed.

    own_work + overtime + temps + outsourced_work = need_hours; spare_hours of own people come on top.
    """
    speed = {one.role: (one.overtime_productivity, one.temp_productivity) for one in hiring.terms}
    table = hiring.table if role is None else hiring.table[hiring.table["role"] == role]
    overtime, temps = (table["role"].map({r: s[i] for r, s in speed.items()}) for i in (0, 1))
    work = table.assign(
        own_work=table["own_hours"] - table["spare_hours"],
        overtime=table["overtime_hours"] * overtime,
        temps=table["temp_hours"] * temps,
        outsourced_work=table["outsourced_hours"],
    )
    return work.groupby("month", sort=False)[["need_hours", *COVERS]].sum()


def cash_by_month(hiring: Hiring, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What is paid each month, what comes in, and the cash that is left; without a cash figure that is said."""
    ax = axes_of(ax)
    runway, currency = hiring.runway, hiring.plan.scenario.currency
    table = runway.table
    position = np.arange(len(table))
    ax.bar(position, table["cash_out"], width=0.7, color="C0", label=label("cash_out", lang))
    if table["inflow"].any():
        ax.plot(position, table["inflow"], color="C2", marker="s", markersize=4, label=label("inflow", lang))
    if hiring.cash is not None:
        ax.plot(position, table["cash_at_end"], color="C5", marker="o", markersize=4, label=label("cash_at_end", lang))
        ax.axhline(0, color="0.3", linewidth=0.8)
    if runway.runs_out is not None:
        at = int((table["month"] == runway.runs_out).to_numpy().argmax())
        ax.axvline(at, color="C5", linewidth=1, linestyle=":")
    ax.set_title(_cash_said(hiring, lang))
    ax.set_ylabel({"en": f"{currency} a month, or at its end", "zh": f"{currency}（每月或月末）"}[lang])
    _months_below(ax, pd.PeriodIndex(table["month"]), lang)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.2 * (high - low))
    ax.legend(ncols=3, fontsize=8, loc="upper left")
    return ax


def _cash_said(hiring: Hiring, lang: Language) -> str:
    runway, currency = hiring.runway, hiring.plan.scenario.currency
    mean = number(float(runway.table["cash_out"].mean()))
    if hiring.cash is None:
        return {
            "en": f"{mean} {currency} a month go out; no cash figure given, so no runway",
            "zh": f"每月支出 {mean} {currency}；未给出现金数，无法算现金可撑多久",
        }[lang]
    cash = number(hiring.cash)
    if runway.runs_out is None:
        last = month_name(runway.table["month"].iloc[-1], lang)
        return {
            "en": f"Cash of {cash} {currency} lasts beyond {last}; {mean} a month go out",
            "zh": f"现金 {cash} {currency} 可撑过{last}；每月支出 {mean}",
        }[lang]
    month = month_name(runway.runs_out, lang)
    return {
        "en": f"Cash of {cash} {currency} runs out in {month}; {mean} a month go out",
        "zh": f"现金 {cash} {currency} 在{month}用完；每月支出 {mean}",
    }[lang]


def temps_or_head(hiring: Hiring, role: str, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What an hour of work costs from temps and from a head who is kept busy, by how long the need lasts."""
    ax = axes_of(ax)
    terms, currency = hiring.terms_of_role(role), hiring.plan.scenario.currency
    table = temp_or_head(terms, range(1, 13))
    work = table["temp_cost_when_full"].iloc[-1]
    temp = float(np.mean(np.asarray(terms.temp_cost_per_hour, dtype=float))) / terms.temp_productivity
    head = table["head_cost"] / (table["temp_cost_when_full"] / temp)
    name, months = label(terms.role, lang), table["months"]
    ax.plot(months, head, color="C0", marker="o", markersize=4)
    ax.axhline(temp, color="C2", linewidth=1.8)
    ax.annotate({"en": "a head, kept busy", "zh": "招一人（工作饱满）"}[lang], (months.iloc[1], head.iloc[1]),
                xytext=(8, 6), textcoords="offset points", color="C0", fontsize=9)  # fmt: skip
    ax.annotate({"en": "temps", "zh": "临时工"}[lang], (12, temp), xytext=(0, -14), textcoords="offset points",
                ha="right", color="#00735a", fontsize=9)  # fmt: skip
    cheaper = table[np.isfinite(table["break_even_hours_per_month"])]
    if len(cheaper) and work > 0:
        first, last = int(cheaper["months"].iloc[0]), cheaper["break_even_share"].iloc[-1]
        title = {
            "en": f"{name}: a head pays from {first} months on; over a year if {last:.0%} busy",
            "zh": f"{name}：需求满 {first} 个月起招人更省；满一年时忙碌度达 {last:.0%} 即可",
        }
    else:
        title = {
            "en": f"{name}: temps are cheaper for any need of up to a year",
            "zh": f"{name}：一年以内的需求都是临时工更省",
        }
    ax.set_title(title[lang])
    ax.set_ylabel({"en": f"{currency} for an hour of work", "zh": f"每小时工作的成本，{currency}"}[lang])
    ax.set_xlabel({"en": "months the need lasts", "zh": "需求持续月数"}[lang])
    ax.set_ylim(0, 1.15 * max(float(head.max()), temp))
    ax.set_xticks(range(1, 13))
    return ax


def _tick(month: pd.Period, first: bool, lang: Language) -> str:
    name = f"{month:%b}" if lang == "en" else f"{month.month}月"
    return f"{name}\n{month.year}" if first or month.month == 1 else name


def _months_below(ax: Axes, months: pd.PeriodIndex, lang: Language) -> None:
    step = max(1, len(months) // 18)
    names = [_tick(month, i == 0, lang) for i, month in enumerate(months)]
    ax.set_xticks(range(0, len(months), step), names[::step])
