"""Which limit does a division of work break? Every one of them in words, for people who move hats about by hand.

`people.assign_people` finds divisions that break none; this room judges any division, also a person's own. The words
stand in `data/organisation/limits.csv`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, load
from ecteam.inputs.words import language

LIMITS = ("hours", "capacity", "skills", "apart", "owners", "owner_works", "at_once")
# Hours are shown with one digit; less than this is the same.
_SAME_HOURS = 1e-6


class _LimitRow(Named):
    limit: Literal[LIMITS]  # type: ignore[valid-type]


@cache
def read_limits(path: Path | None = None) -> pd.DataFrame:
    """The words of each limit, by default from `data/organisation/limits.csv`."""
    path = path or data_dir() / "organisation" / "limits.csv"
    return load(path, _LimitRow, key="limit", complete={"limit": LIMITS}).set_index("limit")


def broken_limits(
    people: pd.DataFrame,
    duties: pd.DataFrame,
    seats: pd.DataFrame,
    *,
    may: pd.DataFrame,
    keep_apart: pd.DataFrame,
    at_once: Sequence[tuple[str, Sequence[str], int]],
    hat_loss_share: float,
) -> pd.DataFrame:
    """Which limits does this division of a month's work break, and in which words?

    Parameters
    ----------
    people : one row a person and duty: person, duty, hours (a month), accountable
    duties : indexed by duty: post, hours (asked for), en, zh
    seats : indexed by person: productive_hours (a month); en, zh where people are called something else than the index
    may : persons x duties, booleans: who may do a duty and answer for it
    keep_apart : duty_a, duty_b and en, zh: why they must not be one person's
    at_once : (words, duties, people): so many people must be there for these duties at the same hour
    hat_loss_share : share of the month that each post beyond a person's first one costs

    Returns
    -------
    One row a broken limit, in the order of `LIMITS`: limit, person, duty (empty where it is nobody's or no single one),
    words. Empty where the division stands.

    Examples
    --------
    >>> duties = pd.DataFrame({"post": ["design", "promotion"], "hours": [60.0, 80.0],
    ...     "en": ["Images", "Bidding"], "zh": ["主图", "竞价"]}, index=["images", "bidding"])
    >>> seats = pd.DataFrame({"productive_hours": [130.0]}, index=["Designer"])
    >>> may = pd.DataFrame(True, index=seats.index, columns=duties.index)
    >>> work = pd.DataFrame({"person": "Designer", "duty": duties.index, "hours": duties["hours"].to_numpy(),
    ...     "accountable": True})
    >>> apart = pd.DataFrame(columns=["duty_a", "duty_b", "en", "zh"])
    >>> broken_limits(work, duties, seats, may=may, keep_apart=apart, at_once=(), hat_loss_share=0.02)["words"].tolist()
    ['Designer has 140 hours of work; 127.4 fit into the month (hats worn: 2)']
    """
    rows: list[tuple[str, str, str, str]] = []

    def broken(limit: str, person: str = "", duty: str = "", **shown: Any) -> None:
        names = {"person": seats.loc[person, language()] if person and language() in seats else person}
        names |= {"duty": duties.loc[duty, language()]} if duty else {}
        rows.append((limit, person, duty, read_limits().loc[limit, language()].format(**names, **shown)))

    work = people[people["hours"] > _SAME_HOURS]
    given = work.groupby("duty")["hours"].sum().reindex(duties.index, fill_value=0.0)
    for duty in duties.index[(given - duties["hours"]).abs() > _SAME_HOURS]:
        broken("hours", duty=duty, given=_shown(given[duty]), asked=_shown(duties.loc[duty, "hours"]))
    hats = work.assign(post=work["duty"].map(duties["post"])).groupby("person")["post"].nunique()
    load = work.groupby("person", sort=False)["hours"].sum()
    room = seats["productive_hours"] * (1 - hat_loss_share * (hats - 1)).reindex(seats.index, fill_value=1.0)
    for person in (p for p in seats.index if p in load and load[p] > room[p] * (1 + ROUNDING) + _SAME_HOURS):
        broken("capacity", person, given=_shown(load[person]), room=_shown(room[person]), hats=hats[person])
    for person, duty in zip(work["person"], work["duty"], strict=True):
        if not may.loc[person, duty]:
            broken("skills", person, duty)
    for person, its_duties in work.groupby("person", sort=False)["duty"].agg(set).items():
        for pair in keep_apart.itertuples():
            if {pair.duty_a, pair.duty_b} <= its_duties:
                other, why = duties.loc[pair.duty_b, language()], getattr(pair, language())
                broken("apart", person, pair.duty_a, other=other, why=why)
    _find_owners(people, duties, broken)
    for words, there, needed in _short_groups(work, at_once):
        broken("at_once", group=words, there=there, needed=needed)
    table = pd.DataFrame(rows, columns=["limit", "person", "duty", "words"])
    return table.sort_values("limit", key=lambda c: c.map(LIMITS.index), kind="stable", ignore_index=True)


def _find_owners(people: pd.DataFrame, duties: pd.DataFrame, broken: Any) -> None:
    owners = people[people["accountable"]].groupby("duty")["person"].agg(list)
    hours: Mapping[tuple[str, str], float] = people.groupby(["person", "duty"])["hours"].sum().to_dict()
    for duty in duties.index[duties["hours"] > _SAME_HOURS]:
        names = owners.get(duty, [])
        if len(names) != 1:
            broken("owners", duty=duty, owners=len(names))
            continue
        if hours[names[0], duty] <= _SAME_HOURS:
            broken("owner_works", names[0], duty)


def _short_groups(work: pd.DataFrame, at_once: Sequence[tuple[str, Sequence[str], int]]) -> list[tuple[str, int, int]]:
    """Groups, or groups together, with fewer people than must be there at the same hour: words, people, needed.

    One body stands in one group only, so by Hall's theorem it is enough to count the people of every set of groups;
    of a set that holds a smaller one that falls short, only the smaller is told.
    """
    members = [set(work.loc[work["duty"].isin(list(duties)), "person"]) for _, duties, _ in at_once]
    short: list[tuple[int, ...]] = []
    found = []
    for size in range(1, len(at_once) + 1):
        for some in combinations(range(len(at_once)), size):
            there = len(set().union(*(members[i] for i in some)))
            needed = sum(at_once[i][2] for i in some)
            if there < needed and not any(set(one) <= set(some) for one in short):
                short.append(some)
                found.append((" + ".join(at_once[i][0] for i in some), there, needed))
    return found


def _shown(hours: float) -> str:
    """Hours with at most one digit, and no digits that say nothing."""
    return f"{np.round(hours, 1):g}" if hours < 1000 else f"{hours:,.0f}"
