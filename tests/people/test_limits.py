"""Every limit of a division of work, broken and told in both languages; a clean division breaks none."""

import pandas as pd
import pytest

from ecteam.inputs.words import using
from ecteam.people.limits import LIMITS, broken_limits

DUTIES = pd.DataFrame(
    {
        "post": ["supply", "finance", "stock_keeping", "stock_keeping"],
        "hours": [40.0, 30.0, 90.0, 10.0],
        "en": ["Order goods", "Approve payments", "Pack orders", "Count stock"],
        "zh": ["下采购单", "审批付款", "打包", "盘点"],
    },
    index=["order", "approve", "pack", "count"],
)
SEATS = pd.DataFrame({"productive_hours": [100.0, 110.0]}, index=["Ann", "Ben"])
PAIRS = pd.DataFrame({"duty_a": ["order"], "duty_b": ["approve"], "en": ["two pairs of eyes"], "zh": ["两人把关"]})
CLEAN = {
    ("Ann", "order"): (40.0, True),
    ("Ann", "pack"): (40.0, False),
    ("Ann", "count"): (10.0, True),
    ("Ben", "approve"): (30.0, True),
    ("Ben", "pack"): (50.0, True),
}


def limits(changes=None, **given):
    """The limits that the clean division breaks once some of its (person, duty) are changed; None takes one away."""
    rows = {key: value for key, value in (CLEAN | (changes or {})).items() if value is not None}
    people = pd.DataFrame(
        [(*who, *what) for who, what in rows.items()], columns=["person", "duty", "hours", "accountable"]
    )
    usual = {
        "may": pd.DataFrame(True, index=SEATS.index, columns=DUTIES.index),
        "keep_apart": PAIRS,
        "at_once": [("packing", ["pack"], 2)],
        "hat_loss_share": 0.1,
    }
    return broken_limits(people, DUTIES, SEATS, **(usual | given))


def barred(person, duty):
    may = pd.DataFrame(True, index=SEATS.index, columns=DUTIES.index)
    may.loc[person, duty] = False
    return may


# What is broken, by which change of the division or of its terms, and what is said.
BROKEN = {
    "hours": ({("Ann", "count"): (8.0, True)}, {}, "Count stock: 8 of 10 hours are given out"),
    "capacity": (
        {("Ann", "pack"): (10.0, False), ("Ben", "pack"): (80.0, True)},
        {},
        "Ben has 110 hours of work; 99 fit into the month (hats worn: 2)",
    ),
    "skills": ({}, {"may": barred("Ben", "pack")}, "Ben may not do 'Pack orders'"),
    "apart": (
        {("Ann", "approve"): (1.0, False), ("Ben", "approve"): (29.0, True)},
        {"hat_loss_share": 0.0},
        "Ann holds 'Order goods' and 'Approve payments': two pairs of eyes",
    ),
    "owners": ({("Ann", "count"): (10.0, False)}, {}, "'Count stock' has 0 owners; it must have one"),
    "owner_works": (
        {("Ann", "count"): (10.0, False), ("Ben", "count"): (0.0, True)},
        {},
        "Ben answers for 'Count stock' without working on it",
    ),
    "at_once": (
        {},
        {"at_once": [("packing", ["pack"], 2), ("approving", ["approve"], 1)]},
        "3 people are needed at the same hour for packing + approving; 2 of the team work there",
    ),
}


def test_a_clean_division_breaks_no_limit():
    assert limits().empty


@pytest.mark.parametrize("limit", LIMITS)
def test_a_broken_limit_is_told_alone_and_in_both_languages(limit):
    changes, given, words = BROKEN[limit]
    found = limits(changes, **given)
    assert found["limit"].tolist() == [limit]
    assert found["words"].tolist() == [words]
    with using("zh"):
        (chinese,) = limits(changes, **given)["words"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert "{" not in chinese


def test_two_owners_are_too_many():
    assert limits({("Ann", "pack"): (40.0, True)})["words"].tolist() == ["'Pack orders' has 2 owners; it must have one"]


def test_a_smaller_group_that_is_short_is_told_and_not_the_larger_ones_that_hold_it():
    short = limits(
        {("Ann", "pack"): None, ("Ben", "pack"): (90.0, True)},
        at_once=[("packing", ["pack"], 2), ("approving", ["approve"], 1)],
    )
    assert short.query("limit == 'at_once'")["words"].tolist() == [
        "2 people are needed at the same hour for packing; 1 of the team work there"
    ]
