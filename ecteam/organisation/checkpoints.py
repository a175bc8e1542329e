"""How is a team built up, and by when? The tasks of the build plan, each of which ends with something one can see, on
the calendar, and the checkpoints: each a result, an owner and a test."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from graphlib import CycleError, TopologicalSorter
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Positive, Sourced, load
from ecteam.organisation.rules import Rules

KINDS = ("file", "number", "link", "photo")
"""What a result may be: whoever has it can open, count, click or look at it."""
FOUNDING = ("route", "position", "shop")
"""Phases that a shop with its team in place has behind it."""


class _Task(Sourced, Named):
    task: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    phase: str = Field(min_length=1)
    when: Literal["", "self_shipping", "own_technology"]
    weeks_low: Positive
    weeks_typical: Positive
    weeks_high: Positive
    after: str
    post: str = Field(min_length=1)
    result_kind: Literal[KINDS]  # type: ignore[valid-type]
    amount: float | None
    result_en: str = Field(min_length=1)
    result_zh: str = Field(min_length=1)
    acceptance_en: str = Field(min_length=1)
    acceptance_zh: str = Field(min_length=1)

    @field_validator("amount", mode="before")
    @classmethod
    def _blank_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @model_validator(mode="after")
    def _in_order(self) -> "_Task":
        if not self.weeks_low <= self.weeks_typical <= self.weeks_high:
            raise ValueError("must have weeks_low <= weeks_typical <= weeks_high")
        words = self.result_en, self.result_zh
        counts = bool(self.amount and self.amount >= 1 and self.amount % 1 == 0) and all("{amount}" in w for w in words)
        if self.result_kind == "number" and not counts:
            raise ValueError("must have a whole amount of 1 or more, and {amount} in its results, where that stands")
        return self


class _VagueWord(Sourced):
    word: str = Field(min_length=1)
    lang: Literal["en", "zh"]
    match: Literal["starts", "contains", "filler"]
    unless: str


@cache
def read_vague_words(path: Path | None = None) -> pd.DataFrame:
    """Which words name an effort and not a result? word, lang, match (starts, contains, filler), unless (a pattern).

    A filler stands before other words and says nothing ("to", 持续). Behind an `unless` the word names a thing: a
    follow-up list is one.
    """
    return load(path or data_dir() / "organisation" / "vague_words.csv", _VagueWord)


def vague_word(results: Sequence[str] | pd.Series) -> pd.Series:
    """Which of these results say "push forward" or its like? The word, or "" for a result.

    >>> vague_word(["Push forward it", "60 products on sale", "持续跟进供应商", "跟进表", "Follow-up list"]).tolist()
    ['push forward', '', '跟进', '', '']
    """
    text = pd.Series(results, dtype=object).fillna("").astype(str).str.strip().str.lower()
    of = dict(iter(read_vague_words().groupby("match", sort=False)))

    def any_of(match: str) -> str:
        rows = of[match]
        # The longest first, so that "work on" is not told as "work".
        longest = rows.assign(length=-rows["word"].str.len()).sort_values("length", kind="stable")
        parts = []
        for word, lang, unless in longest[["word", "lang", "unless"]].itertuples(index=False):
            end = r"(?![a-z])" if lang == "en" else ""
            but = rf"(?![\s-]*(?:{unless}){'s?' + end if end else ''})" if unless else ""
            parts.append(f"{re.escape(word.lower())}{end}{but}")
        return "|".join(parts)

    bare = text.str.replace(rf"^(?:(?:{any_of('filler')})[\s,，]*)+", "", regex=True)
    starts = bare.str.extract(rf"^({any_of('starts')})", expand=False)
    contains = text.str.extract(rf"({any_of('contains')})", expand=False)
    return starts.fillna(contains).fillna("").astype(object)


def parts_of(weeks: float, stretch_weeks: float) -> int:
    """Into how many stretches a task is cut so that none is longer than `stretch_weeks`.

    >>> [parts_of(weeks, 4) for weeks in (1, 4, 4.5, 10)]
    [1, 1, 2, 3]
    """
    return max(1, ceil(ceil(weeks * DAYS_PER_WEEK) / (stretch_weeks * DAYS_PER_WEEK)))


def read_build_plan(rules: Rules, path: Path | None = None) -> pd.DataFrame:
    """Which tasks build a team, in what order, and what is there at the end of each?

    Indexed by task, in the order of `data/organisation/build_plan.csv`: phase, when (a choice of the shop, or ""), en,
    zh, weeks_low, weeks_typical, weeks_high, after (tuple of tasks), post (whose task it is), result_kind (one of
    `KINDS`), amount (NaN for none), result_en, result_zh, acceptance_en, acceptance_zh; source, as_of, kind. Raises
    `InputError` for unknown predecessors, circles, results that nobody can see, and long tasks whose result cannot be
    cut into parts.

    >>> from ecteam.organisation.rules import read_rules
    >>> read_build_plan(read_rules()).loc["set_pay", ["after", "result_kind"]].to_list()
    [('set_appraisal', 'set_grades'), 'file']
    """
    return _build_plan(path or data_dir() / "organisation" / "build_plan.csv", rules).copy()


@cache
def _build_plan(path: Path, rules: Rules) -> pd.DataFrame:
    table = load(path, _Task, key="task")
    tasks = table.set_index("task").drop(columns=["file", "row"])
    tasks["after"] = [tuple(re.split(r"[;,\s]+", after.strip())) if after.strip() else () for after in tasks["after"]]
    tasks["amount"] = tasks["amount"].astype(float)
    mistakes = [*_order_mistakes(tasks), *_vague_mistakes(tasks), *_long_mistakes(tasks, tasks["weeks_high"], rules)]
    if mistakes:
        raise InputError([f"{path.name}: {mistake}" for mistake in mistakes])
    return tasks


def _order_mistakes(tasks: pd.DataFrame) -> Iterator[str]:
    for task, after in tasks["after"].items():
        for before in after:
            if before not in tasks.index:
                yield f"task {task!r}: after has {before!r}, which is no task{did_you_mean(before, tasks.index)}"
    try:
        _sorter(tasks).prepare()
    except CycleError as error:
        yield f"these tasks wait for each other in a circle: {', '.join(dict.fromkeys(error.args[1]))}"


def _vague_mistakes(tasks: pd.DataFrame) -> Iterator[str]:
    for column in ("result_en", "result_zh"):
        for task, result, word in zip(tasks.index, tasks[column], vague_word(tasks[column]), strict=True):
            if word:
                shown = f"{column} {result!r} says {word!r}"
                yield f"task {task!r}: {shown}, which nobody can see; name the thing that will be there"


def _sorter(tasks: pd.DataFrame) -> "TopologicalSorter[str]":
    return TopologicalSorter(
        {str(task): [before for before in after if before in tasks.index] for task, after in tasks["after"].items()}
    )


def _long_mistakes(tasks: pd.DataFrame, weeks: pd.Series, rules: Rules) -> Iterator[str]:
    """Only a number can be cut: half of a file is nothing that one can accept."""
    stretch = rules.limits.loc["stretch_weeks", "typical"]
    for task, row in tasks.iterrows():
        parts = parts_of(weeks[task], stretch)
        if parts > 1 and row["result_kind"] != "number":
            yield (
                f"task {task!r}: takes up to {weeks[task]:g} weeks and ends in a {row['result_kind']}; "
                f"split it into tasks of at most {stretch:g} weeks, or give it a number that can be counted on the way"
            )
        elif parts > 1 and row["amount"] < parts:
            yield (
                f"task {task!r}: takes up to {weeks[task]:g} weeks, which are {parts} stretches, but its amount "
                f"is {row['amount']:g}; it must be {parts} or more, or the task be split"
            )


def for_shop(tasks: pd.DataFrame, choices: Mapping[str, bool], *, founded: bool) -> pd.DataFrame:
    """The tasks that a shop has by its choices (self_shipping, own_technology): the others and the waits for them go.

    A shop that is `founded` already has the phases of `FOUNDING` behind it.
    """
    chosen_not = [task for task, when in tasks["when"].items() if when and not choices.get(when, False)]
    behind = tasks.index[tasks["phase"].isin(FOUNDING)] if founded else []
    return without(tasks, list(dict.fromkeys([*chosen_not, *behind])))


def without(tasks: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The tasks but for these; whoever waited for one of them waits for what that one waited for.

    >>> tasks = pd.DataFrame({"after": [(), ("a",), ("b",)]}, index=["a", "b", "c"])
    >>> without(tasks, ["b"])["after"].to_dict()
    {'a': (), 'c': ('a',)}
    """
    gone = tasks.loc[list(names), "after"].to_dict()

    def waits_for(after: tuple[str, ...]) -> tuple[str, ...]:
        passed = [name for before in after for name in (waits_for(gone[before]) if before in gone else (before,))]
        return tuple(dict.fromkeys(passed))

    kept = tasks.drop(index=list(names))
    return kept.assign(after=kept["after"].map(waits_for))


HIRING = ("find_candidates", "hire_people", "hand_over_duties")
"""The tasks that each month of hires has of its own."""
FIRST_PARCEL = "ship_trial_orders"
"""The task of a new shop after which orders can be taken."""
_COLUMNS = ["checkpoint", "task", "part", "parts", "phase", "en", "zh", "start", "due", "weeks", "owner", "post",
    "result_kind", "amount", "result_en", "result_zh", "acceptance_en", "acceptance_zh", "critical"]  # fmt: skip
FALLBACK_POST = "helmsman"
"""Whose task it is where nobody holds the post that a task belongs to."""


def scheduled(tasks: pd.DataFrame, start: date, *, not_before: Mapping[str, date] | None = None) -> pd.DataFrame:
    """When does each task of the build plan start and end, and which of them may not be late?

    tasks : indexed by task: after, weeks_typical; not_before : task -> the first day that it may start

    Returns `tasks` by start, with weeks (the typical ones), start and due (first and last day), slack_days (how much
    later it may end without moving the end of the plan) and critical (no slack).

    Formula: critical path method: a task starts the day after the last of those before it, and lasts ceil(7 x weeks)
    days; slack = latest end, reckoned back from the end of the plan, less earliest end.

    >>> tasks = pd.DataFrame({"after": [(), ("a",), ("a",), ("b", "c")], "weeks_typical": [1, 2, 1, 1]},
    ...     index=list("abcd"))
    >>> scheduled(tasks, date(2027, 1, 4))[["start", "due", "slack_days", "critical"]]
           start        due  slack_days  critical
    a 2027-01-04 2027-01-10           0      True
    c 2027-01-11 2027-01-17           7     False
    b 2027-01-11 2027-01-24           0      True
    d 2027-01-25 2027-01-31           0      True
    """
    weeks = tasks["weeks_typical"].astype(float)
    days = {str(task): ceil(DAYS_PER_WEEK * length) for task, length in weeks.items()}
    first = {task: (day - start).days for task, day in (not_before or {}).items()}
    order = list(_sorter(tasks).static_order())
    begins: dict[str, int] = {}
    for task in order:
        ends = [begins[before] + days[before] for before in tasks.loc[task, "after"]]
        begins[task] = max([first.get(task, 0), 0, *ends])
    end = max((begins[task] + days[task] for task in order), default=0)
    latest = dict.fromkeys(order, end)
    for task in reversed(order):
        for before in tasks.loc[task, "after"]:
            latest[before] = min(latest[before], latest[task] - days[task])

    begin, length, end_by = (np.array([by[task] for task in tasks.index], dtype=int) for by in (begins, days, latest))
    slack = end_by - begin - length
    first_day = pd.Timestamp(start)
    plan = tasks.assign(
        weeks=weeks,
        start=first_day + pd.to_timedelta(begin, unit="D"),
        due=first_day + pd.to_timedelta(begin + length - 1, unit="D"),
        slack_days=slack,
        critical=slack == 0,
    )
    return plan.sort_values(["start", "due"], kind="stable")


def owners_of_posts(people: pd.DataFrame) -> dict[str, str]:
    """Who stands for each post: whoever answers for most of its duties, then has most hours in it, then comes first.

    >>> people = pd.DataFrame({"person": ["Ann", "Ben", "Ben"], "post": ["supply", "supply", "finance"],
    ...     "accountable": [False, True, True], "hours": [90.0, 30.0, 20.0]})
    >>> owners_of_posts(people)
    {'supply': 'Ben', 'finance': 'Ben'}
    """
    sums = people.groupby(["post", "person"], sort=False)[["accountable", "hours"]].sum().reset_index()
    best = sums.sort_values(["accountable", "hours", "person"], ascending=[False, False, True], kind="stable")
    first = best.drop_duplicates("post").set_index("post")["person"]
    return {str(post): str(first[post]) for post in people["post"].unique()}


def with_hires(
    tasks: pd.DataFrame, seats: pd.DataFrame, duties_owned: Mapping[str, int], *, founded: bool
) -> tuple[pd.DataFrame, dict[str, date]]:
    """When are a plan's hires made and their duties handed over? The build plan with both, month by month.

    Parameters
    ----------
    tasks : from `read_build_plan`; its tasks of `HIRING` give way to those of the months, with their weeks and tests
    seats : of a plan: person, hired_as, opened (first month), months_ahead (that each must be advertised)
    founded : whether the people of the first month are there already; else they are hired for it, all but the owner
    duties_owned : person -> duties that the person answers for; who takes over none takes over one piece of work

    Returns the tasks, and the first day of each task of hiring, so that newcomers start in the month that needs them
    (`not_before` of `scheduled`).
    """
    is_hired = (seats["opened"] > seats["opened"].min()) | ((seats["hired_as"] != "owner") & (not founded))
    later = seats[is_hired]
    find, hire, hand_over = HIRING
    candidates = tasks.loc[find, "amount"] / tasks.loc[hire, "amount"]
    # The search starts so much earlier that the newcomers are there on the first day of the month.
    search, signing = (ceil(DAYS_PER_WEEK * tasks.loc[task, "weeks_typical"]) for task in (find, hire))
    made, starts = [], {}
    months: dict[str, list[str]] = {task: [] for task in HIRING}
    for month, opened in later.groupby("opened", sort=True):
        names = {task: f"{task}_{str(month).replace('-', '_')}" for task in HIRING}
        duties = sum(max(1, duties_owned.get(person, 0)) for person in opened["person"])
        amounts = {find: ceil(candidates * len(opened)), hire: len(opened), hand_over: duties}
        ahead = (month - int(opened["months_ahead"].max())).start_time
        starts_on = min(month.start_time - pd.Timedelta(days=search + signing), ahead)
        starts[names[find]] = starts_on.date()
        for task, name in names.items():
            row = tasks.loc[task].to_dict() | {"task": name, "amount": float(amounts[task])}
            if task == find:
                row["weeks_typical"] = ((month.start_time - starts_on).days - signing) / DAYS_PER_WEEK
            # Who opens the shop is hired before its first orders give a route with numbers.
            opens = task == find and month == seats["opened"].min()
            row["after"] = () if opens else tuple(names.get(before, before) for before in row["after"])
            made.append(row | {lang: f"{row[lang]} ({month})" for lang in ("en", "zh")})
            months[task].append(name)
    new = pd.concat([tasks, pd.DataFrame(made).set_index("task")]) if made else tasks
    waits = [(*after, *(name for before in after for name in months.get(before, ()))) for after in new["after"]]
    return without(new.assign(after=waits), HIRING), starts


def preparation_begins(tasks: pd.DataFrame, opens: date) -> date:
    """When must a new shop begin, so that its first parcel could leave before the day on which it opens?"""
    ready = scheduled(tasks, opens).loc[FIRST_PARCEL, "due"].date()
    return opens - (ready - opens) - timedelta(days=1)


def checkpoints(plan: pd.DataFrame, rules: Rules, owners: Mapping[str, str]) -> pd.DataFrame:
    """What is there by when, who answers for it, and how can one tell? No stretch is longer than four weeks.

    `plan` from `scheduled`; `owners`: post -> person; where a post has nobody, whoever holds the helm. Returns one row
    a checkpoint, by due day: checkpoint (from 1), task, part, parts, phase, en, zh (of the task), start, due and weeks
    (of the stretch), owner, post, result_kind, amount (so far; NaN for none), result_en, result_zh, acceptance_en,
    acceptance_zh, critical.

    Formula: parts = ceil(days / days of the longest stretch), of equal days; a number that is cut stands at
    ceil(amount x part / parts), so that each stretch adds something one can count. Raises `InputError` for a long task
    whose result cannot be cut into parts, and where nobody can own a checkpoint.

    >>> from ecteam.organisation.rules import read_rules
    >>> tasks = read_build_plan(read_rules())
    >>> slow = scheduled(tasks.assign(weeks_typical=tasks["weeks_high"]), date(2027, 1, 4))
    >>> cut = checkpoints(slow, read_rules(), {"helmsman": "Ms Chen"})
    >>> print(cut.loc[cut["task"] == "find_candidates", ["weeks", "result_en", "owner"]].to_string(index=False))
     weeks                                result_en   owner
       3.0 Candidates interviewed, with notes: 5 Ms Chen
       3.0 Candidates interviewed, with notes: 9 Ms Chen
    """
    mistakes = list(_long_mistakes(plan, plan["weeks"], rules))
    if FALLBACK_POST not in owners:
        mistakes += [
            f"task {task!r}: nobody holds the post {post!r}, nor {FALLBACK_POST!r}, so that it has no owner"
            for task, post in plan["post"].items()
            if post not in owners
        ]
    if mistakes:
        raise InputError(mistakes)

    stretch = float(rules.limits.loc["stretch_weeks", "typical"])
    parts = plan["weeks"].map(lambda weeks: parts_of(weeks, stretch))
    cut = plan.loc[plan.index.repeat(parts)].rename_axis("task").reset_index()
    cut["part"] = cut.groupby("task", sort=False).cumcount() + 1
    cut["parts"] = cut["task"].map(parts)
    days = (cut["due"] - cut["start"]).dt.days + 1
    begin, end = days * (cut["part"] - 1) // cut["parts"], days * cut["part"] // cut["parts"]
    first = cut["start"]
    cut["start"] = first + pd.to_timedelta(begin, unit="D")
    cut["due"] = first + pd.to_timedelta(end - 1, unit="D")
    cut["weeks"] = (end - begin) / DAYS_PER_WEEK
    cut["amount"] = np.ceil(cut["amount"] * cut["part"] / cut["parts"])
    for lang in ("en", "zh"):
        cut[f"result_{lang}"] = [
            text if pd.isna(amount) else text.format(amount=f"{amount:,.0f}")
            for text, amount in zip(cut[f"result_{lang}"], cut["amount"], strict=True)
        ]
    cut["owner"] = [owners.get(post, owners.get(FALLBACK_POST, "")) for post in cut["post"]]
    cut = cut.sort_values(["due", "start"], kind="stable", ignore_index=True)
    cut["checkpoint"] = cut.index + 1
    return cut[_COLUMNS]
