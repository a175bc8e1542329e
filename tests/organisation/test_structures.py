"""Four structures of the same posts, and the hands that an order passes through."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.organisation.lines import reporting_tree
from ecteam.organisation.structures import (
    OUTSIDE,
    cells,
    compare_structures,
    functional,
    hand_offs,
    matrix,
    network,
    read_steps,
)
from tests.organisation.made_team import DUTIES, GIFT_SHOP, LARGE, ROLES, START_UP, made_people, made_seats
from tests.organisation.test_lines import assert_tree

CHANNELS = ["Tmall", "JD", "Douyin"]
teams = st.dictionaries(st.sampled_from(list(ROLES.index)), st.integers(1, 25), max_size=10).map(
    lambda counts: {**counts, "owner": 1, "ops_specialist": 3}
)


class TestStructures:
    @given(teams, st.integers(1, 3))
    @example(LARGE, 3)
    @settings(max_examples=12)
    def test_cells_are_one_tree_of_all_seats_and_even(self, counts, channels):
        seats = made_seats(counts)
        made = cells(seats, CHANNELS[:channels])
        assert_tree(made.tree, seats["person"])
        assert made.groups.index.to_list() == seats["person"].to_list()
        sizes = made.tree["group"].value_counts().reindex(CHANNELS[:channels])
        # Hired heads come on top of what is dealt out, one a cell at most.
        assert sizes.min() >= 1
        assert sizes.max() - sizes.min() <= 2
        leads = made.tree[made.tree["group"].isin(CHANNELS)].drop_duplicates("group")
        inside = made.tree[made.tree["group"].isin(CHANNELS)].merge(
            made.tree[["person", "group"]], left_on="manager", right_on="person", suffixes=("", "_above")
        )
        crossing = inside[inside["group"] != inside["group_above"]]["person"]
        assert set(crossing) == set(leads["person"])

    @given(teams)
    @settings(max_examples=10)
    def test_every_channel_is_served_by_every_function_that_there_is(self, counts):
        seats = made_seats(counts)
        unit = seats.set_index("person")["department"].replace(
            {"paid_bidding": "promotion", "after_sales": "customer_service"}
        )
        wanted = set(unit) & {"operations", "promotion", "design", "customer_service"}
        for made in (cells(seats, CHANNELS), matrix(seats, CHANNELS)):
            dotted = made.lines[made.lines["kind"] == "dotted"]
            for channel in CHANNELS:
                mine = dotted[dotted["group"] == channel]
                if made.name == "matrix" and mine.empty:
                    continue
                served = set(unit[mine["person"]]) | set(unit[mine["manager"]])
                served |= set(unit[made.groups.index[made.groups == channel]])
                # Who reports to the lead of the channel already needs no dotted line.
                solid = made.tree[made.tree["manager"].isin(mine["manager"])]
                assert served | set(unit[solid["person"]]) >= wanted
            assert not (dotted["person"] == dotted["manager"]).any()
            assert not dotted.duplicated(["person", "manager", "group"]).any()

    def test_a_matrix_keeps_the_lines_of_command(self):
        seats = made_seats(GIFT_SHOP)
        made = matrix(seats, ["Tmall", "JD"])
        pd.testing.assert_frame_equal(made.tree.drop(columns=["group", "posts"]), reporting_tree(seats))
        dotted = made.lines[made.lines["kind"] == "dotted"]
        assert set(dotted["manager"]) == {"Operations specialist 1", "Operations specialist 2"}
        solid = made.lines[made.lines["kind"] == "solid"]
        assert len(solid) == len(seats) - 1
        assert solid.merge(dotted, on=["person", "manager"]).empty

    def test_a_vacant_seat_is_not_sent_to_a_channel(self):
        seats = made_seats(GIFT_SHOP)
        seats["vacant"] = seats["person"].isin(["Designer 1", "Operations specialist 1"])
        dotted = matrix(seats, ["Tmall"]).lines.query("kind == 'dotted'")
        assert set(dotted["manager"]) == {"Operations specialist 2"}
        assert "Designer 2" in set(dotted["person"])

    def test_a_network_gives_whole_departments_away(self):
        seats = made_seats(GIFT_SHOP)
        made = network(seats, ["warehouse", "design"])
        boxes = made.tree[made.tree["position"] == "partner"].set_index("department")
        assert boxes["posts"].to_dict() == {"design": 2, "warehouse": 12}
        assert set(boxes["manager"]) == {"Operations head 1"}
        assert (made.tree["posts"].sum()) == len(seats)
        assert (made.lines["kind"] == "contract").sum() == 2
        assert made.groups["Stock-keeper 3"] == "warehouse partner"
        assert not made.groups.isna().any()

    def test_the_structures_stand_side_by_side(self):
        seats, people = made_seats(GIFT_SHOP), made_people(made_seats(GIFT_SHOP))
        made = [functional(seats), matrix(seats, CHANNELS), cells(seats, CHANNELS), network(seats, ["warehouse"])]
        table = compare_structures(made, people, outside=())
        assert list(table.columns) == ["functional", "matrix", "cells", "network"]
        assert table.loc["heads"].to_list() == [31, 31, 31, 19]
        assert table.loc["dotted_lines", "functional"] == 0 < table.loc["dotted_lines", "matrix"]
        # The same people do the same work: only the groups they belong to differ.
        assert table.loc["person_hand_offs"].to_list() == pytest.approx([table.loc["person_hand_offs", "matrix"]] * 4)
        sizes = functional(seats).tree["group"].value_counts()
        groups = len(sizes)
        by_hand = (sizes * (sizes - 1) // 2).sum() + groups * (groups - 1) // 2
        assert table.loc["coordination_channels", "functional"] == by_hand

    def test_more_channels_than_people_are_refused(self):
        seats = made_seats(START_UP)
        with pytest.raises(InputError, match="8 channels need as many people in operations, promotion, design, "):
            cells(seats, list("abcdefgh"))


def at_work(*rows):
    return pd.DataFrame(rows, columns=["person", "duty", "hours"]).assign(accountable=False)


class TestHandOffs:
    def test_the_order_changes_hands_between_different_people(self):
        people = at_work(("Li", "pick_orders", 50.0), ("Wang", "pack_orders", 20.0), ("Wang", "load_parcels", 9.0))
        way = hand_offs(people, pd.Series({"Li": "a", "Wang": "b"}), outside=())
        assert way["person_hand_off"].to_list() == [0, 1, 0]
        assert way["group_hand_off"].to_list() == [0, 1, 0]
        assert way["person"].to_list() == ["Li", "Wang", "Wang"]

    @given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=4))
    @settings(max_examples=25)
    def test_it_is_the_least_share_that_cannot_stay(self, hours):
        """Against the best matching of 120 orders of one step with 120 of the next, counted one by one."""
        duties = list(read_steps()["duty"])[: len(hours)]
        rows = [(f"p{p}", duties[d], float(h)) for d, line in enumerate(hours) for p, h in enumerate(line) if h]
        if not rows:
            return
        groups = pd.Series({"p0": "a", "p1": "a", "p2": "b"})
        way = hand_offs(at_work(*rows), groups, outside=()).set_index("duty")
        shares = [[h / sum(line) for h in line] for line in hours if sum(line)]
        stay = [sum(min(a, b) for a, b in zip(x, y, strict=True)) for x, y in pairwise(shares)]
        assert way["person_hand_off"].to_list()[1:] == pytest.approx([1 - s for s in stay], abs=1e-9)
        assert (way["group_hand_off"] <= way["person_hand_off"] + 1e-9).all()

    def test_a_partner_takes_steps_over(self):
        people = at_work(("Li", "answer_during_sale", 50.0), ("Li", "answer_after_sale", 20.0))
        way = hand_offs(people, pd.Series({"Li": "service"}), outside=["pick_orders", "pack_orders"])
        assert way["group"].to_list() == ["service", OUTSIDE, OUTSIDE, "service"]
        assert way["person"].to_list() == ["Li", "", "", "Li"]
        assert way["people"].to_list() == [1, 0, 0, 1]
        assert way["group_hand_off"].to_list() == [0, 1, 0, 1]

    def test_the_accountable_one_is_named(self):
        people = at_work(("Li", "pick_orders", 50.0), ("Wang", "pick_orders", 20.0)).assign(accountable=[False, True])
        way = hand_offs(people, pd.Series("a", ["Li", "Wang"]), outside=())
        assert way["person"].to_list() == ["Wang"]

    def test_steps_are_duties(self):
        assert set(read_steps()["duty"]) <= set(DUTIES.index)
