"""Pictures and tables of one day, as lesson 3 and the notebook of the work show it, and those of the other lessons.

One day: people required and on shift, the day rehearsed, backlog, rules of thumb beside the model, shifts to heads.
Lessons: what learners read their exercises from.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from pandas.io.formats.style import Styler

from ecteam.analysis.day import DeskDay, WarehouseDay
from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.words import Language, label, language, number, person, phrase, text
from ecteam.plan.plan import Plan
from ecteam.staffing import queueing
from ecteam.staffing.simulation import DeskRehearsal, WarehouseRehearsal, backlog_by_hour, by_hour
from ecteam.view.picture import axes_of, columns, day_name, names_beside, names_left, note
from ecteam.view.table import Html, plain

HOURS_AXIS: dict[Language, str] = {"en": "hour of the day", "zh": "时段（时）"}


def desk_hours(day: DeskDay, ax: Axes | None = None) -> Axes:
    """People required at the desk and on shift, hour by hour."""
    ax = axes_of(ax)
    hours = day.hours
    columns(ax, hours["hour"] + 0.5, hours["on_shift"], width=0.92, color="C4")
    ax.step(np.r_[hours["hour"], 24], np.r_[hours["required"], 0], where="post", color="C0", linewidth=2)
    people, top = int(day.shifts["people"].sum()), int(hours["required"].max())
    who, when = label(day.role), day_name(day.date, year=True)
    ax.set_title(text("desk_hours_title", who=who, when=when, top=top, people=people))
    ax.set_ylabel(text("people_at_the_desk"))
    _hours_below(ax, HOURS_AXIS[language()])
    ax.set_ylim(0, max(hours["on_shift"].max() * 1.25, 2))
    first = int(hours["on_shift"].to_numpy().argmax())
    note(ax, first, hours["on_shift"].max(), text("on_shift"), dy=6, color="C4")
    need = text("line_required")
    note(ax, first, hours["on_shift"].max(), need, dx=62, dy=6, color="C0")
    return ax


def desk_rehearsed(day: DeskDay, rehearsal: DeskRehearsal, target_share: float, ax: Axes | None = None) -> Axes:
    """Share of chats answered in time by hour, over all rehearsed days, against the target."""
    ax = axes_of(ax)
    hours = by_hour(rehearsal)
    ax.axhline(target_share, color="C5", linewidth=1.2, linestyle="--")
    ax.fill_between(hours.index + 0.5, hours["low"], hours["high"], color="C4", alpha=0.4, linewidth=0)
    ax.plot(hours.index + 0.5, hours["service_level"], color="C0", marker="o", markersize=4)
    met, wait = np.nanmean(rehearsal.service_level >= target_share), hours["mean_wait_seconds"].max()
    days = len(rehearsal.arrivals)
    ax.set_title(text("desk_rehearsed_title", met=met, days=days, wait=wait))
    ax.set_ylabel(text("share_answered_in_time"))
    when = day_name(day.date, year=True)
    band = text("band_interval", when=when)
    _hours_below(ax, text("hour_of_the_day", band=band))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set_ylim(0, 1.05)
    names_beside(ax, [(target_share, text("target_share_line", target_share=target_share), "C5")])
    return ax


def warehouse_said(day: WarehouseDay) -> Html:
    """Who ships the orders around a day in time, which hours decide it, and what one person fewer would miss."""
    start, end = day.deciding
    if language() == "zh":
        when = day_name(day.date, year=True)
        if not day.heads:
            return Html(f"<p>{when}：没有订单要发。</p>")
        temps = f"；或由方案自有 {day.permanent} 人加 {day.temps} 名临时工完成" if day.temps else ""
        late = f"少一人则有 {number(day.late_with_one_fewer)} 单延误"
        if day.first_late is not None:
            late += f"，最早是 {day_name(day.first_late)} {day.first_late.hour}:00 下发的订单"
        return Html(
            f"<p><b>{when}</b>：{day.heads} 名熟练工在班即可全部准时发出{temps}；决定人数的是 "
            f"{day_name(start)} {start.hour}:00 至 {day_name(end)} {end.hour}:59。{late}。</p>"
        )
    if not day.heads:
        return Html(f"<p>{day.date:%A %d %B %Y}: no orders to ship.</p>")
    temps = f"; {day.permanent} of the plan's own and {day.temps} temps do the same" if day.temps else ""
    late = f" With one person fewer {number(day.late_with_one_fewer)} orders leave late" + (
        f", the first of them released on {day.first_late:%d %B at %H}:00." if day.first_late is not None else "."
    )
    return Html(
        f"<p><b>{day.date:%A %d %B %Y}</b>: {day.heads} trained people on shift ship every order in time{temps}; "
        f"{start:%a %d %b %H}:00 to {end:%a %d %b %H}:59 decides.{late}</p>"
    )


def warehouse_backlog(day: WarehouseDay, rehearsal: WarehouseRehearsal, ax: Axes | None = None) -> Axes:
    """Orders that wait to be shipped, hour by hour around a day, as rehearsed with its crew."""
    ax = axes_of(ax)
    hours, times = backlog_by_hour(rehearsal), day.hours["time"]
    shown = slice(0, int(np.flatnonzero(day.hours["orders"] > 0).max(initial=0)) + 25)
    at = mdates.date2num(times[shown].to_numpy())
    ax.fill_between(at, hours["waiting_low"][shown], hours["waiting_high"][shown], color="C4", alpha=0.4, linewidth=0)
    ax.plot(at, hours["waiting"][shown], color="C0")
    late = float((rehearsal.late_orders.sum(axis=1) > 0).mean())
    runs = len(rehearsal.orders)
    if language() == "en":
        people = "1 trained person" if day.heads == 1 else f"{day.heads} trained people"
        crew = people + (f", or {day.permanent} and {day.temps} temp{'s' * (day.temps > 1)}" if day.temps else "")
        ax.set_title(f"{crew}: {late:.0%} of {runs} rehearsals ship something late")
    else:
        crew = f"{day.heads} 名熟练工" + (f"（或 {day.permanent} 人加 {day.temps} 名临时工）" if day.temps else "")
        ax.set_title(f"{crew}：{runs} 次预演中 {late:.0%} 有订单延误")
    ax.set_ylabel(text("orders_waiting_at_the_end_of_the_hour"))
    ax.set_xlabel(text("day_and_band"))
    ax.set_ylim(0, 1.06 * max(hours["waiting_high"][shown].max(), 1))
    days = times[shown][times[shown].dt.hour == 0]
    days = days[:: max(1, len(days) // 10)]
    ax.set_xticks(mdates.date2num(days.to_numpy()), [day_name(date) for date in days])
    ax.set_xlim(at[0], at[-1])
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def rules_of_thumb(beside: pd.DataFrame, model_people: float, ax: Axes | None = None) -> Axes:
    """What published rules would put on for the day, from their low to their high figure, beside the model."""
    ax = axes_of(ax)
    rows = beside.sort_values("people_typical", kind="stable")
    position = np.arange(len(rows))
    ax.hlines(position, rows["people_low"], rows["people_high"], color="C4", linewidth=5)
    ax.plot(rows["people_typical"], position, "o", color="C0")
    ax.axvline(model_people, color="C5", linewidth=1.5)
    model = text("model_people", model_people=number(model_people))
    note(ax, model_people, 1, model, dx=4, dy=-2, color="C5", within="x", va="top")
    names_left(ax, position, rows[language()])
    ax.set_ylim(-0.7, len(rows) + 0.2)
    low, high = rows["people_low"].min(), rows["people_high"].max()
    said = f"{low:.2g}", f"{high:.2g}" if high < 100 else number(high)
    ax.set_title(text("rules_say", lowest=said[0], highest=said[1]))
    ax.set_xlabel(text("rules_of_thumb_axis"))
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda v, _: number(v))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(0.8 * min(low, model_people), 1.25 * max(high, model_people))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    return ax


def _hours_below(ax: Axes, words: str) -> None:
    ax.set_xlabel(words)
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 2))


def from_shifts_to_heads(week: pd.DataFrame) -> Styler:
    """`day.desk_week` as people read it: a step each row, with its unit."""
    rows = [(phrase(r.step), number(r.value), phrase(r.unit)) for r in week.itertuples()]
    columns = [label(key) for key in ("step_reckoned", "value", "unit")]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2])


def rules_of_thumb_table(beside: pd.DataFrame) -> Styler:
    """`day.rules_of_thumb` as people read it: people by each rule, how many times the model's, and its source."""
    name = "zh" if language() == "zh" else "en"
    keys = ("rule_of_thumb", "work_at", "people_low", "people_typical", "people_high", "times_the_model", "source")
    columns = [label(key) for key in keys]
    rows = [
        (
            getattr(r, name),
            label(f"task_{r.task}"),
            *(f"{value:.1f}" for value in (r.people_low, r.people_typical, r.people_high, r.typical_to_model)),
            f"{phrase(r.kind)}{'：' if language() == 'zh' else ': '}{phrase(r.source)} ({r.as_of})",
        )
        for r in beside.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:6], wide=columns[6], cited=columns[6])


def work(plan: Plan, n: int = 10) -> Styler:
    """The largest duties of the first month: what is counted, how many, minutes each, hours."""
    mine = plan.workload[plan.workload["month"] == plan.months[0]].nlargest(n, "hours")
    rows = [
        (
            label(str(row.duty)),
            label(str(row.driver)),
            number(round(row.amount, 1)),
            number(row.minutes_per_unit),
            number(row.hours),
        )
        for row in mine.itertuples()
    ]
    return table(rows, ("duty", "cause", "how_many", "minutes", "hours"), left=2)


def routes(found: pd.DataFrame, *, team: bool = False) -> Styler:
    """Routes of industry and platform (`workshop.routes.routes`); with `team` again, with the team in it."""
    rows: list[tuple[str, ...]] = []
    for name, row in found.iterrows():
        first = (str(row[language()]), str(name))
        if team:
            rows.append(
                (*first, number(row["left"]), number(row["team"]), str(int(row["heads"])), number(row["profit"]))
            )
        else:
            shares = (row[key] for key in ("goods_share", "fee_share", "traffic_share", "return_share"))
            rows.append((*first, number(row["order_value"]), *(f"{share:.0%}" for share in shares),
                         number(row["entry_fee"])))  # fmt: skip
    known = ("order_value", "goods_share", "fee_share", "traffic_share", "return_share", "entry_fee")
    return table(rows, ("route", "name", *(("left", "team", "heads", "profit") if team else known)), left=2)


def desk(arrivals_per_hour: float, handle_seconds: float, target_seconds: float, agents: Sequence[int]) -> Styler:
    """One desk with more and more agents: who is answered in time, and how busy the agents are."""
    level = queueing.service_level(list(agents), arrivals_per_hour, handle_seconds, target_seconds)
    busy = queueing.occupancy(list(agents), arrivals_per_hour, handle_seconds)
    rows = [(str(n), f"{good:.0%}", f"{full:.0%}") for n, good, full in zip(agents, level, busy, strict=True)]
    return table(rows, ("agents", "in_time", "busy"))


def tasks(found: pd.DataFrame) -> Styler:
    """Tasks of a build plan (en, zh, after), and those of them that each waits for."""
    rows = [
        (str(row[language()]), ", ".join(found.loc[[t for t in row["after"] if t in found.index], language()]) or "–")
        for _, row in found.sort_values(language()).iterrows()
    ]
    return table(rows, ("task", "after"), left=2)


def leads(months: Mapping[str, int]) -> Styler:
    """How many months before the start each role is advertised."""
    return table([(label(role), str(lead)) for role, lead in months.items()], ("role", "lead"), left=1)


def uncertain(sure: Uncertainty, n: int = 14) -> Styler:
    """The figures that go with most of the uncertain cost: share, whether sourced, whether it can be measured."""
    yes, no, guessed, sourced = {
        "en": ("yes", "no", "our assumption", "a source"),
        "zh": ("能", "不能", "规划假设", "有出处"),
    }[language()]
    rows = [
        (
            str(getattr(row, language())),
            str(row.key),
            f"{row.variance_share:.0%}",
            guessed if row.kind == "planning assumption" else sourced,
            yes if row.measure else no,
        )
        for row in sure.explained.head(n).itertuples()
    ]
    return table(rows, ("figure", "name", "share", "known", "by_friday"), left=2)


def facts(values: Mapping[str, float]) -> Styler:
    """A few figures with their names, as keys of texts."""
    money = {"en": "CNY", "zh": "元"}[language()]
    rows = [(text(f"lesson.{key}", c=money), number(value)) for key, value in values.items()]
    return table(rows, ("", "value"), left=1)


def card(fields: pd.DataFrame) -> Styler:
    """The fields of the positioning card, and what to write in each."""
    return table(
        [(str(row[language()]), str(row[f"ask_{language()}"])) for _, row in fields.iterrows()],
        ("field", "ask"),
        left=2,
    )


def advice(found: pd.DataFrame) -> Styler:
    """Published advice for one day: people at least and at most, from when, and whether it has a source."""
    kinds = {"sourced": ("a source", "有出处"), "planning assumption": ("our assumption", "规划假设")}
    rows = [
        (
            str(row[language()]),
            f"{row['people_low']:.2f}",
            f"{row['people_high']:.2f}",
            str(row["as_of"]),
            kinds[row["kind"]][0 if language() == "en" else 1],
        )
        for _, row in found.iterrows()
    ]
    return table(rows, ("advice", "low", "high", "as_of", "known"), left=1)


def pairs(sizes: Sequence[int]) -> Styler:
    """How many pairs of people can talk to each other in teams of these sizes."""
    return table([(str(n), number(n * (n - 1) // 2)) for n in sizes], ("people", "pairs"))


def table(rows: Sequence[tuple[str, ...]], keys: Sequence[str], *, left: int = 0, currency: str = "CNY") -> Styler:
    """Rows of texts under the heads `lesson.…` of the catalogue; the first `left` columns are set left."""
    money = currency if language() == "en" else {"CNY": "元"}.get(currency, currency)
    names = [text(f"lesson.{key}", c=money) if key else "" for key in keys]
    styler = plain(pd.DataFrame(rows, columns=names), right=names[left:])
    heads = [f"th.col{n}" for n in range(left)]
    if not heads:
        return styler
    return styler.set_properties(subset=names[:left], **{"text-align": "left"}).set_table_styles(
        [{"selector": ", ".join(heads), "props": "text-align: left"}], overwrite=False
    )


def duties(people: pd.DataFrame) -> Styler:
    """The duties of one month: the name to write, who does each, the hat it belongs to, and its hours."""
    rows = [
        {
            **_names(str(row.duty)),
            "post": label(str(row.post)),
            "person": person(row.person),
            "hours": number(round(row.hours, 1)),
        }
        for row in people.itertuples()
    ]
    return _division_table(rows, right=("hours",))


def written_down(table: pd.DataFrame) -> Styler:
    """A table of who answers for what, as somebody wrote it down: duty, name to write, person, hired as."""
    rows = [
        {**_names(str(row.duty)), "person": row.person, "hired_as": label(str(row.role))} for row in table.itertuples()
    ]
    return _division_table(rows)


def _names(duty: str) -> dict[str, str]:
    """A duty and what a learner writes: the key in English; in Chinese its label, which needs no other keyboard."""
    return {"duty": label(duty)} | ({"key": duty} if language() == "en" else {})


def _division_table(rows: Sequence[Mapping[str, str]], right: Sequence[str] = ()) -> Styler:
    names = {key: text(f"division.{key}") for row in rows[:1] for key in row}
    return plain(pd.DataFrame(rows).rename(columns=names), right=[names[key] for key in right])


def routes_chart(found: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What is left of an order before the team beside what the team costs, as shares of the order's value."""
    ax = axes_of(ax)
    left, team = found["left"] / found["order_value"], found["team"] / found["order_value"]
    place = np.arange(len(found))
    words = {"en": ("left before the team", "team"), "zh": ("付人力前的毛利", "人力")}[language()]
    for shift, values, colour, name in ((-0.2, left, "C0", words[0]), (0.2, team, "C1", words[1])):
        bars = ax.barh(place + shift, values, height=0.38, color=colour, label=name)
        ax.bar_label(bars, [f"{value:.0%}" for value in values], padding=3, fontsize=8)
    ax.set_yticks(place, found[language()])
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    pays = int((left >= team).sum())
    ax.set_title(
        f"{pays} of {len(found)} routes pay for their team"
        if language() == "en"
        else f"{len(found)} 条路线中，养得起团队的有 {pays} 条"
    )
    ax.set_xlabel(text("share_of_order_value"))
    ax.legend()
    ax.margins(x=0.12)
    return ax


def work_hours(plan: Plan, ax: Axes | None = None, n: int = 10) -> Axes:
    """The duties of the first month with most hours."""
    ax = axes_of(ax)
    mine = plan.workload[plan.workload["month"] == plan.months[0]]
    most = mine.nlargest(n, "hours")
    bars = ax.barh([label(str(duty)) for duty in most["duty"]], most["hours"], color="C0")
    ax.bar_label(bars, [number(hours) for hours in most["hours"]], padding=3, fontsize=8)
    ax.invert_yaxis()
    share = most["hours"].sum() / mine["hours"].sum()
    ax.set_title(
        f"{n} duties are {share:.0%} of the hours" if language() == "en" else f"{n} 项职责占了 {share:.0%} 的工时"
    )
    ax.set_xlabel(text("hours_in_month", months=plan.months[0]))
    ax.margins(x=0.1)
    return ax


def desk_chart(
    arrivals_per_hour: float,
    handle_seconds: float,
    target_seconds: float,
    agents: Sequence[int],
    ax: Axes | None = None,
) -> Axes:
    """The share of customers answered in time over the number of agents; the average work marks where queues begin."""
    ax = axes_of(ax)
    level = queueing.service_level(list(agents), arrivals_per_hour, handle_seconds, target_seconds)
    load = arrivals_per_hour * handle_seconds / 3600
    ax.plot(list(agents), level, marker="o", color="C0")
    ax.axvline(load, color="0.3", linestyle=":")
    ax.annotate(
        text("the_average", load=number(load)),
        (load, 0.5), xytext=(6, 0), textcoords="offset points",
    )  # fmt: skip
    ax.set_ylim(0, 1.05)
    ax.set_xticks(list(agents))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    step = float(np.max(np.diff(level)))
    ax.set_title(
        f"One more agent can be worth {100 * step:.0f} points"
        if language() == "en"
        else f"多一个客服，及时接待率最多提高 {100 * step:.0f} 个百分点"
    )
    ax.set_xlabel(text("agents_at_the_desk"))
    ax.set_ylabel(text("answered_within", target_seconds=target_seconds))
    return ax
