"""What makes a responsibility clean? The rules of `data/organisation`: words, pairs, authority, limits, sentences."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal

import pandas as pd
from pydantic import BaseModel, Field, field_validator, model_validator

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.model.posts import read_posts
from ecteam.tables_in import STAGES, Sourced, read_table

FINDINGS = (
    "no_owner",
    "not_apart",
    "two_owners",
    "group_owner",
    "no_authority",
    "idle_authority",
    "too_many",
    "no_deputy",
)
"""What can be wrong with a responsibility, the most pressing first."""
FIELDS = {"duty", "person", "other", "why", "count", "limit"}
"""What a sentence of `findings.csv` may name in braces."""


class _GroupWord(Sourced):
    word: str = Field(min_length=1)
    lang: Literal["en", "zh"]
    match: Literal["word", "contains", "ends"]


class _Pair(Sourced):
    duty_a: str
    duty_b: str
    from_stage: Literal[STAGES]  # type: ignore[valid-type]
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_a_pair(self) -> "_Pair":
        if self.duty_a == self.duty_b:
            raise ValueError("must be two duties; one cannot be kept apart from itself")
        return self


class _Needed(Sourced):
    duty: str
    decision: str
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class _Critical(Sourced):
    duty: str
    concerns: Literal["cash", "safety", "law"]
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class _FindingRow(Sourced):
    finding: Literal[FINDINGS]  # type: ignore[valid-type]
    severity: Literal["high", "medium", "low"]
    from_day: int = Field(ge=1, le=30)
    by_day: int = Field(ge=1, le=30)
    critical_from_day: int = Field(ge=1, le=30)
    critical_by_day: int = Field(ge=1, le=30)
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    sentence_en: str = Field(min_length=1)
    sentence_zh: str = Field(min_length=1)
    do_en: str = Field(min_length=1)
    do_zh: str = Field(min_length=1)

    @field_validator("sentence_en", "sentence_zh", "do_en", "do_zh")
    @classmethod
    def _names_what_is_known(cls, value: str) -> str:
        for _, name, _, _ in Formatter().parse(value):
            if name is not None and name not in FIELDS:
                raise ValueError(f"must not name {{{name}}}{did_you_mean(name, sorted(FIELDS))}")
        return value

    @model_validator(mode="after")
    def _days_in_order(self) -> "_FindingRow":
        if self.from_day > self.by_day or self.critical_from_day > self.critical_by_day:
            raise ValueError("must have its first day before its last")
        return self


class _Limit(Sourced):
    key: Literal["duties_per_owner", "stretch_weeks"]
    low: float = Field(gt=0, allow_inf_nan=False)
    typical: float = Field(gt=0, allow_inf_nan=False)
    high: float = Field(gt=0, allow_inf_nan=False)
    unit: str = Field(min_length=1)
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> "_Limit":
        if not self.low <= self.typical <= self.high:
            raise ValueError(f"must be low <= typical <= high, but is {self.low:g}, {self.typical:g}, {self.high:g}")
        return self


_TABLES: Mapping[str, tuple[type[BaseModel], list[str]]] = {
    "group_words": (_GroupWord, ["word", "lang"]),
    "keep_apart": (_Pair, ["duty_a", "duty_b"]),
    "authority_needed": (_Needed, ["duty"]),
    "critical_duties": (_Critical, ["duty"]),
    "findings": (_FindingRow, ["finding"]),
    "accountability_limits": (_Limit, ["key"]),
}
"""Table of `data/organisation` -> what a row of it must hold, and the columns that name a row."""


@dataclass(frozen=True, eq=False)
class Rules:
    """What `read_rules` has checked; nobody changes it.

    `group_words`: word, lang, match. `keep_apart`: duty_a, duty_b, from_stage, en, zh (why). `needed`, indexed by duty:
    decision, en, zh. `critical`, indexed by duty: concerns (cash, safety, law), en, zh. `findings`, indexed by finding,
    the most pressing first: severity, days to settle it, names and sentences in both languages. `limits`, indexed by
    key: low, typical, high, unit. `authority`: role, decision, region, typical (limit; inf for none), unit.
    """

    group_words: pd.DataFrame
    keep_apart: pd.DataFrame
    needed: pd.DataFrame
    critical: pd.DataFrame
    findings: pd.DataFrame
    limits: pd.DataFrame
    authority: pd.DataFrame


@cache
def read_rules(folder: Path | None = None) -> Rules:
    """Which rules must a responsibility table keep, and in which words is a breach told?

    Parameters
    ----------
    folder : has group_words.csv, keep_apart.csv, authority_needed.csv, critical_duties.csv, findings.csv and
        accountability_limits.csv; by default `data/organisation`

    Raises
    ------
    InputError that names file, row and column of everything that is wrong: a row twice, a kind of finding without
    words, a decision that no post of `data/pay/authority.csv` may take.

    Examples
    --------
    >>> read_rules().needed.loc["settle_refunds", ["decision", "en"]].to_list()
    ['refund', 'refund a customer']
    """
    folder = folder or data_dir() / "organisation"
    authority = read_posts().authority
    mistakes: list[str] = []
    tables = {}
    for name, (model, keys) in _TABLES.items():
        table = read_table(folder / f"{name}.csv", model, mistakes)
        for _, row in table[table.duplicated(keys)].iterrows():
            what = ", ".join(str(row[key]) for key in keys)
            mistakes.append(f"{row['file']} row {row['row']}, column {keys[0]}: {what!r} is there twice")
        tables[name] = table
    decisions = sorted(set(authority["decision"]))
    for _, row in tables["authority_needed"].iterrows():
        if row["decision"] not in decisions:
            near = did_you_mean(row["decision"], decisions)
            mistakes.append(f"{row['file']} row {row['row']}, column decision: {row['decision']!r} is not known{near}")
    for name, column, wanted in (
        ("findings", "finding", FINDINGS),
        ("accountability_limits", "key", ("duties_per_owner", "stretch_weeks")),
    ):
        missing = set(wanted) - set(tables[name][column])
        mistakes += [f"{name}.csv has no row for {key!r}; it must have one" for key in wanted if key in missing]
    if mistakes:
        raise InputError(mistakes)
    return Rules(
        tables["group_words"],
        tables["keep_apart"],
        tables["authority_needed"].set_index("duty"),
        tables["critical_duties"].set_index("duty"),
        tables["findings"].set_index("finding").loc[list(FINDINGS)],
        tables["accountability_limits"].set_index("key"),
        authority,
    )


@cache
def group_test(rules: Rules) -> Callable[[str], bool]:
    """A function that says whether a name is that of a group: what `ecteam.roster` asks of a name.

    >>> group_test(read_rules())("Service team")
    True
    """
    words = {match: "|".join(map(re.escape, rows["word"])) for match, rows in rules.group_words.groupby("match")}
    patterns = {"word": r"(?<![a-z])(?:{})(?![a-z])", "contains": "(?:{})", "ends": "(?:{})$"}
    pattern = re.compile("|".join(patterns[match].format(any_of) for match, any_of in words.items()))
    return lambda name: pattern.search(name.strip().lower()) is not None


def is_group(names: Sequence[str] | pd.Series | pd.Index, rules: Rules) -> pd.Series:
    """Which of these owners are groups, in which nobody answers?

    Formula: an English word of the list as a whole word, a Chinese one anywhere or at the end of the name.

    Examples
    --------
    >>> is_group(["Service team", "Allen Li", "客服部", "部长安", "大家"], read_rules()).to_list()
    [True, False, True, False, True]
    """
    text = pd.Series(names, dtype=object).astype(str)
    return text.map(group_test(rules)).astype(bool)
