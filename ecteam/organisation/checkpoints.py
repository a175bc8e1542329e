"""How is a team built up? The tasks of the build plan, and whether each of them ends with something one can see."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Positive, Sourced, load
from ecteam.organisation.rules import Rules

KINDS = ("file", "number", "link", "photo")
"""What a result may be: whoever has it can open, count, click or look at it."""
CASES = ("low", "typical", "high")
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
    result_kind: str
    amount: float | None
    result_en: str
    result_zh: str
    acceptance_en: str
    acceptance_zh: str

    @field_validator("amount", mode="before")
    @classmethod
    def _blank_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @model_validator(mode="after")
    def _in_order(self) -> "_Task":
        if not self.weeks_low <= self.weeks_typical <= self.weeks_high:
            raise ValueError("must have weeks_low <= weeks_typical <= weeks_high")
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
    follow-up list is one. Raises `InputError` for what is wrong in the file, by default
    `data/organisation/vague_words.csv`.
    """
    return load(path or data_dir() / "organisation" / "vague_words.csv", _VagueWord)


def vague_word(results: Sequence[str] | pd.Series, words: pd.DataFrame | None = None) -> pd.Series:
    """Which of these results say "push forward" or its like? The word, or "" for a result.

    Examples
    --------
    >>> vague_word(["Push forward it", "60 products on sale", "持续跟进供应商", "跟进表", "Follow-up list"])
    0    push forward
    1
    2              跟进
    3
    4
    dtype: object
    """
    words = read_vague_words() if words is None else words
    text = pd.Series(results, dtype=object).fillna("").astype(str).str.strip().str.lower()
    of = dict(iter(words.groupby("match", sort=False)))

    def any_of(rows: pd.DataFrame) -> str:
        # The longest first, so that "work on" is not told as "work".
        longest = rows.assign(length=-rows["word"].str.len()).sort_values("length", kind="stable")
        parts = []
        for word, lang, unless in longest[["word", "lang", "unless"]].itertuples(index=False):
            end = r"(?![a-z])" if lang == "en" else ""
            but = rf"(?![\s-]*(?:{unless}){'s?' + end if end else ''})" if unless else ""
            parts.append(f"{re.escape(word.lower())}{end}{but}")
        return "|".join(parts)

    bare = text
    fillers = rf"^(?:(?:{any_of(of['filler'])})[\s,，]*)+"
    bare = bare.str.replace(fillers, "", regex=True)
    starts = bare.str.extract(rf"^({any_of(of['starts'])})", expand=False)
    contains = text.str.extract(rf"({any_of(of['contains'])})", expand=False)
    return starts.fillna(contains).fillna("").astype(object)


def result_mistakes(tasks: pd.DataFrame) -> list[str]:
    """What keeps a task from ending in a checkpoint: no result, a vague one, no kind, no acceptance test, no amount.

    `tasks`, indexed by task: result_en, result_zh, result_kind, amount (NaN for none), acceptance_en, acceptance_zh.

    Examples
    --------
    >>> tasks = pd.DataFrame({"result_en": "Improve service", "result_zh": "提升服务", "result_kind": "",
    ...     "amount": None, "acceptance_en": "x", "acceptance_zh": "y"}, index=["service"])
    >>> print(*result_mistakes(tasks), sep="\\n")
    task 'service': result_kind is empty; it must be one of file, number, link, photo
    task 'service': result_en 'Improve service' says 'improve', which nobody can see; name the thing that will be there
    task 'service': result_zh '提升服务' says '提升', which nobody can see; name the thing that will be there
    """
    mistakes = []
    vague = {column: vague_word(tasks[column]).to_list() for column in ("result_en", "result_zh")}
    for at, (task, row) in enumerate(tasks.iterrows()):
        kind, amount = row["result_kind"], row["amount"]
        if kind not in KINDS:
            shown = f"is {kind!r}" if kind else "is empty"
            near = did_you_mean(kind, KINDS) if kind else ""
            allowed = f"; it must be one of {', '.join(KINDS)}" if "mean" not in near else near
            mistakes.append(f"task {task!r}: result_kind {shown}{allowed}")
        for column in ("result_en", "result_zh", "acceptance_en", "acceptance_zh"):
            if not str(row[column]).strip():
                mistakes.append(f"task {task!r}: {column} is empty; say what will be there and how one can tell")
        for column, words in vague.items():
            if words[at]:
                mistakes.append(
                    f"task {task!r}: {column} {row[column]!r} says {words[at]!r}, which nobody can see; "
                    f"name the thing that will be there"
                )
        if kind == "number":
            if pd.isna(amount) or amount < 1 or amount % 1:
                mistakes.append(f"task {task!r}: amount is {amount}; a number needs a whole amount of 1 or more")
            for column in ("result_en", "result_zh"):
                if row[column] and "{amount}" not in row[column]:
                    mistakes.append(f"task {task!r}: {column} must say {{amount}} where its number stands")
    return mistakes


def parts_of(weeks: float, stretch_weeks: float) -> int:
    """Into how many stretches a task is cut so that none is longer than `stretch_weeks`.

    >>> [parts_of(weeks, 4) for weeks in (1, 4, 4.5, 10)]
    [1, 1, 2, 3]
    """
    return max(1, ceil(ceil(weeks * DAYS_PER_WEEK) / (stretch_weeks * DAYS_PER_WEEK)))


def read_build_plan(rules: Rules, path: Path | None = None) -> pd.DataFrame:
    """Which tasks build a team, in what order, and what is there at the end of each?

    Parameters
    ----------
    rules : from `accountability_rules.read_rules`, for the longest stretch between two checkpoints
    path : a CSV file, by default `data/organisation/build_plan.csv`

    Returns
    -------
    Indexed by task, in the order of the file: phase, when (a choice of the shop, or ""), en, zh, weeks_low,
    weeks_typical, weeks_high, after (tuple of tasks), post (whose task it is), result_kind (one of `KINDS`), amount
    (NaN for none), result_en, result_zh, acceptance_en, acceptance_zh; source, as_of, kind.

    Raises
    ------
    InputError with all mistakes: unknown predecessors (the nearest is named), tasks that wait for each other in a
    circle, results that nobody can see, and long tasks whose result cannot be cut into parts.

    Examples
    --------
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
    mistakes = [*_order_mistakes(tasks), *result_mistakes(tasks), *_long_mistakes(tasks, rules)]
    if mistakes:
        raise InputError([f"{path.name}: {mistake}" for mistake in mistakes])
    return tasks


def _order_mistakes(tasks: pd.DataFrame) -> Iterator[str]:
    waiting: dict[str, set[str]] = {}
    for task, after in tasks["after"].items():
        for before in after:
            if before not in tasks.index:
                yield f"task {task!r}: after has {before!r}, which is no task{did_you_mean(before, tasks.index)}"
        waiting[str(task)] = set(after) & set(tasks.index)
    while free := [task for task, after in waiting.items() if not after]:
        waiting = {task: after - set(free) for task, after in waiting.items() if task not in free}
    if waiting:
        yield f"these tasks wait for each other in a circle: {', '.join(waiting)}"


def _long_mistakes(tasks: pd.DataFrame, rules: Rules) -> Iterator[str]:
    """Only a number can be cut: half of a file is nothing that one can accept."""
    stretch = rules.limits.loc["stretch_weeks", "typical"]
    for task, row in tasks.iterrows():
        parts = parts_of(row["weeks_high"], stretch)
        if parts > 1 and row["result_kind"] != "number":
            yield (
                f"task {task!r}: takes up to {row['weeks_high']:g} weeks and ends in a {row['result_kind']}; "
                f"split it into tasks of at most {stretch:g} weeks, or give it a number that can be counted on the way"
            )
        elif parts > 1 and row["amount"] < parts:
            yield (
                f"task {task!r}: takes up to {row['weeks_high']:g} weeks, which are {parts} stretches, but its amount "
                f"is {row['amount']:g}; it must be {parts} or more, or the task be split"
            )


def for_shop(tasks: pd.DataFrame, choices: Mapping[str, bool], *, founded: bool = False) -> pd.DataFrame:
    """The tasks that a shop has by its choices (self_shipping, own_technology): the others and the waits for them go.

    A shop that is `founded` already has the phases of `FOUNDING` behind it.

    >>> tasks = pd.DataFrame({"when": ["", "self_shipping"], "after": [("b",), ()]}, index=["a", "b"])
    >>> for_shop(tasks, {"self_shipping": False})["after"].to_dict()
    {'a': ()}
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
