"""The explorer without a browser: its controls are moved, and what is shown is what make_plan gives."""

import re
from urllib.parse import unquote

import nbformat
import pytest
from nbclient import NotebookClient

from ecteam import InputError, load_scenario, make_plan, plan_shop
from ecteam.cli import main
from ecteam.explore.controls import control
from ecteam.explore.explorer import LIVELY_SECONDS, explore
from ecteam.explore.views import start_page, team_page, team_view
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.words import use, using
from ecteam.publish.report import failure
from ecteam.view import table, team
from tests.uploads import file_of

FIELDS = ["orders_per_day", "active_skus", "hats", "self_shipping", "chats_at_once", "return_share"]


@pytest.fixture
def shop():
    return load_scenario("tea_shop_startup")


def heads(plan):
    return [table.Html(f"<p>{plan.totals['heads_last_month']}</p>")]


def shown_team(explorer):
    return explorer.shown.children[5].value


def test_moving_a_control_shows_what_make_plan_gives(shop):
    explorer = explore(shop, start_page, FIELDS)
    for field, value in (
        ("orders_per_day", 419.8),
        ("self_shipping", False),
        ("hats", "two_posts"),
        ("active_skus", 99.6),
    ):
        before = shown_team(explorer)
        explorer.controls[field].value = value
        assert shown_team(explorer) != before
    expected = make_plan(shop.with_changes(orders_per_day=420, self_shipping=False, hats="two_posts", active_skus=100))
    assert explorer.plan.to_json() == expected.to_json()
    assert shown_team(explorer) == team.team(expected).to_html()
    assert f"{expected.totals['cost_per_month']:,.0f} CNY" in explorer.shown.children[0].value


def test_two_controls_that_contradict_each_other_are_one_sentence_and_the_last_good_team_stays(shop):
    explorer = explore(shop, start_page, ["service_from_hour", "service_until_hour"])
    before = shown_team(explorer)
    explorer.controls["service_until_hour"].value = 8
    assert "role='alert'" in explorer.mistake.value
    assert "service_until_hour is 8; it must be later than service_from_hour, which is 9" in explorer.mistake.value
    assert explorer.mistake.value.count("<p") == 1
    assert shown_team(explorer) == before
    explorer.controls["service_from_hour"].value = 7
    assert explorer.mistake.value == ""


def test_a_mistake_is_said_in_chinese(shop):
    use("zh")
    explorer = explore(shop, heads, ["service_from_hour", "service_until_hour"])
    explorer.controls["service_until_hour"].value = 8
    assert ">客服结束为 8 点，必须晚于客服开始（9 点）</p>" in explorer.mistake.value
    explorer.shelf.opened.value = file_of("茶.yaml", "format: 9")
    assert ">茶.yaml 由更新版本的 ecteam 保存；请先升级 ecteam</p>" in explorer.mistake.value


def test_an_error_that_is_no_mistake_of_the_user_propagates(shop):
    def broken(plan):
        if plan.scenario.orders_per_day > 100:
            raise ZeroDivisionError("a defect")
        return []

    explorer = explore(shop, broken, ["orders_per_day"])
    with pytest.raises(ZeroDivisionError, match="a defect"):
        explorer.controls["orders_per_day"].value = 420.0
    assert explorer.mistake.value == ""
    with pytest.raises(ZeroDivisionError):
        explore(shop.with_changes(orders_per_day=420), broken, ["orders_per_day"])


def test_an_error_in_a_kernel_is_seen_where_the_user_looks(tmp_path):
    """A kernel writes an error of a callback into its log and goes on: the run must count as failed all the same."""
    code = (
        "from ecteam import load_scenario\nfrom ecteam.explore.explorer import explore\n"
        "shop = load_scenario('tea_shop_startup')\n"
        "made = explore(shop, lambda plan: [str(1 / (plan.scenario.chats_at_once - 5))], ['chats_at_once'])\n"
        "made.controls['chats_at_once'].value = {}\nmade"
    )
    for value, found in ((4, None), (5, "ZeroDivisionError")):
        run = tmp_path / f"{value}.ipynb"
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code.format(value))])
        NotebookClient(book, kernel_name="python3", timeout=60).execute()
        nbformat.write(book, run)
        assert (failure(run) is None) if found is None else found in failure(run)


def test_steps_are_undone_and_done_again_and_reset_is_one_of_them(shop):
    explorer = explore(shop, heads, [*FIELDS, "pick_lines_per_hour"])
    states, plans = [explorer.state], [explorer.plan.to_json()]
    for field, value in (("orders_per_day", 900.0), ("pick_lines_per_hour", 100.0), ("hats", "two_posts")):
        explorer.controls[field].value = value
        states.append(explorer.state)
        plans.append(explorer.plan.to_json())
    explorer.reset.click()
    assert (explorer.state, explorer.plan.to_json()) == (states[0], plans[0])
    for at in (3, 2, 1, 0, 0):
        explorer.undo.click()
        assert (explorer.state, explorer.plan.to_json()) == (states[at], plans[at])
    for at in (1, 2):
        explorer.redo.click()
        assert (explorer.state, explorer.plan.to_json()) == (states[at], plans[at])
    explorer.controls["self_shipping"].value = False
    after = explorer.plan.to_json()
    explorer.redo.click()
    assert explorer.plan.to_json() == after, "another way was taken"
    explorer.undo.click()
    assert explorer.state == states[2]


def test_a_slider_that_goes_on_moving_is_one_step(shop, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ecteam.explore.explorer.time.perf_counter", lambda: now[0])
    explorer = explore(shop, heads, ["orders_per_day"])
    for seconds, orders in ((10.0, 70.0), (10.5, 80.0), (11.0, 90.0), (20.0, 100.0)):
        now[0] = seconds
        explorer.controls["orders_per_day"].value = orders
    for orders in (90, 60):
        explorer.undo.click()
        assert explorer.plan.scenario.orders_per_day == orders


def test_a_share_is_said_in_per_cent_as_its_slider_shows_it(shop):
    explorer = explore(shop, heads, ["busy_day_quantile"])
    assert explorer.controls["busy_day_quantile"].readout_format == ",.1%"
    explorer.controls["busy_day_quantile"].value = 0.9
    explorer.viewer.finish()
    assert "80% → 90%" in explorer.moved.value


def test_each_move_says_what_it_changes_and_why(shop):
    explorer = explore(shop, heads, ["orders_per_day", "city"])
    explorer.controls["orders_per_day"].value = 120.0
    explorer.viewer.finish()
    before, after = make_plan(shop).totals, explorer.plan.totals
    words = explorer.moved.value
    assert f"Orders per day 60 → 120: {before['heads_last_month']} → {after['heads_last_month']} people" in words
    assert f"({after['cost_per_month'] - before['cost_per_month']:+,.0f})" in words
    assert "Stock-keeper (+2), Pack orders +" in words
    explorer.undo.click()
    explorer.viewer.finish()
    assert "Orders per day 120 → 60" in explorer.moved.value
    explorer.controls["city"].value = "uk"
    explorer.viewer.finish()
    assert "CNY" not in explorer.moved.value, "two currencies have no difference"


def test_a_figure_beyond_a_slider_is_said_and_the_slider_goes_on(shop):
    explorer = explore(shop, heads, ["orders_per_day", "channels", "return_share"])
    slider = explorer.controls["orders_per_day"]
    slider.value = 20_000.0
    assert slider.value == 10_000
    assert "the slider ended at 10,000" in explorer.limits.value
    assert "It now goes to 100,000" in explorer.limits.value
    slider.value = 20_000.0
    assert explorer.plan.scenario.orders_per_day == 20_000
    assert explorer.limits.value == ""
    explorer.controls["channels"].value = 30
    assert "ended at 12" in explorer.limits.value
    assert explorer.controls["channels"].max == 100
    explorer.controls["return_share"].value = 0.95
    assert explorer.limits.value == "", "more is not allowed anyway"


TEXTS = {"start_month", "history", "may_buy", "events", "orders_per_month"}
"""Fields without a range or choices."""


def test_every_field_with_a_range_or_choices_makes_a_control(shop):
    for field in Scenario.model_fields.keys() - TEXTS:
        made = control(shop, field)
        assert made.description == field_info(field)["en"]
        assert field_info(field)["en"] in made.tooltip
        with using("zh"):
            assert control(shop, field).description == field_info(field)["zh"]
    for field in TEXTS:
        with pytest.raises(InputError, match="has no range or choices"):
            control(shop, field)


def test_a_unit_of_money_is_the_shops(shop):
    assert "CNY an order" in control(shop, "average_order_value").tooltip
    assert "GBP an order" in control(load_scenario("online_retail_uk"), "average_order_value").tooltip


def test_figures_of_the_assumptions_have_controls_too(shop):
    explorer = explore(shop, start_page, ["pick_lines_per_hour", "orders_per_day"])
    made = explorer.controls["pick_lines_per_hour"]
    row = load_assumptions().rows(shop.region).loc["pick_lines_per_hour"]
    assert (made.min, made.value, made.max) == (row["low"], row["typical"], row["high"])
    assert explorer.plan.assumptions.changed == frozenset(), "a figure that was not moved is not the user's"
    made.value = 100.0
    expected = make_plan(shop, load_assumptions().with_values(pick_lines_per_hour=100))
    hours = explorer.plan.workload.query("duty == 'pick_orders'")["hours"]
    assert hours.tolist() == expected.workload.query("duty == 'pick_orders'")["hours"].tolist()


def test_a_field_left_to_the_history_shows_the_historys_figure_and_stays_left():
    shop = load_scenario("online_retail_uk")
    explorer = explore(shop, heads, ["orders_per_day", "lines_per_order"])
    assert explorer.controls["orders_per_day"].value == pytest.approx(make_plan(shop).inputs.orders_per_day)
    assert explorer.controls["lines_per_order"].value == pytest.approx(26.7, abs=0.1)
    assert explorer.plan.scenario == shop
    explorer.controls["lines_per_order"].value = 10.0
    assert explorer.plan.scenario == shop.with_changes(lines_per_order=10)


def test_an_unknown_name_is_refused_with_the_nearest(shop):
    with pytest.raises(
        InputError, match="there is no field or assumption 'order_per_day'; did you mean 'orders_per_day'"
    ):
        explore(shop, team_view, ["order_per_day"])


def test_only_the_open_tab_is_drawn_and_another_when_it_is_opened(shop):
    drawn = []

    def noted(name):
        def view(plan):
            drawn.append(name)
            return heads(plan)

        return view

    explorer = explore(shop, {"team_page": noted("team"), "cost_page": noted("cost")}, ["orders_per_day"])
    explorer.controls["orders_per_day"].value = 420.0
    assert drawn == ["team", "team"]
    explorer.viewer.tabs.selected_index = 1
    assert drawn == ["team", "team", "cost"]
    assert explorer.shown.children[0].value == heads(explorer.plan)[0]
    explorer.viewer.tabs.selected_index = 0
    assert drawn == ["team", "team", "cost"], "what has not changed is not drawn again"


def test_sliders_follow_while_moving_only_where_that_is_quick(shop, monkeypatch):
    seconds = iter([0.0, LIVELY_SECONDS * 2, 0.0, LIVELY_SECONDS / 2, 0.0, 3.0])
    monkeypatch.setattr("ecteam.explore.explorer.time.perf_counter", lambda: next(seconds))
    explorer = explore(shop, heads, ["orders_per_day", "self_shipping"])
    slider = explorer.controls["orders_per_day"]
    assert slider.continuous_update is False
    slider.value = 100.0
    assert slider.continuous_update is True
    slider.value = 120.0
    assert slider.continuous_update is False


def test_what_takes_more_than_a_second_shows_a_bar_meanwhile(shop, monkeypatch):
    bars = []

    def slow(plan):
        bars.append(explorer.bar.value if explorers else "")
        return []

    explorers = []
    seconds = iter([0.0, 2.4, 0.0, 0.1, 0.0, 0.1])
    monkeypatch.setattr("ecteam.explore.explorer.time.perf_counter", lambda: next(seconds))
    use("zh")
    explorer = explore(shop, slow, ["orders_per_day"])
    explorers.append(explorer)
    explorer.controls["orders_per_day"].value = 100.0
    assert "role='progressbar'" in bars[1]
    assert "计算中，约 2 秒" in bars[1]
    assert explorer.bar.value == ""
    explorer.controls["orders_per_day"].value = 120.0
    assert bars[2] == ""


def test_a_plan_is_kept_as_a_and_the_next_stands_beside_it(shop):
    explorer = explore(shop, start_page, ["orders_per_day", "self_shipping", "pick_lines_per_hour"])
    explorer.keep.value = True
    explorer.controls["orders_per_day"].value = 600.0
    explorer.controls["self_shipping"].value = False
    explorer.controls["pick_lines_per_hour"].value = 100.0
    a, b = make_plan(shop), explorer.plan
    assert explorer.viewer.page.kept.children[6].value == team.team(a).to_html()
    assert explorer.shown.children[6].value == team.team(b).to_html()
    said = explorer.viewer.said.value
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", said)
    assert cells[cells.index("Orders per day") :][:3] == ["Orders per day", "60", "600"]
    assert cells[cells.index("Ships itself") :][:3] == ["Ships itself", "yes", "no"]
    assert cells[cells.index("Picking") :][:3] == ["Picking", "80", "100"]
    at = cells.index("Heads in the last month")
    last = [int(plan.totals["heads_last_month"]) for plan in (a, b)]
    assert cells[at + 1 : at + 4] == [str(last[0]), str(last[1]), f"{last[1] - last[0]:+d}"]
    explorer.keep.value = False
    assert explorer.viewer.page.children == (explorer.shown,)
    assert shown_team(explorer) == team.team(b).to_html()


def test_shops_of_two_currencies_are_compared_without_a_difference_of_money(shop):
    explorer = explore(shop, heads, ["city"])
    explorer.keep.value = True
    explorer.controls["city"].value = "uk"
    said = explorer.viewer.said.value
    assert explorer.mistake.value == ""
    assert "GBP" in said
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", said)
    assert cells[cells.index("Cost of the mean month") + 3] == "–"


def test_settings_are_saved_and_opened_and_reports_read_them(shop, tmp_path):
    explorer = explore(shop, start_page, FIELDS)
    explorer.set({"orders_per_day": 420.0, "self_shipping": False, "hats": "two_posts"})
    link = re.search(r"download='([^']*)' href='data:text/yaml;charset=utf-8,([^']*)'", explorer.shelf.link.value)
    assert unquote(link[2]) == explorer.shelf.file
    path = tmp_path / link[1]
    path.write_text(explorer.shelf.file, encoding="utf-8")
    assert load_scenario(str(path)) == explorer.plan.scenario
    again = explore(load_scenario("tea_shop_growth"), team_page, FIELDS)
    again.shelf.opened.value = file_of(path.name, path.read_bytes())
    assert again.plan.to_json() == explorer.plan.to_json()
    assert again.state == explorer.state
    assert again.shelf.opened.value == (), "the same file can be opened again"
    again.controls["orders_per_day"].value = 60.0
    again.reset.click()
    assert again.plan.to_json() == explorer.plan.to_json()


def test_saved_settings_hold_figures_of_the_assumptions(shop, tmp_path):
    explorer = explore(shop, heads, ["orders_per_day", "pick_lines_per_hour"])
    explorer.set({"orders_per_day": 90.0, "pick_lines_per_hour": 100.0})
    path = tmp_path / "mine.yaml"
    path.write_text(explorer.shelf.file, encoding="utf-8")
    assert plan_shop(str(path)).to_json() == explorer.plan.to_json()
    assert plan_shop(str(path), pick_lines_per_hour=70).values["pick_lines_per_hour"] == 70
    assert main(["check", str(path)]) == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(explorer.shelf.file.replace("pick_lines", "pack_lines"), encoding="utf-8")
    assert main(["check", str(wrong)]) == 2
    with pytest.raises(InputError, match=r"sets assumptions too \(pick_lines_per_hour\); ask for its plan with plan_s"):
        load_scenario(str(path))
    again = explore(shop, heads, ["orders_per_day"])
    again.shelf.opened.value = file_of("mine.yaml", explorer.shelf.file)
    assert again.plan.to_json() == explorer.plan.to_json()
    again.controls["orders_per_day"].value = 60.0
    assert again.plan.values["pick_lines_per_hour"] == 100


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("format: 2\nname: Tea\ncarrier: drone\n", "saved by a newer version of ecteam; update ecteam to read it"),
        ("format: later\nname: Tea\n", "saved by a newer version of ecteam"),
        ("name: Tea\nreturn_share: 0.1\norders_per_day: 60\ncarrier: drone\n", "a scenario has no field &#x27;carrier"),
        ("name: Tea\nreturn_share: 0.1\norders_per_day: 60\nassumptions: {drones: 3}", "no assumption &#x27;drones"),
        ("name: Tea\nreturn_share: 0.1\norders_per_day: 60\nassumptions: 3", "assumptions must hold figures"),
        ("name: Tea\nreturn_share: 0.1\nhistory: not_there.csv\n", "there is no order history"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        ("a: [", "is not valid YAML"),
        ("", "is empty; it must hold fields"),
    ],
)
def test_settings_that_cannot_be_opened_are_one_sentence_and_all_stays(shop, content, sentence):
    explorer = explore(shop, heads, ["orders_per_day"])
    explorer.controls["orders_per_day"].value = 420.0
    before, state = explorer.shown.children[0].value, explorer.state
    explorer.shelf.opened.value = file_of("mine.yaml", content)
    assert sentence in explorer.mistake.value
    assert explorer.mistake.value.count("<p") == 1
    assert (explorer.shown.children[0].value, explorer.state) == (before, state)


@pytest.mark.parametrize(
    ("name", "lang", "fields", "values"),
    [
        ("tea_shop_startup", "zh", FIELDS, {"orders_per_day": 333.3, "hats": "two_posts", "self_shipping": False}),
        ("tea_shop_growth", "en", ["orders_per_day", "pick_lines_per_hour"], {"pick_lines_per_hour": 99.5}),
        ("online_retail_uk", "en", ["return_share"], {"return_share": 0.3}),
        ("tea_shop_startup", "en", FIELDS, {}),
    ],
)
def test_the_code_that_is_shown_makes_the_same_plan_and_the_same_view(name, lang, fields, values):
    use(lang)
    explorer = explore(load_scenario(name), {"team_page": heads, "start": start_page}, fields)
    explorer.viewer.tabs.selected_index = 1
    explorer.set(values)
    assert explorer.shelf.code == ""
    explorer.shelf.show_code.value = True
    seen, names = [], {"display": lambda *items: seen.extend(items)}
    exec(explorer.shelf.code, names)
    assert names["plan"].to_json() == explorer.plan.to_json()
    assert seen[3].png == explorer.shown.children[3].value
    assert explorer.shelf.code.splitlines()[0] in explorer.shelf.page.value


def test_the_code_of_a_shop_of_ones_own_writes_it_out(shop):
    own = shop.with_changes(name='Mo\'s "Tea" 茶', months=3)
    explorer = explore(own, heads, ["orders_per_day"])
    explorer.shelf.show_code.value = True
    explorer.controls["orders_per_day"].value = 77.0
    names = {"display": lambda *_: None}
    exec(explorer.shelf.code, names)
    assert names["plan"].to_json() == explorer.plan.to_json()
