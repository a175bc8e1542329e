"""The cover of a role's work against every way of covering it, counted one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.people.cover import cover, limits, people

MONEY = st.floats(1_000, 30_000)
TERMS = st.fixed_dictionaries(
    {
        "head_cost": MONEY,
        "person_share": st.floats(0, 0.6),
        "bought_times": st.one_of(st.floats(0.5, 4), st.just(np.inf)),
        "least": st.floats(0.05, 0.3),
        "most": st.sampled_from([0.0, 0.4, 0.6, 0.9]),
    }
)


def arguments(terms):
    head = terms["head_cost"]
    return head, head * terms["person_share"], head * terms["bought_times"], terms["least"], terms["most"]


def cheapest(rest, head, person, bought, least, most):
    """The least cost of a rest of work, and what it costs with a head, counted on a fine grid of part-time shares."""
    ways = [head]
    if np.isfinite(bought):
        ways.append(rest * bought)
    if most > 0:
        for share in {least, max(most, least), *np.linspace(least, max(most, least), 201), min(max(rest, least), most)}:
            left = max(rest - share, 0)
            if share >= least and (left <= 1e-9 or np.isfinite(bought)):
                ways.append(person + share * (head - person) + (left * bought if left > 1e-9 else 0))
    return min(ways)


def cost_of(covered, head, person, bought):
    """What a cover of one month costs."""
    employed, hours = float(covered.employed_fte[0]), float(covered.bought_fte[0])
    return people(employed) * person + employed * (head - person) + (hours * bought if hours else 0)


@settings(max_examples=300)
@given(TERMS, st.floats(0, 4))
def test_no_other_way_to_cover_the_work_costs_less(terms, fte):
    given_terms = arguments(terms)
    head, person, bought, _least, _most = given_terms
    covered = cover([fte], 0, limits(*given_terms))
    assert covered.employed_fte[0] + covered.bought_fte[0] >= fte - 1e-9
    heads = np.floor(fte + 1e-9)
    rest = fte - heads
    # Bought hours below the price of a head's are not bought instead of whole heads: those hold the trade.
    by_hand = heads * head + (cheapest(rest, *given_terms) if rest > 1e-9 else 0)
    assert cost_of(covered, head, person, bought) <= by_hand * (1 + 1e-9) + 1e-3


@settings(max_examples=200)
@given(TERMS, st.lists(st.floats(0, 6), min_size=2, max_size=6), st.integers(0, 4), st.floats(0, 1))
def test_more_work_never_takes_fewer_people_and_nobodys_hours_are_cut(terms, fte, at_once, more):
    found = limits(*arguments(terms))
    less, grown = cover(fte, at_once, found), cover(np.array(fte) + more, at_once, found)
    assert (grown.employed_fte >= less.employed_fte - 1e-9).all()
    assert (np.diff(less.employed_fte) >= 0).all()
    assert (less.employed_fte + less.bought_fte >= np.array(fte) - 1e-9).all()
    assert (people(less.employed_fte) >= at_once).all()


def test_who_may_not_work_part_time_and_nothing_bought_are_whole_heads_as_ever():
    found = limits(10_000, 2_000, np.inf, 0.2, 0)
    covered = cover([0.0, 0.1, 1.0, 1.00000000001, 2.4], [0, 0, 3, 0, 0], found)
    assert covered.needed_fte.tolist() == [0, 1, 3, 1, 3]
    assert covered.employed_fte.tolist() == [0, 1, 3, 3, 3]
    assert not covered.bought_fte.any()


@pytest.mark.parametrize(
    ("rest", "employed", "bought"), [(0.1, 0, 0.1), (0.25, 0, 0.25), (0.3, 0.3, 0), (0.7, 0.6, 0.1), (0.9, 1, 0)]
)
def test_a_rest_by_hand(rest, employed, bought):
    """A head costs 10,000, its person 2,000, bought 15,000: buying pays below 2/7, one more head above 0.6 + 3.2/15."""
    covered = cover([3 + rest], 0, limits(10_000, 2_000, 15_000, 0.2, 0.6))
    assert covered.employed_fte[0] == pytest.approx(3 + employed)
    assert covered.bought_fte[0] == pytest.approx(bought)
