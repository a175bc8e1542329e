"""Reports in Chinese: no sentence, unit or picture is left in English; what is cited stays as it was found."""

import re
from collections import Counter

import pytest

from ecteam import explain, plan_shop
from ecteam.analysis.stages import read_stages
from ecteam.inputs import words
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.words import phrase, use
from ecteam.view import report
from tests.pages import english_in
from tests.reports import made_report

SHOPS = ("online_retail_uk", "tea_shop_startup", "tea_shop_growth", "tea_shop_maturity")
NAMES = (
    "Online Retail (UK, real orders)",
    *(f"Mountain Tea ({stage})" for stage in ("start-up", "growth", "maturity")),
)


@pytest.mark.parametrize("shop", [SHOPS[0], pytest.param(SHOPS[2], marks=pytest.mark.slow)])
def test_a_chinese_report_has_no_english_sentence(shop):
    page = made_report(shop, "zh").read_text()
    assert '<html lang="zh-Hans">' in page
    assert english_in(page, NAMES) == []
    words = "团队报告 有多大把握 与公开团队对比 做什么 附录 目录 规划假设 图表背后的数据"
    assert [word for word in words.split() if word not in page] == []


@pytest.mark.parametrize("shop", SHOPS)
def test_every_note_of_a_plan_can_be_said_in_chinese(shop):
    for note in plan_shop(shop).notes:
        assert not re.search("[a-z]{3,} [a-z]", note.in_language("zh")), note


def test_the_search_for_english_finds_it():
    page = "<p>团队</p><td class='cited'>no source was found</td><style>a b c d</style><p>This was left in English.</p>"
    assert english_in(page) == ["This was left in English."]
    assert english_in("<img alt='The team grows'>") == ["The team grows"]
    assert english_in("<p>Mountain Tea (growth)的团队</p>", NAMES) == []
    assert english_in("<br><p>分钟/单</p><p>HR and finance do it</p>") == ["HR and finance do it"]


def test_every_unit_has_chinese_words():
    frames = [load_assumptions().numbers, read_stages().thresholds, load_assumptions().drivers]
    found = {str(unit) for frame in frames for unit in frame["unit"]}
    found |= {field_info(name)["unit"].replace("currency units", "CNY") for name in Scenario.model_fields}
    found -= {"", "CNY", "GBP"}
    with words.using("zh"):
        assert [unit for unit in sorted(found) if not re.search("[\u4e00-\u9fff]", words.phrase(unit))] == []


@pytest.mark.parametrize("shop", SHOPS)
def test_every_formula_and_factor_of_an_explanation_is_said_in_chinese(shop):
    use("zh")
    plan = plan_shop(shop)
    for role in plan.results.roles:
        lines = explain(plan, role)
        for line in lines.itertuples():
            texts = [report.formula_in_words(line.formula, plan), report.factor_in_words(line.factor, plan)]
            for text in (*texts, phrase(line.unit), phrase(line.kind)):
                assert not re.search("[a-z]{3,}[ _][a-z]{2,}", text), text


def test_every_text_has_both_languages_and_the_same_places_for_values():
    for key, entry in words.entries().items():
        assert entry.en, key
        assert entry.zh, key
        # Where English shows a key, Chinese may show its name: `field` and `field_name`.
        names = [re.findall(r"\{(\w+)", text) for text in entry if text]
        places = [{name.removesuffix("_name") for name in found} - {"n"} for found in names]
        assert all(found == places[0] for found in places), key


def test_no_text_takes_the_place_of_another():
    keys = re.findall(r'^msgctxt "(.*)"', (data_dir() / "words" / "zh.po").read_text("utf-8"), re.MULTILINE)
    assert not {key for key, times in Counter(keys).items() if times > 1}


def test_the_language_is_set_once_and_comes_back():
    with words.using("zh"):
        assert words.text("warehouse") == "仓储"
    assert words.text("warehouse") == "Warehouse"
    with pytest.raises(ValueError, match="lang is 'cn'"):
        words.use("cn")


def test_values_in_a_text_are_said_in_chinese_and_names_are_kept():
    figures = [words.Name("pension_cap"), words.Name("pension_floor")]
    note = words.Note(
        "payroll_figures_old", place=words.Name("cn/hangzhou"), figures=figures, since="2025-01", age=24, on="2027-01"
    )
    assert str(note).startswith("Hangzhou uses Pension cap, Pension floor of 2025-01, 24 months old in 2027-01;")
    assert (
        note.in_language("zh")
        == "杭州使用的养老保险基数上限、养老保险基数下限为 2025-01 的标准，到 2027-01 已有 24 个月，请查找更新的标准。"
    )
