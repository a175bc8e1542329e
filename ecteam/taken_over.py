"""A department just taken over: who answers for what in it today, what is wrong with that, and what to settle first."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ecteam.errors import InputError
from ecteam.model import accountability, takeover
from ecteam.model.accountability_rules import group_test, read_rules
from ecteam.organisation_of import Organisation
from ecteam.roster import read_responsibilities, read_roster


@dataclass(frozen=True, eq=False)
class TakenOver:
    """A department as it is, beside the clean structure.

    `roster`: person, role, manager, hours_per_month, started, pay_per_month. `table`: duty, person, accountable, deputy,
    as the department wrote it down. `duties`: those of the table. `findings`, `difference` and `first_days` as in
    `accountability.findings`, `takeover.difference` and `takeover.first_30_days`.
    """

    roster: pd.DataFrame
    table: pd.DataFrame
    duties: pd.DataFrame
    findings: pd.DataFrame
    difference: pd.DataFrame
    first_days: pd.DataFrame


def taken_over(
    clean: Organisation, roster: Path | str, responsibilities: Path | str, *, start: date, head: str = ""
) -> TakenOver:
    """What is wrong in a department as it was handed over, and what to settle in the first 30 days?

    Parameters
    ----------
    clean : the organisation of a plan with the same kind of work; its people give way to those of the roster
    roster, responsibilities : CSV or XLSX files, as `ecteam.roster` reads them
    start : the first day in charge
    head : who decides what nobody below can, by default "the head of the department"

    Raises `InputError` with every mistake of both files at once, with row, column and what is allowed.
    """
    rules, tables = read_rules(), clean.inputs.assumptions
    is_group = group_test(rules)
    people = read_roster(roster, tables.roles, is_group=is_group)
    role_of = dict(zip(people.rows["person"], people.rows["role"], strict=True))
    written = read_responsibilities(responsibilities, tables.duties, people=role_of, is_group=is_group)
    if people.mistakes or written.mistakes:
        raise InputError([*people.mistakes, *written.mistakes])
    now, there = written.rows, people.rows
    duties = tables.duties.loc[now["duty"].unique()]
    found = accountability.findings(now, duties, rules, roles=role_of)
    proposed = takeover.seated(clean.people[clean.people["duty"].isin(duties.index)], there)
    managers = dict(zip(there["person"], there["manager"], strict=True))
    return TakenOver(
        there,
        now,
        duties,
        found,
        takeover.difference(now, proposed, duties, rules, found=found),
        takeover.first_30_days(found, duties, rules, start=start, head=head, managers=managers),
    )
