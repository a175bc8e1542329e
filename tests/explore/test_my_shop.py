"""The shop set in the first notebook: kept without anybody's name, and where every notebook starts."""

import numpy as np
import pandas as pd
import pytest

from ecteam import load_scenario, make_plan
from ecteam.explore import explore, start, start_page
from ecteam.explore.my_shop import FOLDER, keep
from ecteam.inputs.history import load_history
from ecteam.inputs.words import language, use
from tests.uploads import file_of

PERSONAL = ("Li Wei", "li.wei@example.com", "13800138000", "Green Lane", "SO-2026")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    yield tmp_path
    use("en")


def orders(clock=True):
    """Four weeks of orders as a shop system exports them, with whom they were sent to; Sundays are closed."""
    rng = np.random.default_rng(7)
    times = pd.Timestamp("2026-09-01") + pd.to_timedelta(np.sort(rng.integers(0, 28 * 24 * 60, 600)), unit="min")
    times = times[times.day_of_week != 6]
    frame = pd.DataFrame({"order_number": [f"SO-2026{i}" for i in range(len(times))], "order_time": times})
    frame["order_time"] = frame["order_time"].dt.strftime("%Y-%m-%d %H:%M" if clock else "%Y-%m-%d")
    frame["amount"] = rng.lognormal(4.7, 0.3, len(times)).round(2)
    return frame.assign(name="Li Wei", email="li.wei@example.com", phone="13800138000", address="1 Green Lane")


@pytest.mark.parametrize("clock", [True, False])
def test_what_is_kept_plans_the_same_and_holds_nobody(here, clock):
    orders(clock).to_csv(here / "export.csv", index=False)
    shop = load_scenario("tea_shop_startup").with_changes(
        name="Mine", history=str(here / "export.csv"), orders_per_day=None
    )
    keep(shop, {"pack_orders_per_hour": 20.0})
    kept = b"".join(path.read_bytes() for path in FOLDER.iterdir())
    assert not [one for one in PERSONAL if one.encode() in kept]
    plan = start("tea_shop_growth").plan
    assert (plan.scenario.name, plan.values["pack_orders_per_hour"]) == ("Mine", 20.0)
    before, after = (load_history(one.scenario.history).daily for one in (make_plan(shop), plan))
    pd.testing.assert_frame_equal(before, after, check_dtype=False)
    own = make_plan(shop, plan.assumptions)
    assert plan.totals == pytest.approx(own.totals, rel=1e-9)


def test_the_first_notebook_keeps_an_upload_and_another_starts_from_it(here):
    explorer = explore(start("tea_shop_startup").plan, start_page, ["name", "city"], order_file=True)
    explorer.set({"name": "My tea", "city": "yiwu"})
    explorer.orders.value = file_of("export.csv", orders().to_csv(index=False).encode())
    explorer.use.click()
    assert "my_shop.yaml" in explorer.checked.value
    begun = start("tea_shop_growth")
    assert (begun.shop.name, begun.shop.city) == ("My tea", "yiwu")
    assert "00_start_here.ipynb" in begun._repr_html_()
    assert begun.plan.totals == pytest.approx(explorer.plan.totals)
    again = explore(begun.plan, start_page, ["name", "city"], order_file=True)
    again.shelf.opened.value = file_of("my_shop.yaml", (FOLDER / "my_shop.yaml").read_bytes())
    assert "orders.csv" in again.mistake.value or again.plan.totals == pytest.approx(explorer.plan.totals)


def test_a_named_scenario_comes_before_the_kept_shop(here):
    keep(load_scenario("tea_shop_growth"), {})
    assert start("tea_shop_startup", "online_retail_uk").shop.currency == "GBP"
    assert start("tea_shop_startup").shop.stage == "growth"


def test_links_of_the_app_choose_shop_and_language_for_every_page(here, monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    monkeypatch.setenv("QUERY_STRING", "token=1&lang=zh&scenario=tea_shop_maturity")
    assert start("tea_shop_startup", lang="en").shop.name == "山间茶铺（成熟期）"
    monkeypatch.setenv("QUERY_STRING", "scenario=../secret&lang=xx")
    page = start("tea_shop_startup", lang="en")
    assert (page.shop.stage, language()) == ("maturity", "zh")
    assert "?lang=en" in page._repr_html_()
    assert "?scenario=online_retail_uk" in page._repr_html_()
