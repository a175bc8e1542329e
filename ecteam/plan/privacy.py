"""What leaves the house without `--show-pay`: a plan that was made without the pay that the shop has set.

Any exact figure that follows from pay tells it: of a sum the other parts are known, and of a total ecteam itself
finds the pay that yields it. So own pay is masked before anything is calculated: the plan is made again with
`stand_ins`, which are published pay times one factor. Whatever is written then follows from published figures and
that factor; no writer can tell more. The factor hangs on own pay alone, not on heads or orders: a second report of
the same pay says nothing new. (What remains of it: DECISIONS.md.)

Beside that, roles of few heads are shown together, whoever's pay is in their cost: `cost_shown`.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.assumptions import Assumptions
from ecteam.inputs.words import Name, Note

LEAST_HEADS = 3
"""So many people must stand behind an amount that follows from pay."""
STEP = 0.2
"""The factor of own pay is told in such steps of published pay."""
WITHHELD = "pay_withheld"
"""The key of the note that says what is withheld."""
PAY_ITEMS = ("pay", "year_end_pay", "contributions", "learning", "severance_reserve", "overhead")
"""Items that follow from pay, from which it can be worked out."""
PEOPLE = "people_cost"
"""All pay items in one, where the whole team is too small to show any of them."""
JOIN = "+"


def joined_roles(team: pd.DataFrame) -> dict[str, str]:
    """With which other roles is each role shown? Role -> itself, or the roles it is joined with ("buyer+designer").

    A role counts the fewest heads it has in any month that it has some. Roles of fewer than three heads are joined by
    department; departments that are still too small, with each other; and what is too small even then, with the
    smallest of the others. The owner, who draws no pay, stays alone.

    >>> months = pd.PeriodIndex(["2027-01"] * 4, freq="M")
    >>> joined_roles(pd.DataFrame({"month": months, "role": ["picker", "packer", "buyer", "accountant"],
    ...     "department": ["warehouse", "warehouse", "supply", "finance"], "heads": [5, 2, 1, 1]}))
    {'picker': 'picker', 'packer': 'packer+buyer+accountant', 'buyer': 'packer+buyer+accountant', 'accountant': \
'packer+buyer+accountant'}
    """
    heads = team[team["heads"] > 0].pivot_table(index="role", columns="month", values="heads", sort=False).fillna(0)
    departments = team.drop_duplicates("role").set_index("role")["department"]
    by_month = dict(zip(heads.index, heads.to_numpy(), strict=True))

    def least(roles: list[str]) -> float:
        together = np.sum([by_month[role] for role in roles], axis=0)
        return float(together[together > 0].min())

    alone = [[role] for role in heads.index if role == "owner" or least([role]) >= LEAST_HEADS]
    small = [role for role in heads.index if [role] not in alone]
    by_department = [list(roles.index) for _, roles in departments[small].groupby(departments[small], sort=False)]
    enough = [roles for roles in by_department if least(roles) >= LEAST_HEADS]
    rest = [role for roles in by_department if roles not in enough for role in roles]
    others = [roles for roles in alone + enough if roles != ["owner"]]
    while rest and least(rest) < LEAST_HEADS and others:
        nearest = min(others, key=least)
        others.remove(nearest)
        alone, enough = ([roles for roles in kept if roles != nearest] for kept in (alone, enough))
        rest = [role for role in heads.index if role in {*rest, *nearest}]
    groups = alone + enough + ([rest] if rest else [])
    return {role: JOIN.join(roles) for role in heads.index for roles in groups if role in roles}


def cost_shown(cost: pd.DataFrame, team: pd.DataFrame) -> pd.DataFrame:
    """The frame `Plan.cost` with small roles joined: month, role ("buyer+designer" for two), item, amount, currency.

    Where the heads of joined roles change, each month shows their mean month: the difference of two months would be
    one person's. The sum of every item over the plan stays what it was. Where fewer than three people are paid in all,
    everything that follows from pay is one item, `people_cost`.
    """
    together = joined_roles(team)
    frame = cost.assign(role=cost["role"].map(lambda role: together.get(role, role)))
    frame["item"] = items_shown(frame["item"], team)
    frame = frame.groupby(["month", "role", "item", "currency"], sort=False, as_index=False)["amount"].sum()
    heads = team.assign(role=team["role"].map(together)).pivot_table(
        index="role", columns="month", values="heads", aggfunc="sum"
    )
    changes = heads.fillna(0).max(axis=1) > heads.fillna(0).min(axis=1)
    changing = [role for role in heads.index[changes] if JOIN in str(role)]
    moved = frame["role"].isin(changing)
    frame["amount"] = frame["amount"].mask(moved, frame.groupby(["role", "item"])["amount"].transform("mean"))
    return frame[["month", "role", "item", "amount", "currency"]]


def few_are_paid(team: pd.DataFrame) -> bool:
    """Whether there is a month in which somebody is paid, but fewer than three: even a total is then one person's."""
    paid = team[team["role"] != "owner"].groupby("month")["heads"].sum()
    return bool(((paid > 0) & (paid < LEAST_HEADS)).any())


def items_shown(items: pd.Series, team: pd.DataFrame) -> pd.Series:
    """The names of cost items as they may be shown: those that follow from pay in one, where few are paid."""
    return items.where(~items.isin(PAY_ITEMS), PEOPLE) if few_are_paid(team) else items


def is_pay(key: str) -> bool:
    """Whether an assumption is the pay of a role, which a shop that sets it may have taken from one person.

    >>> [is_pay(key) for key in ("pay_picker", "pay_months_per_year", "pay_level_tier1", "hire_cost_volume")]
    [True, False, False, False]
    """
    return key.startswith("pay_") and not key.startswith(("pay_level_", "pay_months_"))


def own_pay(assumptions: Assumptions) -> list[str]:
    """The keys of pay that the shop has set, in order."""
    return sorted(filter(is_pay, assumptions.changed))


def changes_shown(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Figures that were set, those of pay without their value."""
    return {key: None if is_pay(key) else value for key, value in changes.items()}


def pay_factor(assumptions: Assumptions, region: str) -> float:
    """How own pay compares with published pay: the mean of all own figures, in steps; 1 where there are few of them.

    Each figure counts once, however many people it pays: a factor weighted by heads would tell more with every month
    and every other figure of orders.

    >>> from ecteam.inputs.assumptions import load_assumptions
    >>> own = load_assumptions().with_values(pay_picker=7_900, pay_packer=7_000, pay_buyer=14_000)
    >>> round(pay_factor(own, "cn"), 1), pay_factor(load_assumptions().with_values(pay_picker=7_900), "cn")
    (1.4, 1.0)
    """
    rows = assumptions.rows(region).loc[own_pay(assumptions)]
    times = (rows["value"] / rows["typical"])[rows["typical"] > 0]
    return STEP * max(1, round(times.mean() / STEP)) if len(times) >= LEAST_HEADS else 1.0


def stand_ins(assumptions: Assumptions, region: str) -> dict[str, float]:
    """What stands in for each pay that the shop has set: the published pay times `pay_factor`.

    Stand-ins have themselves as stand-ins.
    """
    factor, published = pay_factor(assumptions, region), assumptions.rows(region)["typical"]
    return {key: round(float(published[key]) * factor, 2) for key in own_pay(assumptions)}


def withheld_note(assumptions: Assumptions, region: str) -> Note | None:
    """What is withheld and why, to be read wherever figures are; None where the shop has set no pay."""
    roles = [Name(key.removeprefix("pay_")) for key in own_pay(assumptions)]
    return Note(WITHHELD, roles=roles, factor=f"{pay_factor(assumptions, region):.1f}") if roles else None


def mistake_shown(sentence: str) -> str:
    """A mistake in a row of a fleet as the index may tell it: not what stands in a cell of pay, or of no column's.

    >>> mistake_shown("pay_picker is '7,900'; it must be a number")
    'pay_picker cannot be used; ecteam check says why'
    >>> mistake_shown("column C holds '7900' but has no name"), mistake_shown("months is 0; it must be 1 or more")
    ('column C has no name; ecteam check says what it holds', 'months is 0; it must be 1 or more')
    """
    sentence = re.sub(r" holds .* but has no name", " has no name; ecteam check says what it holds", sentence)
    keys = [word for word in re.findall(r"\w+", sentence) if is_pay(word)]
    return f"{keys[0]} cannot be used; ecteam check says why" if keys else sentence
