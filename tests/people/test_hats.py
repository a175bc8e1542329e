"""Who wears which trade: laws that hold for any shop, with the schemes of the house."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.assumptions import load_assumptions
from ecteam.people.hats import wearers

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
