"""A department just taken over: who answers for what in it today, what is wrong with that, and what to settle first."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.organisation import accountability, takeover
from ecteam.organisation.rules import group_test, read_rules
from ecteam.plan.people import Team, team_with_roster
from ecteam.plan.plan import Plan


@dataclass(frozen=True, eq=False)
class TakenOver:
    """A department as it is, beside the clean structure. `roster`: person, role, manager, hours_per_month, started,
    pay_per_month. `table`: duty, person, accountable, deputy, as the department wrote it down. `team`: who should do
    what, with these people kept. `findings`, `difference`, `first_days` as in `accountability.findings`,
    `takeover.difference` and `takeover.first_30_days`; `duties`: all that either table has.
    """

    roster: pd.DataFrame
    table: pd.DataFrame
    team: Team
    duties: pd.DataFrame
    findings: pd.DataFrame
    difference: pd.DataFrame
    first_days: pd.DataFrame


def taken_over(
    plan: Plan, roster: Path | str, responsibilities: Path | str, *, start: date, head: str = ""
) -> TakenOver:
    """What is wrong in a department as it was handed over, and what to settle in the first 30 days?

    plan : of the same shop: its first month says how much work each duty is
    roster, responsibilities : CSV or XLSX files, as `ecteam.inputs.roster` reads them
    start : the first day in charge; head : who decides what nobody below can

    Raises `InputError` with every mistake of both files at once, with row, column and what is allowed.

    >>> from ecteam import data_dir, load_scenario, make_plan
    >>> files = [data_dir() / "organisation" / f"taken_over_{kind}.csv" for kind in ("roster", "department")]
    >>> shop = load_scenario("tea_shop_growth", orders_per_day=80, live_hours_per_month=0, months=1)
    >>> taken_over(make_plan(shop), *files, start=date(2027, 1, 4)).findings["finding"].tolist()[:3]
    ['no_owner', 'no_owner', 'not_apart']
    """
    rules, tables = read_rules(), plan.assumptions
    is_group = group_test(rules)
    people = read_roster(roster, tables.roles, is_group=is_group)
    role_of = dict(zip(people.rows["person"], people.rows["role"], strict=True))
    written = read_responsibilities(responsibilities, tables.duties, people=role_of, is_group=is_group)
    if people.mistakes or written.mistakes:
        raise InputError([*people.mistakes, *written.mistakes])
    now, there = written.rows, people.rows
    findings = accountability.findings(now, tables.duties.loc[now["duty"].unique()], rules, roles=role_of)
    team = team_with_roster(plan, there, now)
    proposed = team.assignment.people
    either = tables.duties.index.isin([*now["duty"], *proposed["duty"]])
    duties = tables.duties[either]
    managers = dict(zip(there["person"], there["manager"], strict=True))
    return TakenOver(
        there,
        now,
        team,
        duties,
        findings,
        takeover.difference(now, proposed, duties, rules, found=findings),
        takeover.first_30_days(findings, duties, rules, start=start, head=head, managers=managers),
    )
