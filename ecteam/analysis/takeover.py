"""A department just taken over: who answers for what in it today, what is wrong with that, and what to settle first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.inputs.words import Language, Name, Note
from ecteam.organisation.accountability import AND, findings, named_rows
from ecteam.organisation.rules import Rules, group_test, is_group, read_rules
from ecteam.plan.people import Team, team_with_roster
from ecteam.plan.plan import Plan

CHANGES = ("same", "name", "choose", "replace", "new", "drop")
"""What happens to the owner of a duty: stays; a first one is named; one of several is kept; another takes it; the duty
is new; the clean structure has no such work. In words, the entry `owner_CHANGE`."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")


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
    of_group = group_test(rules)
    people = read_roster(roster, tables.roles, is_group=of_group)
    role_of = dict(zip(people.rows["person"], people.rows["role"], strict=True))
    written = read_responsibilities(responsibilities, tables.duties, people=role_of, is_group=of_group)
    if people.mistakes or written.mistakes:
        raise InputError([*people.mistakes, *written.mistakes])
    now, there = written.rows, people.rows
    faults = findings(now, tables.duties.loc[now["duty"].unique()], rules, roles=role_of)
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
        faults,
        difference(now, proposed, duties, rules, found=faults),
        first_30_days(faults, duties, rules, start=start, head=head, managers=managers),
    )


def difference(
    as_is: pd.DataFrame, clean: pd.DataFrame, duties: pd.DataFrame, rules: Rules, *, found: pd.DataFrame
) -> pd.DataFrame:
    """What differs, duty by duty, between who answers now and who should?

    `as_is`, `clean`: responsibility tables (`accountability.findings`), `clean` with one owner for each of its duties;
    `duties` indexed by duty: post, en, zh; `found`: what `findings` says of `as_is`, for the reasons.

    Returns one row a duty of either table: duty, post, owner_now (all names; "" for nobody), owner_proposed ("" where
    the clean structure has no such work), change (one of `CHANGES`), critical, and why_en, why_zh: what is wrong now,
    and what happens.
    """
    now, then = (_owners(table) for table in (as_is, clean))
    proposed = then.map(lambda names: names[0])
    table = pd.DataFrame(index=duties.index[duties.index.isin([*now.index, *then.index])])
    names = pd.Series([now.get(duty, []) for duty in table.index], table.index, dtype=object)
    persons = names.map(lambda some: (~is_group(some, rules)).sum())
    table["post"] = duties["post"]
    table["owner_now"] = names.map(AND["en"].join)
    table["owner_proposed"] = proposed.reindex(table.index).fillna("")
    stays = np.array([after in some for after, some in zip(table["owner_proposed"], names, strict=True)], dtype=bool)
    table["change"] = np.select(
        [
            table["owner_proposed"] == "",
            ~table.index.isin(now.index),
            persons == 0,
            # One owner beside a group is still one of several names: the group goes.
            stays & (names.map(len) == 1),
            stays,
        ],
        ["drop", "new", "name", "same", "choose"],
        "replace",
    )
    table["critical"] = table.index.isin(rules.critical.index)
    wrong_now = found[found["duty"] != ""].drop_duplicates("duty").set_index("duty")[list(LANGUAGES)]
    for lang, gap in zip(LANGUAGES, (" ", ""), strict=True):
        why = [
            Note(
                f"owner_{row.change}",
                now=row.owner_now.replace(AND["en"], AND[lang]) or Name("owner_nobody"),
                then=row.owner_proposed,
            ).in_language(lang)
            for row in table.itertuples()
        ]
        table[f"why_{lang}"] = [
            f"{wrong_now.loc[duty, lang]}{gap}{text}" if duty in wrong_now.index else text
            for duty, text in zip(table.index, why, strict=True)
        ]
    return table.rename_axis("duty").reset_index()


def _owners(table: pd.DataFrame) -> pd.Series:
    """Duty -> the names of its owners; a duty of the table with none has an empty list."""
    rows = named_rows(table)
    rows = rows[rows["accountable"]].drop_duplicates(["duty", "person"])
    owners = rows.groupby("duty", sort=False)["person"].agg(list)
    return pd.Series({duty: owners.get(duty, []) for duty in table["duty"].unique()}, dtype=object)


def first_30_days(
    found: pd.DataFrame,
    duties: pd.DataFrame,
    rules: Rules,
    *,
    start: date,
    managers: Mapping[str, str],
    head: str = "",
) -> pd.DataFrame:
    """What is to be settled in the first 30 days after a department is taken over, in which order, and by whom?

    `found`: what `findings` says of the department's own table; `start`: day 1; `managers`: person -> manager ("" for
    none), without circles; `head`: who decides what nobody below can, "" for "the head of the department".

    Returns one row a fault: day (1 to 30), date, finding, duty, person, decided_by (a name, or ""), critical, what_en,
    what_zh (what to settle), why_en, why_zh, decided_by_en, decided_by_zh. Faults of one kind are spread evenly over
    the days of its rule. The nearest common manager of all who are named decides, never one of them, else the head.
    """
    kinds = rules.findings.loc[found["finding"]].reset_index(drop=True)
    critical = found["critical"].to_numpy(dtype=bool)
    first = np.where(critical, kinds["critical_from_day"], kinds["from_day"])
    last = np.where(critical, kinds["critical_by_day"], kinds["by_day"])
    alike = found.groupby(["finding", "critical"], sort=False)
    turn, of = alike.cumcount().to_numpy(), alike["finding"].transform("size").to_numpy()
    day = first + (last - first + 1) * turn // of
    faults = found.to_dict("records")
    table = found[["finding", "duty", "person"]].reset_index(drop=True)
    table.insert(0, "day", day)
    table.insert(1, "date", pd.Timestamp(start) + pd.to_timedelta(day - 1, unit="D"))
    table["decided_by"] = [_decides(fault, managers, head) for fault in faults]
    table["critical"] = critical
    for lang in LANGUAGES:
        about = [duties.loc[fault["duty"], lang] if fault["duty"] else fault["person"] for fault in faults]
        table[f"what_{lang}"] = [
            Note("fault_to_settle", name=name, duty=duty, do=fault[f"do_{lang}"]).in_language(lang)
            for name, duty, fault in zip(kinds[lang], about, faults, strict=True)
        ]
        table[f"why_{lang}"] = found[lang].to_numpy()
        nobody_named = Name("head_of_the_department").in_language(lang)
        table[f"decided_by_{lang}"] = table["decided_by"].replace("", nobody_named)
    return table.sort_values("day", kind="stable", ignore_index=True)


def _decides(fault: Mapping[str, str], managers: Mapping[str, str], head: str) -> str:
    """The nearest common manager of those whom a fault names; nobody is in their own line."""
    named = [name for name in (fault["person"] or fault["other"]).split(AND["en"]) if name in managers]
    lines: list[list[str]] = [[] for _ in named]
    for name, line in zip(named, lines, strict=True):
        while (name := managers.get(name, "")) in managers:
            line.append(name)
    return next((boss for boss in (lines[0] if lines else []) if all(boss in line for line in lines)), head)
