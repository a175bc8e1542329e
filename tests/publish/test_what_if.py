"""The what-if: every step of its grid is what `make_plan` says, and the page shows just that, offline, in a browser."""

import json
import random
import re
from functools import cache

import numpy as np
import pytest

from ecteam import load_assumptions, load_scenario, make_plan, plan_shop
from ecteam.analysis.what_if import HANDLE, HANDLE_TIMES, PAY_TIMES, what_if_grid
from ecteam.inputs import words
from ecteam.inputs import words as catalogue
from ecteam.inputs.words import use
from ecteam.publish.what_if import WORDS, figures, what_if

SHOPS = ("tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk")
QUICK = ("tea_shop_startup", "online_retail_uk")
CENT = 0.006
WHOLE = 0.51
"""Amounts of a month and more are shown without pence."""
shops = pytest.mark.parametrize(
    "name", [pytest.param(shop, marks=[] if shop in QUICK else pytest.mark.slow) for shop in SHOPS]
)


@cache
def plan_of(name):
    return make_plan(load_scenario(name))


@cache
def grid_of(name):
    return what_if_grid(plan_of(name))


def places(name, count, seed=8):
    grid = grid_of(name)
    sizes = len(grid.ships), len(grid.orders_per_day), len(grid.handle_times), len(grid.pay_times)
    drawn = random.Random(seed)
    return [tuple(drawn.randrange(size) for size in sizes) for _ in range(count)]


@cache
def planned(name, place):
    """The plan that Python makes for a place of the grid, from the scenario's file anew."""
    grid, plan = grid_of(name), plan_of(name)
    ships, orders, handle, pay = place
    values = load_assumptions().region(plan.scenario.region)
    figures_set = {key: values[key] * grid.handle_times[handle] for key in HANDLE}
    roles = [
        key for key in values if key.startswith("pay_") and key.removeprefix("pay_") in plan.assumptions.roles.index
    ]
    figures_set |= {key: values[key] * grid.pay_times[pay] for key in roles}
    changes = {"self_shipping": grid.ships[ships]}
    if orders != grid.base[1]:
        changes["orders_per_day"] = grid.orders_per_day[orders]
    return make_plan(load_scenario(name, **changes), load_assumptions().with_values(**figures_set))


@shops
def test_every_step_is_what_make_plan_says(name):
    grid = grid_of(name)
    for place in [grid.base, *places(name, 6)]:
        plan = planned(name, place)
        heads = plan.team.groupby("month", sort=False)["heads"].sum()
        assert grid.heads[place].tolist() == heads.tolist(), place
        paid = plan.cost.groupby("month", sort=False)["amount"].sum()
        assert grid.cost[place] == pytest.approx(paid.to_numpy(), abs=CENT), place
        assert grid.orders[place[1]] == pytest.approx(plan.totals["orders_total"])
        last = plan.team[plan.team["month"] == plan.months[-1]].groupby("department")["heads"].sum()
        shown = dict(zip(grid.departments, grid.by_department[place], strict=True))
        assert {name: n for name, n in shown.items() if n} == {name: n for name, n in last.items() if n}


@shops
def test_the_plan_itself_is_on_the_grid_and_more_orders_never_need_fewer_heads(name):
    grid, totals = grid_of(name), plan_of(name).totals
    assert grid.cost[grid.base].sum() == pytest.approx(totals["cost_total"], abs=CENT)
    assert grid.heads[grid.base][[0, -1]].tolist() == [totals["heads_first_month"], totals["heads_last_month"]]
    assert (np.diff(grid.heads, axis=1) >= 0).all()
    assert (np.diff(grid.cost.sum(axis=-1), axis=3) > 0).all()


def test_a_shop_that_a_logistics_company_serves_and_one_without_orders():
    other = what_if_grid(plan_shop("tea_shop_startup", self_shipping=False))
    assert other.ships == (False, True)
    assert other.heads[1] == pytest.approx(grid_of("tea_shop_startup").heads[0])
    empty = what_if_grid(plan_shop("tea_shop_startup", orders_per_day=0))
    assert empty.orders_per_day == (0.0,)
    assert empty.cost.shape[1:4] == (1, len(HANDLE_TIMES), len(PAY_TIMES))


def test_a_step_that_does_not_settle_is_null_and_not_a_number():
    plan = plan_shop("tea_shop_growth", leading_hours_per_head=100, months=1)
    grid = what_if_grid(plan)
    grid.heads[0, 0, 0] = np.nan
    content = json.loads(figures(plan, grid))
    assert content["heads"][0][0][0] == [None] * len(PAY_TIMES)
    assert "NaN" not in figures(plan, grid)


def test_where_pay_was_set_the_sliders_move_the_plan_without_it():
    pages = {}
    for pay in (24_321, 31_000):
        plan = plan_shop("tea_shop_growth", pay_shop_manager=pay)
        pages[pay], opened = what_if(plan), what_if(plan, show_pay=True)
        assert pages[pay] != opened
    assert pages[24_321] == pages[31_000] == what_if(plan_of("tea_shop_growth"))


def test_words_cannot_end_the_script(monkeypatch):
    bad = "</script><script>alert(1)</script><!--"
    odd = {key: catalogue.Entry(bad, "", bad) for key in ("wi_summary", "wi_orders", "operations")}
    whole = {**catalogue.entries(), **odd}
    monkeypatch.setattr(catalogue, "entries", lambda: whole)
    page = what_if(plan_of("tea_shop_startup"))
    assert page.count("<script") == page.count("</script>") == 2
    assert "alert(1)</script>" not in page


@pytest.mark.parametrize("lang", ["en", "zh"])
@shops
def test_the_page_is_small_asks_nobody_and_names_its_controls(name, lang):
    use(lang)
    page = what_if(plan_of(name))
    assert len(page.encode()) < 220_000
    assert re.findall(r"(?:src|href)=|@import|url\(|fetch\(|XMLHttp", page) == []
    assert re.findall(r"https?://[^\"' ]*", page) == ["http://www.w3.org/2000/svg"]
    assert page.count("<input") == len(re.findall(r"<label[^>]*>(?:(?!</label>).)*<input", page)) == 4
    assert 'aria-live="polite"' in page
    assert all(
        json.dumps(words.Name(key).in_language(lang), ensure_ascii=False).strip('"') in page for key in WORDS.values()
    )


def opened(browser, folder, name, lang="en"):
    """A page of its own with the network off, and what went wrong on it."""
    use(lang)
    path = folder / f"{name}_{lang}.html"
    text = what_if(plan_of(name))
    path.write_text(f'<!DOCTYPE html><html lang="{lang}"><meta charset="utf-8"><body>{text}</body></html>', "utf-8")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_offline(True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file://") else wrong.append(request.url))
    page.goto(path.as_uri())
    return page, wrong


SHOWN = """() => [...document.querySelectorAll("[data-part=figures] tr")]
  .map(row => [...row.children].map(cell => cell.textContent))"""
SET = """([ships, orders, handle, pay]) => {
  const part = name => document.querySelector("[data-part=" + name + "]");
  part("ships").checked = ships; part("orders").value = orders; part("handle").value = handle; part("pay").value = pay;
  part("ships").dispatchEvent(new Event("input"));
}"""


def reading(text):
    return float(text.replace(",", "").replace("−", "-").replace("±", "").replace("+", ""))


def compare(page, name, place):
    """The table of the page against the plan that Python makes of the same setting."""
    plan = planned(name, place)
    page.evaluate(SET, [grid_of(name).ships[place[0]], *place[1:]])
    rows = [[row[0], *map(reading, row[1:])] for row in page.evaluate(SHOWN)]
    totals, before = plan.totals, plan_of(name).totals
    keys = ("heads_first_month", "heads_last_month", "cost_total", "cost_per_month", "cost_per_order")
    for key, (_, base, now, moved) in zip(keys, rows, strict=False):
        near = CENT if key == "cost_per_order" else WHOLE
        assert now == pytest.approx(totals[key], abs=near), (place, key)
        assert base == pytest.approx(before[key], abs=near), (place, key)
        assert moved == pytest.approx(totals[key] - before[key], abs=near * 2), (place, key)
    assert sum(now for _, _, now, _ in rows[len(keys) :]) == totals["heads_last_month"]
    assert f"{totals['heads_last_month']:,}" in page.text_content("[data-part=summary]")
    bars = page.locator("[data-part=heads-chart] .bar").evaluate_all("all => all.map(b => +b.getAttribute('height'))")
    heads = plan.team.groupby("month", sort=False)["heads"].sum().to_numpy(float)
    assert np.array(bars) / bars[0] == pytest.approx(heads / heads[0])


@pytest.mark.parametrize("count", [6, pytest.param(50, marks=pytest.mark.slow)])
@shops
def test_random_settings_in_a_browser_without_network_equal_python(browser, tmp_path, name, count):
    page, wrong = opened(browser, tmp_path, name)
    for place in places(name, count, seed=count):
        compare(page, name, place)
    assert wrong == []


def test_the_keyboard_moves_it_reset_brings_the_plan_back(browser, tmp_path):
    page, wrong = opened(browser, tmp_path, "tea_shop_growth")
    plan = page.evaluate(SHOWN)
    assert [row[1] for row in plan] == [row[2] for row in plan]
    for keys in (["Tab", "End"], ["Tab", "ArrowRight"], ["Tab", "ArrowLeft"], ["Tab", "Space"]):
        for key in keys:
            page.keyboard.press(key)
    moved = page.evaluate(SHOWN)
    grid = grid_of("tea_shop_growth")
    place = (1, len(grid.orders_per_day) - 1, grid.base[2] + 1, grid.base[3] - 1)
    assert reading(moved[2][2]) == pytest.approx(grid.cost[place].sum(), abs=WHOLE)
    assert page.get_attribute("[data-part=orders]", "aria-valuetext") == "1,200 a day"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(SHOWN) == plan
    assert wrong == []


def test_the_chinese_page_says_everything_in_chinese_and_fits_a_phone(browser, tmp_path):
    page, wrong = opened(browser, tmp_path, "tea_shop_maturity", "zh")
    page.set_viewport_size({"width": 390, "height": 800})
    text = page.inner_text(".what-if")
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}|undefined|NaN", text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert wrong == []


def test_without_a_script_the_figures_of_the_plan_stand_there(browser, tmp_path):
    path = tmp_path / "still.html"
    plan = plan_of("tea_shop_startup")
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{what_if(plan)}", "utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert "JavaScript" in page.inner_text("noscript")
    assert f"{plan.totals['cost_total']:,.0f}" in page.inner_text("table")
    assert not page.is_visible("[data-part=orders]")
