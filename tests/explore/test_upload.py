"""A shop's own order file: uploaded, checked, answered; a file that is none is one sentence and all stays."""

from pathlib import Path

import pytest

from ecteam import InputError, load_scenario, make_plan
from ecteam.explore.explorer import explore
from ecteam.explore.upload import Uploads
from ecteam.explore.views import start_page
from ecteam.inputs.words import use
from ecteam.view import team
from tests.uploads import file_of

FIELDS = ["stage", "city", "orders_per_day", "average_order_value", "return_share", "active_skus", "self_shipping"]


def rows(days=28, a_day=8):
    """Order times of some weeks: day and hour of each order."""
    return [(f"2026-{5 + d // 28:02}-{d % 28 + 1:02}", 9 + n) for d in range(days) for n in range(a_day)]


def shopify():
    lines = ["Name,Financial Status,Created at,Lineitem quantity,Lineitem name"]
    for i, (day, hour) in enumerate(rows()):
        lines += [f"#{1000 + i},paid,{day} {hour:02}:30:00 +0800,2,Green tea", f"#{1000 + i},,,1,Black tea"]
    return "shopify.csv", "\n".join(lines).encode()


def woocommerce():
    lines = ["order_id;order_number;date_created;status"]
    lines += [f"{i};{i};{day} {hour:02}:15:00;completed" for i, (day, hour) in enumerate(rows())]
    return "woo.csv", "\n".join(lines).encode()


def taobao():
    lines = ["订单编号,买家实际支付金额,订单状态,订单付款时间,宝贝种类,宝贝总数量"]
    lines += [f'="{10**15 + i}",128.00,交易成功,{day} {hour:02}:05:00,2,3' for i, (day, hour) in enumerate(rows())]
    return "淘宝订单.csv", "\n".join(lines).encode("gbk")


@pytest.fixture
def explorer():
    return explore(load_scenario("tea_shop_startup"), start_page, FIELDS, order_file=True)


@pytest.mark.core
@pytest.mark.parametrize("export", [shopify, woocommerce, taobao], ids=lambda made: made.__name__)
def test_an_order_file_is_checked_and_answered(explorer, export):
    name, content = export()
    explorer.orders.value = file_of(name, content)
    assert explorer.mistake.value == ""
    assert "224 orders on 28 days, 2026-05-01 to 2026-05-28" in explorer.checked.value
    assert name in explorer.checked.value
    shop = explorer.plan.scenario
    assert shop.orders_per_day is None, "the level is the file's"
    assert explorer.controls["orders_per_day"].value == pytest.approx(explorer.plan.inputs.orders_per_day)
    assert explorer.plan.to_json() == make_plan(shop).to_json()
    assert explorer.shown.children[5].value == team.team(explorer.plan).to_html()
    assert explorer.orders.value == (), "another file can follow"
    if export is taobao:
        assert (shop.average_order_value, shop.lines_per_order) == (128, None)
        assert explorer.plan.values["lines_per_order"] == 2
        assert explorer.controls["average_order_value"].value == 128
    explorer.controls["active_skus"].value = 90.0
    assert explorer.plan.scenario == shop.with_changes(active_skus=90)


def test_a_change_that_was_made_before_the_file_came_stays(explorer):
    explorer.controls["city"].value = "shanghai"
    explorer.controls["active_skus"].value = 99.0
    explorer.orders.value = file_of(*woocommerce())
    assert (explorer.plan.scenario.city, explorer.plan.scenario.active_skus) == ("shanghai", 99)
    assert explorer.controls["city"].value == "shanghai"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "photo.png is neither UTF-8 nor GBK text"),
        ("orders.xlsx", b"PK\x03\x04" + bytes(200), "orders.xlsx cannot be read: the file is damaged"),
        ("letter.txt", "Dear Sir,\nplease find enclosed\n", "letter.txt"),
        ("empty.csv", "", "empty.csv is empty"),
        ("staff.csv", "name,role\nLi Wei,picker\n", "staff.csv has no column of order times"),
        ("few.csv", "order_time\n2026-05-01 10:00\n2026-05-02 10:00\n", "on 2 days that count; it must have them"),
        ("..", "order_time\n", "is no name of a file"),
    ],
)
def test_a_file_that_is_no_order_file_is_one_sentence_and_the_last_good_team_stays(explorer, name, content, sentence):
    explorer.controls["orders_per_day"].value = 420.0
    before, state, plan = explorer.shown.children[5].value, explorer.state, explorer.plan
    explorer.orders.value = file_of(name, content)
    assert sentence in explorer.checked.value, "said beside the button, in place of what an earlier file said"
    assert explorer.checked.value.count("<p") == 1
    assert "alert" in explorer.checked.value
    assert explorer.mistake.value == ""
    assert (explorer.shown.children[5].value, explorer.state) == (before, state)
    assert explorer.plan is plan


def test_a_bad_file_leaves_a_good_one_of_the_same_name_as_it_was(explorer):
    explorer.orders.value = file_of("orders.csv", woocommerce()[1])
    before, skus = explorer.plan.to_json(), explorer.controls["active_skus"].value
    explorer.orders.value = file_of("orders.csv", "no orders here\nat all\n")
    assert "orders.csv" in explorer.checked.value
    assert "Read " not in explorer.checked.value
    explorer.controls["active_skus"].value = 90.0
    explorer.controls["active_skus"].value = skus
    assert explorer.plan.to_json() == before


def test_reset_leaves_an_order_file_out_again(explorer):
    before, state = explorer.plan.to_json(), explorer.state
    explorer.orders.value = file_of(*woocommerce())
    assert explorer.plan.to_json() != before
    explorer.controls["active_skus"].value = 90.0
    explorer.reset.click()
    assert (explorer.plan.to_json(), explorer.state) == (before, state)
    assert explorer.checked.value == ""
    assert "history" not in explorer.shelf.file


def test_names_of_files_lead_nowhere_else():
    uploads = Uploads()
    for name in ("../../orders.csv", "C:\\shop\\orders.csv", "/etc/orders.csv", "orders.csv\0"):
        assert uploads.order_file(name, woocommerce()[1]).fields["history"] == str(uploads.folder / "orders.csv")
    assert [path.name for path in uploads.folder.iterdir()] == ["orders.csv"]


def test_saved_settings_name_the_order_file_beside_them(explorer, tmp_path, monkeypatch):
    name, content = taobao()
    explorer.orders.value = file_of(name, content)
    (tmp_path / "mine.yaml").write_text(explorer.shelf.file, encoding="utf-8")
    with pytest.raises(InputError, match="there is no order history"):
        make_plan(load_scenario(str(tmp_path / "mine.yaml")))
    (tmp_path / name).write_bytes(content)
    own = make_plan(load_scenario(str(tmp_path / "mine.yaml")))
    assert own.totals == explorer.plan.totals
    # Opened in the same session, the settings find the file that was uploaded.
    explorer.controls["active_skus"].value = 90.0
    explorer.shelf.opened.value = file_of("mine.yaml", (tmp_path / "mine.yaml").read_bytes())
    assert explorer.mistake.value == ""
    assert explorer.plan.totals == own.totals
    monkeypatch.chdir(tmp_path)
    explorer.shelf.show_code.value = True
    names = {"display": lambda *_: None}
    exec(explorer.shelf.code, names)
    assert names["plan"].totals == own.totals


def test_the_real_orders_of_a_shop_are_read_with_their_notes_and_said_in_chinese():
    use("zh")
    explorer = explore(load_scenario("tea_shop_startup"), start_page, FIELDS, order_file=True)
    path = Path(__file__).parents[1] / "data" / "online_retail_orders.csv"
    orders, notes = file_of(path.name, path.read_bytes()), path.with_suffix(".yaml").read_bytes()
    explorer.orders.value = orders
    assert explorer.mistake.value == ""
    assert "有 16 天没有数据（最早 2010-12-24，最晚 2011-08-29），不用于拟合" in explorer.checked.value
    explorer.orders.value = file_of("online_retail_orders.yaml", notes)
    assert "请与 online_retail_orders.csv 一起选择" in explorer.checked.value
    explorer.orders.value = orders + file_of("online_retail_orders.yaml", notes)
    assert explorer.mistake.value == ""
    assert "online_retail_orders.csv：2010-12-01 至 2011-12-09" in explorer.checked.value
    assert "先测这三项" in explorer.shown.children[4].value


def unknown(rows=56):
    lines = ["ref;moment;who;tel;how"]
    lines += [
        f"R{i};{1 + i % 28:02}/0{3 + i // 28}/2026 10:{i % 60:02};Zebedee {chr(65 + i % 26)};0770090{i:04};done"
        for i in range(rows)
    ]
    return "shop.csv", "\n".join(lines).encode()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_columns_that_are_not_recognised_are_said_by_dropdowns(language):
    use(language)
    explorer = explore(load_scenario("tea_shop_startup"), start_page, FIELDS, order_file=True)
    explorer.orders.value = file_of(*unknown())
    assert "alert" in explorer.checked.value
    (form,) = explorer.columns.children
    preview = form.children[0].value
    assert preview.count("<tr>") == 1 + 5, "a header and five rows"
    assert "01/03/2026 10:00" in preview
    assert "done" in preview, "a state"
    assert "Zebedee" not in preview
    assert "0770090" not in preview
    form.fields["time_column"].value = "moment"
    form.fields["number_column"].value = "ref"
    form.button.click()
    assert explorer.columns.children == ()
    assert "56" in explorer.checked.value, explorer.checked.value
    assert "time_column: moment" in explorer.checked.value
    assert explorer.plan.scenario.orders_per_day is None
    use("en")


def test_a_wrong_choice_is_said_and_can_be_mended(explorer):
    explorer.orders.value = file_of(*unknown())
    explorer.columns.children[0].fields["time_column"].value = "how"
    explorer.columns.children[0].button.click()
    assert "is no date and time" in explorer.checked.value
    form = explorer.columns.children[0]
    assert form.fields["time_column"].value == "how", "what was chosen stays"
    form.fields["time_column"].value = "moment"
    form.button.click()
    assert "56 orders on 59 days" in explorer.checked.value


def test_the_order_of_day_and_month_can_be_said_in_the_upload(explorer):
    rows = [f"{i},0{1 + i % 7}/0{1 + i % 9}/2026 10:00" for i in range(60)]
    explorer.orders.value = file_of("two_ways.csv", "\n".join(["order_id,order_time", *rows]).encode())
    form = explorer.columns.children[0]
    form.fields["day_first"].value = True
    form.button.click()
    assert "60 orders" in explorer.checked.value
