"""The sheets of work and team, in the order of `plan.solve`, whose steps run here over cells instead of arrays.

A spreadsheet cannot go round in a circle: the rounds of the loop of people who need people stand below each other,
more of them than the plan took, and a cell says whether the last one changed nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ecteam.inputs.assumptions import formula_function, names_in
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.words import label, phrase
from ecteam.plan.plan import Plan
from ecteam.publish.workbook.formulas import Cell, Term, below, each, least, most, ratio, sums, total, where, whole
from ecteam.publish.workbook.inputs import CellNames
from ecteam.publish.workbook.sheet import MONTHS_FROM, Page
from ecteam.staffing import workload


class LimitCells(NamedTuple):
    """`people.cover.Limits` of one role, as cells."""

    buy_below: Term
    whole_above: Term
    part_time_least: Term
    part_time_most: Term


MORE_ROUNDS, MOST_ROUNDS = 3, 20
"""Rounds of the loop beyond those that the plan takes, for what a change may add; and the most of them in all."""
FIGURE = 3
Months = list[Term]


@dataclass
class TeamCells:
    """The cells of work and team, one a month, by driver, duty or role.

    duties : what the tables say of each duty, in the order of the lines; posts : role -> the duties of each post
    people : the drivers that follow from heads or recruitments; loop : the duties of these drivers
    rows : where the lines stand that the loop of people fills in later; settled : 1 where the loop stands still
    """

    plan: Plan
    names: CellNames
    people: frozenset[str]
    duties: dict[str, dict[str, Any]]
    posts: dict[str, list[list[str]]]
    loop: list[str]
    rows: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, Months] = field(default_factory=dict)
    minutes: dict[str, Term] = field(default_factory=dict)
    hours: dict[str, Months] = field(default_factory=dict)
    event_share: Months = field(default_factory=list)
    paid: Months = field(default_factory=list)
    temps: dict[str, Months] = field(default_factory=dict)
    shifts: dict[tuple[str, str], Months] = field(default_factory=dict)
    staffed: dict[str, Months] = field(default_factory=dict)
    on_shift: dict[str, Months] = field(default_factory=dict)
    cover_limits: dict[str, LimitCells] = field(default_factory=dict)
    answering: dict[str, Months] = field(default_factory=dict)
    employed: dict[str, Months] = field(default_factory=dict)
    bought_hours: dict[str, Months] = field(default_factory=dict)
    heads: dict[str, Months] = field(default_factory=dict)
    hires: dict[str, Months] = field(default_factory=dict)
    temp_hours: dict[str, Months] = field(default_factory=dict)
    fte_sum: Months = field(default_factory=list)
    heads_sum: Months = field(default_factory=list)
    settled: Term = field(default_factory=lambda: Term("1", 1.0))

    @property
    def months(self) -> range:
        """The places of the months."""
        return range(len(self.plan.months))

    def of(self, role: str, method: str = "") -> list[str]:
        """The duties of a role, all of them or those that ask for people in one way (queue, deadline)."""
        own = [duty for post in self.posts.get(role, []) for duty in post]
        return [duty for duty in own if not method or self.duties[duty]["method"] == method]

    def amount(self, driver: str) -> Months:
        """A driver by month: as it stands, or by its formula over other drivers and the inputs."""
        formula = self.plan.inputs.assumptions.drivers.at[driver, "formula"]
        if not formula:
            return self.amounts[driver]
        function, known, cells = formula_function(formula, most), self.amounts, []
        for m in self.months:
            values = {name: known[name][m] if name in known else self.names[name] for name in names_in(formula)}
            result = function(values)
            cells.append(result if isinstance(result, Term) else Term(str(result), result))
        return cells

    def duty_hours(self, duty: str, amounts: Months) -> Months:
        """Hours of a duty from the amounts of its driver."""
        return [workload.duty_hours(amount, self.minutes[duty]) for amount in amounts]

    def productive(self, role: str, month: int) -> Term:
        """Hours of a month in which a full-time person of a role works."""
        return self.paid[month] * (1 - self.names.of_role("shrinkage", role))

    def attrition(self, role: str) -> Term:
        """Share of a role that leaves in a month."""
        return self.names.of_role("attrition", role) / MONTHS_PER_YEAR


def write_team(works: Page, page: Page, rounds: Page, plan: Plan, names: CellNames) -> TeamCells:
    """Write causes of work and hours of duties, then staffed hours, FTE, seats, heads and hires, then the lines of the
    work that follow from heads."""
    team = _duties(plan, names)
    _workload(works, team)
    page.title(label("wb_headcount"), label("wb_headcount_about"))
    page.month_heads(label("wb_what"), label("wb_figure"))
    page.block(label("wb_working_time"))
    days = page.line(
        [label("wb_working_days")],
        [names["working_days_per_month"] + 0.0 for _ in team.months],
        "hours",
        adds_up=False,
    )
    paid = [d * names["hours_per_day"] for d in days]
    team.paid = page.line([label("wb_paid_hours")], paid, "hours", adds_up=False)
    _temps(page, team)
    _desks(page, team)
    _staffed(page, team)
    _on_shift(page, team)
    _limits(page, team)
    team.amounts |= _loop(rounds, team)
    _close(works, page, team)
    _roles(page, team)
    return team


def _duties(plan: Plan, names: CellNames) -> TeamCells:
    people = plan.inputs.assumptions.drivers_of_people
    duties, place = plan.inputs.duties, {role: i for i, role in enumerate(plan.inputs.assumptions.roles.index)}
    duties = duties.assign(loop=duties["driver"].isin(people), place=duties["worn_by"].map(place))
    duties = duties.sort_values(["place", "post", "loop"], kind="stable")
    posts: dict[str, dict[str, list[str]]] = {}
    for duty, role, post in zip(duties.index, duties["worn_by"], duties["post"], strict=True):
        posts.setdefault(role, {}).setdefault(post, []).append(duty)
    by_role = {role: list(of_post.values()) for role, of_post in posts.items()}
    return TeamCells(plan, names, people, duties.to_dict("index"), by_role, list(duties.index[duties["loop"]]))


def _workload(page: Page, team: TeamCells) -> None:
    page.title(label("wb_workload"), label("wb_workload_about"))
    page.month_heads(label("role"), label("wb_minutes"))
    _drivers(page, team)
    page.block(label("wb_hours"), label("wb_hours_about"), gap=True)
    for duty, about in team.duties.items():
        rate = _minutes(team, about["rate"], about["role"])
        team.minutes[duty] = Term(page.cell(page.row, FIGURE), rate.value)
        team.rows[duty] = page.row
        hours = [] if about["loop"] else team.duty_hours(duty, team.amounts[about["driver"]])
        row = page.words(duty, about["worn_by"], about["driver"])
        team.hours[duty] = page.line(row, hours, "hours", figure=rate, adds_up=bool(hours))


def _drivers(page: Page, team: TeamCells) -> None:
    plan, names, months = team.plan, team.names, team.months
    page.block(label("wb_demand"), label("wb_solved_demand"))
    orders = plan.results.demand.orders[0]
    grown = plan.inputs.orders_per_day * plan.inputs.growth
    shape = np.divide(orders, grown, out=np.zeros(len(months)), where=grown > 0)
    times = page.line([label("wb_orders_shape")], list(shape), "solved", adds_up=False)
    event_share = list(plan.results.demand.event_share[0])
    team.event_share = page.line([label("wb_event_share")], event_share, "solved", adds_up=False)
    page.block(label("wb_drivers"), gap=True)
    growth = 1 + names["growth_per_month_share"]
    unset, by_history = names.blank["growth_per_month_share"], plan.inputs.growth_is_given_by_forecast
    growths = [
        where(
            unset,
            by_history,
            float(plan.inputs.growth[m]) if by_history else 1.0,
            Term(f"({growth.text})^{m}", growth.value**m),
        )
        for m in months
    ]
    team.amounts = {
        "orders": [names["orders_per_day"] * grown * times[m] for m, grown in enumerate(growths)],
        "months": [Term("1", 1.0) for _ in months],
    }
    for driver, unit in plan.inputs.assumptions.drivers["unit"].items():
        team.rows[driver] = page.row
        row = [label(driver), "", phrase(unit)]
        if driver in team.people:
            page.line(row, [], "hours", adds_up=False)
        else:
            team.amounts[driver] = page.line(row, team.amount(driver), "hours")


def _minutes(team: TeamCells, rate: str, role: str) -> Term:
    names = team.names
    basis = team.plan.assumptions.rows(team.plan.scenario.region).at[rate, "basis"]
    month: Cell = 0.0
    if basis.startswith("units_per_fte"):
        month = names["hours_per_day"] * names["working_days_per_month"] * (1 - names.of_role("shrinkage", role))
    a_day = names["hours_per_day"] if basis in ("days_per_unit", "units_per_day") else 0.0
    return workload.minutes_per_unit(basis, names[rate], hours_per_day=a_day, productive_hours_per_month=month)


def _temps(page: Page, team: TeamCells) -> None:
    work_of_temps = dict(zip(team.plan.inputs.duties.index, team.plan.results.temp_work[:, 0], strict=True))
    page.block(label("wb_temp_work"), label("wb_temp_work_about"), gap=True)
    for duty in (duty for duty in team.duties if work_of_temps[duty].any()):
        team.temps[duty] = page.line([label(duty)], each(team.hours[duty], team.event_share), "hours")


def _desks(page: Page, team: TeamCells) -> None:
    """Hours of the shifts that cover a staffed desk, and for an hour of work those that ship in time: solved."""
    duties, results = team.plan.inputs.duties, team.plan.results
    for method, roles in (("queue", results.desks), ("deadline", results.crews)):
        for role in roles:
            if not team.shifts:
                page.block(label("wb_desk_hours"), label("wb_solved_desk"), gap=True)
            alike = (duties["method"].eq(method) & duties["worn_by"].eq(role)).to_numpy()
            staffed, work = (hours[alike, 0].sum(axis=0) for hours in (results.staffed_hours, results.hours))
            if method == "queue":
                team.shifts[method, role] = page.line([label(role)], list(staffed), "solved")
            else:
                per_hour = list(np.divide(staffed, work, out=np.zeros_like(work), where=work > 0))
                words = page.words(role, "wb_shift_per_hour")
                team.shifts[method, role] = page.line(words, per_hour, "solved", adds_up=False)


def _staffed(page: Page, team: TeamCells) -> None:
    """Hours in which people are there: work that temps leave, chats with the waiting between them."""
    page.block(label("wb_staffed"), label("wb_staffed_about"), gap=True)

    def hours(duty: str, month: int) -> Term:
        role, method = team.duties[duty]["worn_by"], team.duties[duty]["method"]
        all_hours = team.hours[duty][month]
        left = all_hours - team.temps[duty][month] if duty in team.temps else all_hours
        if method == "deadline" and (method, role) in team.shifts:
            # In a shop of another size the same shifts are so many times as long.
            return most(all_hours * team.shifts[method, role][month], left)
        if (method, role) in team.shifts:
            together = total(team.hours[other][month] for other in team.of(role, method))
            return most(ratio(all_hours, together) * team.shifts[method, role][month], left)
        return left / team.names["service_occupancy_max"] if method == "queue" else left

    for duty, about in team.duties.items():
        team.rows[f"staffed {duty}"] = page.row
        cells = [] if about["loop"] else [hours(duty, m) for m in team.months]
        row = page.words(duty, about["worn_by"], about["post"])
        team.staffed[duty] = page.line(row, cells, "hours", adds_up=bool(cells))


def _on_shift(page: Page, team: TeamCells) -> None:
    """People needed at once: the crew that ships in time by the hours of its work, and the most agents of a desk."""
    results = team.plan.results
    if results.crews or results.desks:
        page.block(label("wb_on_shift"), label("wb_solved_crew"), gap=True)
    for role, crew in results.crews.items():
        hours = [total(team.hours[duty][m] for duty in team.of(role, "deadline")) for m in team.months]
        people = np.broadcast_to(crew.people, (1, len(hours)))[0]
        per_hour = [float(p) / h.value if h.value > 0 else 0.0 for p, h in zip(people, hours, strict=True)]
        cells = page.line(page.words(role, "wb_crew_per_hour"), per_hour, "solved", adds_up=False)
        crew_cells = list(map(whole, each(hours, cells)))
        team.on_shift[role] = page.line(page.words(role, "wb_crew", "heads"), crew_cells, "heads", adds_up=False)
    for role, desk in results.desks.items():
        most_agents = [float(n) for n in desk.most_agents[0]]
        agents = page.line(page.words(role, "wb_agents", "heads"), most_agents, "solved", adds_up=False)
        crew_there = team.on_shift.get(role)
        team.on_shift[role] = agents if crew_there is None else [a + c for a, c in zip(agents, crew_there, strict=True)]


def _limits(page: Page, team: TeamCells) -> None:
    """From where on the rest of a role's work takes a part-time person or one more head, and who answers for what is
    bought as a whole: solved from the cost of each."""
    results = team.plan.results
    page.block(label("wb_cover"), label("wb_solved_cover"), gap=True)
    for column, word in enumerate(LimitCells._fields):
        page.write(page.row, MONTHS_FROM + column, label(f"wb_{word}"), "wrapped")
    page.row += 1
    for i, role in enumerate(results.roles):
        page.write(page.row, 0, label(role))
        figures = [float(limit[i, 0, 0]) for limit in results.cover_limits]
        cells = [page.write(page.row, MONTHS_FROM + at, figure, "solved") for at, figure in enumerate(figures)]
        team.cover_limits[role] = LimitCells(*cells)
        page.row += 1
    answers = ("wb_answering", results.answering_hours), ("wb_bought_posts", results.answering_posts)
    for i, role in enumerate(results.roles):
        if not results.answering_hours[i, 0].any():
            continue
        hours, posts = (
            page.line(page.words(role, word), list(solved[i, 0]), "solved", adds_up=False) for word, solved in answers
        )
        loss = team.names["hat_loss_share"]
        team.answering[role] = [h / team.productive(role, m) + loss * posts[m] for m, h in enumerate(hours)]


def _role_fte(team: TeamCells, role: str, hours_of: dict[str, Months], month: int) -> Term:
    """FTE of a role: its staffed hours, and what its people lose by changing between posts."""
    if role not in team.posts:
        return Term("0", 0.0)
    of_posts = [[hours_of[duty][month] for duty in post] for post in team.posts[role]]
    worked = total(cell for cells in of_posts for cell in cells) / team.productive(role, month)
    first, *others = [total(cells) > 0 for cells in of_posts]
    if role in team.answering:
        worked = worked + team.answering[role][month]
    if not others:
        return worked
    worn = first
    for post in others:
        worn = worn + post
    return worked + team.names["hat_loss_share"] * most(worn - 1, 0.0)


def _fte_of_roles(page: Page, team: TeamCells, roles: Sequence[str], loop: dict[str, Months]) -> dict[str, Months]:
    """A line of FTE for each role; there is one owner, and what exceeds his most is the work of a hired operations
    head."""
    fte: dict[str, Months] = {}
    over: Months = []
    for role in roles:
        cells = [_role_fte(team, role, team.staffed | loop, m) for m in team.months]
        if role == "owner":
            work = page.line(page.words(role, "wb_owner_work", "FTE"), cells, "fte", adds_up=False)
            over = [most(cell - team.names["owner_most_fte"], 0.0) for cell in work]
            cells = [cell - more for cell, more in zip(work, over, strict=True)]
        if role == "shop_manager" and over:
            cells = [cell + more for cell, more in zip(cells, over, strict=True)]
        fte[role] = page.line(page.words(role, "FTE", "FTE"), cells, "fte", adds_up=False)
    return fte


def _rising(page: Page, cells: Months, style: str) -> Months:
    """A row in which each month is at least the one before, written into the next row's months; nobody is released
    inside a plan."""
    written: Months = []
    for month, cell in enumerate(cells):
        highest = most(written[-1], cell) if written else cell
        written.append(page.write(page.row, MONTHS_FROM + month, highest, style))
    return written


def _heads(page: Page, role: str, fte: Months, team: TeamCells) -> Months:
    there, limits = team.on_shift.get(role), team.cover_limits[role]
    asked = [_needed(least(f, 1.0) if role == "owner" else f, limits) for f in fte]
    if there is not None:
        at_once = [where(f"{n.text}>0", n.value > 0, n - 1.0 + limits.part_time_least, 0.0) for n in there]
        asked = [most(f, n) for f, n in zip(asked, at_once, strict=True)]
    needed = page.line(page.words(role, "wb_needed", "FTE"), asked, "fte", adds_up=False)
    team.employed[role] = _rising(page, needed, "fte")
    page.line(page.words(role, "employed_fte", "FTE"), [], "fte", adds_up=False)
    return page.line(page.words(role, "heads", "heads"), list(map(whole, team.employed[role])), "heads", adds_up=False)


def _needed(fte: Term, limits: LimitCells) -> Term:
    """The whole part of some FTE, and for the rest nothing (it is bought), a part-time share or one more head."""
    heads = below(fte)
    rest = fte - heads
    share = most(limits.part_time_least, least(limits.part_time_most, rest))
    above = where(f"{rest.text}>{limits.whole_above.text}", rest.value > limits.whole_above.value, 1.0, share)
    bought = f"{rest.text}<{limits.buy_below.text}", rest.value < limits.buy_below.value
    return heads + where(*bought, 0.0, above)


def _loop(page: Page, team: TeamCells) -> dict[str, Months]:
    """The rounds until heads stand still: the heads and recruitments that cause HR, IT and leading work."""
    roles = team.plan.results.roles
    page.title(label("wb_rounds"), label("wb_rounds_about"))
    page.month_heads(label("wb_what"), label("wb_figure"))
    growth = _growth(page, team)
    touched = {team.duties[duty]["worn_by"] for duty in team.loop}
    touched |= {"owner", "shop_manager"} if touched & {"owner", "shop_manager"} else set()
    moving = [role for role in roles if role in touched]
    page.block(label("wb_other_roles"))
    fte = _fte_of_roles(page, team, [role for role in roles if role not in touched], {})
    others = {role: _heads(page, role, cells, team) for role, cells in fte.items()}
    nobody = [Term("0", 0.0) for _ in team.months]
    heads = nobody
    leavers: Term | None = None
    still_for = 0
    for turn in range(1, MOST_ROUNDS + 1):
        page.block(f"{label('wb_round')} {turn}", gap=True)
        needed = [growth if leavers is None else growth + leavers for _ in team.months]
        recruitments = page.line([label("recruitments")], needed, "hours", adds_up=False)
        caused = page.line([label("wb_heads_before")], heads, "heads", adds_up=False)
        team.amounts |= {"heads": caused, "recruitments": recruitments}
        loop = {duty: team.duty_hours(duty, team.amount(team.duties[duty]["driver"])) for duty in team.loop}
        loop = {duty: page.line([label(duty)], cells, "hours", adds_up=False) for duty, cells in loop.items()}
        fte = _fte_of_roles(page, team, moving, loop)
        on_board = others | {role: _heads(page, role, cells, team) for role, cells in fte.items()}
        now = sums(on_board[role] for role in roles)
        before, heads = heads, page.line([label("wb_heads_after")], now, "heads_sum", adds_up=False)
        leaving = sums([h * team.attrition(role) for h in on_board[role]] for role in roles if role != "owner")
        left = page.line([label("wb_leavers")], leaving or nobody, "hours", adds_up=False)
        leavers = total(left) / len(team.months)
        still_for = still_for + 1 if [h.value for h in heads] == [h.value for h in before] else 0
        if still_for > MORE_ROUNDS:
            break
    same = "AND(" + ",".join(f"{a.text}={b.text}" for a, b in zip(before, heads, strict=True)) + ")"
    team.settled = page.write(page.row, MONTHS_FROM, where(same, still_for > 0, 1.0, 0.0), "heads_sum")
    page.write(page.row, 0, label("wb_settled"), "text")
    return {"heads": caused, "recruitments": recruitments}


def _growth(page: Page, team: TeamCells) -> Term:
    page.block(label("wb_growth"), label("wb_growth_about"))
    lines: list[Months] = []
    for role in team.posts:
        own = [duty for duty in team.of(role) if duty not in team.loop]
        cells: Months = []
        for m in team.months:
            hours = total(team.hours[duty][m] for duty in own)
            temps = [team.temps[duty][m] for duty in own if duty in team.temps]
            cells.append((hours - total(temps) if temps else hours) / team.productive(role, m))
        lines.append(_rising(page, cells, "fte"))
        page.line(page.words(role, "wb_work_fte", "FTE"), [], "fte", adds_up=False)
    first, last = (total(cells[m] for cells in lines) for m in (0, -1))
    grown = (last - first) / max(len(team.months) - 1, 1)
    page.write(page.row, 0, label("wb_growth_a_month"))
    cell = page.write(page.row, MONTHS_FROM, grown, "fte")
    page.row += 2
    return cell


def _close(works: Page, page: Page, team: TeamCells) -> None:
    for driver, unit in team.plan.inputs.assumptions.drivers["unit"].items():
        if driver in team.people:
            row = [label(driver), "", phrase(unit)]
            team.amounts[driver] = works.line(row, team.amount(driver), "hours", at=team.rows[driver])
    for duty in team.loop:
        driver, role, post = (team.duties[duty][name] for name in ("driver", "worn_by", "post"))
        hours = team.duty_hours(duty, team.amounts[driver])
        team.hours[duty] = works.line(page.words(duty, role, driver), hours, "hours", at=team.rows[duty])
        row, place = page.words(duty, role, post), team.rows[f"staffed {duty}"]
        team.staffed[duty] = page.line(row, team.hours[duty], "hours", at=place)
    works.line([label("total")], sums(team.hours.values()), "sum")


def _roles(page: Page, team: TeamCells) -> None:
    plan, names, roles = team.plan, team.names, team.plan.results.roles
    page.block(label("wb_team"), label("wb_team_about"), gap=True)
    fte = _fte_of_roles(page, team, roles, {})
    team.fte_sum = page.line([label("total")], sums(fte.values()), "sum", adds_up=False)
    team.heads = {role: _heads(page, role, fte[role], team) for role in roles}
    team.heads_sum = page.line([label("wb_heads_all")], sums(team.heads.values()), "heads_sum", adds_up=False)
    page.block(label("hires"), label("wb_hires_about"), gap=True)
    in_place = names["team_in_place"]
    for role, heads in team.heads.items():
        first = where(in_place.text, team.plan.scenario.team_in_place, 0.0, heads[0])
        joiners = [first, *(now - before for before, now in pairwise(heads))]
        hires: Sequence[Cell] = [0.0 for _ in heads]
        if role != "owner":
            hires = [new + h * team.attrition(role) for new, h in zip(joiners, heads, strict=True)]
        team.hires[role] = page.line(page.words(role, "hires", "heads"), hires, "fte")
    page.block(label("bought_hours"), label("wb_bought_about"), gap=True)
    for i, role in enumerate(roles):
        if plan.results.bought_fte[i, 0].any() or plan.scenario.buys(plan.assumptions.role_columns["bought"][role]):
            left = [most(f - e, 0.0) for f, e in zip(fte[role], team.employed[role], strict=True)]
            hours = [n * team.productive(role, m) for m, n in enumerate(left)]
            team.bought_hours[role] = page.line(page.words(role, "bought_hours"), hours, "hours")
    page.block(label("temp_hours"), label("wb_temps_about"), gap=True)
    for role in roles:
        of_duties = []
        for duty in (duty for duty in team.of(role) if duty in team.temps):
            queue = team.duties[duty]["method"] == "queue"
            of_duties.append([h / names["service_occupancy_max"] if queue else h for h in team.temps[duty]])
        if of_duties:
            paid = [hours / names["temp_productivity"] for hours in sums(of_duties)]
            team.temp_hours[role] = page.line(page.words(role, "temp_hours"), paid, "hours")
