"""The explorer without a browser: its controls are moved, and what is shown is what make_plan gives."""

import pytest

from ecteam import InputError, load_scenario, make_plan
from ecteam.explore import control, explore
from ecteam.scenario import Scenario, field_info
from ecteam.view import tables

FIELDS = ["orders_per_day", "active_skus", "hats", "self_shipping", "chats_at_once", "return_share"]


@pytest.fixture
def shop():
    return load_scenario("tea_shop_startup")


def shown_team(explorer):
    return explorer.children[0].children[1].children[1].value


def test_moving_a_control_shows_what_make_plan_gives(shop):
    explorer = explore(shop, FIELDS)
    for field, value in (
        ("orders_per_day", 420.0),
        ("self_shipping", False),
        ("hats", "two_posts"),
        ("active_skus", 99.6),
    ):
        before = shown_team(explorer)
        explorer.controls[field].value = value
        assert shown_team(explorer) != before
    expected = make_plan(shop.with_changes(orders_per_day=420, self_shipping=False, hats="two_posts", active_skus=100))
    assert explorer.plan.to_json() == expected.to_json()
    assert shown_team(explorer) == tables.team(expected).to_html()
    assert f"{expected.totals()['cost_per_month']:,.0f} CNY" in explorer.children[0].children[1].children[0].value


def test_pictures_follow_and_say_what_they_show(shop):
    explorer = explore(shop, ["orders_per_day"])
    heads = explorer.children[0].children[1].children[2]
    before, words = heads.value, heads.alt
    explorer.controls["orders_per_day"].value = 900.0
    assert heads.value != before
    assert heads.alt != words
    assert bytes(heads.value).startswith(b"\x89PNG")


def test_a_contradiction_shows_its_sentence_and_the_last_good_team_stays(shop):
    explorer = explore(shop, ["service_from_hour", "service_until_hour"])
    before = shown_team(explorer)
    explorer.controls["service_until_hour"].value = 8
    assert "service_until_hour is 8; it must be later than service_from_hour, which is 9" in explorer.mistake.value
    assert shown_team(explorer) == before
    explorer.controls["service_from_hour"].value = 7
    assert explorer.mistake.value == ""


def test_reset_brings_the_scenario_back(shop):
    explorer = explore(shop, FIELDS)
    explorer.controls["orders_per_day"].value = 900.0
    explorer.children[0].children[0].children[len(FIELDS)].click()
    assert explorer.plan.to_json() == make_plan(shop).to_json()


def test_every_field_with_a_range_or_choices_makes_a_control(shop):
    texts = {"name", "start_month", "history"}
    for field in Scenario.model_fields.keys() - texts:
        made = control(shop, field)
        assert made.description == field_info(field)["en"]
        assert made.tooltip
        assert control(shop, field, "zh").description == field_info(field)["zh"]
    for field in texts:
        with pytest.raises(InputError, match="has no range or choices"):
            control(shop, field)


def test_an_unknown_field_is_refused_with_the_nearest(shop):
    with pytest.raises(InputError, match="a scenario has no field 'order_per_day'; did you mean 'orders_per_day'"):
        explore(shop, ["order_per_day"])
