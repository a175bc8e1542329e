"""Where the figures of a report come from: behind a chart, of a role, the test of the forecast, sources."""

import re
from base64 import b64encode
from html import escape
from importlib.metadata import version
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import Note, date, label, language, month_in_words, number, phrase, text
from ecteam.plan.explain import explain
from ecteam.plan.plan import Plan
from ecteam.view.picture import WIDTH_PIXELS, Picture
from ecteam.view.table import Html, captioned, plain, source_in_words, with_unit

LONG_TABLE = 70
"""Rows above which a table is to be unfolded on the screen only: on paper it would fill sheets that nobody reads."""


def behind(item: Styler | Html | Picture | None) -> Html:
    """The figures behind a chart, or a chart under its finding, folded on a screen; a very long table on paper too."""
    if item is None:
        return Html("")
    kind = "behind long" if isinstance(item, Styler) and len(item.index) > LONG_TABLE else "behind"
    title, inside = label("behind_chart"), item
    if isinstance(item, Picture):
        title, data = item.alt, b64encode(item.png).decode()
        inside = f"<img alt='{escape(item.alt)}' width='{WIDTH_PIXELS}' src='data:image/png;base64,{data}'>"
    elif isinstance(item, Styler):
        inside = item.to_html()
    return Html(f"<details class='{kind}'><summary>{escape(title)}</summary>{inside}</details>")


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
    caption = with_unit(label(role), month_in_words(pd.Period(month)))
    if len(hours) > largest:
        caption += text("largest_duties_of", largest=largest, n=len(hours))
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

    rows = [row(date(r.origin), r) for r in test.itertuples(index=False)]
    total = test[["days", "orders", "model_error", "naive_error"]].sum()
    rows.append(row(label("total"), total, digits=1))
    table = plain(pd.DataFrame(rows, columns=columns), right=columns[1:], total=True)
    return captioned(table, text("forecast_error_note"))


def sources(plan: Plan, influence: pd.DataFrame) -> Html:
    """Where the figures come from: order history, payroll pack, counts of sourced and assumed rows, dates, version."""
    rows = plan.assumptions.rows(plan.scenario.region)
    mattering = rows.loc[rows.index.isin(influence["key"])]
    sourced = int((mattering["kind"] == "sourced").sum())
    first, last = mattering["as_of"].min(), mattering["as_of"].max()
    since, until = plan.inputs.payroll_months[0], plan.inputs.payroll_months[-1]
    place = plan.scenario.place
    city = next(row["zh"] for row in PLACES.values() if row["place"] == place)
    of, assumed = {"n": len(mattering), "first": first, "last": last}, len(mattering) - sourced
    lines, cited = [text("figures_that_matter", **of, sourced=sourced, assumed=assumed)], []
    lines.append(text("pack_in_use", place=place, place_name=city, since=since, until=until))
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
