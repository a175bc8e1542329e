"""Who reports what to whom, how often: a giver and a taker for every report, hours, wrong tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.organisation.lines import reporting_tree
from ecteam.organisation.reports import reporting_cadence
from tests.organisation.made_team import GIFT_SHOP, LARGE, ROLES, START_UP, made_people, made_seats


def cadence(counts, people=None, days=21):
    seats = made_seats(counts)
    people = made_people(seats) if people is None else people
    return reporting_cadence(people, seats, reporting_tree(seats), working_days_per_month=days)


class TestCadence:
    @given(st.dictionaries(st.sampled_from(list(ROLES.index)), st.integers(1, 6), min_size=1, max_size=10))
    @settings(max_examples=12)
    def test_every_report_goes_from_somebody_to_somebody_else(self, counts):
        rows = cadence(counts)
        people = set(made_seats(counts)["person"])
        assert set(rows["giver"]) | set(rows["taker"]) <= people
        assert (rows["giver"] != rows["taker"]).all()
        assert (rows["hours_per_month"] > 0).all()

    def test_who_wears_the_post_gives_and_takes(self):
        rows = cadence(START_UP).set_index("report")
        # Nobody is hired as a buyer, a service manager or a photographer: the owner wears these hats.
        assert rows.loc["questions_of_customers", ["giver", "taker"]].to_list() == ["Service agent", "Owner"]
        assert "suppliers" not in rows.index
        assert "shop_results" not in rows.index

    def test_a_report_to_oneself_goes_to_the_manager(self):
        seats = made_seats(GIFT_SHOP)
        people = made_people(seats)
        people.loc[people["role"] == "finance_manager", "person"] = "Accountant"
        rows = cadence(GIFT_SHOP, people).set_index("report")
        assert rows.loc["books_closed", ["giver", "taker"]].to_list() == ["Accountant", "Owner"]

    def test_a_post_that_nobody_wears_reports_nothing(self):
        people = made_people(made_seats(GIFT_SHOP))
        rows = cadence(GIFT_SHOP, people[people["role"] != "legal_counsel"])
        assert "contracts_and_claims" not in set(rows["report"])

    def test_hours_are_those_of_the_frequency(self):
        rows = cadence(LARGE, days=20).set_index("report")
        assert rows.loc["orders_shipped", "hours_per_month"] == pytest.approx(20 * 0.25)
        assert rows.loc["shop_results", "hours_per_month"] == pytest.approx(365 / 7 / 12)
        assert rows.loc["development", "hours_per_month"] == pytest.approx(365 / 14 / 12)
        assert rows.loc["books_closed", "hours_per_month"] == 2
