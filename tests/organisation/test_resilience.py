"""What breaks if one leaves: cover against brute force, bus factor, cross-training, wrong input."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.organisation.resilience import (
    bus_factor,
    cover_matrix,
    cross_training,
    loss_by_person,
    remove_one,
)
from tests.organisation.made_team import DAYS, GIFT_SHOP, NO_PAIRS, ROLES, made_may_do, made_people, made_seats

QUICK, SLOW = "cs_agent", "owner"


@st.composite
def small_shops(draw):
    """Up to four people of two roles and five duties, with hours, room and skills drawn."""
    people, duties = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    seats = pd.DataFrame(
        {
            "person": [f"p{n}" for n in range(people)],
            "hired_as": [draw(st.sampled_from([QUICK, SLOW])) for _ in range(people)],
            "department": "d",
            "productive_hours": [float(draw(st.integers(1, 60))) for _ in range(people)],
            "cost_per_month": 6000.0,
            "vacant": False,
        }
    )
    rows = []
    for duty in range(duties):
        first = draw(st.integers(0, people - 1))
        for name in sorted({first, *draw(st.sets(st.integers(0, people - 1), max_size=1))}):
            rows.append((f"p{name}", f"d{duty}", float(draw(st.integers(1, 40))), name == first))
    table = pd.DataFrame(rows, columns=["person", "duty", "hours", "accountable"])
    may = pd.DataFrame(
        [(f"d{n}", role) for n in range(duties) for role in draw(st.sets(st.sampled_from([QUICK, SLOW])))],
        columns=["duty", "role"],
    )
    return table, seats, may


class TestRemoveOne:
    @given(small_shops())
    @settings(max_examples=20)
    def test_cover_equals_a_brute_force_over_all_cuts(self, shop):
        """The most that others can take over is the least, over all sets of duties, of the room for these and the
        hours of the rest."""
        people, seats, may = shop
        removed = remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS)
        hours = people.pivot_table(index="duty", columns="person", values="hours", aggfunc="sum", fill_value=0.0)
        room = {r.person: r.productive_hours for r in seats.itertuples()}
        free = {p: max(room[p] - (hours[p].sum() if p in hours else 0.0), 0.0) for p in room}
        role = dict(zip(seats["person"], seats["hired_as"], strict=True))
        allowed = set(zip(may["duty"], may["role"], strict=True))
        works = set(zip(people["duty"], people["person"], strict=True))
        for person, rows in removed.groupby("person"):
            mine = list(rows["duty"])
            least = np.inf
            for size in range(len(mine) + 1):
                for kept in combinations(mine, size):
                    helpers = {
                        p for p in room for d in kept if p != person and ((d, role[p]) in allowed or (d, p) in works)
                    }
                    rest = sum(hours.loc[d, person] for d in mine if d not in kept)
                    least = min(least, rest + sum(free[p] for p in helpers))
            assert rows["covered_hours"].sum() == pytest.approx(least, abs=1e-3)
            assert (rows["covered_hours"] <= rows["hours"]).all()

    @given(small_shops())
    @settings(max_examples=20)
    def test_hours_are_conserved_and_cover_is_named_rightly(self, shop):
        people, seats, may = shop
        removed = remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS)
        assert removed["hours"].sum() == pytest.approx(people["hours"].sum())
        assert np.allclose(removed["covered_hours"] + removed["uncovered_hours"], removed["hours"])
        for row in removed.itertuples():
            others = people[(people["duty"] == row.duty) & (people["person"] != row.person)]
            assert (row.cover == "works_on_it") == bool(len(others))
            if row.cover == "":
                assert row.covered_hours == 0
        worth = removed["person"].map(6000.0 / seats.set_index("person")["productive_hours"])
        assert np.allclose(removed["gap_cost"], removed["uncovered_hours"] * removed["gap_days"] * 12 / 365 * worth)

    def test_the_hand_worked_case(self):
        seats = pd.DataFrame(
            {"person": ["Li", "Wang"], "hired_as": [QUICK, SLOW], "productive_hours": [130.0, 130.0],
             "cost_per_month": [6500.0, 13000.0], "vacant": False}
        )  # fmt: skip
        people = pd.DataFrame(
            {
                "person": ["Li", "Li", "Wang"],
                "duty": ["chat", "pack", "chat"],
                "hours": [60.0, 50.0, 100.0],
                "accountable": False,
            }
        )
        may = pd.DataFrame({"duty": ["pack"], "role": [QUICK]})
        removed = remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS).set_index(["person", "duty"])
        # Li's 60 hours of chat: Wang has 30 free; the packing has nobody. 14 days at 50 an hour.
        assert removed.loc[("Li", "chat"), ["covered_hours", "uncovered_hours"]].to_list() == [30, 30]
        assert removed.loc[("Li", "pack"), "cover"] == ""
        assert removed.loc[("Li", "chat"), "gap_cost"] == pytest.approx(30 * 14 * 12 / 365 * 50)
        # Wang's 100 hours: Li has 20 free, works on it, though the role may not. 35.7 days (5.1 weeks) at 100 an hour.
        assert removed.loc[("Wang", "chat"), "uncovered_hours"] == pytest.approx(80)
        loss = loss_by_person(removed.reset_index(), seats, pd.Series({QUICK: 0.4, SLOW: 0.1})).set_index("person")
        assert loss.loc["Wang", "loss_per_year"] == pytest.approx(0.1 * 35.7 / 365 * 12 * 80 * 100)
        assert loss.loc["Wang", "cover_share"] == pytest.approx(0.2)
        assert loss.loc["Li", "duties_without_cover"] == 1

    def test_the_formula_of_the_yearly_loss(self):
        """attrition x days/365 x contribution of a year x (1 - cover share), as in the founding papers."""
        seats, people, may = made_seats(GIFT_SHOP), made_people(made_seats(GIFT_SHOP)), made_may_do()
        seats["cost_per_month"] = 80 * seats["productive_hours"]
        rate = pd.Series(0.3, ROLES.index)
        loss = loss_by_person(
            remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS), seats, rate
        ).set_index("person")
        days = DAYS[seats.set_index("person")["hired_as"][loss.index]].to_numpy()
        yearly = 12 * loss["hours"] * 80
        assert np.allclose(loss["loss_per_year"], 0.3 * days / 365 * yearly * (1 - loss["cover_share"]))

    def test_pairs_kept_apart_give_no_cover(self):
        seats = pd.DataFrame(
            {
                "person": ["Li", "Wang"],
                "hired_as": QUICK,
                "productive_hours": 130.0,
                "cost_per_month": 1.0,
                "vacant": False,
            }
        )
        people = pd.DataFrame(
            {"person": ["Li", "Wang"], "duty": ["buy", "pay"], "hours": [50.0, 50.0], "accountable": True}
        )
        may = pd.DataFrame({"duty": ["buy", "pay"], "role": QUICK})
        assert remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS)["cover"].to_list() == [
            "may_do_it",
            "may_do_it",
        ]
        apart = pd.DataFrame({"duty_a": ["buy"], "duty_b": ["pay"]})
        alone = remove_one(people, seats, may, keep_apart=apart, days_to_fill=DAYS)
        assert alone["cover"].to_list() == ["", ""]
        assert alone["uncovered_hours"].to_list() == [50, 50]

    def test_a_vacant_seat_covers_nothing(self):
        seats = made_seats({"owner": 1, "cs_agent": 2})
        people = made_people(seats)
        seats["vacant"] = seats["person"] == "Service agent 2"
        people = people[people["person"] != "Service agent 2"]
        removed = remove_one(people, seats, made_may_do(), keep_apart=NO_PAIRS, days_to_fill=DAYS)
        assert (removed.loc[removed["person"] == "Service agent 1", "covered_hours"] == 0).all()


class TestBusFactor:
    @given(small_shops())
    @settings(max_examples=20)
    def test_it_is_the_greedy_count_and_never_below_the_least(self, shop):
        people, seats, may = shop
        left = bus_factor(people, seats, may)
        duties = set(people["duty"])
        held = {d: set(people.loc[people["duty"] == d, "person"]) for d in duties}
        gone, order = set(), []
        while sum(not held[d] - gone for d in duties) <= len(duties) / 2:
            best = max(seats["person"], key=lambda p: sum(p in held[d] - gone for d in duties))
            gone.add(best)
            order.append(best)
        assert left["person"].to_list() == order
        least = next(
            size
            for size in range(len(seats) + 1)
            if any(
                sum(not held[d] - set(chosen) for d in duties) > len(duties) / 2
                for chosen in combinations(seats["person"], size)
            )
        )
        assert len(left) >= least
        assert left["dead_share"].iloc[-1] > 0.5


class TestCoverAndTraining:
    def test_the_matrix_says_who_answers_works_and_may(self):
        seats, people = made_seats(GIFT_SHOP), made_people(made_seats(GIFT_SHOP))
        cover = cover_matrix(people, seats, made_may_do(), keep_apart=NO_PAIRS)
        assert cover.shape == (people["duty"].nunique(), len(seats))
        assert cover.loc["look_after_suppliers", ["Buyer 1", "Buyer 2", "Owner", "Designer 1"]].to_list() == [
            "accountable", "works_on_it", "may_do_it", "",
        ]  # fmt: skip
        assert ((cover == "accountable").sum(axis=1) == 1).all()

    @given(small_shops())
    @settings(max_examples=20)
    def test_no_smaller_set_of_trainings_and_no_better_one(self, shop):
        """Against every way to choose a learner, or nobody, for every duty with a single pair of hands."""
        people, seats, may = shop
        cover = cover_matrix(people, seats, may, keep_apart=NO_PAIRS)
        table = cross_training(cover, seats, people)
        works = cover.isin(["accountable", "works_on_it"])
        alone = [d for d in cover.index if works.loc[d].sum() == 1]
        assert table["duty"].to_list() == alone
        choices = [[None, *(p for p in cover.columns if cover.loc[d, p] == "may_do_it")] for d in alone]

        def rank(learners):
            taught = [name for name in learners if name]
            loads = [taught.count(name) for name in set(taught)]
            return -len(taught), sum(n * (n - 1) // 2 for n in loads)

        learners = [name or None for name in table["train"]]
        assert all(name in allowed for name, allowed in zip(learners, choices, strict=True))
        assert rank(learners) == min((rank(ways) for ways in product(*choices)), default=(0, 0))

    def test_nobody_learns_what_the_role_may_not_do(self):
        seats, people, may = made_seats(GIFT_SHOP), made_people(made_seats(GIFT_SHOP)), made_may_do()
        table = cross_training(cover_matrix(people, seats, may, keep_apart=NO_PAIRS), seats, people).set_index("duty")
        assert table.loc["steer_the_shop", "train"] == ""
        assert (table["holder"] != table["train"]).all()

    def test_two_trainings_fall_to_two_people(self):
        cover = pd.DataFrame(
            {"Li": ["accountable"] * 2, "Wang": ["may_do_it"] * 2, "Zhao": ["may_do_it"] * 2},
            index=pd.Index(["buy", "pay"], name="duty"),
        )
        seats = pd.DataFrame({"person": ["Li", "Wang", "Zhao"], "vacant": False, "productive_hours": [130.0, 130, 40]})
        people = pd.DataFrame({"person": ["Li"], "hours": [100.0]})
        assert set(cross_training(cover, seats, people)["train"]) == {"Wang", "Zhao"}
        one = cross_training(cover.head(1), seats, people)
        assert one[["train", "free_hours"]].to_numpy().tolist() == [["Wang", 130.0]]
