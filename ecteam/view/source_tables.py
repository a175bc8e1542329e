"""Tables that say where figures come from: the factors behind a role, the test of the forecast, the sources."""

import re
from datetime import date
from html import escape
from importlib.metadata import version
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.history import load_history
from ecteam.inputs.labels import Language, label, month_in_words, number, phrase
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import Note
from ecteam.plan.explain import explain
from ecteam.plan.plan import Plan
from ecteam.view.tables import Html, plain


def why(plan: Plan, role: str, lang: Language = "en", largest: int = 3) -> Styler:
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
        "en": f"{label(role)}, {pd.Period(month):%B %Y}",
        "zh": f"{label(role, 'zh')}，{month_in_words(pd.Period(month), 'zh')}",
    }[lang]
    if len(hours) > largest:
        caption += {
            "en": f" (the {largest} largest of {len(hours)} duties)",
            "zh": f"（{len(hours)} 项职责中最大的 {largest} 项）",
        }[lang]
    return _as_table(shown, plan, lang).set_caption(caption)


def factors(plan: Plan, what: str, lang: Language = "en", first: int = 9) -> Styler:
    """The first lines of what `explain` says of a number in the last month: factor, value, unit, how or from where."""
    return _as_table(explain(plan, what).head(first), plan, lang)


def _as_table(lines: pd.DataFrame, plan: Plan, lang: Language) -> Styler:
    rows = [
        (
            "\u2003" * int(r.depth) + factor_in_words(r.factor, plan, lang),
            number(r.value),
            phrase(r.unit, lang),
            formula_in_words(r.formula, plan, lang) or source_in_words(r, lang),
        )
        for r in lines.itertuples()
    ]
    source, stop = (label("source", lang), "、") if lang == "zh" else (label("source", lang).lower(), ", ")
    columns = [*(label(key, lang) for key in ("factor", "value", "unit")), f"{label('how', lang)}{stop}{source}"]
    cited = {columns[3]: [not formula for formula in lines["formula"]]}
    styler = plain(pd.DataFrame(rows, columns=columns), right=columns[1:2], wide=columns[3], cited=cited)
    return styler.set_properties(subset=columns[:1], **{"min-width": "12em"})


def largest_roles(plan: Plan, n: int = 3) -> list[str]:
    """The roles that cost most."""
    by_role = plan.cash_cost[plan.cash_cost["role"] != ""].groupby("role")["amount"].sum()
    return by_role.nlargest(n).index.tolist()


def forecast_error(plan: Plan, lang: Language = "en") -> Styler | None:
    """How wrong the forecast would have been on the shop's own past, by origin and in total; None without a history."""
    test = plan.forecast_error
    if test is None:
        return None
    keys = ("forecast_from", "days", "orders", "error_of_model", "error_of_last_week")
    columns = [label(key, lang) for key in keys]

    def row(said: str, r: Any, digits: int = 0) -> tuple[str, ...]:
        model, naive = r.model_error / r.orders, r.naive_error / r.orders
        return said, f"{int(r.days)}", number(r.orders), f"{model:.{digits}%}", f"{naive:.{digits}%}"

    rows = [row(_day(r.origin, lang), r) for r in test.itertuples(index=False)]
    total = test[["days", "orders", "model_error", "naive_error"]].sum()
    rows.append(row(label("total", lang), total, digits=1))
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True).set_caption(
        {
            "en": "Rolling-origin test on the shop's own past: sum of the daily errors over the orders. A season that "
            "has not been seen before shows in the level only; so the test follows the last weeks (half-life 56 days), "
            "while the plan takes the whole history.",
            "zh": "用本店历史做滚动起点检验：每日误差之和除以订单数。未见过的季节只体现在水平上；因此检验跟随最近几周"
            "（半衰期 56 天），而方案使用全部历史。",
        }[lang]
    )


def _day(day: pd.Timestamp, lang: Language) -> str:
    return f"{day:%d %b %Y}" if lang == "en" else f"{day.year}年{day.month}月{day.day}日"


def sources(plan: Plan, influence: pd.DataFrame, made_on: date, lang: Language = "en") -> Html:
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
    }[lang]
    cited = []
    if plan.scenario.history:
        sheet = load_history(plan.scenario.history).datasheet
        cited.append(f"{label('orders', lang)}: {sheet.get('attribution', plan.inputs.profile.source)}")
        lines += [phrase(str(gap), lang) for gap in sheet.get("gaps", [])]
    else:
        lines.append(
            {
                "en": "Season, week and day of the orders are planning assumptions: the shop has given no "
                "order history.",
                "zh": "订单的季节、星期与时段分布为规划假设：本店未提供订单历史。",
            }[lang]
        )
    lines.append(
        {
            "en": f"Made on {made_on} with ecteam {version('ecteam')}; the same input gives the same numbers.",
            "zh": f"于 {made_on} 由 ecteam {version('ecteam')} 生成；相同输入得到相同数值。",
        }[lang]
    )
    items = [f"<li class='cited'>{escape(line)}</li>" for line in cited]
    return Html("<ul>" + "".join([*items, *(f"<li>{escape(line)}</li>" for line in lines)]) + "</ul>")


def source_in_words(row: object, lang: Language) -> str:
    source, as_of, kind = (getattr(row, name) for name in ("source", "as_of", "kind"))
    if not source:
        return ""
    dated = {"en": f" ({as_of})", "zh": f"（{as_of}）"}[lang] if as_of else ""
    return f"{phrase(kind, lang)}{'：' if lang == 'zh' else ': '}{phrase(source, lang)}{dated}"


def formula_in_words(formula: str | Note, plan: Plan, lang: Language) -> str:
    """A formula as people read it: a text of ours, or an expression of keys, in Chinese with the names of these."""
    if isinstance(formula, Note):
        return formula.in_language(lang)
    named = re.sub(r"[a-z]\w+", lambda key: factor_in_words(key[0], plan, lang) if lang == "zh" else key[0], formula)
    return named.replace("_", " ").replace(" * ", " × ")


def factor_in_words(factor: str | Note, plan: Plan, lang: Language) -> str:
    """A factor in words: a text of ours, or the name of an assumption, a field or another key."""
    if isinstance(factor, Note):
        return factor.in_language(lang)
    rows = plan.assumptions.rows(plan.scenario.region)
    if factor in rows.index:
        return str(rows.loc[factor, lang])
    if factor in Scenario.model_fields:
        return str(field_info(factor)[lang])
    return label(factor, lang)
