"""Tables that lessons read their exercises from: work, routes, a desk by its agents, tasks, terms of hiring.

Tables of the workshop: what learners read their exercises from.

Pictures of the lessons: what is left of an order, hours of work, and a desk by its agents.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.words import label, language, number, person, text
from ecteam.plan.plan import Plan
from ecteam.staffing import queueing
from ecteam.view.table import plain
from ecteam.view.team import axes_of


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
