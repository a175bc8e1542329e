"""Who wears which trade: laws that hold for any shop, with the schemes of the house."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.arguments import whole
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.files import data_dir
from ecteam.people.hats import pass_on, wearers
from ecteam.plan.plan import plan_shop

COLUMNS = load_assumptions().role_columns
ROLES = list(COLUMNS["departments"])
NEAR, SMALL, TWO = (COLUMNS[scheme] for scheme in ("departments", "five_posts", "two_posts"))
BOUGHT = [role for role in ROLES if COLUMNS["bought"][role]]
ONLY_OWNER = ["finance_manager", "risk_analyst", "pr_specialist"]
WORK = st.fixed_dictionaries(dict.fromkeys(ROLES, st.floats(0, 3)))


def worn_in(fte, **terms):
    usual = {"generalists": {role: SMALL[TWO[role]] for role in ROLES}, "generalist_below_fte": 0.3}
    return wearers(fte, dict.fromkeys(ROLES, 1.0), [NEAR, SMALL], **(usual | terms))


@settings(max_examples=200, derandomize=True)
@given(fte=WORK)
def test_every_trade_has_one_wearer_and_one_that_fills_a_person_is_its_own(fte):
    worn = worn_in(fte)
    assert set(worn) == set(ROLES)
    assert set(worn.values()) <= set(ROLES)
    for trade in ROLES:
        if fte[trade] >= 1:
            assert worn[trade] == trade


@settings(max_examples=200, derandomize=True)
@given(fte=WORK, most=st.floats(0.5, 1.5), loss=st.sampled_from([0.0, 0.01]))
def test_an_owner_with_too_much_keeps_nothing_that_others_can_do(fte, most, loss):
    worn = worn_in(fte, owner_most_fte=most, hat_loss_share=loss, can_be_bought=BOUGHT, owner_only=ONLY_OWNER)
    mine = [trade for trade, wearer in worn.items() if wearer == "owner"]
    if sum(fte[trade] for trade in mine) + loss * (len(mine) - 1) > most + 1e-9:
        assert not set(mine) & set(BOUGHT)
    kept = [trade for trade in mine if trade in ONLY_OWNER]
    assert not kept or sum(fte[trade] for trade in kept) + loss * (len(kept) - 1) <= most + 1e-9


def test_the_smallest_shop_is_an_owner_and_whoever_does_the_rest():
    worn = worn_in(dict.fromkeys(ROLES, 0.01))
    assert set(worn.values()) == {"owner", "promotion_specialist"}
    # Five posts where each is more than a day and a half a week.
    worn = worn_in(dict.fromkeys(ROLES, 0.2))
    assert set(worn.values()) == {"owner", "designer", "promotion_specialist", "cs_agent", "warehouse_keeper"}


def test_an_owner_who_can_do_all_of_it_in_time_does_it_alone():
    can = [role for role in ROLES if role not in ("designer", "photographer")]
    little = {role: 1.1 / len(can) if role in can else 0.05 for role in ROLES}
    worn = worn_in(little, owner_most_fte=1.2, can_be_bought=BOUGHT, owner_can=can)
    assert {worn[role] for role in can} == {"owner"}
    assert "owner" not in {worn["designer"], worn["photographer"]}
    # Not what is too much, nor what the owner cannot do and nobody sells.
    assert worn_in({**little, "packer": 0.3}, owner_most_fte=1.2, owner_can=can)["packer"] != "owner"
    assert worn_in(little, owner_most_fte=1.2, owner_can=can)["packer"] != "owner"


CASES = st.tuples(st.integers(2, 5), st.integers(2, 8), st.integers(0, 10**6))


def made(case):
    """The arguments of `pass_on` for some roles, the first of which is one person, and duties at 160 hours a head."""
    roles, duties, seed = case
    rng = np.random.default_rng(seed)
    worn, hours = rng.integers(0, roles, duties), rng.uniform(0, 160, (duties, 1)) * rng.uniform(0.8, 1.2, (duties, 3))
    fte = np.array([hours[worn == role].sum(axis=0) for role in range(roles)]) / 160
    most = np.where(np.arange(roles) == 0, 1.2, np.inf)
    terms = {"may": rng.random((duties, roles)) < 0.6, "most_of_one": most, "below_fte": 0.3, "hat_loss_share": 0.0}
    terms |= {"at_once": rng.integers(0, 3, (roles, 1)) * np.ones(3), "posts": rng.integers(0, 3, duties)}
    return (worn, hours, fte, np.full((roles, 3), 160.0)), terms


@settings(max_examples=300, derandomize=True)
@given(case=CASES)
def test_passing_on_takes_nobody_more_and_goes_to_who_can(case):
    (worn, hours, fte, full), terms = made(case)
    now = pass_on(worn, hours, fte, full, **terms)
    moved = np.flatnonzero(now != worn)
    assert terms["may"][moved, now[moved]].all()
    after = np.array([hours[now == role].sum(axis=0) for role in range(len(fte))]) / 160
    people = [np.maximum(whole(each.max(axis=1)), terms["at_once"].max(axis=1))[1:] for each in (fte, after)]
    of_one = fte[0].max() > 1.2 and after[0].max() <= 1.2 + 1e-9
    assert people[1].sum() <= people[0].sum() - bool(len(moved)) + 2 * of_one
    assert after[0].max() <= max(1.2, fte[0].max()) + 1e-9


def test_passing_on_by_hand():
    hours = np.array([[16.0], [160.0], [80.0], [40.0]])
    worn, fte = np.array([0, 0, 1, 1]), np.array([[1.1], [0.75]])
    terms = {"at_once": np.zeros((2, 1)), "most_of_one": np.full(2, np.inf), "below_fte": 0.3, "hat_loss_share": 0.01}
    terms |= {"may": np.ones((4, 2), dtype=bool), "posts": np.array([0, 0, 1, 1])}
    full = np.full((2, 1), 160.0)
    assert pass_on(worn, hours, fte, full, **terms).tolist() == [1, 0, 1, 1]
    # Not to somebody who then needs a further person, who cannot do it, nor where all must be there at once.
    assert pass_on(worn, hours, fte + np.array([[0], [0.15]]), full, **terms).tolist() == worn.tolist()
    assert pass_on(worn, hours, fte, full, **{**terms, "may": np.zeros((4, 2), dtype=bool)}).tolist() == worn.tolist()
    assert pass_on(worn, hours, fte, full, **{**terms, "at_once": np.array([[2.0], [0.0]])}).tolist() == worn.tolist()
    # Half a person's work is worth a person.
    assert pass_on(worn, hours, fte, full, **{**terms, "below_fte": 0.1}).tolist() == worn.tolist()


@pytest.mark.parametrize(("name", "heads"), [("taobao_below_ten", 1), ("taobao_fifty", 4)])
def test_a_small_shop_hires_nobody_for_little(name, heads):
    plan = plan_shop(str(data_dir() / "reality" / "scenarios" / f"{name}.yaml"))
    assert plan.totals["heads_first_month"] == heads
    assert set(plan.people["person"]) == set(plan.seats["person"])
    worked = plan.people.groupby(["month", "duty"])["hours"].sum()
    assert (worked > 0).all()
    keeping = plan.inputs.duties.query("role == 'warehouse_keeper'")["worn_by"]
    assert set(keeping) - {"warehouse_keeper"}
    done = plan.people[plan.people["duty"].isin(keeping.index)]
    assert (done["hired_as"] == done["duty"].map(keeping)).all()
