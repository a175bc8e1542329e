"""Stages: the tables, what evidence says, which posts are due, and what is said of wrong input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.analysis.stages import classify, posts_due, pulled, read_stages, scaling_unproven
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.tables import STAGES

TABLES = read_stages()
SIZE = {"orders_per_day": 600.0, "channels": 3.0, "heads": 48.0}
PROOF = {"repeat_share": 0.3, "contribution_margin_share": 0.15, "steady_months": 9}


def due(stage, **more):
    given_size = SIZE | more
    fte = dict.fromkeys(TABLES.posts["post"], 0.4)
    return posts_due(stage, given_size, fte, self_shipping=True, stages=TABLES).set_index("post")


def test_the_tables_name_posts_stages_and_fields_that_exist():
    assert set(TABLES.posts["post"]) == set(load_assumptions().duties["post"])
    assert set(TABLES.levers["field"]) <= set(Scenario.model_fields)
    assert set(TABLES.levers["lever"]) == {"categories", "channels", "exposure"}
    for field in TABLES.levers["field"]:
        assert field_info(field)["group"] in ("catalogue", "promotion")
    for table in (TABLES.thresholds, TABLES.posts, TABLES.levers):
        assert set(table["kind"]) == {"planning assumption"}, "a sourced row must name its page; test that then"
        assert (table["source"] != "").all()


@pytest.mark.parametrize(
    ("evidence", "stage", "proven"),
    [
        ({"orders_per_day": 60, "channels": 1, "heads": 5}, "startup", None),
        (SIZE, "growth", None),
        (SIZE | PROOF, "growth", True),
        (SIZE | PROOF | {"repeat_share": 0.1}, "startup", False),
        ({"orders_per_day": 6000, "channels": 6, "heads": 276} | PROOF, "maturity", True),
        ({"orders_per_day": 6000, "channels": 1, "heads": 20}, "growth", None),
        ({"orders_per_day": 6000}, "maturity", None),
        ({"orders_per_day": 6000, "channels": 1}, "startup", None),
    ],
)
def test_evidence_says_a_stage(evidence, stage, proven):
    found = classify(evidence, TABLES)
    assert (found.stage, found.proven) == (stage, proven)
    assert set(found.evidence["measure"]) == set(TABLES.thresholds["measure"])


@settings(max_examples=25)
@given(st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 20), st.integers(0, 500))
def test_more_orders_never_speak_for_an_earlier_stage(one, other, channels, heads):
    less, more = sorted((one, other))
    rest = {"channels": channels, "heads": heads}
    early, late = (classify({"orders_per_day": orders} | rest, TABLES).stage for orders in (less, more))
    assert STAGES.index(early) <= STAGES.index(late)


def test_inside_the_range_of_a_threshold_the_answer_is_close():
    evidence = classify(SIZE | {"orders_per_day": 250.0}, TABLES).evidence.set_index("measure")
    assert evidence.loc["orders_per_day", "close"]
    far = classify(SIZE | {"orders_per_day": 50.0}, TABLES).evidence.set_index("measure")
    assert not far.loc["orders_per_day", "close"]


def test_scaling_before_the_model_is_proven_is_warned_of():
    assert scaling_unproven(classify(SIZE, TABLES), "startup"), "it is large without the proof"
    assert scaling_unproven(classify({"orders_per_day": 20, "channels": 1, "heads": 3}, TABLES), "growth")
    assert not scaling_unproven(classify({"orders_per_day": 20, "channels": 1, "heads": 3}, TABLES), "startup")
    assert not scaling_unproven(classify(SIZE | PROOF, TABLES), "growth")
    assert scaling_unproven(classify(SIZE | PROOF | {"steady_months": 1}, TABLES), "growth")


class TestPosts:
    def test_a_post_that_answers_neither_question_is_not_for_a_start_up(self):
        posts = due("startup")
        assert set(posts.index[posts["status"] == "not_now"]) == {
            "people", "finance", "technology", "anti_abuse", "quality", "public_relations", "legal",
        }  # fmt: skip
        assert posts.loc["helmsman", "status"] == "now"
        assert posts.loc["design", "status"] == "hat"

    def test_growth_adds_the_standardisers_by_their_triggers(self):
        posts = due("growth", channels=2.0)
        assert posts.loc["people", "status"] == "now"
        assert posts.loc["finance", "status"] == "now"
        assert posts.loc["technology", "status"] == "hat", "two channels are one short of its trigger"
        assert posts.loc["legal", "status"] == "not_yet"

    def test_a_shop_that_does_not_ship_needs_no_stock_keeping(self):
        fte = dict.fromkeys(TABLES.posts["post"], 2.0)
        posts = posts_due("startup", SIZE, fte, self_shipping=False, stages=TABLES).set_index("post")
        assert posts.loc["stock_keeping", "status"] == "not_needed"
        assert posts.loc["design", "status"] == "now"


def test_a_lever_changes_its_fields_only():
    shop = dict.fromkeys(TABLES.levers["field"], 10.0)
    assert pulled("channels", shop, TABLES) == {
        "channels": 11, "ad_accounts": 11, "event_applications_per_month": 15,
    }  # fmt: skip
    for name in ("categories", "channels", "exposure"):
        low, typical, high = (pulled(name, shop, TABLES, how) for how in ("low", "typical", "high"))
        assert all(10 <= low[f] <= typical[f] <= high[f] for f in low)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: classify(SIZE | {"repeat_share": 1.2}), "repeat_share is 1.2; it must be 0 to 1"),
        (lambda: classify(SIZE | {"heads": -1}), "heads is -1; it must be 0 or more"),
        (lambda: classify({"orders_per_day": float("nan")}), "orders_per_day is nan"),
        (lambda: classify({"repeat_share": 0.2}), "no measure of size is given"),
        (lambda: classify({"orders_a_day": 2.0, "heads": 3.0}), "there is no measure 'orders_a_day'; did you mean"),
        (lambda: pulled("chanels", {}, TABLES), "there is no lever 'chanels'; did you mean 'channels'?"),
        (lambda: pulled("channels", {}, TABLES, "most"), "how_far is 'most'"),
    ],
)
def test_wrong_input_is_refused(call, sentence):
    with pytest.raises(InputError) as error:
        call()
    assert sentence in str(error.value)
