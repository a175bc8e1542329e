"""What a fleet saves by sharing, from plans; and how it is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.analysis.pooling import MEASURED, parts_of, shared
from ecteam.inputs.scenario_file import load_scenario
from ecteam.inputs.words import use
from ecteam.plan.plan import make_plan
from ecteam.view.fleet import pools

DESK = {"dedicated_desk": True, "months": 1}


def plan(**changes):
    return make_plan(load_scenario("tea_shop_startup", **(DESK | changes)))


def pooled(plans):
    return shared({name: parts_of(each) for name, each in plans.items()})


def row(pooling, pool):
    (found,) = pooling.table[pooling.table["pool"] == pool].to_dict("records")
    return found


def test_a_shop_alone_shares_nothing():
    found = pooled({"A": plan()})
    assert found.table.empty
    assert found.alone.values.tolist() == [["A", "service_desk", "no_partner"], ["A", "warehouse", "no_partner"]]
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
    assert found.alone.empty
    assert np.isfinite(found.table[list(MEASURED)].to_numpy(float)).all()
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
    assert set(found.table["pool"]) == shared_still
    assert set(found.alone["pool"]) == {"service_desk", "warehouse"} - shared_still


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
