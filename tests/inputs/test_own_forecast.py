"""A shop's own forecast, typed or in a file."""

import pandas as pd
import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.own_forecast import figures_in, figures_text, own_orders
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.scenario_file import load_scenario

MONTHS = pd.period_range("2027-01", periods=12, freq="M")
DAYS = pd.date_range("2027-01-01", "2027-12-31")
MONTHLY = pd.DataFrame({"month": MONTHS.astype(str), "orders": range(100, 1300, 100)})
DAILY = pd.DataFrame({"date": DAYS, "orders": range(365)})


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(("table", "daily"), [(MONTHLY, False), (DAILY, True)])
@pytest.mark.parametrize("dated", [True, False])
def test_a_file_is_read_as_it_was_meant(tmp_path, table, daily, dated, ending):
    path = tmp_path / f"forecast.{ending}"
    table = table if dated else table[["orders"]]
    table.to_csv(path, index=False) if ending == "csv" else table.to_excel(path, index=False)
    figures, by_day = own_orders(figures_text(str(path)), MONTHS)
    assert by_day == daily
    assert figures.tolist() == table["orders"].tolist()


def test_dated_figures_are_found_by_their_date():
    months = pd.period_range("2027-03", periods=10, freq="M")
    text = ", ".join(f"{month} {month.month}" for month in pd.period_range("2027-01", periods=24, freq="M"))
    assert own_orders(text, months)[0].tolist() == [*range(3, 13)]
    with pytest.raises(InputError, match="no figure for 3 months or days of the plan, the first 2029-01"):
        own_orders(text, pd.period_range("2028-03", periods=13, freq="M"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([100] * 11, "has 11 figures, at least 12"),
        ([-1] * 12, "no forecast of orders"),
        ([0] * 12, "no forecast of orders"),
        (["2027-01 5"] * 12, "no forecast of orders"),
        ("nowhere.csv", "no file that can be read"),
    ],
)
def test_what_is_no_forecast_is_refused(given, sentence):
    with pytest.raises(InputError, match=sentence):
        Scenario(name="Tea", return_share=0.05, orders_per_month=given)


def test_a_scenario_holds_the_figures_and_not_the_place_of_the_file(tmp_path):
    MONTHLY.to_csv(tmp_path / "forecast.csv", index=False)
    (tmp_path / "tea.yaml").write_text("name: Tea\nreturn_share: 0.05\norders_per_month: forecast.csv\n")
    shop = load_scenario(str(tmp_path / "tea.yaml"))
    assert str(tmp_path) not in str(shop)
    assert [figure for _, figure in figures_in(shop.orders_per_month)] == MONTHLY["orders"].tolist()
