"""What a report page has beside tables and charts: the summary of its first sheet, and the figures behind a chart.

Tables that say where figures come from: the factors behind a role, the test of the forecast, the sources.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from math import isfinite
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis.options import Decision
from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import Note, label, language, month_in_words, number, phrase, text
from ecteam.plan.explain import explain
from ecteam.plan.plan import Plan
from ecteam.view import team
from ecteam.view.table import Html, captioned, plain

HIRES_SHOWN = 5
LONG_TABLE = 70
"""Rows above which a table is to be unfolded on the screen only: on paper it would fill sheets that nobody reads."""


def summary(plan: Plan, sure: Uncertainty, decisions: Sequence[Decision]) -> Html:
    """The first sheet: the answer, how sure it is, what to decide, whom to hire next, and what to check first."""
    parts = [
        part(label("summary_sure"), _certainty(plan, sure)),
        part(label("summary_decide"), [decision_line(decision) for decision in decisions]),
        part(label("summary_hire"), _next_hires(plan)),
        part(label("summary_check"), _to_check(sure)),
    ]
    return Html(
        f"<section class='summary'>{team.headline(plan)}<div class='parts'>{''.join(parts)}</div>"
        f"{team.notes(plan)}</section>"
    )


def behind(item: Styler | Html | team.Picture | None) -> Html:
    """The figures behind a chart, or a chart under its finding, folded on a screen; a very long table on paper too."""
    if item is None:
        return Html("")
    kind = "behind long" if isinstance(item, Styler) and len(item.index) > LONG_TABLE else "behind"
    title, inside = label("behind_chart"), item
    if isinstance(item, team.Picture):
        title, data = item.alt, b64encode(item.png).decode()
        inside = f"<img alt='{escape(item.alt)}' width='{team.WIDTH_PIXELS}' src='data:image/png;base64,{data}'>"
    elif isinstance(item, Styler):
        inside = item.to_html()
    return Html(f"<details class='{kind}'><summary>{escape(title)}</summary>{inside}</details>")


def part(title: str, lines: Sequence[str]) -> str:
    """A part of a summary: its heading and its points, which are HTML."""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<div><h3>{escape(title)}</h3><ul>{items}</ul></div>"


def _certainty(plan: Plan, sure: Uncertainty) -> list[str]:
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
    return texts[language()]


def _or_more(value: float) -> str:
    """A figure, or infinity where no team is enough; amounts of money to three digits."""
    if not isfinite(value):
        return "∞"
    return number(float(f"{value:.3g}")) if abs(value) >= 1000 else number(round(value, 1))


def decision_line(decision: Decision) -> str:
    """A decision in a line: what is best, by how much against what the plan does (where it does the best, against the
    next), at how many orders a day the answer changes, and how sure it is."""
    now = decision.now.set_index("option")
    stays = decision.best == decision.present
    other = now["cost"].drop(decision.best).idxmin() if stays else decision.present
    words = {
        "name": escape(label(decision.name)),
        "best": escape(label(decision.best)),
        "other": escape(small(label(str(other)))),
        "amount": number(float(f"{now.loc[other, 'more_than_best']:.3g}")),
        "currency": decision.currency,
    }
    line = text("decision_stays" if stays else "decision_changes", **words)
    parts = [line, _tips(decision), _flips(decision)]
    return (" " if language() == "en" else "").join(part for part in parts if part)


def small(words: str) -> str:
    """Words inside a sentence: without the capital that they begin with."""
    return words[:1].lower() + words[1:]


def _flips(decision: Decision) -> str:
    """How many of the assumptions, each alone within its range, change the answer."""
    n = decision.flipping
    return text("assumptions_change_the_answer", n=n, of=len(decision.flips)) if n else ""


def _tips(decision: Decision) -> str:
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


def _next_hires(plan: Plan) -> list[str]:
    """Whom to advertise for by when: the first rows of the calendar of hires."""
    calendar = plan.hiring.calendar
    if calendar.empty:
        return [escape(label("summary_nobody"))]
    lines = []
    for row in calendar.head(HIRES_SHOWN).itertuples():
        people, role = int(row.new_posts + row.replacements), label(row.role)
        advert, start = month_in_words(row.advertise_by), month_in_words(row.month)
        line = {
            "en": f"<b>{people} × {escape(role)}</b>: advertise by {advert}, to start in {start}",
            "zh": f"<b>{escape(role)} × {people}</b>：最迟 {advert}发布招聘，{start}入职",
        }[language()]
        lines.append(line)
    if rest := len(calendar) - HIRES_SHOWN:
        people = int(calendar[["new_posts", "replacements"]].iloc[HIRES_SHOWN:].to_numpy().sum())
        if rest > 0:
            lines.append(text("more_people_later", people=people))
    return lines


def _to_check(sure: Uncertainty) -> list[str]:
    """The assumptions most worth measuring in the shop this week, and how."""
    currency, worth = sure.plan.scenario.currency, sure.worth_measuring
    if worth.empty:
        return [escape(label("summary_nothing_to_check"))]
    lines = []
    for row in worth.itertuples():
        saved = _or_more(row.range_saved)
        name, unit, how = map(escape, (getattr(row, language()), phrase(row.unit), small(label(row.measure))))
        line = {
            "en": f"<b>{name}</b> ({unit}): {how}; P10 to P90 of the plan's cost comes closer by {saved} {currency}",
            "zh": f"<b>{name}</b>（{unit}）：{how}；规划期成本的 P10–P90 区间可缩小 {saved} {currency}",
        }[language()]
        lines.append(line)
    return lines


def why(plan: Plan, role: str, largest: int = 3) -> Styler:
    """The factors behind one role in the month of its largest FTE: its `largest` duties down to sourced inputs."""
    mine = plan.team[plan.team["role"] == role]
    month = str(mine.loc[mine["fte"].idxmax(), "month"])
    frame = explain(plan, role, month)
    hours = frame[(frame["depth"] == 2) & frame["unit"].eq("hours a month")]
    duties = set(hours.nlargest(largest, "value").index)
    kept, inside = [], True
    for index, row in frame.iterrows():
        if row["depth"] <= 2:
            inside = row["depth"] < 2 or index in duties or index not in hours.index
        if inside and row["depth"] <= 4 and not (row["depth"] > 3 and row["kind"] == "computed"):
            kept.append(index)
    # What every rate per person rests on stands once, at the end.
    rest = (frame["depth"] > 3) & (frame["unit"].isin(["hours a day", "days a month", "share of paid time"]))
    shown = frame.loc[[index for index in kept if not rest[index]]]
    caption = {
        "en": f"{label(role)}, {pd.Period(month).strftime('%B %Y')}",
        "zh": f"{label(role)}，{month_in_words(pd.Period(month))}",
    }[language()]
    if len(hours) > largest:
        caption += {
            "en": f" (the {largest} largest of {len(hours)} duties)",
            "zh": f"（{len(hours)} 项职责中最大的 {largest} 项）",
        }[language()]
    return captioned(_as_table(shown, plan), caption)


def factors(plan: Plan, what: str, first: int = 9) -> Styler:
    """The first lines of what `explain` says of a number in the last month: factor, value, unit, how or from where."""
    return _as_table(explain(plan, what).head(first), plan)


def _as_table(lines: pd.DataFrame, plan: Plan) -> Styler:
    rows = [
        (
            "\u2003" * int(r.depth) + factor_in_words(r.factor, plan),
            number(r.value),
            phrase(r.unit),
            formula_in_words(r.formula, plan) or source_in_words(r),
        )
        for r in lines.itertuples()
    ]
    source, stop = (label("source"), "、") if language() == "zh" else (label("source").lower(), ", ")
    columns = [*(label(key) for key in ("factor", "value", "unit")), f"{label('how')}{stop}{source}"]
    cited = {columns[3]: [not formula for formula in lines["formula"]]}
    styler = plain(pd.DataFrame(rows, columns=columns), right=columns[1:2], wide=columns[3], cited=cited)
    return styler.set_properties(subset=columns[:1], **{"min-width": "12em"})


def largest_roles(plan: Plan, n: int = 3) -> list[str]:
    """The roles that cost most."""
    by_role = plan.cost[plan.cost["role"] != ""].groupby("role")["amount"].sum()
    return by_role.nlargest(n).index.tolist()


def forecast_error(plan: Plan) -> Styler | None:
    """How wrong the forecast would have been on the shop's own past, by origin and in total; None without a history."""
    test = plan.forecast_error
    if test is None:
        return None
    keys = ("forecast_from", "days", "orders", "error_of_model", "error_of_last_week")
    columns = [label(key) for key in keys]

    def row(said: str, r: Any, digits: int = 0) -> tuple[str, ...]:
        # A window without orders, in a break, has no error relative to them.
        shares = (f"{error / r.orders:.{digits}%}" if r.orders else "–" for error in (r.model_error, r.naive_error))
        return said, f"{int(r.days)}", number(r.orders), *shares

    rows = [row(_day(r.origin), r) for r in test.itertuples(index=False)]
    total = test[["days", "orders", "model_error", "naive_error"]].sum()
    rows.append(row(label("total"), total, digits=1))
    table = plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)
    return captioned(table, text("forecast_error_note"))


def _day(day: pd.Timestamp) -> str:
    return f"{day:%d %b %Y}" if language() == "en" else f"{day.year}年{day.month}月{day.day}日"


def sources(plan: Plan, influence: pd.DataFrame) -> Html:
    """Where the figures come from: order history, payroll pack, counts of sourced and assumed rows, dates, version."""
    rows = plan.assumptions.rows(plan.scenario.region)
    mattering = rows.loc[rows.index.isin(influence["key"])]
    sourced = int((mattering["kind"] == "sourced").sum())
    first, last = mattering["as_of"].min(), mattering["as_of"].max()
    since, until = plan.inputs.payroll_months[0], plan.inputs.payroll_months[-1]
    city = next(row["zh"] for row in PLACES.values() if row["place"] == plan.scenario.place)
    lines = {
        "en": [
            f"{len(mattering)} figures matter to the cost of this plan: {sourced} sourced, {len(mattering) - sourced} "
            f"planning assumptions; dated {first} to {last}. All of them stand in assumptions.csv.",
            f"Employer contributions: country pack {plan.scenario.place}, figures of {since} to {until}, each with its "
            "source in data/payroll.",
        ],
        "zh": [
            f"影响本方案成本的数值共 {len(mattering)} 个：有来源 {sourced} 个，规划假设 {len(mattering) - sourced} 个；"
            f"日期为 {first} 至 {last}。全部列于 assumptions.csv。",
            f"企业社保公积金：{city}标准，取 {since} 至 {until} 的数值，各项来源见 data/payroll。",
        ],
    }[language()]
    cited = []
    if plan.scenario.history:
        history = load_history(plan.scenario.history)
        sheet = history.datasheet
        cited.append(f"{label('orders')}: {sheet.get('attribution', plan.inputs.profile.source)}")
        lines += [str(note) for note in history.what_was_read()]
        lines += [phrase(str(gap)) for gap in sheet.get("gaps", [])]
    else:
        lines.append(text("no_history_note"))
    lines.append(text("made_with", version=version("ecteam")))
    items = [f"<li class='cited'>{escape(line)}</li>" for line in cited]
    return Html("<ul>" + "".join([*items, *(f"<li>{escape(line)}</li>" for line in lines)]) + "</ul>")


def source_in_words(row: object) -> str:
    source, as_of, kind = (getattr(row, name) for name in ("source", "as_of", "kind"))
    if not source:
        return ""
    dated = {"en": f" ({as_of})", "zh": f"（{as_of}）"}[language()] if as_of else ""
    return f"{phrase(kind)}{'：' if language() == 'zh' else ': '}{phrase(source)}{dated}"


def formula_in_words(formula: str | Note, plan: Plan) -> str:
    """A formula as people read it: a text of ours, or an expression of keys and functions, by their Chinese names."""
    if isinstance(formula, Note):
        return formula.in_language(language())

    def named(key: re.Match[str]) -> str:
        if key[2]:
            return f"{text(f'formula_{key[1]}')} ("
        return factor_in_words(key[1], plan) if language() == "zh" else key[1].replace("_", " ")

    return re.sub(r"([a-z]\w+)(\(?)", named, formula).replace(" ** ", " ^ ").replace(" * ", " × ")


def factor_in_words(factor: str | Note, plan: Plan) -> str:
    """A factor in words: a text of ours, or the name of an assumption, a field or another key."""
    if isinstance(factor, Note):
        return factor.in_language(language())
    rows = plan.assumptions.rows(plan.scenario.region)
    if factor in rows.index:
        return str(rows.loc[factor, language()])
    if factor in Scenario.model_fields:
        return str(field_info(factor)[language()])
    return label(factor)
