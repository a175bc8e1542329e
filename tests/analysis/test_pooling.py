"""What a fleet saves by sharing, from plans; and how it is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.analysis.pooling import MEASURED, parts_of, pooled_agents, pooled_crew, shared
from ecteam.inputs.scenario_file import load_scenario
from ecteam.inputs.words import use
from ecteam.plan.plan import make_plan
from ecteam.staffing import queueing
from ecteam.staffing.headcount import promised_share
from ecteam.view.fleet import pools

DESK = {"dedicated_desk": True, "months": 1}


def plan(**changes):
    return make_plan(load_scenario("tea_shop_startup", **(DESK | changes)))


def pooled(plans):
    return shared({name: parts_of(each) for name, each in plans.items()})


def row(pooling, pool):
    (found,) = pooling[pooling["pool"] == pool].to_dict("records")
    return found


def test_a_shop_alone_shares_nothing():
    found = pooled({"A": plan()})
    assert found.empty
    assert "No two shops" in pools(found)


@settings(max_examples=6)
@given(st.lists(st.floats(5, 900), min_size=2, max_size=4), st.integers(60, 300), st.sampled_from(["24h", "48h"]))
def test_shops_never_need_more_together(orders, seconds, rule):
    # The first shop is stricter: its promise holds for all.
    plans = {
        f"shop {i}": plan(orders_per_day=n, reply_target_seconds=seconds if i == 0 else 300, ship_rule=rule)
        for i, n in enumerate(orders)
    }
    found = pooled(plans)
    assert np.isfinite(found[list(MEASURED)].to_numpy(float)).all()
    for pool in ("service_desk", "warehouse"):
        measured = row(found, pool)
        assert measured["at_once_pooled"] <= measured["at_once_apart"]
        assert measured["heads_pooled"] <= measured["heads_apart"]
        assert measured["hours_pooled"] <= measured["hours_apart"] + 1e-9
        assert measured["saved_per_month"] >= 0
        assert measured["rent_saved_per_month"] >= 0
        assert measured["shops"] == tuple(plans)
    assert row(found, "service_desk")["target_seconds"] == min(seconds, 300)
    # Picking and packing take what they take, wherever it is done.
    mine = next(iter(plans.values())).inputs.duties["method"] == "deadline"
    work = sum((p.results.hours - p.results.temp_work)[mine.to_numpy()].sum(axis=(0, 1)).mean() for p in plans.values())
    measured = row(found, "warehouse")
    assert measured["hours_pooled"] == pytest.approx(measured["hours_apart"], rel=1e-12)
    assert measured["hours_pooled"] == pytest.approx(work, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "shared_still"),
    [
        ({"city": "shanghai"}, {"service_desk"}),
        ({"city": "uk"}, set()),
        ({"chats_at_once": 5}, {"warehouse"}),
        ({"ship_rule": "same_day"}, {"service_desk"}),
        ({"warehouse_until_hour": 20}, {"service_desk"}),
        ({"dedicated_desk": False}, {"warehouse"}),
        ({"self_shipping": False}, {"service_desk"}),
        ({"service_until_hour": 24}, {"service_desk", "warehouse"}),
    ],
)
def test_shops_share_only_where_the_conditions_hold(changes, shared_still):
    found = pooled({"A": plan(), "B": plan(**changes)})
    assert set(found["pool"]) == shared_still


def test_hours_are_those_of_all_and_months_need_not_be_the_same():
    early, late = plan(), plan(start_month="2027-02", service_from_hour=7)
    desk = row(pooled({"A": early, "B": late}), "service_desk")
    assert (desk["from_hour"], desk["until_hour"]) == (7, early.scenario.service_until_hour)
    # January is A's alone, March B's alone: nothing is saved there.
    only = row(pooled({"A": plan(months=1), "B": plan(months=1, start_month="2027-02")}), "service_desk")
    assert only["hours_pooled"] == pytest.approx(only["hours_apart"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_are_text(lang):
    use(lang)
    page = pools(pooled({"<script>alert(1)</script>": plan(), "B & C": plan(orders_per_day=90)}))
    assert "<script" not in page
    assert "B &amp; C" in page
    assert {"en": "80% of chats answered within 180 s", "zh": "统一要求 80% 会话在 180 秒内响应"}[lang] in page
    assert "None" not in page


ARRIVAL = st.floats(0, 300).map(lambda n: round(n, 3))
ARRIVALS = st.lists(ARRIVAL, min_size=1, max_size=6)
TERMS = st.fixed_dictionaries(
    {
        "target_seconds": st.sampled_from([20.0, 60.0, 180.0]),
        "target_share": st.sampled_from([0.5, 0.8, 0.95]),
        "chats_at_once": st.integers(1, 4),
        "max_occupancy": st.sampled_from([0.7, 0.85, 1.0]),
    }
)
REPLIES = {"replies_per_chat": 6, "reachable_share": 0.95}


def share(reply, terms):
    return promised_share(terms["target_share"], terms["target_seconds"], 10 * reply, 0.95)


def required(arrivals, reply, think, terms):
    return queueing.agents_required(
        np.asarray(arrivals, dtype=float), 60 * (reply + think), terms["target_seconds"], share(reply, terms),
        concurrency=terms["chats_at_once"], reply_seconds=10 * reply, think_seconds=10 * think, first_reply=True,
        max_occupancy=terms["max_occupancy"],
    )  # fmt: skip


def level(agents, arrivals, reply, think, terms):
    return queueing.service_level(
        agents, np.asarray(arrivals, dtype=float), 60 * (reply + think), terms["target_seconds"],
        concurrency=terms["chats_at_once"], reply_seconds=10 * reply, think_seconds=10 * think, first_reply=True,
    )  # fmt: skip


@settings(max_examples=60)
@given(ARRIVALS, st.floats(0.5, 10), st.floats(0, 15), TERMS)
def test_one_queue_of_alike_customers_needs_no_more_agents_than_several(arrivals, reply, think, terms):
    """The law itself, before anything is cut off: of waiting for an agent, at equal service."""

    def free_agents(arrivals):
        return queueing.agents_required(
            np.asarray(arrivals, dtype=float), 60 * (reply + think), terms["target_seconds"], terms["target_share"],
            concurrency=terms["chats_at_once"], reply_seconds=60 * reply, think_seconds=60 * think,
            max_occupancy=terms["max_occupancy"],
        )  # fmt: skip

    assert free_agents(sum(arrivals)) <= free_agents(arrivals).sum()


def test_one_queue_may_need_more_agents_for_first_replies():
    """A full pool keeps every agent at the most chats, whose replies come first: then the desks are kept apart."""
    terms = {"target_seconds": 180.0, "target_share": 0.8, "chats_at_once": 2, "max_occupancy": 0.7}
    alone = required([42.0, 269.0], 8.0, 9.0, terms)
    assert required(311.0, 8.0, 9.0, terms) == alone.sum() + 1
    found = pooled_agents([42.0, 269.0], alone, reply_minutes=8.0, think_minutes=9.0, **terms, **REPLIES)
    assert int(found) == alone.sum()


@settings(max_examples=40)
@given(ARRIVALS, st.floats(0.5, 10), st.floats(0, 15), TERMS, st.randoms())
def test_a_shared_desk_keeps_the_promise_with_no_more_agents(arrivals, reply, think, terms, random):
    alone = required(arrivals, reply, think, terms)
    pooled = int(pooled_agents(arrivals, alone, reply_minutes=reply, think_minutes=think, **terms, **REPLIES))
    assert pooled <= alone.sum()
    assert (pooled > 0) == (alone.sum() > 0)
    promised = share(reply, terms) - 1e-9
    if pooled:
        # As many as apart may be kept apart.
        apart = pooled == alone.sum() and (level(alone, arrivals, reply, think, terms) >= promised).all()
        assert apart or level(pooled, sum(arrivals), reply, think, terms) >= promised
    if len(arrivals) == 1:
        assert pooled == alone[0], "no saving for one shop"
    order = random.sample(range(len(arrivals)), len(arrivals))
    moved = pooled_agents(
        np.array(arrivals)[order], alone[order], reply_minutes=reply, think_minutes=think, **terms, **REPLIES
    )
    assert abs(int(moved) - pooled) == 0


@settings(max_examples=30)
@given(st.lists(st.tuples(ARRIVAL, st.floats(0.2, 20)), min_size=2, max_size=4), TERMS)
def test_desks_of_unlike_customers_need_no_more_together_either(desks, terms):
    """They may keep their agents apart: without that, one queue of long and short contacts can need more."""
    arrivals, reply = np.array(desks).T
    alone = np.array([required(a, r, 0.0, terms) for a, r in desks])
    assert int(pooled_agents(arrivals, alone, reply_minutes=reply, think_minutes=0, **terms, **REPLIES)) <= alone.sum()


def test_somebody_is_there_while_a_desk_is_open():
    alone = np.array([[1, 1, 0], [1, 0, 0]])
    terms = {"target_seconds": 9, "target_share": 0.8, "chats_at_once": 1, "max_occupancy": 1}
    found = pooled_agents(np.zeros((2, 3)), alone, reply_minutes=1, think_minutes=0, **terms, **REPLIES)
    assert found.tolist() == [1, 1, 0]


WEEK = np.isin(np.arange(168) % 24, range(9, 18))


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 167), ARRIVAL), max_size=6), min_size=1, max_size=4),
    st.sampled_from(["same_day", "24h", "48h"]),
)
def test_a_shared_warehouse_has_all_the_work_and_no_larger_crew(shops, rule):
    work = np.zeros((len(shops), 168))
    for shop, orders in enumerate(shops):
        for hour, amount in orders:
            work[shop, hour] += amount
    apart, one = pooled_crew(work.reshape(-1, 7, 24), WEEK, rule, 16)
    assert one <= apart.sum()
    assert one >= apart.max(), "it ships at least what the largest shop ships"
    # The hours of the crew hold the work: none is lost.
    assert one * WEEK.sum() >= work.sum() * (1 - 1e-9)
    if len(shops) == 1:
        assert one == apart[0]
