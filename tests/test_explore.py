"""The explorer without a browser: its controls are moved, and what is shown is what make_plan gives."""

import pytest

from ecteam import InputError, load_scenario, make_plan
from ecteam.assumptions import load_assumptions
from ecteam.explore import control, explore
from ecteam.scenario import Scenario, field_info
from ecteam.view import tables
from ecteam.view.pages import team_view

FIELDS = ["orders_per_day", "active_skus", "hats", "self_shipping", "chats_at_once", "return_share"]


@pytest.fixture
def shop():
    return load_scenario("tea_shop_startup")


def shown_team(explorer):
    return explorer.shown.children[2].value


def test_moving_a_control_shows_what_make_plan_gives(shop):
    explorer = explore(shop, team_view, FIELDS)
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
    assert shown_team(explorer).endswith(tables.team(expected).to_html())
    assert f"{expected.totals()['cost_per_month']:,.0f} CNY" in explorer.shown.children[0].value


def test_pictures_follow_and_say_what_they_show(shop):
    explorer = explore(shop, team_view, ["orders_per_day"])
    heads = explorer.shown.children[3]
    before, words = heads.value, heads.alt
    explorer.controls["orders_per_day"].value = 900.0
    assert heads.value != before
    assert heads.alt != words
    assert bytes(heads.value).startswith(b"\x89PNG")


def test_a_contradiction_shows_its_sentence_and_the_last_good_team_stays(shop):
    explorer = explore(shop, team_view, ["service_from_hour", "service_until_hour"])
    before = shown_team(explorer)
    explorer.controls["service_until_hour"].value = 8
    assert "service_until_hour is 8; it must be later than service_from_hour, which is 9" in explorer.mistake.value
    assert shown_team(explorer) == before
    explorer.controls["service_from_hour"].value = 7
    assert explorer.mistake.value == ""


def test_reset_brings_the_scenario_back(shop):
    explorer = explore(shop, team_view, FIELDS)
    explorer.controls["orders_per_day"].value = 900.0
    explorer.panel.children[len(FIELDS)].click()
    assert explorer.plan.to_json() == make_plan(shop).to_json()


def test_every_field_with_a_range_or_choices_makes_a_control(shop):
    texts = {"name", "start_month", "history"}
    for field in Scenario.model_fields.keys() - texts:
        made = control(shop, field)
        assert made.description == field_info(field)["en"]
        assert field_info(field)["en"] in made.tooltip
        assert control(shop, field, "zh").description == field_info(field)["zh"]
    for field in texts:
        with pytest.raises(InputError, match="has no range or choices"):
            control(shop, field)


def test_figures_of_the_assumptions_have_controls_too(shop):
    explorer = explore(shop, team_view, ["pick_lines_per_hour", "orders_per_day"])
    made = explorer.controls["pick_lines_per_hour"]
    assert (made.min, made.value, made.max) == (60, 80, 120)
    made.value = 100.0
    expected = make_plan(shop, load_assumptions().with_values(pick_lines_per_hour=100))
    hours = explorer.plan.workload.query("duty == 'pick_orders'")["hours"]
    assert hours.tolist() == expected.workload.query("duty == 'pick_orders'")["hours"].tolist()


def test_a_view_of_ones_own_is_shown(shop):
    explorer = explore(
        shop, lambda plan, lang: [tables.Html(f"<p>{plan.totals()['heads_last_month']}</p>")], ["orders_per_day"]
    )
    assert explorer.shown.children[0].value.endswith(f"<p>{make_plan(shop).totals()['heads_last_month']}</p>")


def test_an_unknown_name_is_refused_with_the_nearest(shop):
    with pytest.raises(
        InputError, match="there is no field or assumption 'order_per_day'; did you mean 'orders_per_day'"
    ):
        explore(shop, team_view, ["order_per_day"])
