"""A fleet's file as people make it: every mistake at once, and names that are data whatever they say."""

import csv
import io
import os
import unicodedata
from datetime import date

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from ecteam import InputError, load_scenario
from ecteam.cli import main
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.words import use
from ecteam.publish.fleet import LONGEST_BYTES, RESERVED, fleet_path, folder_names, read_fleet
from ecteam.publish.fleet_index import index_page
from ecteam.publish.journal import Row

HEADER = ("name", "scenario", "orders_per_day", "return_share", "pick_lines_per_hour")
GOOD = [("Lake Tea", "tea_shop_startup", 60, 0.04, ""), ("茶馆", "tea_shop_growth", 300, "", 75)]


def csv_file(tmp_path, rows, header=HEADER, *, encoding="utf-8", delimiter=",", name="fleet.csv"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    path = tmp_path / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_file(tmp_path, rows, header=HEADER):
    book = Workbook()
    for row in [header, *rows]:
        book.active.append([None if cell == "" else cell for cell in row])
    book.save(tmp_path / "fleet.xlsx")
    return tmp_path / "fleet.xlsx"


def mistakes(path, **options):
    with pytest.raises(InputError) as error:
        read_fleet(path, **options)
    return error.value.mistakes


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ","), ("gbk", ","), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_a_csv_is_read_as_spreadsheets_write_it(tmp_path, encoding, delimiter):
    lake, house = read_fleet(csv_file(tmp_path, GOOD, encoding=encoding, delimiter=delimiter)).shops
    assert lake.scenario == load_scenario("tea_shop_startup", name="Lake Tea", orders_per_day=60, return_share=0.04)
    # An empty cell takes the value of the row's base.
    assert house.scenario == load_scenario("tea_shop_growth", name="茶馆", orders_per_day=300)
    assert (dict(lake.figures), dict(house.figures)) == ({}, {"pick_lines_per_hour": 75.0})
    assert (lake.row, house.row) == (2, 3)


def test_a_workbook_gives_the_same_shops_as_a_csv(tmp_path):
    assert read_fleet(xlsx_file(tmp_path, GOOD)).shops == read_fleet(csv_file(tmp_path, GOOD)).shops


def test_what_a_spreadsheet_makes_of_cells_is_understood(tmp_path):
    header = ("name", "return_share", "orders_per_day", "start_month", "months", "dedicated_desk")
    path = xlsx_file(tmp_path, [(1688, 0.1, 30, date(2027, 3, 1), 6.0, True)], header)
    (shop,) = read_fleet(path).shops
    assert shop.scenario == Scenario(
        name="1688", return_share=0.1, orders_per_day=30, start_month="2027-03", months=6, dedicated_desk=True
    )


def test_a_formula_without_a_saved_value_is_refused(tmp_path):
    path = xlsx_file(tmp_path, [("Tea", "tea_shop_startup", "=30*2", 0.1, "")])
    assert mistakes(path) == ["fleet.xlsx row 2: orders_per_day is '=30*2'; it must be 0 or more orders a day"]


def test_every_mistake_is_told_at_once_with_file_row_and_nearest_name(tmp_path):
    rows = [
        ("Tea", "tea_shop_startup", 30, 0.1, "", "hangzou"),
        ("Tea", "tea_shop_startup", 30, 0.1, "", ""),
        ("Tea", "tea_shop_grwth", 30, 0.1, "", ""),
        ("A\0B", "tea_shop_startup", -5, 0.1, "fast", ""),
        ("Cha", "tea_shop_startup", 30, 0.1, "", "hangzou"),
        ("Old", "tea_shop_startup", 30, 1.5, "0", ""),
    ]
    assert mistakes(csv_file(tmp_path, rows, (*HEADER, "citty"))) == [
        "fleet.csv, column 'citty': there is no field or assumption 'citty'; did you mean 'city'?",
        "fleet.csv rows 2 and 3: the name 'Tea' is there 2 times; give each its own",
        "fleet.csv row 4: there is no scenario 'tea_shop_grwth'; did you mean 'tea_shop_growth'?",
        "fleet.csv row 5: pick_lines_per_hour is 'fast'; it must be a number",
        "fleet.csv row 5: name is 'A\\x1aB'; it must not hold control characters",
        "fleet.csv row 5: orders_per_day is -5; it must be 0 or more orders a day",
        "fleet.csv row 7: pick_lines_per_hour is 0; it must be more than 0 order lines an hour",
        "fleet.csv row 7: return_share is 1.5; it must be 0 to 0.95 return parcels per order",
    ]


def test_the_same_mistake_in_many_rows_is_one_sentence(tmp_path):
    rows = [(f"Tea {i}", "tea_shop_startup", 30, 0.1, "", "hangzou") for i in range(1000)]
    (told,) = mistakes(csv_file(tmp_path, rows, (*HEADER, "city")))
    assert told.startswith("fleet.csv rows 2, 3, 4 and 997 more: city is 'hangzou'; it must be one of hangzhou, ")
    assert told.endswith("; did you mean 'hangzhou'?")


def test_what_only_a_plan_would_find_is_found_before_anything_runs(tmp_path):
    rows = [("A", 30, 0.1, "2019-01", ""), ("B", 30, 0.1, "", "no_such_orders"), ("C", 30, 0.1, "", "short.csv")]
    (tmp_path / "short.csv").write_text("hour_start,orders\n2026-03-05T10:00,3\n")
    first, second, third = mistakes(
        csv_file(tmp_path, rows, ("name", "orders_per_day", "return_share", "start_month", "history"))
    )
    assert first == "fleet.csv row 2: start_month is 2019-01; the payroll figures of cn/hangzhou begin in 2025-07"
    assert second.startswith("fleet.csv row 3: there is no order history 'no_such_orders'")
    assert third.startswith("fleet.csv row 4: short.csv has orders on 1 day that count")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "fleet.csv is empty; its first row must name the columns, such as name, orders_per_day"),
        (b"name,return_share\n", "fleet.csv has a header but no rows; each row is a shop"),
        (b"name,name\nA,B\n", "fleet.csv has 2 columns 'name'; each must have a name of its own"),
        (b'name,return_share\n"A,0.1\n', "fleet.csv row 2: orders_per_day is missing"),
        (b"name,return_share\nA,0.1,7\n", "fleet.csv row 2: column C holds '7' but has no name"),
        (b"name,,return_share\nA,7,0.1\n", "fleet.csv row 2: column B holds '7' but has no name"),
        (b"\x81\x00\xff\xff", "fleet.csv is neither UTF-8 nor GBK text; save it as CSV in UTF-8"),
        (
            b"name,orders_per_day\nA,5\n",
            "fleet.csv row 2: return_share is missing; it must be 0 to 0.95 return parcels",
        ),
    ],
)
def test_a_wrong_table_is_a_sentence(tmp_path, content, sentence):
    (tmp_path / "fleet.csv").write_bytes(content)
    assert mistakes(tmp_path / "fleet.csv")[0].startswith(sentence)


def test_wrong_rows_can_be_left_out_and_are_kept_with_their_mistakes(tmp_path):
    rows = [*GOOD, ("Bad", "tea_shop_startup", -5, 2, ""), ("Cut", "tea_shop_startup", 1, 0, "", "what?")]
    fleet = read_fleet(csv_file(tmp_path, rows), skip_wrong_rows=True)
    assert [shop.name for shop in fleet.shops] == ["Lake Tea", "茶馆"]
    assert [(wrong.row, wrong.name, len(wrong.mistakes)) for wrong in fleet.wrong] == [(4, "Bad", 2), (5, "", 1)]


def test_a_base_and_a_history_beside_the_fleet_are_found(tmp_path):
    hours = "".join(f"2026-03-{d:02d}T{h:02d}:00,{20 + h}\n" for d in range(1, 29) for h in range(9, 18))
    (tmp_path / "orders.csv").write_text(f"hour_start,orders\n{hours}")
    (tmp_path / "mine.yaml").write_text("name: Mine\nreturn_share: 0.1\norders_per_day: 30\n")
    path = csv_file(tmp_path, [("A", "mine.yaml", "orders.csv")], ("name", "scenario", "history"))
    (shop,) = read_fleet(path).shops
    assert (shop.scenario.return_share, shop.scenario.history) == (0.1, str((tmp_path / "orders.csv").resolve()))


def test_yaml_beside_a_fleet_runs_nothing(tmp_path):
    (tmp_path / "base.yaml").write_text(f"name: !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\n")
    (tmp_path / "fleet.csv").write_text("name,scenario\nA,base.yaml\n")
    with pytest.raises(InputError, match=r"base\.yaml is not valid YAML"):
        read_fleet(tmp_path / "fleet.csv")
    assert not (tmp_path / "made").exists()


def test_fleets_are_found_by_name_or_path():
    assert fleet_path("tea_shops").name == "tea_shops.csv"
    with pytest.raises(InputError, match="there is no fleet 'tea_shop'; it must be a CSV or XLSX file; did you mean"):
        fleet_path("tea_shop")
    for name, sentence in (("no/such.csv", "there is no file"), ("a\0b.csv", "NUL"), ("x" * 5000 + ".csv", "long")):
        with pytest.raises(InputError, match=sentence):
            fleet_path(name)


def test_check_tells_of_a_fleet(tmp_path, capsys):
    assert main(["check", str(csv_file(tmp_path, GOOD))]) == 0
    assert capsys.readouterr().out == "fleet.csv is in order: 2 shops\n"
    assert main(["check", str(csv_file(tmp_path, [("A", "tea_shop_startup", -5, 0, "")]))]) == 2
    sentence = "fleet.csv row 2: orders_per_day is -5; it must be 0 or more orders a day"
    assert capsys.readouterr().err == f"ecteam: {sentence}\n"
    assert main(["check", "tea_shops", "--set", "months=3"]) == 2


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
AWKWARD = [
    "../x", "..", ".", "/etc/passwd", "C:\\x", "a\0b", "CON", "con", "nul.txt", "COM1", "LPT³", "aux ", "Tea", "TEA",
    "tea", "té", "te\u0301", "ＴＥＡ", "straße", "STRASSE", "茶" * 80, "武夷岩茶旗舰店", "x" * 300, "★★★", "=1+1",
    "<script>alert(1)</script>", "index.html", "fleet.json", ".batch.lock", "-rf", "\u202egnp.exe", "\u0301a", "ﬁne",
    "fine",
]  # fmt: skip


@given(st.lists(NAMES, unique=True, max_size=12))
@example(AWKWARD)
@example([name * 3 for name in AWKWARD])
def test_folder_names_are_safe_and_unique_wherever_they_are_written(names):
    folders = folder_names(names)
    # A file system may ignore case, compose accents or take compatible characters for one another.
    seen = {unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", f).casefold()) for f in folders}
    assert len(seen) == len(names)
    for folder in folders:
        assert all(c in "_-" or unicodedata.category(c)[0] in "LNM" for c in folder)
        assert 1 <= len(folder.encode()) <= LONGEST_BYTES + 70
        assert not RESERVED.match(folder)
        assert folder[0] not in "_-"
        assert unicodedata.category(folder[0])[0] != "M"
        assert os.path.basename(folder) == folder


@given(st.lists(NAMES, unique=True, min_size=1, max_size=8), st.randoms())
@example(AWKWARD, None)
def test_a_shop_keeps_its_folder_when_rows_move(names, random):
    before = dict(zip(names, folder_names(names), strict=True))
    moved = list(reversed(names)) if random is None else random.sample(names, len(names))
    assert dict(zip(moved, folder_names(moved), strict=True)) == before


def test_a_plain_name_keeps_its_folder_whoever_joins_the_fleet():
    assert folder_names(["Lake Tea"]) == folder_names(["Lake Tea", "茶馆", "../x"])[:1] == ["Lake_Tea"]


def test_awkward_names_can_all_be_made_side_by_side(tmp_path):
    for folder in folder_names(AWKWARD):
        (tmp_path / folder).mkdir()
        (tmp_path / f"{folder}.failed.ipynb").touch()
    assert len(list(tmp_path.iterdir())) == 2 * len(AWKWARD)
    assert list(tmp_path.parent.glob("x")) == []


@given(NAMES.filter(str.strip), st.floats(0, 1e6), st.one_of(st.none(), st.floats(1, 500)))
@example("on", 1e-5, None)
@example("12:30", 60.0, 1.5)
@example("=1+1", 0.0, None)
@example("~", 0.0, None)
def test_a_reports_own_scenario_file_gives_the_same_shop(tmp_path_factory, name, orders, lines):
    try:
        shop = Scenario(name=name, return_share=0.1, orders_per_day=orders, lines_per_order=lines)
    except InputError:
        return
    path = tmp_path_factory.mktemp("s") / "scenario.yaml"
    path.write_text(yaml.safe_dump(shop.model_dump(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    assert load_scenario(str(path)) == shop


TOTALS = {"orders_total": 100.0, "heads_first_month": 2, "heads_last_month": 3, "cost_per_month": 9000.0}


def row(name, cost, **more):
    given = {
        "name": name, "row": 2, "folder": folder_names([name])[0], "key": "", "manifest": "",
        "sentence": "", "cell": "", "tries": 1, "stage": "startup", "city": "hangzhou", "currency": "CNY",
        "totals": TOTALS | {"cost_per_order": cost, "share_of_sales": cost and cost / 50}, "before": {},
    }  # fmt: skip
    return Row(**given | more)


def test_the_index_ranks_links_and_shows_changes():
    before = TOTALS | {"cost_per_order": 5.0, "cost_per_month": 8500.0}
    rows = [row("Dear", 9.0), row("Cheap", 4.0, before=before), row("No orders", None), row("Uni", 7.0, currency="GBP")]
    page = index_page("fleet.csv", rows, [row("Closed", 1.0)])
    assert page.index(">Cheap<") < page.index(">Dear<") < page.index(">No orders<") < page.index("(GBP)")
    assert '<a href="Cheap/report.html">Cheap</a>' in page
    assert "<td class=n>+500</td>" in page
    assert page.index("No longer in the fleet") < page.index(">Closed<")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_name_in_the_index_is_text_and_nothing_else(lang):
    use(lang)
    evil = '<script>alert("1")</script>\'"& <img src=x onerror=alert(1)>'
    rows = [row(evil, 4.0), row(evil, 4.0, sentence=f"{evil} failed", cell=evil, totals={})]
    page = index_page(evil, rows, [row(evil, 4.0)])
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
