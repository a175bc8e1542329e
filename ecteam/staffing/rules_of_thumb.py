"""What would the published rules of thumb put on for a day, and how far is that from the model?

The rules stand in `data/assumptions/rules_of_thumb.csv` with their sources. Most are a rate: so many chats an agent and
day, so many order lines a picker and hour. Three are formulas for desks where an agent has K chats at once
(`FORMULAS`). A rule speaks of one `task`: compare it with the people of that task, not with a whole warehouse.

References
----------
.. [1] Call Centre Helper, "Erlang C for Chat?" (2022), callcentrehelper.com/erlang-c-for-chat-206984.htm
.. [2] Zendesk, "Determine your staffing requirements", support.zendesk.com/hc/en-us/articles/360022364933
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, model_validator

from ecteam.inputs.arguments import whole
from ecteam.inputs.calendar_units import SECONDS_PER_HOUR
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Positive, Ranged, load
from ecteam.staffing.queueing import agents_required

TASKS = {"service": ("desk",), "warehouse": ("picking", "packing", "picking and packing")}

RATES = {
    "chats an agent and day": ("chats_per_day", "day"),
    "tickets an agent and day": ("chats_per_day", "day"),
    "orders an agent and day": ("orders_per_day", "day"),
    "orders a person and day": ("orders_per_day", "day"),
    "orders a person and hour": ("orders_per_day", "hour"),
    "lines a person and hour": ("lines_per_day", "hour"),
}
"""Unit of a rule that is a rate -> the volume it divides, and whether it is a rate per day or per hour at work."""

FORMULAS = ("handle_time_over_k", "erlang_over_k", "workload_over_k")
"""The rules that are formulas. Their figures are the share of the chats at once that they count."""

_OF_CHATS = "of the chats at once"
_PEOPLE = ["people_low", "people_typical", "people_high"]


class _Rule(Ranged[Positive], Named):
    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    subject: Literal["service", "warehouse"]
    task: str
    unit: Literal[(*RATES, _OF_CHATS)]  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _holds_together(self) -> "_Rule":
        if self.task not in TASKS[self.subject]:
            raise ValueError(f"task {self.task!r} must be one of {', '.join(TASKS[self.subject])} for {self.subject}")
        if (self.rule in FORMULAS) != (self.unit == _OF_CHATS):
            raise ValueError(f"unit {_OF_CHATS!r} must belong to one of the formulas {', '.join(FORMULAS)}")
        if self.unit == _OF_CHATS and self.high > 1:
            raise ValueError(f"must be a share of the chats at once, 1 at most, but high is {self.high:g}")
        return self


@cache
def read_rules(path: Path | None = None) -> pd.DataFrame:
    """Which rules of thumb are in print, and who printed them?

    rule, subject (service, warehouse), task, low, typical, high, unit (a key of `RATES`, or the share of the chats at
    once); en, zh, source, as_of, kind, file, row; by default of `data/assumptions/rules_of_thumb.csv`. A page that
    gives two figures gives low and high; its middle is typical, and the source says so.

    >>> read_rules().loc[[0, 6], ["rule", "low", "typical", "high", "unit"]]
                           rule    low  typical   high                      unit
    0  tickets_support_handbook   24.0     24.0   24.0  tickets an agent and day
    6    chats_marketplace_most  400.0    400.0  400.0    chats an agent and day
    """
    return load(path or data_dir() / "assumptions" / "rules_of_thumb.csv", _Rule, key="rule")


def by_rules(
    rules: pd.DataFrame,
    *,
    arrivals_per_hour: npt.ArrayLike,
    handle_seconds: float,
    orders_per_day: float,
    lines_per_day: float,
    hours_per_shift: float,
    target_seconds: float,
    target_share: float,
    concurrency: int,
) -> pd.DataFrame:
    """How many people would each rule of thumb put to work on a day with so many chats, orders and lines?

    Parameters
    ----------
    arrivals_per_hour : (24,), the chats of the day by hour; handle_seconds : mean length of one that is handled alone
    hours_per_shift : hours that one person is at work on that day
    target_seconds, target_share : this share of chats, above 0 and below 1, is taken within so many seconds
    concurrency : chats an agent has at once, K

    Returns: rule, en, zh, subject, task, people_low, people_typical, people_high; unit, source, as_of, kind. People at
    work in shifts of `hours_per_shift`, not rounded; the rule's high rate gives people_low. Formula: A rate per day:
    volume / rate. A rate per hour: volume / (rate x hours_per_shift). The formulas, with k = K x the share that the
    rule counts, agents in every hour, summed and divided by hours_per_shift: handle_time_over_k: Erlang C with the
    handle time / k, where k is at least 1 [1]_. erlang_over_k: the agents of Erlang C / k, rounded up, where k is at
    least 1: every agent is k slots [1]_. workload_over_k: chats x handle time / k, nothing rounded, nobody waiting
    [2]_.

    300 chats an hour for ten hours; the model takes 13 agents with three at once, 16.25 people.

    >>> arrivals = np.zeros(24); arrivals[9:19] = 300
    >>> people = by_rules(read_rules(), arrivals_per_hour=arrivals, handle_seconds=300, orders_per_day=4000,
    ...     lines_per_day=6000, hours_per_shift=8, target_seconds=30, target_share=0.9, concurrency=3)
    >>> people.loc[[4, 12, 13, 14], ["rule", "people_low", "people_typical", "people_high"]].round(2)
                      rule  people_low  people_typical  people_high
    4      chats_live_chat       23.08           37.50        50.00
    12  handle_time_over_k       15.00           15.00        20.00
    13       erlang_over_k       13.75           13.75        16.25
    14     workload_over_k       10.42           10.42        13.89
    """
    arrivals = np.asarray(arrivals_per_hour, dtype=float)
    volumes = {"chats_per_day": arrivals.sum(), "orders_per_day": orders_per_day, "lines_per_day": lines_per_day}
    # The highest rate asks for the fewest people.
    rate = rules[["high", "typical", "low"]].to_numpy(float)
    volume = rules["unit"].map({unit: volumes[name] for unit, (name, _) in RATES.items()}).to_numpy(float)
    hours = rules["unit"].map({unit: hours_per_shift if per == "hour" else 1 for unit, (_, per) in RATES.items()})
    people = (volume / hours.to_numpy(float))[:, None] / rate
    target = target_seconds, target_share
    for formula in FORMULAS:
        rows = (rules["rule"] == formula).to_numpy()
        counted = concurrency * rate[rows]
        if formula == "workload_over_k":
            agent_hours = arrivals.sum() * handle_seconds / SECONDS_PER_HOUR / counted
        else:
            slots = np.maximum(counted, 1)[..., None]
            if formula == "handle_time_over_k":
                agents = np.asarray(agents_required(arrivals, handle_seconds / slots, *target))
            else:
                agents = whole(agents_required(arrivals, handle_seconds, *target) / slots)
            agent_hours = agents.sum(axis=-1)
        people[rows] = agent_hours / hours_per_shift
    named = rules[["rule", "en", "zh", "subject", "task"]].assign(**dict(zip(_PEOPLE, people.T, strict=True)))
    return named.join(rules[["unit", "source", "as_of", "kind"]])


def beside(people: pd.DataFrame, model_people: Mapping[str, float]) -> pd.DataFrame:
    """How far is each rule of thumb from the model? `model_people`: task -> people that the model puts to work that
    day.

    Returns `people` with model_people, and as multiples of it low_to_model, typical_to_model, high_to_model: 1 agrees.

    >>> rules = read_rules().query("rule in ['lines_manual', 'packing_consultants']")
    >>> people = by_rules(rules, arrivals_per_hour=np.zeros(24), handle_seconds=300, orders_per_day=400,
    ...     lines_per_day=600, hours_per_shift=8, target_seconds=30, target_share=0.9, concurrency=3)
    >>> beside(people, {"picking": 2, "packing": 2})["typical_to_model"].round(2).tolist()
    [0.42, 0.91]
    """
    model = people["task"].map(dict(model_people)).astype(float)
    ratios = {name.replace("people_", "") + "_to_model": people[name] / model for name in _PEOPLE}
    return people.assign(model_people=model, **ratios)
