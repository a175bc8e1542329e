"""Reporting lines: laws of the tree, spans, one layer fewer, published check values, wrong tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.organisation.lines import read_lines, reporting_tree
from ecteam.organisation.spans import (
    channels,
    graicunas,
    layers_needed,
    measures,
    remove_layer,
    spans_of,
)
from tests.organisation.made_team import GIFT_SHOP, LARGE, ROLES, START_UP, made_seats, tree_of

counts = st.dictionaries(st.sampled_from(list(ROLES.index)), st.integers(1, 80), min_size=1, max_size=12)


def assert_tree(tree, people):
    assert sorted(tree["person"]) == sorted(people)
    assert (tree["manager"] == "").sum() == 1
    layer = dict(zip(tree["person"], tree["layer"], strict=True))
    seen = set()
    for row in tree.itertuples():
        # A manager stands before those who report to him, one layer above: no circle, n - 1 lines, one root.
        assert row.manager == "" or row.manager in seen
        assert row.layer == (1 if row.manager == "" else layer[row.manager] + 1)
        seen.add(row.person)
    assert set(tree.loc[tree["leads"] != "", "person"]) == set(tree["manager"]) - {""}


class TestTree:
    @given(counts)
    @example(LARGE)
    @example({"owner": 3, "shop_manager": 12})
    @example({"picker": 400})
    @example({"owner": 1, "shop_manager": 11, "cs_agent": 99})
    @example({"shop_manager": 3, "designer": 8})
    @example({"picker": 80, "packer": 80, "warehouse_keeper": 80, "returns_clerk": 80})
    @settings(max_examples=20)
    def test_it_is_one_tree_in_which_nobody_leads_too_many_where_a_lead_can_be_named(self, counts):
        seats = made_seats(counts)
        before = seats.copy(deep=True)
        tree = reporting_tree(seats)
        assert_tree(tree, seats["person"])
        pd.testing.assert_frame_equal(seats, before)
        over = spans_of(tree).query("over")["person"]
        heads = set(seats.loc[seats["hired_as"].isin(["owner", "shop_manager"]), "person"]) | {tree["person"][0]}
        # Above the limit stand only those to whom departments report, each of which has its one lead already.
        assert set(over) <= heads
        for boss in over:
            reports = tree[tree["manager"] == boss].set_index("person")
            loose = reports[reports["leads"] == ""]
            alone = loose["position"].isin(["owner", "shop_manager"])
            units = loose.loc[~alone, "department"].replace(
                {"paid_bidding": "promotion", "after_sales": "customer_service"}
            )
            assert not units.duplicated().any()

    def test_a_start_up_has_no_layer_between(self):
        tree = reporting_tree(made_seats(START_UP))
        assert tree["layer"].max() == 2
        assert (tree["manager"].iloc[1:] == "Owner").all()

    def test_a_hired_operations_head_stands_before_the_commercial_departments_only(self):
        tree = reporting_tree(made_seats({**START_UP, "shop_manager": 1, "accountant": 1})).set_index("person")
        assert tree.loc["Operations head", "manager"] == "Owner"
        assert tree.loc["Designer", "manager"] == "Operations head"
        assert tree.loc["Accountant", "manager"] == "Owner"

    def test_a_head_by_nature_leads_the_department_and_what_is_part_of_it(self):
        tree = reporting_tree(made_seats({"owner": 1, "cs_agent": 4, "aftersale_agent": 3, "cs_manager": 1}))
        led = tree[tree["manager"] == "Service manager"]
        assert len(led) == 7
        assert tree.set_index("person").loc["Service manager", "leads"] == "head"

    def test_beyond_the_span_of_the_owner_the_largest_department_gets_a_working_lead(self):
        tree = reporting_tree(made_seats({"owner": 1, "designer": 3, "cs_agent": 6, "buyer": 2})).set_index("person")
        assert tree.loc["Service agent 1", "leads"] == "working_lead"
        assert (tree.loc[[f"Service agent {n}" for n in range(2, 7)], "manager"] == "Service agent 1").all()
        assert (tree.loc[["Designer 1", "Buyer 1"], "manager"] == "Owner").all()

    def test_a_vacant_seat_is_no_working_lead(self):
        seats = made_seats({"owner": 1, "designer": 3, "cs_agent": 6, "buyer": 2})
        seats.loc[seats["person"] == "Service agent 1", "vacant"] = True
        tree = reporting_tree(seats).set_index("person")
        assert tree.loc["Service agent 2", "leads"] == "working_lead"
        assert tree.loc["Service agent 1", "manager"] == "Service agent 2"
        assert tree.loc["Service agent 1", "vacant"]

    def test_teams_are_even_and_as_few_as_fit(self):
        tree = reporting_tree(made_seats({"owner": 1, "picker": 60}))
        spans = spans_of(tree).set_index("person")
        # 60 pickers at 25 each: three working leads with 19 others each.
        assert spans.loc["Owner", "reports"] == 3
        assert spans["reports"].to_list() == [3, 19, 19, 19]
        assert tree["layer"].max() == 3

    def test_further_operations_heads_lead_the_largest_departments(self):
        tree = reporting_tree(made_seats({**GIFT_SHOP, "shop_manager": 3})).set_index("person")
        assert (tree.loc[tree["position"] == "warehouse_keeper", "manager"] == "Operations head 2").all()
        assert tree.loc["Operations specialist 1", "manager"] == "Operations head 3"


class TestFormulas:
    def test_published_check_values(self):
        assert layers_needed(43, 6) == 3
        assert channels([5, 10, 20, 50]).tolist() == [10, 45, 190, 1225]
        # Graicunas 1933, as printed.
        assert graicunas([1, 2, 3, 4, 5, 6, 7, 8, 10, 12]).tolist() == [1, 6, 18, 44, 100, 222, 490, 1080, 5210, 24708]

    @given(st.integers(2, 1000), st.integers(1, 6))
    def test_layers_are_right_at_exact_powers_where_the_logarithm_is_not(self, span, layers):
        full = sum(span**level for level in range(layers))
        if full < 1_000_000:
            assert layers_needed(full, span) == layers
            assert layers_needed(full + 1, span) == layers + 1


class TestSpans:
    def test_leading_is_paid_at_the_leaders_own_cost(self):
        seats = made_seats(GIFT_SHOP)
        spans = spans_of(reporting_tree(seats), seats, leading_hours_per_head=4)
        # Everybody but the owner is led once.
        assert spans["leading_hours"].sum() == pytest.approx(4 * (len(seats) - 1))
        cost = seats.set_index("person")["cost_per_month"] / 132
        assert spans["leading_cost"].sum() == pytest.approx(
            sum(row.reports * 4 * cost[row.person] for row in spans.itertuples())
        )
        share = measures(reporting_tree(seats), seats, leading_hours_per_head=4).loc["management_cost_share", "value"]
        assert share == pytest.approx(spans["leading_cost"].sum() / seats["cost_per_month"].sum())

    def test_the_limit_is_that_of_the_work_that_is_led(self):
        spans = spans_of(reporting_tree(made_seats(GIFT_SHOP))).set_index("person")
        assert spans.loc["Owner", ["work", "limit"]].to_list() == ["directors", 8]
        assert spans.loc["Operations head 2", ["work", "limit"]].to_list() == ["warehouse", 25]

    def test_few_reports_and_layers_of_a_chain(self):
        chain = tree_of(pd.DataFrame({"person": list("abcd"), "manager": ["", *"abc"]}))
        figures = measures(chain)["value"]
        names = ["layers", "managers", "few_reports", "largest_span", "team_channels"]
        assert figures[names].to_list() == [4, 3, 3, 1, 3]
        assert np.isnan(figures["management_cost_share"])


class TestRemoveLayer:
    @given(counts, st.data())
    @settings(max_examples=15)
    def test_people_and_those_they_lead_are_conserved(self, counts, data):
        seats = made_seats(counts | {"picker": 40})
        tree = reporting_tree(seats)
        layer = data.draw(st.integers(2, int(tree["layer"].max()) - 1))
        less = remove_layer(tree, layer)
        assert_tree(less.tree, seats["person"])
        before, after = (dict(zip(t["person"], t["manager"], strict=True)) for t in (tree, less.tree))
        stood = dict(zip(tree["person"], tree["layer"], strict=True))
        for name, boss in before.items():
            dissolved = boss != "" and stood[boss] == layer
            assert after[name] == (before[boss] if dissolved else boss)
        assert set(less.moved["person"]) == {name for name in before if before[name] != after[name]}
        assert less.spans["reports_before"].sum() == less.spans["reports_after"].sum() == len(tree) - 1

    def test_what_it_costs_and_whom_it_overloads(self):
        seats = made_seats(GIFT_SHOP)
        tree = reporting_tree(seats)
        less = remove_layer(tree, 3)
        spans = less.spans.set_index("person")
        assert spans.loc["Operations head 1", ["reports_before", "reports_after", "over"]].to_list() == [8, 26, True]
        assert spans.loc["Buyer 1", "reports_after"] == 0
        cost = seats.set_index("person")["cost_per_month"] / 132
        dearer = sum(cost["Operations head 1"] - cost[row.from_manager] for row in less.moved.itertuples()) * 4
        before, after = (spans_of(t, seats, leading_hours_per_head=4)["leading_cost"].sum() for t in (tree, less.tree))
        assert after - before == pytest.approx(dearer)

    @pytest.mark.parametrize("layer", [1, 4, 0])
    def test_the_top_and_the_bottom_stay(self, layer):
        with pytest.raises(InputError, match=f"layer is {layer}; it must be 2 to 3"):
            remove_layer(reporting_tree(made_seats(GIFT_SHOP)), layer)


def test_departments_and_their_heads_are_those_of_the_shop():
    departments = read_lines().departments
    assert set(departments.index) == set(ROLES["department"])
    assert set(departments["head"]) - {""} <= set(ROLES.index)
