"""Posts of a plan: printable cards, payroll at shares of the target, and what is shown of them."""

import re

import pandas as pd
import pytest

from ecteam import load_scenario, make_plan, plan_shop
from ecteam.inputs.words import Name, use, using
from ecteam.pay.variable_pay import LEVELS
from ecteam.plan.post_cards import pay_per_head, payroll_at_targets, post_cards
from ecteam.publish.page import to_pdf
from ecteam.view import pay as pay_view
from ecteam.view import team
from ecteam.view.pay import LANGUAGES, booklet, card
from tests.pages import needs_chromium

SHOPS = ["tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk"]


@pytest.fixture(scope="module", params=SHOPS)
def plan(request):
    return make_plan(load_scenario(request.param))


def test_every_filled_post_has_a_card_and_every_duty_stands_on_one(plan):
    cards = post_cards(plan)
    assert [c.role for c in cards] == [r for r in plan.results.roles if r in set(plan.team["role"])]
    listed = pd.concat([c.duties for c in cards])["duty"].to_list()
    hours = plan.workload.groupby("duty")["hours"].sum()
    worn = plan.inputs.duties[plan.inputs.duties["worn_by"].isin(plan.team["role"])]
    assert sorted(listed) == sorted(duty for duty in worn.index if hours.get(duty, 0) > 0), "work of this shop only"
    for c in cards:
        band = c.pay.set_index("part").loc["total"]
        assert band["low"] <= band["typical"] <= band["high"]


def test_the_booklet_has_a_page_for_each_post_and_language_and_asks_nobody(plan):
    text = booklet(plan)
    posts = post_cards(plan)
    assert re.findall(r"<section class='card' lang='[\w-]+' id='([\w-]+)'", text) == [
        f"{p.role}-{lang}" for lang in LANGUAGES for p in posts
    ]
    assert text.count("<footer>") == 2 * len(posts)
    assert "@page { size: A4" in text
    assert not re.search(r"<script|<link|@import|url\(|(?:src|href)\s*=\s*['\"](?!#)", text)
    assert text == booklet(plan)


@needs_chromium
def test_every_card_is_one_printed_page(plan, tmp_path):
    (tmp_path / "cards.html").write_text(booklet(plan), encoding="utf-8")
    to_pdf(tmp_path / "cards.html", tmp_path / "cards.pdf")
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "cards.pdf").read_bytes()))
    assert pages == len(LANGUAGES) * len(post_cards(plan))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_card_holds_everything_a_post_is_agreed_by(plan, lang):
    use(lang)
    post = next(p for p in post_cards(plan) if p.role == "cs_agent")
    text = card(post)
    for words in [*post.duties[lang], *post.kpis[lang], *post.authority[lang], *post.ladder[lang]]:
        assert words.replace("'", "&#39;") in text, words
    for weight in post.kpis["weight"]:
        assert f"{weight:.0%}" in text
    for source in post.kpis["data_source" if lang == "en" else "data_source_zh"]:
        assert source in text
    assert f"{post.pay['typical'].iloc[-1]:,.0f}" in text
    if lang == "zh":
        # No English but names of units such as CNY, CRM and KPI.
        words = set(re.findall(r"[a-z]{4,}", re.sub(r"<[^>]*>", " ", text)))
        assert words == set(), words


def test_an_owner_draws_no_pay_and_signs_to_nobody(plan):
    own = card(next(p for p in post_cards(plan) if p.role == "owner"))
    assert "Manager" not in own
    assert "Variable" not in own
    assert "Manager" in card(next(p for p in post_cards(plan) if p.role == "cs_agent"))


def test_a_shop_name_is_text_and_nothing_else():
    plan = plan_shop("tea_shop_startup", name="<img src=x onerror=alert(1)>")
    assert "<img" not in booklet(plan)


def test_the_plans_own_pay_is_on_a_card_only_when_asked():
    plan = plan_shop("tea_shop_growth", pay_shop_manager=24_321)
    assert "24,321" not in booklet(plan)
    assert "24,321" in booklet(plan, show_pay=True)
    assert pay_per_head(plan)["shop_manager"] == 24_321


def test_payroll_on_target_is_the_plans_pay_and_contributions(plan):
    payroll = payroll_at_targets(plan)
    on_target = payroll[payroll["attainment"] == 1].set_index("role")
    last = plan.cost[plan.cost["month"] == plan.months[-1]].pivot_table(index="role", columns="item", values="amount")
    for role, row in on_target.iterrows():
        assert row["fixed_pay"] + row["variable_pay"] == pytest.approx(last.loc[role, "pay"], abs=0.02 * row["heads"])
        assert row["contributions"] == pytest.approx(last.loc[role, "contributions"], abs=0.02 * row["heads"])
    assert (payroll.loc[payroll["attainment"] == 1, "gain_share"] == 0).all()
    assert "owner" not in set(payroll["role"])
    assert len(payroll) == len(LEVELS) * len(on_target)


@pytest.mark.parametrize("chart", [pay_view.payroll_by_level, pay_view.who_gains], ids=lambda chart: chart.__name__)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chart_says_its_finding_and_its_unit(plan, chart, lang):
    use(lang)
    drawn = team.picture(chart, plan)
    assert drawn.png.startswith(b"\x89PNG")
    assert re.search(r"\d+%", drawn.alt)


def test_the_table_holds_the_figures_of_the_charts():
    plan = make_plan(load_scenario("tea_shop_growth"))
    payroll = payroll_at_targets(plan)
    shown, shut = pay_view.payroll_table(plan), pay_view.payroll_table(plan, show_pay=False)
    for level, cost in payroll.groupby("attainment")["employer_cost"].sum().items():
        assert f"{cost:,.0f}" in shown, level
        assert f"{cost:,.0f}" in shut, level
    manager = payroll[payroll["role"] == "shop_manager"]
    for pay, share in zip(manager["pay_per_head"], manager["gain_share"], strict=True):
        assert f"{pay:,.0f}" in shown
        assert f"{1 + share:.0%}" in shut
    assert f"{manager['pay_per_head'].iloc[2]:,.0f}" not in shut
    with using("zh"):
        assert Name("cs_agent").in_language("zh") in pay_view.payroll_table(plan)


def test_the_payroll_of_one_person_is_no_amount():
    plan = plan_shop("tea_shop_startup", hats="two_posts", orders_per_day=5)
    cost = payroll_at_targets(plan).groupby("attainment")["employer_cost"].sum()[1.0]
    assert f"{cost:,.0f}" in pay_view.payroll_table(plan)
    assert f"{cost:,.0f}" not in pay_view.payroll_table(plan, show_pay=False)
    ax = pay_view.payroll_by_level(plan, show_pay=False)
    assert "%" in ax.get_ylabel()
    team.plt.close("all")


def test_a_plan_that_pays_nobody_says_so(monkeypatch):
    plan = make_plan(load_scenario("tea_shop_startup"))
    monkeypatch.setattr(pay_view, "payroll_at_targets", lambda plan: payroll_at_targets(plan).iloc[:0])
    for chart in (pay_view.payroll_by_level, pay_view.who_gains):
        assert "Nobody is paid in this plan" in team.picture(chart, plan).alt
    assert "<td" not in pay_view.payroll_table(plan)
