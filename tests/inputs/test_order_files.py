"""Order files as shops have them: what is read from each small file of `tests/data/orders`, and what is asked.

`expected.csv` was written by the reader and compared with what each file holds: orders, days with orders, first and
last hour, what an order holds, and what was left out. All files are made up.
"""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from ecteam.explore.upload import Uploads, checked
from ecteam.inputs.history import read_history
from ecteam.inputs.order_dialects import (
    CANCELLED,
    PAID,
    REFUNDED,
    SHIPPED,
    UNPAID,
    dialects,
    meaning,
    normal,
    not_orders,
    recognised,
    usual_columns,
)  # fmt: skip
from ecteam.inputs.words import use
from tests.refusals import mistakes_of

FOLDER = Path(__file__).parents[1] / "data" / "orders"
EXPECTED = pd.read_csv(FOLDER / "expected.csv", dtype=str, keep_default_na=False).set_index("file")


def read(path, **datasheet):
    sheet = path.with_suffix(".yaml")
    told = yaml.safe_load(sheet.read_text(encoding="utf-8")) if sheet.is_file() else {}
    return read_history(path, path.name, told | datasheet)


def refused(path_or_bytes, name="shop.csv", **datasheet):
    (sentence,) = mistakes_of(lambda: read_history(path_or_bytes, name, datasheet))
    return sentence


def csv(*rows, header="order_id,order_time,status"):
    return "\n".join([header, *rows]).encode()


@pytest.mark.parametrize("file", EXPECTED.index)
def test_what_is_read_from_each_file(file):
    history, right = read(FOLDER / file), EXPECTED.loc[file]
    assert (history.platform.key if history.platform else "") == right["platform"]
    assert history.daily["orders"].sum() == int(right["orders"])
    assert (history.daily["orders"] > 0).sum() == int(right["days"])
    hours = history.hourly["hour_start"]
    assert [f"{hours.iloc[at]:%Y-%m-%d %H}" for at in (0, -1)] == [right["first_hour"], right["last_hour"]]
    assert history.clock == (right["hours_known"] == "yes")
    for measure in ("lines", "units", "value", "returns"):
        found = history.per_order(measure)
        assert ("" if found is None else f"{found:.6g}") == right[measure], measure
    assert "; ".join(f"{reason} {n}" for reason, n in history.left_out.items()) == right["left_out"]


def test_every_file_of_the_folder_is_tested():
    others = {"day_or_month.csv", "dst.csv", "expected.csv"}
    assert {path.name for path in FOLDER.iterdir() if path.suffix != ".yaml"} == others | set(EXPECTED.index)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("form", ["%b %-d, %Y", "%d-%b-%Y 14:15", "%-d %B %Y 9:05 PM"])
def test_every_english_month_is_read(month, form):
    day = pd.Timestamp(2026, month, 5)
    history = read_history(csv(f'1,"{day.strftime(form)}"', header="order_id,order_time"), "shop.csv")
    assert history.daily["date"].tolist() == [day]


LOCAL_TIMES = ["9 de marzo de 2026 13:39 hs.", "9. März 2026, 13:39 Uhr", "09/03/2026 13:39 h", "13:39:00 09-03-2026"]


@pytest.mark.parametrize("time", LOCAL_TIMES)
def test_a_word_for_hours_may_stand_behind_a_time_and_the_clock_before_the_date(time):
    history = read_history(csv(f'1,"{time}"', header="order_id,order_time"), "shop.csv", {"day_first": True})
    assert history.hourly["hour_start"].tolist() == [pd.Timestamp(2026, 3, 9, 13)]


def test_a_year_has_two_digits_or_four():
    history = read_history(csv("1,5/1/26 14:15", "2,16/1/26 9:15", header="order_id,order_time"), "shop.csv")
    assert history.hourly["hour_start"].tolist() == [pd.Timestamp("2026-01-05 14:00"), pd.Timestamp("2026-01-16 9:00")]


def test_rows_taken_for_orders_for_want_of_a_number_are_said():
    rows = ["2026-01-05 10:00,tea,2", "2026-01-05 10:00,cup,1"]
    history = read_history(csv(*rows, header="order_time,product,units"), "shop.csv")
    assert history.daily["orders"].sum() == 2
    assert "each row was taken for an order" in str(history.notes[0])
    numbered = read_history(csv(*(f"7,{row}" for row in rows), header="Nro_orden,order_time,product,units"), "shop.csv")
    assert (numbered.daily["orders"].sum(), numbered.notes) == (1, ())


# What can be read in two ways is asked, with what to write


def test_the_order_of_day_and_month_is_asked_and_can_be_said():
    path = FOLDER / "day_or_month.csv"
    said = refused(path, path.name)
    assert "'05/01/2026 14:15' may be 2026-01-05 or 2026-05-01; write 'day_first: true' or 'day_first: false'" in said
    assert read(path, day_first=True).daily["date"].iloc[0] == pd.Timestamp("2026-01-05")
    assert read(path, day_first=False).daily["date"].iloc[0] == pd.Timestamp("2026-05-01")
    assert "day_first: true（日在前）" in mistakes_of(lambda: read(path))[0].in_language("zh")


def test_offsets_of_summer_and_winter_need_the_zone():
    path = FOLDER / "dst.csv"
    assert "several zones (-0500 and -0400)" in refused(path, path.name)
    assert read(path, time_zone="America/New_York").hourly["hour_start"].dt.hour.tolist() == [10, 10]


def test_times_in_utc_need_the_zone_of_a_shop_that_is_not_on_a_known_platform():
    utc = csv("1,2026-01-05T18:15:00Z,paid")
    assert "has times in UTC, which need not be the shop's own" in refused(utc)
    local = csv("1,2026-01-05 18:15,paid")
    moved = read_history(local, "shop.csv", {"times_in": "UTC", "time_zone": "Asia/Shanghai"})
    assert moved.hourly["hour_start"].iloc[0] == pd.Timestamp("2026-01-06 02:00")


def test_a_value_that_may_be_of_the_order_or_of_a_line_is_asked():
    rows = csv("1,2026-01-05 10:01,100", "1,2026-01-05 10:01,100", header="order_id,order_time,paid sum")
    assert "name it order_total or line_total" in refused(rows, value_column="paid sum")
    differ = rows.replace(b"10:01,100\n1", b"10:01,50\n1")
    assert read_history(differ, "shop.csv", {"value_column": "paid sum"}).per_order("value") == 150


def test_the_hour_that_summer_time_has_twice_is_no_mistake():
    rows = ["2026-10-25T01:00+01:00,3", "2026-10-25T01:00+00:00,4", "2026-10-25T02:00+00:00,5"]
    history = read_history(csv(*rows, header="hour_start,orders"), "shop.csv", {"time_zone": "Europe/London"})
    assert history.hourly["orders"].tolist() == [7, 5]


# The same orders in every kind of file


TABLE = pd.DataFrame(
    {
        "订单编号": [str(10**17 + i) for i in range(40)],
        "付款时间": [f"2026-01-{1 + i // 2:02d} {9 + i % 12:02d}:05:0{i % 10}" for i in range(40)],
        "订单状态": ["交易成功"] * 38 + ["交易关闭"] * 2,
    }
)


def as_xlsx(title_rows=0, sheets=("Orders",), dates=False):
    import xlsxwriter

    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    form = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    size = len(TABLE) // len(sheets)
    for i, name in enumerate(sheets):
        part = TABLE[i * size : (i + 1) * size]
        sheet = book.add_worksheet(name)
        for row in range(title_rows):
            sheet.write(row, 0, "订单报表")
        sheet.write_row(title_rows, 0, TABLE.columns)
        for at, (number, time, state) in enumerate(part.itertuples(index=False), start=title_rows + 1):
            sheet.write_string(at, 0, number)
            if dates:
                sheet.write_datetime(at, 1, pd.Timestamp(time).to_pydatetime(), form)
            else:
                sheet.write_string(at, 1, time)
            sheet.write_string(at, 2, state)
    book.close()
    return raw.getvalue()


def as_zip(name, content):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as parts:
        parts.writestr(name, content)
        parts.writestr("__MACOSX/._orders.csv", b"x")
    return raw.getvalue()


TEXT = TABLE.to_csv(index=False)
HTML = "<html><meta charset=gb2312><table><tr><td colspan=3>订单报表</td></tr></table>" + TABLE.to_html(index=False)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?><Workbook xmlns:ss="urn:s"><Worksheet ss:Name="1"><Table>'
    + "".join(
        f'<Row><Cell ss:Index="2"><Data ss:Type="String">{"</Data></Cell><Cell><Data>".join(row)}</Data></Cell></Row>'
        for row in [TABLE.columns, *TABLE.itertuples(index=False)]
    )
    + "</Table></Worksheet></Workbook>"
)
KINDS = {
    "utf-8": TEXT.encode(),
    "with a mark": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "gb18030": TEXT.encode("gb18030"),
    "big5": TEXT.replace("订单编号", "訂單編號").replace("付款时间", "付款時間").replace("订单状态", "訂單狀態")
    .replace("交易成功", "已完成").replace("交易关闭", "已取消").replace("付款時間", "下單時間").encode("big5"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "pipes": TEXT.replace(",", "|").encode(),
    "old line ends": TEXT.replace("\n", "\r\n").encode("gbk"),
    "guarded numbers": TEXT.replace("\n1", "\n'1").encode(),
    "xlsx": as_xlsx(),
    "xlsx with dates": as_xlsx(dates=True),
    "xlsx with titles": as_xlsx(title_rows=3),
    "xlsx of several sheets": as_xlsx(sheets=("January", "February")),
    "html as xls": HTML.encode("gb18030"),
    "xml as xls": XML.encode(),
    "zip": as_zip("orders.csv", TEXT.encode("gbk")),
    "zip of xlsx": as_zip("export/orders.xlsx", as_xlsx()),
}  # fmt: skip


@pytest.mark.core
@pytest.mark.parametrize("kind", KINDS)
def test_one_table_in_every_kind_of_file(kind):
    history = read_history(KINDS[kind], "orders", {})
    plain = read_history(TEXT.encode(), "orders.csv")
    assert history.daily.equals(plain.daily)
    assert history.hourly["hour_start"].tolist() == plain.hourly["hour_start"].tolist()
    assert (plain.daily["orders"].sum(), plain.left_out) == (38, {"cancelled": 2})


NO_TABLES = {
    "zip": (b"PK\x03\x04" + bytes(100), "cannot be read: the file is damaged"),
    "xls": (b"\xd0\xcf\x11\xe0" + bytes(2000), "cannot be read: the file is damaged"),
    "cut xlsx": (as_xlsx()[:3000], "cannot be read: the file is damaged"),
    "zip of no orders": (as_zip("a.csv", b"x"), "shop.csv has no column of order times"),
    "zip without a table": (as_zip("a.pdf", b"x"), "holds 0 tables; a zip must hold one order file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), "is neither UTF-8 nor GBK text"),
    "entities": (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'b'>]><Workbook><Row><Cell>&b;</Cell></Row>", "has no"),
    "cells that span": (b"<table><tr><td colspan=9 rowspan=999999999>" + b"<tr>" * 300_000, "has no column"),
    "page": (b"<html><body>Please log in</body></html>", "is empty"),
    "binary": (b"PDF-1.4 \x00\x01\x02" * 9, "is neither UTF-8 nor GBK text"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_TABLES)
def test_what_is_no_table_is_one_sentence(kind):
    raw, said = NO_TABLES[kind]
    assert said in refused(raw)


def test_a_cell_over_two_rows_of_html_says_the_same_of_both():
    rows = "<tr><td>order_id<td>order_time</tr><tr><td>1<td rowspan=2>2026-01-05 10:00</tr><tr><td>2</tr>"
    assert read_history(f"<table>{rows}</table>".encode(), "shop.xls").hourly["orders"].to_list() == [2]


def test_a_stray_cell_far_away_is_named_and_costs_no_memory():
    import xlsxwriter

    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["order_id", "order_time"])
    sheet.write_row(1, 0, ["1", "2026-01-05 10:00"])
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert "has a cell far from its table (row 1048576, column 16384)" in refused(raw.getvalue())


# Meaning


@pytest.mark.parametrize(
    ("state", "flag"),
    [
        ("Storniert", CANCELLED), ("Annulée", CANCELLED), ("キャンセル", CANCELLED), ("Đã hủy", CANCELLED),
        ("취소", CANCELLED), ("wc-failed", CANCELLED), ("已关闭", CANCELLED), ("Completed", PAID), ("已发货", SHIPPED),
        ("等待买家付款", UNPAID), ("Awaiting payment", UNPAID), ("Refunded", REFUNDED), ("no such state", 0),
        ("Dibatalkan Penjual -\nStok habis", CANCELLED), ("closed", 0),
    ],
)  # fmt: skip
def test_states_in_many_languages(state, flag):
    assert meaning(state, None) & flag == flag
    assert bool(meaning(state, None)) == bool(flag)


def test_an_unknown_state_is_counted_and_said():
    history = read_history(
        csv("1,2026-01-05 10:00,zzz", "2,2026-01-05 10:00,zzz", "3,2026-01-05 10:00,paid"), "shop.csv"
    )
    assert history.daily["orders"].sum() == 3
    assert "The state 'zzz' is not known; its 2 rows count as orders." in map(str, history.notes)


def test_refunded_before_it_was_sent_is_no_order_and_after_is_a_return():
    header = "Name,Financial Status,Fulfillment Status,Fulfilled at,Created at,Lineitem quantity"
    rows = [
        "#1,refunded,fulfilled,2026-01-06 10:00:00 +0100,2026-01-05 10:00:00 +0100,1",
        "#2,refunded,,,2026-01-05 11:00:00 +0100,1",
        "#3,paid,fulfilled,2026-01-06 10:00:00 +0100,2026-01-05 12:00:00 +0100,1",
    ]
    history = read_history(csv(*rows, header=header), "shop.csv")
    assert (history.daily["orders"].sum(), history.per_order("returns")) == (2, 0.5)
    assert history.left_out == {"refunded_before_sent": 1}


def test_an_order_of_which_a_line_is_cancelled_counts_once():
    header = "amazon-order-id,purchase-date,order-status,quantity,item-price"
    rows = ["A,2026-01-05T10:00:00+08:00,Shipped,2,20", "A,2026-01-05T10:00:00+08:00,Cancelled,0,"]
    history = read_history(csv(*rows, header=header), "shop.csv")
    assert (history.daily["orders"].sum(), history.per_order("units"), history.left_out) == (1, 2, {})


def test_lines_of_an_order_that_are_alike_are_no_repetition():
    rows = ["1,2026-01-05 10:00,1", "1,2026-01-05 10:00,1", "2,2026-01-05 10:00,1"]
    history = read_history(csv(*rows, header="order_id,order_time,units"), "shop.csv")
    assert (history.per_order("units"), history.left_out) == (1.5, {})


def test_several_currencies_give_no_value():
    rows = [f"{i},2026-01-05 10:00,10,{currency}" for i, currency in enumerate(["EUR", "USD", "GBP"])]
    history = read_history(csv(*rows, header="order_id,order_time,order_total,currency"), "shop.csv")
    assert history.per_order("value") is None
    assert "several currencies" in str(history.notes[0])


@pytest.mark.parametrize("cell", ["US$ 1,234.50", "1.234,50 €", "R$ 1.234,50", "￥1,234.50", "1234.5", "1 234,50"])
def test_numbers_with_signs_of_money(cell):
    history = read_history(csv(f'1,2026-01-05 10:00,"{cell}"', header="order_id,order_time,order_total"), "shop.csv")
    assert history.per_order("value") == 1234.5


# An export of something else


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("Ticket ID,Subject,Status,Priority,Source,Type,Agent,Created time", "customer service tickets"),
        ("Handle,Title,Vendor,Variant SKU,Variant Price,Option1 Name,Option1 Value", "a list of products"),
        ("First Name,Email,Accepts_Email_Marketing,Total_Spent,Total_Orders,Created at", "a list of customers"),
        ("Call Id,Agent,Date,Time,Topic,Answered (Y/N),Resolved", "a list of phone calls"),
        ("id,order_id,Return-Date,Reason,refund amount,created_at", "a list of returns"),
        ("Transaction Date,Value Date,Description,Debit,Credit,Balance", "a bank statement"),
        ("CustomerID,Gender,Age", "a list of customers"),
    ],
)
def test_an_export_of_something_else_is_recognised_and_named(header, what):
    row = ",".join("1" for _ in header.split(","))
    said = refused(csv(row, header=header))
    assert f"is {what}" in said
    assert "not an export of orders" in said


@pytest.mark.parametrize("header", ["ticket,created_at,status", "id,created_at,status", "name,date"])
def test_a_list_of_moments_that_may_be_anything_is_not_taken_for_orders(header):
    assert "nothing shows that a row is an order" in refused(
        csv("1,2026-01-05 10:00,open"[: 18 + len(header)], header=header)
    )


def test_a_file_without_a_header_shows_no_customer():
    said = refused(csv("Li Wei,li@example.com,2026-01-05 10:00", header="Wang Fang,wang@example.com,2026-01-04 10:00"))
    assert "Wang" not in said
    assert "example" not in said


def test_a_guessed_column_of_texts_is_no_quantity():
    rows = ["1,2026-01-05 10:00,2 x tea; 1 x cup", "2,2026-01-05 10:00,[]"]
    history = read_history(csv(*rows, header="order_id,order_time,items"), "shop.csv")
    assert (history.daily["orders"].sum(), history.per_order("units")) == (2, None)
    assert "it must be a number" in refused(csv(*rows, header="order_id,order_time,items"), units_column="items")


def test_dates_of_which_none_can_be_read_are_named_not_called_cancelled():
    rows = [f"{i},sometime" for i in range(3)]
    assert "'sometime' is no date and time" in refused(csv(*rows, header="order_id,order_time"))


# No personal column


@pytest.mark.parametrize("file", ["own_shopify.csv"])
def test_nothing_of_a_customer_is_kept_or_shown(file):
    raw = (FOLDER / file).read_text(encoding="utf-8")
    planted = ["Zebedee Quartermain", "7 Wobble Lane", "zebedee@quartermain.example", "+44 7700 900123"]
    table = pd.read_csv(io.StringIO(raw), dtype=str, keep_default_na=False)
    for column, text in zip(["Billing Name", "Billing Street", "Email", "Shipping Name"], planted, strict=True):
        table[column] = text
    history = read_history(table.to_csv(index=False).encode(), file)
    kept = pickle.dumps(history)
    for text in planted:
        assert text.encode() not in kept
        for language in ("en", "zh"):
            use(language)
            assert not any(text in str(note) for note in history.what_was_read())
    use("en")


def test_no_column_that_a_dialect_reads_is_personal():
    for dialect in dialects().values():
        personal = set(map(normal, dialect.personal))
        roles = ("order", "time", "clock", "state", "shipped", "cancelled_at", "quantity", "order_total", "item")
        read_columns = {normal(word) for role in roles for word in getattr(dialect, role)}
        assert not personal & read_columns, dialect.key


# The data


def test_each_dialect_is_told_by_its_own_headers():
    wrong = []
    for key, dialect in dialects().items():
        for headers in dialect.identified_by:
            found, orders, size = recognised(headers)
            same = found == key or dialects()[found].name == dialect.name if orders and found else False
            if not same and size <= len(set(map(normal, headers))):
                wrong.append((key, found, headers))
    assert not wrong


def test_dialects_and_other_exports_are_whole():
    for key, dialect in dialects().items():
        assert dialect.order or dialect.orders, f"{key} has neither order numbers nor counts"
        assert dialect.seen, f"{key} does not say where it was seen"
        assert set(dialect.name) == {"en", "zh"}
        for headers in dialect.identified_by:
            assert len(headers) >= 2, f"{key}: one header identifies nothing"
    for key, other in not_orders().items():
        for headers in other.identified_by:
            assert not recognised(headers)[1], f"{key}: {headers} is taken for an export of orders"


def test_usual_headers_have_one_meaning():
    roles = ("number", "orders", "state", "cancelled_at", "quantity", "order_total", "line_total", "unit_price", "item")
    seen = {}
    for role in roles:
        for word in usual_columns()[role]:
            assert seen.setdefault(word, role) == role, f"{word} is {role} and {seen[word]}"


@pytest.mark.parametrize("text", ["", "-", "--", "/", "n/a", "null", "0000-00-00 00:00:00", "1970-01-01 08:00:00"])
def test_how_a_blank_moment_is_written(text):
    assert "column order_time is empty" in refused(csv(f"1,{text},paid", "2,2026-01-05 10:00,paid"))


# Days


def test_a_break_is_left_out_of_the_fit_and_said():
    days = [
        day for day in pd.date_range("2025-01-01", "2025-06-30") if not "2025-03-01" <= str(day)[:10] <= "2025-03-20"
    ]
    rows = [f"{i},{day:%Y-%m-%d} {9 + i % 9}:00" for i, day in enumerate(sorted(days * 6))]
    history = read_history(csv(*rows, header="order_id,order_time"), "shop.csv")
    out = history.daily.loc[~history.daily["use"], "date"]
    assert (len(out), str(out.iloc[0])[:10], str(out.iloc[-1])[:10]) == (20, "2025-03-01", "2025-03-20")
    assert "20 days without rows, the first 2025-03-01, the last 2025-03-20" in str(history.notes[0])


def test_a_weekday_is_seldom_called_closed_by_chance():
    # 200 shops of half an order a day over five weeks: Poisson days, open every day.
    rng = np.random.default_rng(18)
    called = missing = 0
    for _ in range(200):
        counts = rng.poisson(0.5, 35)
        counts[[0, -1]] = np.maximum(counts[[0, -1]], 1)
        days = pd.date_range("2026-01-05", periods=35).repeat(counts)
        rows = [f"{i},{day:%Y-%m-%d} 10:07" for i, day in enumerate(days)]
        history = read_history(csv(*rows, header="order_id,order_time"), "shop.csv")
        called += bool(history.closed_weekdays)
        missing += not history.daily["use"].all()
    assert called <= 0.03 * 200
    assert missing <= 0.08 * 200


def test_a_shop_of_half_an_order_a_day_has_empty_weekdays():
    history = read(FOLDER / "half_an_order_a_day.csv")
    assert history.closed_weekdays == []
    assert history.daily["use"].all()


# What was read is said


def test_what_was_read_is_said_in_both_languages():
    table = TABLE.copy()
    table["付款时间"] = [f"2026-01-{1 + i % 20:02d} 10:00:00" for i in range(40)]
    found = Uploads().order_file("orders.csv", table.to_csv(index=False).encode("gbk"))
    said = checked(found)
    assert "38 orders on 20 days, 2026-01-01 to 2026-01-20; 1.9 a day, most on 2026-01-01: 2." in said
    assert "Left out: 2 cancelled orders." in said
    use("zh")
    assert "已取消的订单 2 个" in checked(found)
    use("en")
