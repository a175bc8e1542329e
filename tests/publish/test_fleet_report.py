"""The report of a fleet: its figures are those of the shops' own plans, names are text, money is not mixed."""

import re

import pytest

from ecteam.publish.report import make_fleet_report
from ecteam.publish.scratch import WRITTEN
from ecteam.view import fleet as fleet_view
from ecteam.view.fleet import cost_per_order
from tests.batches import fleet_of
from tests.pages import Texts, addresses, english_in

EVIL = "<script>alert(1)</script> & 茶"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    names = ["North", EVIL, "西湖", "London"]
    cities = {"city": ["hangzhou", "kunming", "hangzhou", "uk"], "self_shipping": ["", "", "false", ""]}
    return fleet_of(folder, names, **cities)


@pytest.fixture(scope="module")
def plans(mixed):
    return {shop.name: shop.plan() for shop in mixed.shops}


def test_ranks_and_totals_are_those_of_the_plans(plans):
    table = fleet_view.fleet_frame(plans)
    assert set(table["shop"]) == set(plans)
    for currency, mine in table.groupby("currency"):
        assert mine["share_of_sales"].is_monotonic_increasing, currency
    for row in table.itertuples():
        totals = plans[row.shop].totals
        assert (row.heads, row.cost_per_month) == (totals["heads_last_month"], totals["cost_per_month"])
    heads = fleet_view.heads_per_shop(plans).data
    assert heads.iloc[-1, 1] == str(sum(int(plan.totals["heads_last_month"]) for plan in plans.values()))


def test_money_of_two_currencies_is_never_added(plans):
    html = fleet_view.ranking(plans)
    assert html.count("<table") == 2 * len(fleet_view.RANKED_BY)
    assert "Cost a month, GBP" in html
    assert "Cost a month, CNY" in html
    summary = fleet_view.fleet_summary(plans, "fleet.csv")
    assert len(re.findall(r"<b>[\d,]+ (?:GBP|CNY)</b><span>loaded", summary)) == 2


@pytest.mark.parametrize("by", fleet_view.RANKED_BY)
def test_a_reader_ranks_by_what_they_choose(plans, by):
    table = fleet_view.fleet_frame(plans, by)
    assert all(mine[by].is_monotonic_increasing for _, mine in table.groupby("currency"))
    assert fleet_view.ranking(plans).count("<details class='rank' open>") == 1


def test_what_changed_since_the_last_batch_is_said(plans):
    now = plans["North"].totals
    before = {"North": now | {"heads_last_month": now["heads_last_month"] - 2}, "London": plans["London"].totals}
    assert Texts(fleet_view.changed(plans, before)).found == ["North: +2 heads, +0 CNY a month"]
    assert "no earlier batch" in fleet_view.changed(plans, {})


def test_names_are_text_and_links_lead_to_the_shops_own_reports_only(plans):
    html = fleet_view.ranking(plans, links={EVIL: "a b/report.html", "North": "North/report.html"})
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 茶" in html
    assert set(re.findall('href="([^"]*)"', html)) == {"North/report.html", "a%20b/report.html"}
    assert cost_per_order(plans).get_title().startswith("An order costs")


def test_each_note_stands_once_with_how_many_shops_it_is_about(plans):
    said = Texts(fleet_view.fleet_notes(plans)).found
    assert len(said) == len(set(said))
    assert any(text.endswith("(3 of 4 shops)") or text.endswith("(4 of 4 shops)") for text in said)


def test_the_page_is_put_beside_the_reports_of_a_batch(mixed, tmp_path):
    (tmp_path / mixed.shops[0].folder).mkdir()
    (tmp_path / mixed.shops[0].folder / "report.html").write_text("a report")
    page = make_fleet_report(mixed, tmp_path, lang="zh")
    text = page.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [WRITTEN, mixed.shops[0].folder, "fleet_report.html", "fleet_report.ipynb"]
    )
    assert addresses(text) == []
    assert english_in(text) == []
    assert "<script" not in text
    assert text.count('<a href="North/report.html">') == len(fleet_view.RANKED_BY)
    assert '<html lang="zh-Hans">' in text
