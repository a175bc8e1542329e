"""Rules of thumb: the table and its sources, published figures worked again, the distance to the model, wrong input."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.staffing.queueing import agents_required, rostered
from ecteam.staffing.rules_of_thumb import FORMULAS, by_rules, read_rules

TABLE = data_dir() / "assumptions" / "rules_of_thumb.csv"
RULES = read_rules()
PEOPLE = ["people_low", "people_typical", "people_high"]


def day(**changes):
    """A day of 300 chats an hour from 9 to 19 and 4,000 orders, by every rule."""
    arrivals = np.zeros(24)
    arrivals[9:19] = 300
    case = {
        "rules": RULES,
        "orders_per_day": 4000,
        "lines_per_day": 6000,
        "hours_per_shift": 8,
        "target_seconds": 30,
        "target_share": 0.9,
        "concurrency": 3,
        "arrivals_per_hour": arrivals,
        "handle_seconds": 300,
    }
    return by_rules(**case | changes)


def people(frame, rule):
    return frame.set_index("rule").loc[rule, PEOPLE].to_list()


class TestReferences:
    def test_the_check_of_the_models_text(self):
        """MODELS.md: 300 sessions/h, 5 min, 90 % in 30 s, three at once; the model's own 13 is in test_chats."""
        agents_by = {rule: people(day(hours_per_shift=10), rule)[1] for rule in FORMULAS}
        assert agents_by["erlang_over_k"] == 11
        assert agents_by["handle_time_over_k"] == 12
        assert people(day(hours_per_shift=10, concurrency=1), "erlang_over_k") == [31, 31, 31]
        assert people(day(hours_per_shift=10, concurrency=1), "handle_time_over_k") == [31, 31, 31]

    def test_the_page_of_call_centre_helper(self):
        """100 chats an hour of 990 s, 80 % in 60 s, 35 % shrinkage: 51 agents; divided by 1.6 of 2 at once: 32."""
        assert rostered(agents_required(100, 990, 60, 0.8), 0.35) == 51
        case = {"arrivals_per_hour": [100] + [0] * 23, "handle_seconds": 990}
        case |= {"target_seconds": 60, "target_share": 0.8, "concurrency": 2, "hours_per_shift": 1}
        assert people(day(**case), "erlang_over_k")[2] == np.ceil(33 / 1.6)
        assert np.ceil(51 / 1.6) == 32

    def test_the_page_of_zendesk(self):
        """1,000 chats of 12 minutes in 8 hours, 4 at once: 6.25 agents."""
        frame = day(handle_seconds=720, concurrency=4, arrivals_per_hour=[1000] + [0] * 23)
        assert people(frame, "workload_over_k") == [6.25, 6.25, 6.25 / 0.75]

    def test_rates_by_hand(self):
        frame = day()
        assert people(frame, "tickets_support_handbook") == [125, 125, 125]
        assert people(frame, "orders_per_packer_day") == [4000 / 640, 4000 / 360, 20]
        assert people(frame, "lines_manual") == [6000 / 960, 6000 / 720, 12.5]
        assert people(frame, "packing_consultants") == [4000 / 240, 4000 / 220, 20]

    def test_the_table_of_factors_stands_behind_the_shares(self):
        """The page's factors, 1.7 2.5 2.9 3.5 for 2 to 5 at once, lie between the low share and all of them."""
        factors = np.array([1.7, 2.5, 2.9, 3.5]) / [2, 3, 4, 5]
        row = RULES.set_index("rule").loc["handle_time_over_k"]
        assert factors.min() == pytest.approx(row["low"])
        assert factors.max() < row["high"]


class TestByRules:
    def test_a_day_without_anything_takes_nobody(self):
        nothing = {"orders_per_day": 0, "lines_per_day": 0, "arrivals_per_hour": np.zeros(24)}
        assert (day(**nothing)[PEOPLE] == 0).all(axis=None)

    def test_erlang_rules_see_the_peak_and_the_others_do_not(self):
        peaked = np.zeros(24)
        peaked[9:19] = [50, 50, 50, 50, 50, 50, 50, 50, 1300, 1300]
        flat, peak = day().set_index("rule"), day(arrivals_per_hour=peaked).set_index("rule")
        same = (flat[PEOPLE] == peak[PEOPLE]).all(axis=1)
        assert set(same[~same].index) == set(FORMULAS[:2])

    @settings(max_examples=60)
    @given(
        chats=st.lists(st.integers(0, 400), min_size=24, max_size=24),
        more=st.lists(st.integers(0, 200), min_size=24, max_size=24),
        orders=st.integers(0, 10_000),
        handle=st.integers(30, 1200),
        at_once=st.integers(1, 6),
        share=st.floats(0.5, 0.98),
    )
    def test_more_volume_never_takes_fewer_people(self, chats, more, orders, handle, at_once, share):
        def on(arrivals, extra):
            case = {"arrivals_per_hour": arrivals, "handle_seconds": handle}
            case |= {"orders_per_day": orders + extra, "lines_per_day": 2 * (orders + extra)}
            return day(**case, concurrency=at_once, target_share=share)[PEOPLE].to_numpy()

        less = on(chats, 0)
        assert (np.diff(less, axis=1) >= 0).all()
        assert (on([a + b for a, b in zip(chats, more, strict=True)], sum(more)) >= less).all()

    @settings(max_examples=40)
    @given(hours=st.floats(1, 24), factor=st.floats(1.01, 3))
    def test_longer_shifts_take_fewer_people_where_the_rule_counts_hours(self, hours, factor):
        longer = min(hours * factor, 24)
        ratio = day(hours_per_shift=hours)[PEOPLE] / day(hours_per_shift=longer)[PEOPLE]
        per_day = RULES["unit"].str.endswith("day").to_numpy()
        np.testing.assert_allclose(ratio[per_day], 1)
        np.testing.assert_allclose(ratio[~per_day], longer / hours)


class TestWrongInput:
    @pytest.mark.parametrize(
        ("column", "value", "sentence"),
        [
            ("low", "0", "column low: '0': Input should be greater than 0"),
            ("unit", "chats a week", "column unit: 'chats a week': Input should be 'chats an agent and day'"),
            ("unit", "of the chats at once", "must belong to one of the formulas handle_time_over_k"),
            ("task", "packing", "task 'packing' must be one of desk for service"),
            ("subject", "shop", "column subject: 'shop': Input should be 'service' or 'warehouse'"),
        ],
    )
    def test_a_wrong_cell_is_named_with_file_row_and_column(self, tmp_path, column, value, sentence):
        table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
        table.loc[0, column] = value
        path = tmp_path / "rules_of_thumb.csv"
        table.to_csv(path, index=False)
        with pytest.raises(InputError, match=r"rules_of_thumb\.csv row 2, .*" + re.escape(sentence)):
            read_rules(path)

    def test_a_share_above_all_of_the_chats_is_refused(self, tmp_path):
        table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
        table.loc[table["rule"] == "erlang_over_k", "high"] = "2"
        table.to_csv(tmp_path / "rules.csv", index=False)
        with pytest.raises(InputError, match="must be a share of the chats at once, 1 at most, but high is 2"):
            read_rules(tmp_path / "rules.csv")
