"""What an explorer shows of a plan: pictures, tables and pieces of a page, in order."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.analysis import day, make_or_buy, stages
from ecteam.analysis.difference import difference
from ecteam.analysis.sensitivity import influence
from ecteam.analysis.uncertainty import how_sure
from ecteam.explore.controls import is_share, said
from ecteam.inputs.scenario import field_info
from ecteam.inputs.scenario_file import changed_fields
from ecteam.inputs.words import label, language, listed, number, phrase, rough, text
from ecteam.organisation.rules import read_rules
from ecteam.plan.plan import Plan
from ecteam.view import accountability, decisions, lesson, organisation, pay, report, uncertainty
from ecteam.view import team as team_charts
from ecteam.view.answer import decisions_table

View = Callable[..., Sequence[Any]]
"""`view(plan)`: what to show of a plan."""
AMOUNTS = ("cost_per_month", "cost_per_order")
DRAWS_WHILE_MOVING, DRAWS_OF_RANGE = 200, 100
"""Draws behind a picture that follows a slider, and behind a range; a table to rely on takes more."""
MOST_ROLES, MOST_PEOPLE, FIRST_ROWS = 8, 24, 10
"""More roles are shown by department on the first screen, more people by role in a grid, more rows behind the first."""
COMPARED = ("heads_first_month", "heads_last_month", "fte_mean", *AMOUNTS)


@dataclass(frozen=True, eq=False)
class Later:
    """A part of a page that takes longer than a slider may: an explorer shows it when its controls stand still."""

    make: Callable[[Plan], str]
    plan: Plan

    def to_html(self) -> str:
        """The part, made now."""
        return self.make(self.plan)


def shortened(table: Styler) -> team_charts.Html:
    """The first rows of a table, and all of a long one folded behind them."""
    rows = len(table.index)
    if rows <= FIRST_ROWS + 2:
        return team_charts.Html(table.to_html())
    first = deepcopy(table).hide(table.index[FIRST_ROWS:], axis="index")
    every = f"<details class='behind'><summary>{text('all_rows', n=rows)}</summary>{table.to_html()}</details>"
    return team_charts.Html(first.to_html() + every)


def answer(plan: Plan) -> list[Any]:
    """The answer in figures, who they are, how far it may be off, and what to change where the team is too dear."""
    return [team_charts.headline(plan), who(plan), Later(advice, plan)]


def who(plan: Plan) -> str:
    """The people at the end, by role, or by department where there are many roles."""
    last = plan.team[(plan.team["month"] == plan.months[-1]) & (plan.team["heads"] > 0)]
    by = "role" if len(last) <= MOST_ROLES else "department"
    heads = last.groupby(by, sort=False)["heads"].sum()
    people = [f"{label(str(name))} <b>{count}</b>" for name, count in heads.items()]
    return f"<p class='ecteam-who'>{text('answer.who', people=people)}</p>"


def advice(plan: Plan) -> str:
    """The range of the cost, its share of sales against the usual one, the cheapest change, the evidence's stage."""
    cost, currency = (
        how_sure(plan, draws=DRAWS_OF_RANGE).totals.set_index("figure").loc["cost_per_month"],
        plan.scenario.currency,
    )
    low, high = (rough(cost[at]) for at in ("p10", "p90"))
    lines = [text("answer.range", low=low, high=high, currency=currency)]
    judged = stages.people_cost(plan)
    if judged is not None:
        lines[0] += " " + text("answer.usual", low=judged.low, high=judged.high, stage=label(judged.stage))
    alarms = []
    if judged is not None and judged.share > judged.high:
        alarms.append(text("answer.dear", share=judged.share, high=judged.high))
        if change := stages.cheapest_change(plan):
            field, value, other = change
            words = {"field": field_info(field)[language()], "value": _shown(value, field, field_info(field)["unit"])}
            saved = rough(plan.totals["cost_per_month"] - other)
            alarms.append(text("answer.cheapest", saved=saved, currency=currency, **words))
    says = stages.stage_of(plan).says
    if says != plan.scenario.stage:
        alarms.append(text("answer.stage", says=label(says), chosen=label(plan.scenario.stage)))
    said = f"<p class='ecteam-later'>{' '.join(lines)}</p>"
    return said + (f"<p role='status' class='ecteam-alert'>{' '.join(alarms)}</p>" if alarms else "")


def team_page(plan: Plan) -> list[Any]:
    """The answer, heads by month, and what to know before relying on it."""
    heads = team_charts.picture(team_charts.heads_per_month, plan)
    return [*answer(plan), heads, team_charts.notes(plan)]


def roles_page(plan: Plan) -> list[Any]:
    """The team by role, with heads and cost."""
    return [team_charts.team(plan)]


def stage_page(plan: Plan) -> list[Any]:
    """The stage by its evidence, and which posts are due in it."""
    here = stages.stage_of(plan)
    return [decisions.question(here), decisions.evidence(here), decisions.posts(here)]


def work_page(plan: Plan) -> list[Any]:
    """The work by department and month."""
    return [team_charts.picture(team_charts.work_by_department, plan), team_charts.by_department(plan)]


def cost_page(plan: Plan) -> list[Any]:
    """What the team costs, by item."""
    return [team_charts.picture(team_charts.cost_by_item, plan), team_charts.cost(plan)]


team_view: Mapping[str, View] = {
    "team_page": team_page,
    "roles_page": roles_page,
    "work_page": work_page,
    "cost_page": cost_page,
    "stage_page": stage_page,
}
"""A team and its stage in tabs."""


def head_page(plan: Plan) -> list[Any]:
    """The answer in figures, and one head of the largest role from pay to full cost."""
    role = report.largest_roles(plan, 1)[0]
    steps = team_charts.picture(pay.from_salary_to_full_cost, plan, role, height=4.2)
    return [team_charts.headline(plan), steps, pay.head(plan, role)]


cost_view: Mapping[str, View] = {"head_page": head_page, "cost_page": cost_page}
"""What a head and the team cost, in two tabs."""


def organisation_page(plan: Plan) -> list[Any]:
    """Who reports to whom in the last month, its spans and layers, and whom the shop would miss most."""
    here = plan.organised()
    chart = organisation.organisation_picture(here.tree, here.people)
    return [who(plan), chart, organisation.measures(here.measures), organisation.hardest_to_miss(here)]


def hats_page(plan: Plan) -> list[Any]:
    """Who does what in the last month, and with how few people it could be done."""
    here = plan.organised()
    return [shortened(organisation.who_does_what(here.people, here.seats))]


def structures_page(plan: Plan) -> list[Any]:
    """Four structures of the same posts, the network among them, and the hand-offs of an order."""
    here = plan.organised()
    network = organisation.organisation_picture(here.structures["network"], here.people)
    return [organisation.measures(here.structures_compared), network, organisation.hand_offs(here.hand_offs)]


def accountability_page(plan: Plan) -> list[Any]:
    """Who answers for what, what each capability lacks, and what is reported to whom."""
    here = plan.organised()
    people = here.people
    if len(here.seats) > MOST_PEOPLE:
        people = people.assign(person=people["hired_as"].map(plan.assumptions.roles["en"]))
    grid = accountability.accountability_grid(people, here.duties, read_rules(), found=here.findings)
    owned = accountability.capability_table(here.capabilities, here.duties)
    return [grid, owned, shortened(organisation.reports(here.reports))]


def leaving_page(plan: Plan) -> list[Any]:
    """What breaks when somebody leaves, who could do what of the first people, and who should learn what."""
    here = plan.organised()
    tables = (
        organisation.losses(here.losses, plan.scenario.currency),
        organisation.cover(here.cover.iloc[:, :8]),
        organisation.trainings(here.trainings),
    )
    return [shortened(table) for table in tables]


def way_page(plan: Plan) -> list[Any]:
    """The build of the team in stretches, each with an owner and a test."""
    cut = plan.organised().checkpoints
    chart = team_charts.picture(accountability.gantt, cut, height=accountability.gantt_height(cut))
    return [chart, accountability.checkpoint_table(cut)]


organisation_view: Mapping[str, View] = {
    "organisation_page": organisation_page,
    "hats_page": hats_page,
    "structures_page": structures_page,
    "accountability_page": accountability_page,
    "leaving_page": leaving_page,
    "way_page": way_page,
}
"""The people of a team in tabs."""


def decisions_page(plan: Plan) -> list[Any]:
    """The team, and a line for each decision: what is best, by how much, and at how many orders that changes."""
    return [*answer(plan), Later(lambda plan: decisions_table(list(make_or_buy.decide(plan).values())).to_html(), plan)]


def start_page(plan: Plan) -> list[Any]:
    """A team on one page, and the three assumptions that matter most to its cost."""
    *first, notes = team_page(plan)
    return [*first, three_assumptions(plan), team_charts.team(plan), notes]


def three_assumptions(plan: Plan) -> team_charts.Html:
    """The three assumptions that move the cost most, each alone from its low to its high figure."""
    months = len(plan.months)
    rows = [
        text(
            "three.row",
            name=getattr(row, language()),
            low=number(row.low),
            high=number(row.high),
            unit=phrase(str(row.unit)),
            cost_low=number(min(row.cost_low, row.cost_high) / months),
            cost_high=number(max(row.cost_low, row.cost_high) / months),
            currency=plan.scenario.currency,
        )
        for row in influence(plan).head(3).itertuples()
    ]
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    return team_charts.Html(f"<h4 class='ecteam-side'>{text('three')}</h4><ol>{items}</ol>" if rows else "")


def moved(before: Plan, after: Plan) -> str:
    """What a move of a control changes: what was set, people and cost, and the role and duty that move most of it."""
    sets = [f"{name} {old} → {new}" for name, old, new in _set(before, after)]
    if not sets or before.scenario.currency != after.scenario.currency:
        return f"<p class='ecteam-moved'>{escape(listed(sets))}</p>" if sets else ""
    totals = [plan.totals for plan in (before, after)]
    heads, cost = ([one[key] for one in totals] for key in ("heads_last_month", "cost_per_month"))
    if (roles := difference(before, after)).empty:
        words = text("moved.nothing")
    else:
        # Of what the shop as a whole pays (role "") the cost says enough.
        most = max(roles.itertuples(), key=lambda row: (row.role != "", abs(row.heads) > 0, abs(row.cost)))
        words = text("moved", old=heads[0], new=heads[1], cost=number(cost[1]), currency=after.scenario.currency,
                     change=f"{cost[1] - cost[0]:+,.0f}")  # fmt: skip
        if most.duty:
            role = label(most.role) + (f" ({most.heads:+d})" if most.heads else "")
            names = {"role": role, "duty": label(most.duty), "driver": label(most.driver)}
            words += " " + text("moved.most", hours=f"{most.hours:+,.0f}", **names)
    return f"<p role='status' class='ecteam-moved'>{escape(listed(sets))}{text('moved.colon')}{escape(words)}</p>"


def _set(before: Plan, after: Plan) -> list[tuple[str, str, str]]:
    """Fields and figures that two plans differ in: name, and the value of each, in words."""
    rows = []
    for name in changed_fields(after.scenario, before.scenario):
        about = field_info(name)
        sides = [_shown(getattr(plan.scenario, name), name, about["unit"]) for plan in (before, after)]
        rows.append((about[language()], *sides))
    figures = after.assumptions.rows(after.scenario.region)
    for key in sorted(before.assumptions.changed | after.assumptions.changed):
        unit, words = str(figures.loc[key, "unit"]), str(figures.loc[key, language()])
        rows.append((words, *(_shown(float(plan.values[key]), key, unit) for plan in (before, after))))
    return [row for row in rows if row[1] != row[2]]


def beside(before: Plan, after: Plan) -> str:
    """Two plans, A and B: what was set, the figures of both with their difference, and who comes or goes."""
    a, b = before.totals, after.totals
    one_currency = before.scenario.currency == after.scenario.currency
    rows: list[tuple[str, ...]] = [(*row, "") for row in _set(before, after)]
    for key in COMPARED:
        money = key in AMOUNTS
        sides = [number(side[key]) + (f" {phrase(plan.scenario.currency)}" if money else "")
                 for side, plan in ((a, before), (b, after))]  # fmt: skip
        change = f"{'+' if b[key] > a[key] else ''}{number(b[key] - a[key])}" if one_currency or not money else "–"
        rows.append((label(key), *sides, change))
    columns = ["", "A", "B", label("difference")]
    page = team_charts.plain(pd.DataFrame(rows, columns=columns), right=columns[1:]).to_html()
    if before.scenario == after.scenario and not before.assumptions.changed ^ after.assumptions.changed:
        return f"<p>{text('beside.same')}</p>{page}"
    return page + (decisions.changes(before, after).to_html() if one_currency else "")


def _shown(value: Any, name: str, unit: str) -> str:
    if value is None:
        return text("beside.unset")
    if isinstance(value, bool):
        return label("yes" if value else "no")
    if is_share(name, unit):
        return f"{100 * value:.3g}%"
    return number(value) if isinstance(value, int | float) else said(value)


def day_view(plan: Plan) -> list[Any]:
    """An ordinary day and the busiest one: people required and on shift at the desk, and the crew of the warehouse."""
    items: list[Any] = []
    for date in day.ordinary_and_peak_day(plan):
        if plan.results.desks:
            items.append(team_charts.picture(lesson.desk_hours, day.desk_day(plan, date)))
        if plan.results.crews:
            items.append(lesson.warehouse_said(day.warehouse_day(plan, date)))
    return items


def rehearsal_view(plan: Plan) -> list[Any]:
    """The busiest day played through many times with its recommended team: replies in time, and parcels waiting."""
    _, peak = day.ordinary_and_peak_day(plan)
    items: list[Any] = []
    if plan.results.desks:
        desk = day.desk_day(plan, peak)
        played, target = day.rehearse_desk_day(plan, desk), plan.scenario.reply_target_share
        items.append(team_charts.picture(lesson.desk_rehearsed, desk, played, target))
    if plan.results.crews:
        crew = day.warehouse_day(plan, peak)
        items.append(team_charts.picture(lesson.warehouse_backlog, crew, day.rehearse_warehouse_day(plan, crew)))
    return items


def sure_page(plan: Plan) -> list[Any]:
    """Heads and cost from P10 to P90, over fewer draws than a table to rely on."""
    sure = how_sure(plan, draws=DRAWS_WHILE_MOVING)
    return [uncertainty.totals(sure), team_charts.picture(uncertainty.cost_fan, sure)]
