"""Published teams beside the plans of the same shops: what the table holds, not yet how near the plans come."""

import numpy as np
import pytest

from ecteam.analysis.reality import likely_range, plan_against_published, read_published_teams
from ecteam.inputs import words
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario_file import load_scenario
from ecteam.plan.plan import plan_shop
from ecteam.view import uncertainty


@pytest.fixture(scope="module")
def table():
    return plan_against_published(draws=10)


def test_every_published_team_has_its_plan(table):
    published = read_published_teams()
    assert table["team"].tolist() == published.index.tolist()
    assert (table["p10"] <= table["p90"]).all()
    assert (table["planned"] > 0).all()
    middle = published[["low", "high"]].mean(axis=1).to_numpy()
    assert table["ratio"].to_numpy() * middle == pytest.approx(table["planned"].to_numpy())


def test_the_misses_do_not_grow(table):
    ratio = table.set_index("team")["ratio"]
    assert 0.67 <= ratio.median() <= 1.5
    assert ratio.max() <= 1.6
    # The gift seller and the nursery goods, whose published teams did other work as well.
    assert ratio[ratio < 0.5].index.tolist() == ["online_retail_uk", "nursery_goods_uk"]
    assert ratio.min() >= 0.37


def test_the_misses_of_the_others_say_how_far_a_plan_may_be_off(table):
    inside = (table["likely_low"] <= table["high"]) & (table["low"] <= table["likely_high"])
    assert inside.mean() >= 0.6
    # Prediction interval by hand: three teams, Student's t of two degrees of freedom at 90 % is 1.8856.
    low, high = likely_range([0.5, 1.0, 2.0])
    assert np.log(high) == pytest.approx(1.8856 * np.log(2) * np.sqrt(4 / 3), rel=1e-4)
    assert low == pytest.approx(1 / high)
    first = table.iloc[0]
    assert first["likely_high"] / first["planned"] == pytest.approx(likely_range(table["ratio"][1:])[1])


def test_a_team_counts_the_heads_of_what_is_published(table):
    rows = table.set_index("team")
    whole = {}
    for team in ("boutique_us", "mail_order_warehouse_uk"):
        plan = plan_shop(str(data_dir() / "reality" / "scenarios" / f"{team}.yaml"))
        whole[team] = plan.results.heads[:, 0].sum(axis=0).mean()
    assert rows.loc["boutique_us", "planned"] == pytest.approx(whole["boutique_us"])
    assert 0 < rows.loc["mail_order_warehouse_uk", "planned"] < whole["mail_order_warehouse_uk"]


def test_the_table_for_people_shows_every_team_with_its_misses_in_both_languages(table):
    for lang in words.LANGUAGES:
        with words.using(lang):
            shown = uncertainty.against_published(table).data
        names, published, planned, *_, ratio, source = (shown[column].tolist() for column in shown)
        assert names == table[lang].tolist()
        assert [float(text.split(" – ")[0].replace(",", "")) for text in published] == table["low"].tolist()
        assert ratio == [f"{miss:.2f}" for miss in table["ratio"]]
        assert [float(text.replace(",", "")) for text in planned] == pytest.approx(table["planned"], rel=0.01)
        # What the notebook says of them.
        small = table["high"] < 10
        assert (table.loc[small, "ratio"] >= 1).all()
        assert (table.loc[~small, "ratio"] < 1).all()
        assert all(text.startswith(cited) for text, cited in zip(source, table["source"], strict=True))


def test_a_scenario_has_the_published_orders():
    folder = data_dir() / "reality" / "scenarios"
    teams = read_published_teams()
    assert {path.stem for path in folder.glob("*.yaml")} == set(teams.index) - {"online_retail_uk"}
    for team, orders in teams["orders_per_day"].drop("online_retail_uk").items():
        assert load_scenario(str(folder / f"{team}.yaml")).orders_per_day == pytest.approx(orders, rel=0.01), team
    days = load_history("online_retail_hourly").daily
    assert teams.loc["online_retail_uk", "orders_per_day"] == pytest.approx(days["orders"].mean(), rel=0.01)


def test_a_wrong_row_is_named(tmp_path):
    text = (data_dir() / "reality" / "published_teams.csv").read_text(encoding="utf-8")
    path = tmp_path / "published_teams.csv"
    path.write_text(text.replace(",200,200,", ",200,100,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"published_teams.csv row 4.*must be low <= high, but is 200, 100"):
        read_published_teams(path)
