"""Order histories: what is read from real and small files, and the sentence for each that cannot be read."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.history import History, load_history, read_history
from ecteam.staffing.forecast import fit_profile
from tests.refusals import mistakes_of

DAYS = pd.date_range("2026-01-05", periods=28)  # a Monday


def hourly(
    *, columns: tuple[str, str] = ("hour_start", "orders"), without: tuple[str, ...] = (), more: str = ""
) -> str:
    """Four weeks, 9 to 21 o'clock, 3 to 5 orders an hour: 48 a day, 1,344 in all."""
    rows = [
        f"{day:%Y-%m-%d} {hour:02d}:00,{3 + hour % 3}"
        for day in DAYS
        if str(day.date()) not in without
        for hour in range(9, 21)
    ]
    return "\n".join([",".join(columns), *rows]) + "\n" + more


def orders(*rows: str, header: str = "order_id,order_time,status") -> bytes:
    return "\n".join([header, *rows]).encode()


def refused(raw: bytes | str, datasheet: dict | None = None) -> str:
    raw = raw.encode() if isinstance(raw, str) else raw
    (sentence,) = mistakes_of(lambda: read_history(raw, "shop.csv", datasheet))
    assert "\n" not in sentence
    return sentence


# The real shop: figures counted from the source by its authors; one row an order stands beside the tests.

REAL = {
    "hourly": "online_retail_hourly",
    "orders": str(Path(__file__).parents[1] / "data" / "online_retail_orders.csv"),
}


@pytest.mark.parametrize("kind", REAL)
def test_the_real_orders(kind):
    history = load_history(REAL[kind])
    daily = history.daily
    assert history.hourly["orders"].sum() == daily["orders"].sum() == 19_771
    assert (daily["date"].iloc[0], daily["date"].iloc[-1]) == (pd.Timestamp("2010-12-01"), pd.Timestamp("2011-12-09"))
    assert len(daily) == 374
    assert daily["use"].sum() == 304
    assert history.closed_weekdays == [5], "never open on Saturdays"
    assert daily.loc[daily["closed"], "orders"].sum() == 0
    assert (daily["closed"] | daily["use"]).sum() == 373, "the last day is incomplete"
    assert not daily["use"].iloc[-1]


def test_the_real_baskets():
    hours, orders = load_history(REAL["hourly"]), load_history(REAL["orders"])
    for measure in ("lines", "units", "value"):
        assert hours.per_order(measure) == pytest.approx(orders.per_order(measure), rel=1e-12)
    # 527,756 lines on 19,771 orders; 3,420 credit notes.
    table = pd.read_csv(data_dir() / "history" / "online_retail_hourly.csv")
    assert hours.per_order("lines") == table["order_lines"].sum() / 19_771
    assert hours.per_order("returns") == table["cancel_notes"].sum() / 19_771 == 3_420 / 19_771
    assert orders.per_order("returns") is None
    assert hours.per_order("no such measure") is None


def test_both_real_files_count_the_same_hours():
    hours, orders = (load_history(REAL[kind]).hourly for kind in ("hourly", "orders"))
    hours = hours[hours["orders"] > 0]
    assert hours["hour_start"].tolist() == orders["hour_start"].tolist()
    assert hours["orders"].tolist() == orders["orders"].tolist()


def test_a_history_is_read_again_only_when_its_file_changes(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(hourly())
    first = load_history(str(path))
    assert load_history(str(path)) is first
    path.write_text(hourly(more="2026-02-02 10:00,5\n"))
    assert load_history(str(path)).daily["orders"].sum() == 1_349
    (tmp_path / "shop.yaml").write_text("missing: ['2026-02-02']\n")
    assert not load_history(str(path)).daily["use"].iloc[-1]


# Small files of all kinds


def test_hourly_counts():
    history = read_history(hourly().encode(), "shop.csv")
    assert history.hourly.columns.tolist() == ["hour_start", "orders"]
    assert history.daily["orders"].tolist() == [48] * 28
    assert history.daily["use"].all()
    assert history.closed_weekdays == []
    chinese = read_history(hourly(columns=("时间", "订单数")).encode("gbk"), "订单.csv")
    assert chinese.hourly.equals(history.hourly)


def test_order_lines_collapse_to_orders_and_cancelled_ones_drop_out():
    text = "order_id,order_time,status,units\nA1,2026-01-05 10:58,paid,2\nA1,2026-01-05 10:58,paid,3\n"
    text += "A2,2026-01-05 11:00,cancelled,9\nA3,2026-01-05 11:10,paid,1\nC4,2026-01-05 11:10,paid,7\n"
    history = read_history(text.encode(), "shop.csv")
    assert history.hourly[["orders", "lines", "units"]].to_numpy().tolist() == [[1, 2, 5], [1, 1, 1]]
    assert (history.per_order("lines"), history.per_order("units")) == (1.5, 3.0)


def test_orders_without_a_number_count_row_by_row():
    text = "created_at\n2026-01-05 10:01\n2026-01-05 10:02\n2026-01-05 10:02\n2026-01-06 00:00\n"
    history = read_history(text.encode(), "shop.csv")
    assert history.hourly["orders"].tolist() == [3, 1]
    assert history.daily["orders"].tolist() == [3, 1]


def test_times_with_a_zone_stay_local():
    history = read_history(b"hour_start,orders\n2026-01-05T23:00+08:00,5\n2026-01-06T00:00+08:00,4\n", "shop.csv")
    assert history.daily["orders"].tolist() == [5, 4]


def test_rows_may_stand_in_any_order():
    lines = hourly().splitlines()
    shuffled = [lines[0], *np.random.default_rng(1).permutation(lines[1:])]
    history = read_history("\n".join(shuffled).encode(), "shop.csv")
    assert history.hourly.equals(read_history(hourly().encode(), "shop.csv").hourly)


def test_the_datasheet_names_columns_closed_and_missing_days():
    text = hourly(columns=("when", "n"), without=("2026-01-14", "2026-01-15", "2026-01-20"))
    sheet = {
        "time_column": "when", "orders_column": "n", "closed": ["2026-01-14..2026-01-15"], "missing": ["2026-01-20"]
    }  # fmt: skip
    history = read_history(text.encode(), "shop.csv", sheet)
    daily = history.daily.set_index("date")
    assert daily.index[daily["closed"]].strftime("%m-%d").tolist() == ["01-14", "01-15"]
    assert daily.index[~daily["use"]].strftime("%m-%d").tolist() == ["01-14", "01-15", "01-20"]
    assert daily["orders"].sum() == 25 * 48
    dates = pd.DatetimeIndex(["2026-01-14", "2026-01-20", "2027-01-14"])
    assert history.closed_on(dates).tolist() == [True, False, False]


def test_closed_ranges_pass_the_end_of_the_year_and_come_every_year():
    sheet = {"closed": ["12-24..01-02"], "public_holidays": "GB/ENG"}
    history = read_history(hourly().encode(), "shop.csv", sheet)
    dates = pd.DatetimeIndex(["2026-12-23", "2026-12-24", "2027-01-02", "2027-01-03", "2028-12-31", "2027-03-29"])
    # 29 March 2027 is Easter Monday.
    assert history.closed_on(dates).tolist() == [False, True, True, False, True, True]


def test_a_closed_weekday_is_found_in_the_data():
    sundays = tuple(str(day.date()) for day in DAYS if day.day_of_week == 6)
    # Four Sundays lie between the first day and the Monday after the four weeks.
    history = read_history(hourly(without=sundays, more="2026-02-02 10:00,48\n").encode(), "shop.csv")
    assert history.closed_weekdays == [6]
    assert history.daily["closed"].sum() == 4
    assert history.closed_on(pd.DatetimeIndex(["2030-06-02", "2030-06-03"])).tolist() == [True, False]


def test_a_small_shop_has_days_without_an_order():
    # One order every other day: chance leaves such days empty.
    rows = "".join(f"{day:%Y-%m-%d} 10:00\n" for day in DAYS[::2])
    history = read_history(("order_time\n" + rows).encode(), "shop.csv")
    assert history.daily["orders"].tolist() == ([1, 0] * 14)[:-1]
    assert history.daily["use"].all()


# What cannot be read

MUST = "it must be a table of orders, or of hourly or daily counts (csv, tsv, xlsx, xls, ods, zip)"
WRITE = "write times as 2026-03-05 14:30"
SENTENCES = {
    "empty": ("", f"shop.csv is empty; {MUST}"),
    "blank": (" \n \n", f"shop.csv is empty; {MUST}"),
    "nothing but a mark": (b"\xef\xbb\xbf", f"shop.csv is empty; {MUST}"),
    "header only": (
        "hour_start,orders\n",
        f"shop.csv has a header but no rows; {MUST}",
    ),
    "no mark": (hourly().encode("utf-16-le"), "shop.csv is neither UTF-8 nor GBK text; save it as CSV in UTF-8"),
    "no text": (b"\xff\xfe\xfa\x80\x81,\n\x80\xff", "shop.csv is neither UTF-8 nor GBK text; save it as CSV in UTF-8"),
    "ragged": (
        "a,b\n1,2,3\n4,5,6,7,8\n",
        "shop.csv has no column of order times: it has –; name it one of hour_start, order_time, "
        "invoice_time, 支付时间, or write time_column: in the .yaml beside it (--column time=...)",
    ),
    "renamed time": (
        hourly(columns=("when", "orders")),
        "shop.csv has no column of order times: it has when, orders; name it one of hour_start, order_time, "
        "invoice_time, 支付时间, or write time_column: in the .yaml beside it (--column time=...)",
    ),
    "hour twice": (
        hourly(more="2026-01-06 10:00,3\n2026-01-07 10:00,3\n"),
        "shop.csv row 338: the hour 2026-01-06 10:00 is there twice (2 such rows); each hour must stand once",
    ),
    "text in a count": (
        hourly(more="2026-02-02 10:00,abc\n"),
        "shop.csv row 338, column orders: 'abc'; it must be a number, 0 or more",
    ),
    "unreadable time": (
        hourly(more="the 2nd,3\n"),
        f"shop.csv row 338, column hour_start: 'the 2nd' is no date and time; {WRITE}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_what_cannot_be_read_is_refused_in_one_sentence(name):
    raw, sentence = SENTENCES[name]
    assert refused(raw) == sentence


def test_a_negative_or_empty_count_is_refused():
    said = "shop.csv row 338, column orders: {!r}; it must be a number, 0 or more"
    for cell in ("-3", ""):
        assert refused(hourly(more=f"2026-02-02 10:00,{cell}\n")) == said.format(cell)


def test_a_column_that_the_datasheet_names_and_the_file_lacks():
    assert refused(hourly(), {"time_column": "hour_stat"}) == (
        "shop.csv has no column 'hour_stat' for time_column; did you mean 'hour_start'?"
    )
    assert refused(hourly(columns=("hour_start", "n")), {"orders_column": "m"}) == (
        "shop.csv has no column 'm' for orders_column; known are: hour_start, n"
    )


def test_a_history_that_does_not_exist():
    with pytest.raises(InputError) as error:
        load_history("online_retail_hurly")
    assert str(error.value) == "there is no order history 'online_retail_hurly'; did you mean 'online_retail_hourly'?"


# Wrong answers where a sentence is due


@pytest.mark.parametrize("time", ["20260105", "46027.4"])
def test_numbers_for_times_are_understood_or_refused(time):
    try:
        daily = read_history(f"order_time\n{time}\n".encode(), "shop.csv").daily
    except InputError:
        return
    assert daily["date"].tolist() == [pd.Timestamp("2026-01-05")]


def test_the_nearest_column_is_named_for_a_renamed_count():
    assert refused(hourly(columns=("hour_start", "ordres"))) == (
        "shop.csv has times of full hours in column hour_start but no column of how many orders; name it one of "
        "orders, order_count, 订单数, 订单量; did you mean 'ordres'?"
    )
    assert refused(hourly(columns=("时间", "单量数"))).endswith("did you mean '单量数'?")
    assert "nothing shows that a row is an order: it has created_at, n;" in refused(hourly(columns=("created_at", "n")))
    # A number of its order on each row shows that a row is an order, whatever the minute.
    history = read_history(orders("1,2026-01-05 10:00,paid", "2,2026-01-05 10:00,paid"), "shop.csv")
    assert history.hourly["orders"].tolist() == [2]


# Dates

YEAR = pd.date_range("2025-01-01 00:05", periods=2 * 365, freq="12h")


@pytest.mark.parametrize(
    "written",
    [
        "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S.123", "%Y年%m月%d日 %H:%M", "%d/%m/%Y %H:%M",
        "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %I:%M:%S%p", "%Y-%m-%d %H:%M:%S +0800",
    ],
)  # fmt: skip
def test_one_order_of_day_and_month_holds_for_the_whole_column(written):
    history = read_history(orders(*YEAR.strftime(written), header="order_time"), "shop.csv")
    assert history.hourly["hour_start"].tolist() == YEAR.floor("h").tolist()
    assert history.daily["orders"].tolist() == [2] * 365


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (["05/05/2026 10:00", "05/06/2026 10:00"],
         "row 3, column order_time: '05/06/2026 10:00' may be 2026-06-05 or 2026-05-06; write 'day_first: true' or "
         f"'day_first: false' in shop.yaml beside it (--day-first or --month-first), or {WRITE}"),
        (["13/01/2026 10:00", "14/01/2026 10:00", "01/15/2026 10:00"],
         "row 4, column order_time: '01/15/2026 10:00' is no date and time with the day first, as other rows have it; "
         f"{WRITE}"),
        (["13/01/2026 10:00", "2026-01-14 10:00"],
         "row 3, column order_time: '2026-01-14 10:00' has the year first, other rows have it last; "
         f"{WRITE}"),
        (["1970-01-01 08:00"], f"row 2, column order_time is empty; every order must have its time: {WRITE}"),
        (["1971-01-05 08:00"], f"row 2, column order_time: '1971-01-05 08:00' is no date and time; {WRITE}"),
        (["2026-01-05 24:00"], f"row 2, column order_time: '2026-01-05 24:00' is no date and time; {WRITE}"),
        (["2026-01-05 10:00:59", "2026-01-05 10:00:99"],
         f"row 3, column order_time: '2026-01-05 10:00:99' is no date and time; {WRITE}"),
        (["2026-02-29 10:00"], f"row 2, column order_time: '2026-02-29 10:00' is no date and time; {WRITE}"),
        (["2026-01-05 10:00", "", "2026-01-05 10:01", "x"],
         f"row 5, column order_time: 'x' is no date and time; {WRITE}"),
    ],
)  # fmt: skip
def test_a_time_that_is_not_clear_is_refused(times, sentence):
    said = refused(orders(*times, header="order_time"))
    assert said.removeprefix("shop.csv").strip() == sentence


def test_a_paid_order_without_its_time_is_refused():
    said = "shop.csv row 3, column order_time is empty; every order must have its time: write times as 2026-03-05 14:30"
    assert refused(orders("A1,2026-01-05 10:00,paid", "A2,,paid")) == said
    assert refused("order_time,units\n2026-01-05 10:01,2\n,3\n") == said, "a row without a number is not dropped"
    noted = read_history(b"order_time,note\n2026-01-05 10:01,a\n ,b\n", "shop.csv")
    assert (noted.daily["orders"].sum(), noted.left_out) == (1, {"no_order_row": 1})
    assert read_history(orders("A1,2026-01-05 10:00,paid", "A2,,cancelled"), "shop.csv").daily["orders"].sum() == 1


def test_zones_become_the_shop_s_own_where_it_names_one():
    shanghai, london = {"time_zone": "Asia/Shanghai"}, {"time_zone": "Europe/London"}
    utc = orders("2026-01-05T20:10Z", "2026-01-05T21:10+00:00", header="order_time")
    assert read_history(utc, "shop.csv", shanghai).hourly["hour_start"].dt.hour.tolist() == [4, 5]
    summer = orders("2026-03-28 23:00 +0000", "2026-03-29 23:00 +0100", header="order_time")
    assert read_history(summer, "shop.csv", london).hourly["hour_start"].dt.hour.tolist() == [23, 23]
    west = orders("2026-01-05 10:00 -0330", header="order_time")
    assert read_history(west, "shop.csv", shanghai).hourly["hour_start"].tolist() == [pd.Timestamp("2026-01-05 21:00")]
    own = "name the shop's own zone in shop.yaml beside it, such as 'time_zone: Asia/Shanghai'"
    assert refused(utc) == f"shop.csv, column order_time has times in UTC, which need not be the shop's own; {own}"
    assert refused(summer) == (
        f"shop.csv, column order_time has times of several zones (+0000 and +0100); write them in one, or {own}"
    )
    assert refused(utc, {"time_zone": "Asia/Shangai"}) == (
        "shop.yaml: time_zone is 'Asia/Shangai'; it must be a time zone such as Asia/Shanghai or Europe/London; "
        "did you mean 'Asia/Shanghai'?"
    )
    assert "several zones (none and +0800)" in refused(
        orders("2026-01-05 10:00 +0800", "2026-01-05 10:00", header="order_time"), shanghai
    )


# Real exports


def test_an_export_of_shopify():
    # A row a line; state and payment stand on the first line only; the order's number is called Name.
    text = orders(
        "#1001,paid,2026-01-05 10:00:01 +0800,9.50,1,a,,71", "#1001,,,,2,b,,", "#1002,voided,,3.00,1,a,,72",
        "#1002,,,,1,b,,", "#1003,paid,2026-01-05 10:59:59 +0800,9.00,1,a,2026-01-06 10:00:00 +0800,73",
        "#1003,,,,1,b,,", "#1004,paid,2026-01-06 10:00:00 +0800,9.00,4,a,,74",
        header="Name,Financial Status,Paid at,Total,Lineitem quantity,Lineitem name,Cancelled at,Id",
    )  # fmt: skip
    history = read_history(text, "orders_export.csv")
    assert history.hourly[["orders", "lines", "units"]].to_numpy().tolist() == [[1, 2, 3], [1, 1, 4]]


def test_an_export_of_taobao():
    # Numbers of 18 digits, guarded against Excel; totals of an order; orders that nobody paid.
    text = "订单编号,买家实际支付金额,订单状态,订单创建时间,订单付款时间,宝贝种类,宝贝总数量\n"
    text += '="123456789012345671",￥59.90,交易成功,2026-01-05 09:58:00,2026-01-05 10:00:01,2,3\n'
    text += '\'123456789012345672,"1,200.10",卖家已发货，等待买家确认,2026-01-05 09:58:00,2026-01-05 10:00:02,1,1\n'
    text += "123456789012345673\t,0,等待买家付款,2026-01-05 09:58:00,,1,1\n"
    text += "123456789012345674\t,0,交易关闭(退款),2026-01-05 09:58:00,,1,1\n"
    text += "\n,,,,,,\n123456789012345675,10,交易成功,2026-01-05 09:58:00,2026-01-05 10:00:02,3,8\n"
    history = read_history(text.encode("gbk"), "ExportOrderList.csv")
    assert history.hourly[["orders", "lines", "units"]].to_numpy().tolist() == [[3, 6, 12]]
    assert history.per_order("value") == pytest.approx(1270.0 / 3)


def test_totals_of_an_order_on_each_of_its_lines_count_once():
    rows = ("1,2026-01-05 10:00,5", "1,2026-01-05 10:00,5", "2,2026-01-05 10:00,1")
    assert read_history(orders(*rows, header="订单号,付款时间,宝贝总数量"), "shop.csv").per_order("units") == 3
    assert read_history(orders(*rows, header="订单号,付款时间,件数"), "shop.csv").per_order("units") == 5.5


LOST = ("wc-cancelled", "Cancelled by customer", "CANCELED", "wc-failed", "Pending payment", "checkout-draft",
        "交易关闭", "已取消", "待付款")  # fmt: skip
SOLD = ("wc-completed", "processing", "partially_refunded", "pending", "交易成功", "")


@pytest.mark.parametrize(("state", "time"), [*((s, "") for s in LOST), *((s, "2026-01-05 10:00") for s in SOLD)])
def test_which_states_are_orders(state, time):
    history = read_history(orders("1,2026-01-05 10:00,paid", f"2,{time},{state}"), "shop.csv")
    assert history.hourly["orders"].tolist() == [2 if state in SOLD else 1]


def test_a_shop_whose_order_numbers_all_begin_with_c():
    assert read_history(orders("C1,2026-01-05 10:00,", "C2,2026-01-05 10:00,"), "shop.csv").daily["orders"].sum() == 2
    assert read_history(orders("CN1,2026-01-05 10:00,", "D2,2026-01-05 10:00,"), "shop.csv").daily["orders"].sum() == 2


@pytest.mark.parametrize("sep", [";", "\t"])
def test_semicolons_and_tabs_part_cells_too(sep):
    # Spreadsheets write semicolons where the decimal sign is a comma.
    text = 'hour_start,orders,revenue\n2026-01-05 10:00,"1|234",12|50\n'.replace(",", sep).replace("|", ",")
    history = read_history(text.encode(), "shop.csv")
    assert history.hourly.loc[0, ["orders", "value"]].tolist() == [1234, 12.5]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("order_id,order_time,status\n1,,Cancelled\n",
         "every row of shop.csv is a cancelled, closed or unpaid order; it must hold orders"),
        ("hour_start,orders\n2026-01-05 10:00,0\n",
         "shop.csv, column orders: 0 orders in every row; it must hold orders"),
        ("hour_start,orders\n2026-01-05 10:00,inf\n",
         "shop.csv row 2, column orders: 'inf'; it must be a number, 0 or more"),
        ("hour_start;orders\n2026-01-05 10:00;1.234\n",
         "shop.csv row 2, column orders: '1.234'; it must be a whole number of orders"),
        ("hour_start;orders;revenue\n2026-01-05 10:00;1;12,50\n2026-01-05 11:00;1;1.250\n",
         "shop.csv row 3, column revenue: '1.250'; it must be a number, 0 or more"),
        ("order_time,units\n2026-01-05 10:01,two\n", "shop.csv row 2, column units: 'two'; it must be a number"),
        ("hour_start,orders\n2026-01-05 10:00,1,234\n",
         "shop.csv row 2 has more cells than the header; give every column a name, and put a number or a text with a "
         "comma in double quotes"),
        ('hour_start,orders,x\n2026-01-05 10:00,1,"a\n2026-01-05 11:00,1,b\n2026-01-05 12:00,1,c"\n',
         "shop.csv row 2, column x: the cell holds whole rows; put its text in a pair of double quotes, "
         "with none inside"),
        ("hour_start,orders,orders \n2026-01-05 10:00,1,2\n",
         "shop.csv has two columns 'orders'; each column must have a name of its own"),
        ("orders,hour_start,orders\n1,2026-01-05 10:00,2\n",
         "shop.csv has two columns 'orders'; each column must have a name of its own"),
        ('hour_start;"orders";orders\n2026-01-05 10:00;1;2\n',
         "shop.csv has two columns 'orders'; each column must have a name of its own"),
        ("order_id,order_time\n1,2026-01-05 10:00\n,2026-01-05 10:00\n",
         "shop.csv row 3, column order_id is empty; every row must have the number of its order"),
        ("order_id,order_time\n1.23457E+17,2026-01-05 10:00\n",
         "shop.csv row 2, column order_id: '1.23457E+17' is an order number that Excel has cut short; use the export "
         "as it was before Excel saved it"),
        ("order_id,order_time\n123456789012345000,2026-01-05 10:00\n",
         "shop.csv row 2, column order_id: '123456789012345000' is an order number that Excel has cut short; use the "
         "export as it was before Excel saved it"),
        ("order_id,order_time\n1,2026-01-05 10:00\n2,2026-01-05 10:01\n1,2026-01-07 10:00\n",
         "shop.csv row 4, column order_id: '1' stands at 2026-01-05 10:00:00 and at 2026-01-07 10:00:00; a number must "
         "stand for one order, within a day"),
    ],
)  # fmt: skip
def test_what_would_be_counted_wrong_is_refused(text, sentence):
    assert refused(text) == sentence


@pytest.mark.parametrize(
    ("rows", "row", "cell"),
    [
        (["2026-01-05 10:00,3", "2026-01-05 11:00,1e300"], 3, "1e300"),
        (["2026-01-05 10:00,1e15"], 2, "1e15"),
        (["2026-01-05 10:00,600000", "2026-01-06 10:00,600000", "2026-01-05 11:00,400001"], 4, "400001"),
    ],
)
def test_more_than_a_million_orders_a_day_are_refused(rows, row, cell):
    text = "\n".join(["hour_start,orders", *rows])
    assert refused(text) == (
        f"shop.csv row {row}, column orders: {cell!r} brings 2026-01-05 above 1,000,000 orders; a day must have at "
        f"most 1,000,000"
    )
    assert read_history(text.replace(cell, "400000").encode(), "shop.csv").daily["orders"].max() <= 1_000_000


def test_more_than_a_million_rows_a_day_are_refused(monkeypatch):
    monkeypatch.setattr("ecteam.inputs.history.MOST_A_DAY", 2)
    rows = ["2026-01-05 10:01", "2026-01-05 10:02", "2026-01-05 11:00"]
    assert read_history(orders(*rows[:2], header="order_time"), "shop.csv").daily["orders"].tolist() == [2]
    assert refused(orders(*rows, header="order_time")) == (
        "shop.csv has 3 orders on 2026-01-05; a day must have at most 2"
    )


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("order_lines", "5", "column order_lines: 0.5 lines per order on average; it must be 1 to 500"),
        ("lines", "5001", "column lines: 500.1 lines per order on average; it must be 1 to 500"),
        ("lines,units", "20,5", "column units: 0.25 units per line on average; it must be 1 to 10,000"),
        ("lines,件数", "20,1e300", "column 件数: 5e+298 units per line on average; it must be 1 to 10,000"),
        ("returns", "9.6", "column returns: 0.96 returns per order on average; it must be 0 to 0.95"),
    ],
)
def test_baskets_that_no_shop_has_are_refused(header, cells, said):
    assert refused(f"hour_start,orders,{header}\n2026-01-05 10:00,10,{cells}\n") == (
        f"shop.csv, {said}, or the column left out"
    )


def test_baskets_at_the_limits_are_read():
    text = "hour_start,orders,lines,units,returns\n2026-01-05 10:00,10,10,10,9.5\n"
    history = read_history(text.encode(), "shop.csv")
    assert [history.per_order(measure) for measure in ("lines", "units", "returns")] == [1, 1, 0.95]
    assert refused(text.replace("9.5", "-1")).startswith("shop.csv row 2, column returns: '-1'")


def test_discounts_may_be_negative_but_not_the_average_order():
    rows = ("1,2026-01-05 10:00,20", "1,2026-01-05 10:00,-5")
    header = "order_id,order_time,revenue"
    assert read_history(orders(*rows, header=header), "shop.csv").per_order("value") == 15
    assert refused(orders(*rows, "2,2026-01-05 10:00,-20", header=header)) == (
        "shop.csv, column revenue: -2.5 of value per order on average; it must be 0 to 1,000,000,000, "
        "or the column left out"
    )
    assert refused(orders("1,2026-01-05 10:00,-5", header="order_id,order_time,lines")) == (
        "shop.csv, column lines: -5 lines per order on average; it must be 1 to 500, or the column left out"
    )


def test_blank_headers_do_no_harm():
    history = read_history(b"hour_start,orders,,\n2026-01-05 10:00,2,,\n", "shop.csv")
    assert history.hourly["orders"].tolist() == [2]


def test_a_note_of_several_lines_and_blank_rows_do_no_harm():
    text = 'hour_start,orders,note\n2026-01-05 10:00,1,"one, two\nthree"\n\n2026-01-05 11:00,x,\n'
    assert refused(text).startswith("shop.csv row 4, column orders: 'x'")
    assert read_history(text.replace("x", "2").encode(), "shop.csv").hourly["orders"].tolist() == [1, 2]


def test_an_hour_that_is_closed_is_no_closed_order():
    text = "hour_start,orders,status\n2026-01-05 10:00,3,open\n2026-01-06 10:00,0,closed\n2026-01-07 10:00,3,open\n"
    assert read_history(text.encode(), "shop.csv").daily["orders"].tolist() == [3, 0, 3]


# What a plan needs


@pytest.mark.parametrize(("days", "words"), [(1, "1 day"), (13, "13 days")])
def test_a_history_too_short_for_a_plan_is_refused(tmp_path, days, words):
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(hourly().splitlines()[: 1 + 12 * days]))
    assert mistakes_of(lambda: load_history(str(path))) == [
        f"shop.csv has orders on {words} that count; it must have them on at least 14 days, or give orders_per_day "
        f"instead of a history"
    ]


def test_days_without_orders_or_left_out_do_not_count(tmp_path):
    path, sheet = tmp_path / "shop.csv", tmp_path / "shop.yaml"
    path.write_text("\n".join(hourly().splitlines()[: 1 + 12 * 14]))
    history = load_history(str(path))
    profile = fit_profile(
        history.daily, history.hourly, history.daily[["date"]].assign(lift=""), {}, source="two weeks"
    )
    assert profile.level == pytest.approx(48, rel=0.02), "48 orders a day, drawn towards no season"
    sheet.write_text("missing: ['2026-01-06']")
    with pytest.raises(InputError, match="orders on 13 days that count"):
        load_history(str(path))


@pytest.fixture
def beside(tmp_path):
    """Four weeks of orders with a datasheet beside them."""

    def write(datasheet):
        (tmp_path / "shop.csv").write_text(hourly())
        (tmp_path / "shop.yaml").write_text(datasheet)
        return str(tmp_path / "shop.csv")

    return write


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("closed: [", "is not valid YAML"), ("closed: 2026-02-31", "is not valid YAML"),
        ("- a", "holds a list; it must hold fields"), ("just words", "holds a text; it must hold fields"),
        ("closed: ['01-01']\ntitle: Tea\nclosed: ['12-25']\n", "gives 'closed' more than once; it must be there once"),
    ],
)  # fmt: skip
def test_a_datasheet_that_is_none_is_refused(beside, content, said):
    with pytest.raises(InputError, match=rf"^shop\.yaml {said}"):
        load_history(beside(content))


DAY = "a day such as 2026-02-16, or a range such as 2026-02-16..2026-02-23"
YEARLY = f"{DAY}, or of every year such as 12-25 or 12-24..01-02"
LIST = "a list of days such as ['2026-02-16', '2026-02-20..2026-02-23']"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("closd: ['01-01']", "a datasheet has no field 'closd'; did you mean 'closed'?"),
        ("units_colum: x", "a datasheet has no field 'units_colum'; did you mean 'units_column'?"),
        ("2026: x", "a datasheet has no field '2026'"),
        ("closed: 2026-02-16", f"closed is 2026-02-16; it must be {LIST}"),
        ("missing: '2026-02-16'", f"missing is '2026-02-16'; it must be {LIST}"),
        ("incomplete_days: {a: b}", f"incomplete_days is {{'a': 'b'}}; it must be {LIST}"),
        ("closed: ['12-25', '2026-02-31']", f"entry 2 of closed is '2026-02-31'; it must be {YEARLY}"),
        ("closed: ['02-30']", f"entry 1 of closed is '02-30'; it must be {YEARLY}"),
        ("closed: ['12-24..2026-01-02']", f"entry 1 of closed is '12-24..2026-01-02'; it must be {YEARLY}"),
        ("closed: ['2026-01-02..']", f"entry 1 of closed is '2026-01-02..'; it must be {YEARLY}"),
        ("closed: [Sunday]", f"entry 1 of closed is 'Sunday'; it must be {YEARLY}"),
        ("closed: ['2026-1-5']", f"entry 1 of closed is '2026-1-5'; it must be {YEARLY}"),
        ("closed: [2026-02-20..2026-02-16]",
         "entry 1 of closed is '2026-02-20..2026-02-16'; it must end no earlier than it begins"),
        ("missing: ['12-25']", f"entry 1 of missing is '12-25'; it must be {DAY}"),
        ("incomplete_days: [20260105]", f"entry 1 of incomplete_days is 20260105; it must be {DAY}"),
        ("missing: [1026-01-05]", f"entry 1 of missing is 1026-01-05; it must be {DAY}"),
        ("public_holidays: England",
         "public_holidays is 'England'; it must be the code of a country such as GB, or of a part of it such as "
         "GB/ENG"),
        ("public_holidays: GB/EN", "public_holidays is 'GB/EN'; it must be GB, or GB/ and a part of it; "
         "did you mean 'ENG'?"),
        ("public_holidays: GB/", "public_holidays is 'GB/'; it must be GB, or GB/ and a part of it; "
         "known are: ENG, NIR, SCT, WLS"),
        ("public_holidays: NO", "public_holidays is False; it must be a text such as 'GB/ENG'"),
        ("time_zone: Beijing",
         "time_zone is 'Beijing'; it must be a time zone such as Asia/Shanghai or Europe/London"),
        ("time_zone: 8", "time_zone is 8; it must be a text such as 'Asia/Shanghai'"),
        ("time_column: 2026", "time_column is 2026; it must be the header of a column, in quotes"),
        ("title: [a]", "title is ['a']; it must be a text, in quotes"),
        ("as_of: yesterday", "as_of is 'yesterday'; it must be a date such as 2026, 2026-11 or 2026-11-23"),
        ("columns: x", "columns is 'x'; it must be lines such as 'orders: invoices of goods'"),
        ("gaps: none", "gaps is 'none'; it must be a list of texts"),
        ("gaps: [a, b: c]", "entry 2 of gaps is {'b': 'c'}; it must be a text, in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_field_of_a_datasheet_is_refused(beside, content, said):
    assert mistakes_of(lambda: load_history(beside(content))) == [f"shop.yaml: {said}"]


def test_every_mistake_of_a_datasheet_is_told_at_once():
    sheet = {"closed": ["x", "01-01", "y"], "time_zone": "z", "title": None}
    assert len(mistakes_of(lambda: read_history(hourly().encode(), "shop.csv", sheet))) == 3


def test_what_a_datasheet_may_say(beside):
    path = beside(
        "title: Tea\nas_of: 2026-02\ncurrency: CNY\ncolumns: {orders: orders}\ntime_column: hour_start\nmissing:\n"
        "time_zone: Asia/Shanghai\npublic_holidays: CN\ngaps: [none]\n"
        "closed: [02-29, 12-24..01-02, 2026-02-16, 2026-02-16..2026-02-23]\nincomplete_days: [2026-01-05]\n"
    )
    history = load_history(path)
    assert "missing" not in history.datasheet
    assert not history.daily["use"].iloc[0]
    dates = pd.DatetimeIndex(["2026-02-14", "2026-02-20", "2026-10-01", "2027-01-02", "2028-02-28", "2028-02-29"])
    assert history.closed_on(dates).tolist() == [False, True, True, True, False, True]


def test_a_scenario_of_the_same_name_is_no_datasheet(beside):
    assert load_history(beside("name: Tea\nreturn_share: 0.05\nhistory: shop.csv\n")).datasheet == {}


def test_a_hundred_thousand_orders_are_read_in_seconds():
    times = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(100_000) * 5, unit="min")
    rows = [f"{i},{time},paid" for i, time in enumerate(times.strftime("%d/%m/%Y %H:%M"))]
    started = perf_counter()
    history = read_history(orders(*rows), "shop.csv")
    assert perf_counter() - started < 10
    assert history.daily["orders"].sum() == 100_000


# Days that are not what they seem


def daily_counts(orders: np.ndarray, start: str = "2026-01-05") -> bytes:
    """An order file with this many orders a day, one each hour from 9 o'clock on."""
    lines = ["order_time"]
    for day, count in zip(pd.date_range(start, periods=len(orders)), orders, strict=True):
        lines += [f"{day + pd.Timedelta(minutes=540 + 660 * (i + 0.5) / count):%Y-%m-%d %H:%M}" for i in range(count)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("rate", [0.3, 0.7, 1.5])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_hardly_any_weekday_is_called_closed_by_chance(rate, spread):
    # 300 histories of five to nine weeks, counts by chance alone or four times as uneven: at most 1 % may be wrong,
    # and 8 of 300 are what 1 % reaches once in a hundred tries.
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(300):
        dates = pd.date_range("2026-01-05", periods=7 * rng.integers(5, 10))
        mean = rate * (rng.gamma(1 / spread, spread, len(dates)) if spread else 1.0)
        days = pd.DataFrame({"date": dates, "orders": rng.poisson(mean, len(dates)).astype(float)})
        wrong += bool(History("", days, days).closed_weekdays)
    assert wrong <= 8


@pytest.mark.parametrize(("rate", "weeks"), [(3, 4), (30, 4), (1.2, 8)])
def test_a_weekday_that_is_closed_is_called_so(rate, weeks):
    rng, dates = np.random.default_rng(2), pd.date_range("2026-01-05", periods=7 * weeks)
    days = pd.DataFrame({"date": dates, "orders": rng.poisson(rate, len(dates)) * (dates.day_of_week != 6)})
    assert History("", days, days).closed_weekdays == [6]


@pytest.mark.parametrize("end", [0, -1])
def test_a_cut_day_is_left_out_and_told(end):
    orders = np.random.default_rng(3).poisson(60, 40)
    whole = read_history(daily_counts(orders), "shop.csv")
    assert whole.daily["use"].all()
    lines = daily_counts(orders).decode().splitlines()
    day = whole.daily["date"].iloc[end]
    kept = [
        line
        for line in lines[1:]
        if line[:10] != f"{day:%Y-%m-%d}" or (line[11:13] < "11" if end else line[11:13] >= "18")
    ]
    cut = read_history("\n".join([lines[0], *kept]).encode(), "shop.csv")
    assert cut.daily.loc[~cut.daily["use"], "date"].tolist() == [day]
    assert cut.daily["use"].sum() == 39
    assert f"{day:%Y-%m-%d} has {cut.daily['orders'].iloc[end]:g} orders only" in str(cut.notes[-1])


def test_whole_days_are_hardly_ever_called_cut():
    rng = np.random.default_rng(4)
    histories = [read_history(daily_counts(rng.poisson(25, 35)), "shop.csv") for _ in range(40)]
    assert sum((~history.daily["use"]).sum() for history in histories) <= 2


def test_a_break_of_a_small_shop_is_no_run_of_bad_days():
    orders = np.where(np.arange(200) % 2 == 0, 1, 0)
    orders[100:150] = 0
    history = read_history(daily_counts(orders), "shop.csv")
    assert not history.daily["use"].iloc[101:149].any()
    assert history.daily["use"].sum() >= 148
    assert history.daily["use"].iloc[:99].all()
