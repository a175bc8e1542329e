"""When sales events fall, as the shop writes them."""

import numpy as np
import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.events import days_of, first_days, read_events
from ecteam.inputs.scenario import Scenario


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("fourth Thursday of November +1", ["2018-11-23", "2019-11-29", "2024-11-29", "2026-11-27"]),
        ("fourth Friday of November", ["2018-11-23", "2019-11-22", "2024-11-22", "2026-11-27"]),
        ("Last monday of may", ["2018-05-28", "2019-05-27", "2024-05-27", "2026-05-25"]),
        ("second Sunday of May", ["2018-05-13", "2019-05-12", "2024-05-12", "2026-05-10"]),
        ("11-11", ["2018-11-11", "2019-11-11", "2024-11-11", "2026-11-11"]),
    ],
)
def test_rules_give_the_days_of_the_calendar(rule, days):
    assert [str(day) for day in first_days(rule, [2018, 2019, 2024, 2026])] == days


@pytest.mark.parametrize("starts", ["02-29", "2027-02-29", "fifth Monday of May", "Monday", "13-01", ""])
def test_what_is_no_day_is_refused(starts):
    with pytest.raises(ValueError):  # noqa: PT011 - the reader of the table says it in words
        first_days(starts, [2027])


def test_an_event_passes_the_end_of_the_year():
    dates = np.arange("2026-12-28", "2027-01-05", dtype="datetime64[D]")
    event = read_events("12-30..01-02 x 2")[0]
    assert (event.days, event.factor) == (4, 2.0)
    assert dates[days_of(event.starts, event.days, dates)].astype(str).tolist() == [
        "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"
    ]  # fmt: skip


def test_all_unclear_events_are_told_at_once():
    with pytest.raises(InputError) as error:
        Scenario(name="Tea", return_share=0.05, orders_per_day=60, events=["06-18..06-16 x", "2027-05-20 x 2", "soon"])
    assert [sentence.split(" is not")[0] for sentence in error.value.mistakes] == [
        "events: '06-18..06-16 x'",
        "events: 'soon'",
    ]


def test_events_are_a_list_or_a_text():
    shop = Scenario(name="Tea", return_share=0.05, orders_per_day=60, events=["06-16..06-18 x 3", "11-28 x 1.5"])
    assert shop.events == "06-16..06-18 x 3; 11-28 x 1.5"
    assert shop == shop.with_changes(events=shop.events)
