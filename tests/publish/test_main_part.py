"""The four pages before the appendix: twenty questions of readers are answered there with the figures of the plan."""

import re
import shutil
import subprocess
from functools import cache
from html import unescape
from types import SimpleNamespace

import pytest

from ecteam import how_sure, influence, load_scenario, make_or_buy, make_plan
from ecteam.analysis.reality import nearest_published
from ecteam.analysis.stages import stage_of
from ecteam.inputs.words import date, label, month_in_words, number, rough, text, using
from ecteam.publish.page import to_pdf
from ecteam.view import answer
from tests.pages import CHROMIUM
from tests.reports import made_report

LANGUAGES = ("en", "zh")
SHOPS = [
    "online_retail_uk",
    *(pytest.param(f"tea_shop_{stage}", marks=pytest.mark.slow) for stage in ("startup", "growth", "maturity")),
]
MOST_PAGES = 4
LARGEST = 1_000_000


@cache
def plan_of(shop):
    return make_plan(load_scenario(shop)).shown(False)


def main_part(page):
    """The text of a page down to its appendix, one space between two words."""
    before, appendix, _ = page.partition('<details class="appendix">')
    assert appendix
    return " ".join(unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", before, flags=re.DOTALL)).split())


def three(amount):
    return rough(amount)


def of_orders(plan, times):
    changed = plan.scenario.with_changes(orders_per_day=times * plan.inputs.orders_per_day)
    totals = make_plan(changed, plan.assumptions).totals
    return number(totals["heads_last_month"]), number(totals["cost_per_month"])


def best_way(plan, decide):
    decision = decide(plan)
    now = decision.now.set_index("option")["cost"]
    return [f"{label(option)} {three(cost)}" for option, cost in now.items()]


def first_hire(plan):
    """The post that is advertised first, people and month of the start, by the rise of the heads."""
    new = plan.hires[plan.hires["new_posts"] > 0].iloc[0]
    return label(new.role), month_in_words(new.month)


def in_month(plan, month):
    of_month = plan.cost["month"] == plan.months[plan.months.month == month][0]
    return [number(plan.cost.loc[of_month, "amount"].sum())]


def largest_cost(plan):
    row = influence(plan).iloc[0]
    return [text("moves_most", name=row[answer.language()])]


QUESTIONS = {
    "How many people do I need now?": lambda plan, t: [f"{t['heads_first_month']}"],
    "How many at the end?": lambda plan, t: [f"{t['heads_first_month']} → {t['heads_last_month']}"],
    "What does the team cost a month?": lambda plan, t: [number(t["cost_per_month"])],
    "What does it cost an order?": lambda plan, t: [f"{t['cost_per_order']:,.2f}"],
    "Which share of my sales is it?": lambda plan, t: [
        f"{t['cost_total'] / t['orders_total'] / plan.scenario.average_order_value:.1%}"
    ],
    "What do I pay in June?": lambda plan, t: in_month(plan, 6),
    "What do I pay in November?": lambda plan, t: in_month(plan, 11),
    "Whom do I hire first and by when?": lambda plan, t: first_hire(plan),
    "How many leavers must I replace?": lambda plan, t: [text("monday_kept", n=int(plan.hires["replacements"].sum()))],
    "What if orders double?": lambda plan, t: of_orders(plan, 2),
    "What if orders halve?": lambda plan, t: of_orders(plan, 0.5),
    "Do I ship myself?": lambda plan, t: best_way(plan, make_or_buy.shipping),
    "Do I buy the shop system or build it?": lambda plan, t: best_way(plan, make_or_buy.shop_system),
    "Do I buy the service desk?": lambda plan, t: best_way(plan, make_or_buy.service_desk),
    "How do I compare with teams that exist?": lambda plan, t: list(
        nearest_published(plan.days["orders"].mean())[answer.language()]
    ),
    "What does the plan rest on?": lambda plan, t: [
        text(
            "rests_on",
            n=len(rows := influence(plan)),
            sourced=(sourced := int((rows["kind"] == "sourced").sum())),
            assumed=len(rows) - sourced,
        )
    ],
    "What moves the cost most?": lambda plan, t: largest_cost(plan),
    "How many people has the largest role?": lambda plan, t: [
        label(plan.team.groupby("role")["heads"].max().idxmax()),
        f"{plan.team.groupby('role')['heads'].max().max()}",
    ],
    "Who has too much resting on them?": lambda plan, t: [
        text(
            "stable_is",
            n=int(plan.organised().findings["finding"].eq("no_deputy").sum()),
            goes=len(plan.organised().bus_factor),
            people=len(plan.organised().seats),
        )
    ],
    "Which stage am I in, and what comes next?": lambda plan, t: [
        label(stage_of(plan).chosen),
        # A shop that has every post has no next one.
        *(text("next_post", post=label(post)) for post in [stage_of(plan).next_post] if post),
    ],
    "Which orders do I plan for in a month?": lambda plan, t: [
        number(mean) for mean in plan.days.groupby("month")["orders"].mean()
    ],
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("shop", SHOPS)
def test_the_main_part_answers_what_readers_ask(shop, lang):
    said, plan = main_part(made_report(shop, lang).read_text()), plan_of(shop)
    totals = plan.totals
    assert len(QUESTIONS) >= 20
    with using(lang):
        missing = {
            question: lost
            for question, answers in QUESTIONS.items()
            if (lost := [part for part in answers(plan, totals) if part not in said])
        }
        assert missing == {}
        seeds = [
            "the_five_posts",
            "effective",
            "stable",
            *(f"principle_{n}" for n in (1, 2, 3, 4)),
            "three_capabilities",
        ]
        assert [seed for seed in seeds if label(seed) not in said] == []
        assert all(word in said for word in ("B2C", "B2B", "SaaS"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("shop", SHOPS)
def test_the_main_part_takes_four_sheets_and_the_page_is_small(shop, lang, tmp_path):
    page, pdf = made_report(shop, lang), tmp_path / "page.pdf"
    assert page.stat().st_size < LARGEST
    if CHROMIUM is None or not shutil.which("pdftotext"):
        pytest.skip("no Chromium or pdftotext on this machine to print a page with")
    to_pdf(page, pdf)
    sheets = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout.split("\f")
    heading = {"en": "Appendix", "zh": "附录"}[lang]
    first = next(n for n, sheet in enumerate(sheets) if heading in sheet.splitlines())
    assert 1 <= first <= MOST_PAGES
    assert {"en": "Monday", "zh": "周一要做的事"}[lang] in sheets[1]


@pytest.mark.parametrize("shop", ["tea_shop_startup", "tea_shop_growth", "online_retail_uk"])
def test_monday_is_at_most_seven_actions_none_before_the_plan(shop):
    plan = plan_of(shop)
    decisions = [make_or_buy.shipping(plan), make_or_buy.service_desk(plan)]
    shown = answer.monday(plan, how_sure_of(shop), decisions).data
    assert 1 <= len(shown) <= answer.MOST_ACTIONS
    assert (shown != "").all(axis=None)
    mondays = {date(answer._monday(month)) for month in plan.months}
    assert set(shown.iloc[:, 0]) <= mondays, "every action is due on a Monday of the plan"


@cache
def how_sure_of(shop):
    return how_sure(plan_of(shop), 50)


def test_a_late_advertisement_says_how_late_it_is_and_not_a_day_gone_by():
    plan = plan_of("tea_shop_startup")
    assert plan.hires["advertise_by"].iloc[0] < plan.months[0]
    rows = answer.monday(plan, how_sure_of("tea_shop_startup"), []).data
    late = [row for row in rows.iloc[:, 1] if "weeks late" in row]
    assert len(late) == 1
    assert "2026" not in rows.to_string()


def verdict_of(plan, here, asked):
    rows = answer.verdicts(plan, here).data
    return rows.loc[rows.iloc[:, 0] == label(asked), rows.columns[1:]].iloc[0].to_list()


def test_a_layer_too_many_is_not_flat_and_a_department_that_reports_nothing_is_not_visible():
    plan = plan_of("tea_shop_startup")
    here, flat, visible = plan.organised(), [], []
    for more in (0, 1):
        measures = here.measures.copy()
        measures.loc["layers", "value"] = measures.loc["least_layers", "value"] + more
        flat.append(verdict_of(plan, planted(here, measures=measures), "principle_2")[0])
    assert flat == ["yes", "no"]
    silent = here.tree["department"].iloc[-1]
    mute = here.tree.loc[here.tree["department"] == silent, "person"]
    for reports in (here.reports, here.reports[~here.reports["giver"].isin(mute)]):
        visible.append(verdict_of(plan, planted(here, reports=reports), "principle_3"))
    assert [holds for holds, _ in visible] == ["yes", "no"]
    assert label(silent) in visible[1][1]


def planted(here, **figures):
    """An organisation with some of its figures replaced."""
    names = ("measures", "capabilities", "findings", "checkpoints", "tree", "reports", "bus_factor", "seats")
    return SimpleNamespace(**{name: getattr(here, name) for name in names} | figures)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_phone_no_table_of_the_main_part_is_wider_than_the_screen(lang, browser):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(made_report("online_retail_uk", lang).as_uri())
    wide = page.evaluate(
        "[...document.querySelectorAll('table')].filter(t => !t.closest('.appendix') && "
        "t.getBoundingClientRect().right > innerWidth).map(t => t.textContent)"
    )
    page.close()
    assert wide == []


def test_hires_are_those_of_the_team_that_is_paid_for():
    for shop in ("tea_shop_startup", "tea_shop_growth"):
        plan = plan_of(shop)
        heads = plan.team[plan.team["role"] != "owner"].groupby("month", sort=False)["heads"].sum()
        start = heads.iloc[0] if plan.scenario.team_in_place else 0
        assert plan.hires["new_posts"].sum() == heads.iloc[-1] - start
        attrition = plan.team["hires"].sum() - plan.hires["new_posts"].sum()
        assert abs(plan.hires["replacements"].sum() - attrition) < plan.team["role"].nunique()
