"""What makes a responsibility clean? The rules of `data/organisation`: words, pairs, authority, limits, sentences."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from string import Formatter
from typing import Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from ecteam.inputs.checks import did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.posts import read_posts
from ecteam.inputs.tables import STAGES, Named, Positive, Ranged, Sourced, load, load_all

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


class _Pair(Sourced, Named):
    duty_a: str
    duty_b: str
    from_stage: Literal[STAGES]  # type: ignore[valid-type]
    same_hour: Literal["yes", "no"]

    @model_validator(mode="after")
    def _is_a_pair(self) -> "_Pair":
        if self.duty_a == self.duty_b:
            raise ValueError("must be two duties; one cannot be kept apart from itself")
        return self


class _Needed(Sourced, Named):
    duty: str
    decision: str


class _Critical(Sourced, Named):
    duty: str
    concerns: Literal["cash", "safety", "law"]


class _FindingRow(Sourced, Named):
    finding: Literal[FINDINGS]  # type: ignore[valid-type]
    severity: Literal["high", "medium", "low"]
    from_day: int = Field(ge=1, le=30)
    by_day: int = Field(ge=1, le=30)
    critical_from_day: int = Field(ge=1, le=30)
    critical_by_day: int = Field(ge=1, le=30)
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


class _Limit(Ranged[Positive], Named):
    key: Literal["duties_per_owner", "stretch_weeks"]


@dataclass(frozen=True, eq=False)
class Rules:
    """What `read_rules` has checked.

    `group_words`: word, lang, match. `keep_apart`: duty_a, duty_b, from_stage, same_hour ("yes": nobody can do both at
    once), en, zh (why). `needed`, indexed by duty: decision, en, zh. `critical`, indexed by duty: concerns (cash,
    safety, law), en, zh. `findings`, indexed by finding, the most pressing first: severity, days to settle it, names
    and sentences in both languages. `limits`, indexed by key: low, typical, high, unit. `authority`: role, decision,
    region, typical (limit; inf for none), unit.
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
    """Which rules must a responsibility table keep, and in which words is a breach told? By default of
    `data/organisation`.

    Raises `InputError` that names file, row and column of everything that is wrong: a row twice, a kind of finding
    without words, a decision that no post of `data/pay/authority.csv` may take.

    >>> read_rules().needed.loc["settle_refunds", ["decision", "en"]].to_list()
    ['refund', 'refund a customer']
    """
    folder = folder or data_dir() / "organisation"
    authority = read_posts().authority
    decisions = {"decision": authority["decision"]}
    limits = {"key": ("duties_per_owner", "stretch_weeks")}
    tables = load_all(
        group_words=partial(load, folder / "group_words.csv", _GroupWord, key=("word", "lang")),
        keep_apart=partial(load, folder / "keep_apart.csv", _Pair, key=("duty_a", "duty_b")),
        needed=partial(load, folder / "authority_needed.csv", _Needed, key="duty", refs=decisions),
        critical=partial(load, folder / "critical_duties.csv", _Critical, key="duty"),
        findings=partial(load, folder / "findings.csv", _FindingRow, key="finding", complete={"finding": FINDINGS}),
        limits=partial(load, folder / "accountability_limits.csv", _Limit, key="key", complete=limits),
    )
    return Rules(
        tables["group_words"],
        tables["keep_apart"],
        tables["needed"].set_index("duty"),
        tables["critical"].set_index("duty"),
        tables["findings"].set_index("finding").loc[list(FINDINGS)],
        tables["limits"].set_index("key"),
        authority,
    )


@cache
def group_test(rules: Rules) -> Callable[[str], bool]:
    """A function that says whether a name is that of a group: what `ecteam.inputs.roster` asks of a name."""
    words = {match: "|".join(map(re.escape, rows["word"])) for match, rows in rules.group_words.groupby("match")}
    patterns = {"word": r"(?<![a-z])(?:{})(?![a-z])", "contains": "(?:{})", "ends": "(?:{})$"}
    pattern = re.compile("|".join(patterns[match].format(any_of) for match, any_of in words.items()))
    return lambda name: pattern.search(name.strip().lower()) is not None


def is_group(names: Sequence[str] | pd.Series | pd.Index, rules: Rules) -> pd.Series:
    """Which of these owners are groups, in which nobody answers?

    An English word of the list as a whole word, a Chinese one anywhere or at the end of the name.

    >>> is_group(["Service team", "Allen Li", "客服部", "部长安", "大家"], read_rules()).to_list()
    [True, False, True, False, True]
    """
    text = pd.Series(names, dtype=object).astype(str)
    return text.map(group_test(rules)).astype(bool)
