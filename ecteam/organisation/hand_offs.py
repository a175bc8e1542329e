"""How often does an order change hands on its way from a visitor to the money?"""

from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from ecteam.inputs.arguments import Floats
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Sourced, load

OUTSIDE = "outside"
"""The group of a step that a partner does."""


class _StepRow(Sourced, Named):
    step: int = Field(ge=1)
    duty: str = Field(min_length=1)


def _order_mistakes(steps: pd.DataFrame) -> list[str]:
    """The first step that is not the next number."""
    wrong = steps[steps["step"] != steps.index + 1]
    return [
        f"{row.file} row {row.row}, column step: is {row.step}; it must be {row.Index + 1}"
        for row in wrong.head(1).itertuples()
    ]


@cache
def read_steps(path: Path | None = None) -> pd.DataFrame:
    """Which steps does an order take, in which order, and whose duty is each?

    step, duty, en, zh, source, as_of, kind; by default `data/organisation/order_to_cash.csv`. Raises `InputError` with
    file, row and column, also where the steps are not 1, 2, 3 ... in this order.

    >>> read_steps()["duty"].to_list()[:3]
    ['bid_for_traffic', 'answer_before_sale', 'answer_during_sale']
    """
    steps = load(path or data_dir() / "organisation" / "order_to_cash.csv", _StepRow, check=_order_mistakes)
    return steps.drop(columns=["file", "row"])


def hand_offs(
    people: pd.DataFrame, groups: pd.Series, steps: pd.DataFrame | None = None, *, outside: Collection[str] = ()
) -> pd.DataFrame:
    """Which share of orders must go to somebody else, or to another group, from one step to the next?

    Parameters
    ----------
    people : person, duty, hours, and if known accountable; several months are added up
    groups : person -> group (department, cell, partner); everybody who works on a step needs one
    steps : as `read_steps`, by default that table
    outside : duties of the steps that a partner does, with nobody of the shop at work

    Returns
    -------
    One row a step that somebody does: step, duty, en, zh, person (the accountable one, else who works on it most; ""
    outside), people (how many work on it), group (the largest by hours), person_hand_off and group_hand_off, shares of
    orders that change hands against the row before (0 in the first row). Their sums are the hand-offs of one order.

    Formula: 1 - sum over p of min(share of p in the one step, share of p in the other): with the best sharing out of
    orders, so many cannot stay with the same person. The same with groups.

    Raises
    ------
    InputError for a person without a group, a duty outside that is no step (the nearest is offered).

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["Li", "Li", "Wang"], "duty": ["pick_orders", "pack_orders", "pack_orders"],
    ...                        "hours": [100.0, 50.0, 50.0]})
    >>> hand_offs(people, pd.Series("warehouse", ["Li", "Wang"]))[["duty", "person_hand_off", "group_hand_off"]]
              duty  person_hand_off  group_hand_off
    0  pick_orders              0.0             0.0
    1  pack_orders              0.5             0.0
    """
    steps = read_steps() if steps is None else steps
    at_work = people[people["duty"].isin(steps["duty"])]
    mistakes = [
        f"there is no step {duty!r}{did_you_mean(duty, steps['duty'])}"
        for duty in outside
        if duty not in set(steps["duty"])
    ]
    for name in at_work.loc[~at_work["person"].isin(groups.index), "person"].unique():
        mistakes.append(f"{name!r} works on a step and has no group{did_you_mean(name, map(str, groups.index))}")
    if mistakes:
        raise InputError(mistakes)
    hours = at_work.pivot_table(index="duty", columns="person", values="hours", aggfunc="sum", fill_value=0.0)
    hours = hours[hours.sum(axis=1) > 0]
    done = steps[steps["duty"].isin([*hours.index, *outside])].reset_index(drop=True)
    by_person = hours.div(hours.sum(axis=1), axis=0).reindex(done["duty"], fill_value=0.0)
    by_group = by_person.T.groupby(groups.reindex(by_person.columns), sort=False).sum().T
    by_person[OUTSIDE] = 1 - by_person.sum(axis=1).round(9)
    by_group[OUTSIDE] = by_person[OUTSIDE].to_numpy()
    owner = _accountable(at_work, by_person.drop(columns=OUTSIDE))
    return pd.DataFrame(
        {
            **{name: done[name] for name in ("step", "duty", "en", "zh")},
            "person": owner.reindex(done["duty"]).fillna("").to_numpy(),
            "people": (by_person.drop(columns=OUTSIDE) > 0).sum(axis=1).to_numpy(),
            "group": by_group.idxmax(axis=1).to_numpy() if len(done) else [],
            "person_hand_off": _changes(by_person),
            "group_hand_off": _changes(by_group),
        }
    )


def _changes(shares: pd.DataFrame) -> Floats:
    """The share of each row that its row before does not have: 0 for the first."""
    table = shares.to_numpy(float)
    kept = np.minimum(table[1:], table[:-1]).sum(axis=1)
    return np.concatenate([np.zeros(min(len(table), 1)), np.clip(1 - kept, 0, 1)])


def _accountable(at_work: pd.DataFrame, shares: pd.DataFrame) -> pd.Series:
    """Duty -> the accountable person, else the one with the most hours."""
    inside = shares[shares.sum(axis=1) > 0]
    most = inside.idxmax(axis=1) if len(inside) else pd.Series(dtype=object)
    if "accountable" not in at_work:
        return most
    named = at_work[at_work["accountable"]].drop_duplicates("duty", keep="last").set_index("duty")["person"]
    return named.reindex(most.index).fillna(most)
