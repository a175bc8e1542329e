"""What a report page has beside tables and charts: the summary of its first sheet, and the figures behind a chart."""

from collections.abc import Sequence
from html import escape
from math import isfinite

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis.options import Decision
from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.labels import Language, label, month_in_words, number, phrase
from ecteam.plan.plan import Plan
from ecteam.view import tables
from ecteam.view.tables import Html

HIRES_SHOWN = 5
LONG_TABLE = 70
"""Rows above which a table is to be unfolded on the screen only: on paper it would fill sheets that nobody reads."""


def summary(plan: Plan, sure: Uncertainty, decisions: Sequence[Decision], lang: Language = "en") -> Html:
    """The first sheet: the answer, how sure it is, what to decide, whom to hire next, and what to check first."""
    parts = [
        part(label("summary_sure", lang), _certainty(plan, sure, lang)),
        part(label("summary_decide", lang), [_decision(decision, lang) for decision in decisions]),
        part(label("summary_hire", lang), _next_hires(plan, lang)),
        part(label("summary_check", lang), _to_check(sure, lang)),
    ]
    return Html(
        f"<section class='summary'>{tables.headline(plan, lang)}<div class='parts'>{''.join(parts)}</div>"
        f"{tables.notes(plan, lang)}</section>"
    )


def behind(table: Styler | None, lang: Language = "en") -> Html:
    """The figures behind a chart, folded on a screen; a very long table stays folded on paper too."""
    if table is None:
        return Html("")
    kind = "behind long" if len(table.index) > LONG_TABLE else "behind"
    return Html(
        f"<details class='{kind}'><summary>{escape(label('behind_chart', lang))}</summary>{table.to_html()}</details>"
    )


def part(title: str, lines: Sequence[str]) -> str:
    """A part of a summary: its heading and its points, which are HTML."""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<div><h3>{escape(title)}</h3><ul>{items}</ul></div>"


def _certainty(plan: Plan, sure: Uncertainty, lang: Language) -> list[str]:
    """The range of heads and of cost, and the chance that the team is enough."""
    of, currency = sure.totals.set_index("figure"), plan.scenario.currency
    heads, cost = of.loc["heads_last_month"], of.loc["cost_per_month"]
    enough = sure.chance.set_index("name")["chance"]["every_duty"]
    above = cost["share_above_plan"]

    def between(row: "pd.Series") -> str:
        return f"{_or_more(row['p10'])} – {_or_more(row['p90'])}"

    texts = {
        "en": [
            f"Heads at the end: <b>{between(heads)}</b> in eight of ten draws (plan: {number(heads['plan'])}).",
            f"Cost of a month: <b>{between(cost)} {currency}</b> in eight of ten draws (plan: {number(cost['plan'])}).",
            f"{above:.0%} of the draws cost more than the plan; its own team is enough for every duty in all months "
            f"with a chance of {enough:.0%}.",
        ],
        "zh": [
            f"期末人数：十次抽样有八次在 <b>{between(heads)} 人</b>之间（方案 {number(heads['plan'])} 人）。",
            f"月成本：十次抽样有八次在 <b>{between(cost)} {currency}</b> 之间（方案 {number(cost['plan'])}）。",
            f"{above:.0%} 的抽样成本高于方案；方案团队在全部月份都能完成每项职责的概率为 {enough:.0%}。",
        ],
    }
    return texts[lang]


def _or_more(value: float) -> str:
    """A figure, or infinity where no team is enough; amounts of money to three digits."""
    if not isfinite(value):
        return "∞"
    return number(float(f"{value:.3g}")) if abs(value) >= 1000 else number(round(value, 1))


def _decision(decision: Decision, lang: Language) -> str:
    """A decision in a line: what is best, by how much, and at how many orders a day another option is."""
    now = decision.now.sort_values("cost", kind="stable")
    best, second = now.iloc[0], now.iloc[1]
    less, currency = number(float(f"{second['more_than_best']:.3g}")), decision.currency
    name, what, other = (escape(label(key, lang)) for key in (decision.name, best["option"], second["option"]))
    stop = "：" if lang == "zh" else ": "
    line = {
        "en": f"{less} {currency} a month less than {other[0].lower()}{other[1:]}",
        "zh": f"比{other}每月少 {less} {currency}",
    }[lang]
    return f"{name}{stop}<b>{what}</b>{'，' if lang == 'zh' else ', '}{line}{_tips(decision, lang)}"


def _tips(decision: Decision, lang: Language) -> str:
    """The nearest number of orders at which the answer changes, if there is one."""
    found, own = decision.break_evens[decision.break_evens["decides"]], decision.orders_per_day
    rises = found["orders_per_day"] > own
    mine = found[(found["below"] == decision.best).where(rises, found["above"] == decision.best)]
    if not own or mine.empty:
        return {"en": "; at any number of orders.", "zh": "；任何订单量下都如此。"}[lang]
    times = mine["orders_per_day"] / own
    at = mine.loc[times.where(times > 1, 1 / times).idxmin()]
    more = at["orders_per_day"] > own
    then = label(at["above"] if more else at["below"], lang)
    orders = number(float(at["orders_per_day"]))
    return {
        "en": f"; {'from' if more else 'below'} {orders} orders a day {then[0].lower()}{then[1:]}.",
        "zh": f"；日均{'达到' if more else '低于'} {orders} 单时改为{then}。",
    }[lang]


def _next_hires(plan: Plan, lang: Language) -> list[str]:
    """Whom to advertise for by when: the first rows of the calendar of hires."""
    calendar = plan.hiring.calendar
    if calendar.empty:
        return [escape(label("summary_nobody", lang))]
    lines = []
    for row in calendar.head(HIRES_SHOWN).itertuples():
        people, role = int(row.new_posts + row.replacements), label(row.role, lang)
        advert, start = month_in_words(row.advertise_by, lang), month_in_words(row.month, lang)
        line = {
            "en": f"<b>{people} × {escape(role)}</b>: advertise by {advert}, to start in {start}",
            "zh": f"<b>{escape(role)} × {people}</b>：最迟 {advert}发布招聘，{start}入职",
        }[lang]
        lines.append(line)
    if rest := len(calendar) - HIRES_SHOWN:
        people = int(calendar[["new_posts", "replacements"]].iloc[HIRES_SHOWN:].to_numpy().sum())
        if rest > 0:
            lines.append({"en": f"… and {people} more people later", "zh": f"……之后另有 {people} 人"}[lang])
    return lines


def _to_check(sure: Uncertainty, lang: Language) -> list[str]:
    """The assumptions most worth measuring in the shop this week, and how."""
    currency, worth = sure.plan.scenario.currency, sure.worth_measuring
    if worth.empty:
        return [escape(label("summary_nothing_to_check", lang))]
    lines = []
    for row in worth.itertuples():
        name, how, saved = getattr(row, lang), label(row.measure, lang), _or_more(row.range_saved)
        line = {
            "en": f"<b>{escape(name)}</b> ({row.unit}): {how[0].lower()}{how[1:]}; P10 to P90 of the plan's cost comes "
            f"closer by {saved} {currency}",
            "zh": f"<b>{escape(name)}</b>（{phrase(row.unit, 'zh')}）：{how}；规划期成本的 P10–P90 区间可缩小 {saved} "
            f"{currency}",
        }[lang]
        lines.append(line)
    return lines
