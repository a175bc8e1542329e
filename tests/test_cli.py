"""The command line as a person meets it: one sentence for each mistake, exit status 2, nothing written."""

import os
import subprocess
import sys

import pytest

from ecteam.cli import main


def said(capsys):
    out, err = capsys.readouterr()
    return out.strip().splitlines(), err.strip().splitlines()


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return str(path)


SHOP = "name: Tea\norders_per_day: 30\nreturn_share: 0.05\n"
HOURS = "hour_start,orders\n" + "".join(
    f"2026-03-{day:02d}T{hour:02d}:00,{20 + hour}\n" for day in range(1, 29) for hour in range(9, 18)
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("city=hangzou", "city is 'hangzou'; it must be one of hangzhou, shanghai, beijing, shenzhen, guangzhou, "
                         "chengdu, yiwu, kunming, uk; did you mean 'hangzhou'?"),
        ("orders_per_day=-5", "orders_per_day is -5; it must be 0 or more orders a day"),
        ("orders_per_day=many", "orders_per_day is 'many'; it must be 0 or more orders a day"),
        ("order_per_day=5", "there is no field or assumption 'order_per_day'; did you mean 'orders_per_day'?"),
        ("pick_lines_per_hour=0", "pick_lines_per_hour is 0; it must be more than 0 order lines an hour"),
        ("start_month=2019-01", "start_month is 2019-01; the payroll figures of cn/hangzhou begin in 2025-07"),
        ("months=0", "months is 0; it must be a whole number, 1 to 36 months"),
        ("orders_per_day", "--set 'orders_per_day' is not understood; write --set NAME=VALUE, such as"),
        ("leading_hours_per_head=500", "the team does not settle"),
    ],
)  # fmt: skip
def test_a_wrong_change_is_one_sentence(capsys, tmp_path, change, sentence):
    status = main(["report", "tea_shop_startup", "--set", change, "--out", str(tmp_path / "out")])
    out, err = said(capsys)
    assert (status, out) == (2, [])
    assert len(err) == 1
    assert err[0].startswith(f"ecteam: {sentence}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "shop.yaml is empty; it must hold fields such as 'orders_per_day: 60'"),
        ("- a\n- b\n", "shop.yaml holds a list; it must hold fields such as 'orders_per_day: 60'"),
        ("name: [", "shop.yaml is not valid YAML, near line 1"),
        (SHOP + "order_valu: 3\n", "a scenario has no field 'order_valu'"),
        (SHOP + "history: no_such_file\n", "there is no order history 'no_such_file'"),
    ],
)
def test_a_wrong_file_is_one_sentence(capsys, tmp_path, content, sentence):
    path = write(tmp_path / "shop.yaml", content)
    assert main(["report", path, "--out", str(tmp_path / "out")]) == 2
    out, err = said(capsys)
    assert (out, len(err)) == ([], 1)
    assert err[0].startswith(f"ecteam: {sentence}")
    assert [p.name for p in tmp_path.iterdir()] == ["shop.yaml"]


@pytest.mark.parametrize(
    ("hours", "encoding", "sentence"),
    [
        ("", "utf-8", "orders.csv is empty"),
        (HOURS.replace("orders", "Bestellungen"), "utf-16", "orders.csv is neither UTF-8 nor GBK text"),
        (HOURS.replace("hour_start", "when"), "utf-8", "orders.csv has no column of order times: it has when, orders"),
        (HOURS + "2026-03-05T10:00,3\n", "utf-8", "orders.csv row 254: the hour 2026-03-05 10:00 is there twice"),
        ("\n".join(line for line in HOURS.splitlines() if "2026-03-1" not in line), "utf-8",
         "orders.csv has no rows on 10 days, the first 2026-03-10, the last 2026-03-19"),
        (HOURS.replace("2026-03-07T09:00,29", "2026-03-07T09:00,lots"), "utf-8",
         "orders.csv row 56, column orders: 'lots'"),
    ],
)  # fmt: skip
def test_a_wrong_history_is_one_sentence(capsys, tmp_path, hours, encoding, sentence):
    write(tmp_path / "orders.csv", hours, encoding)
    path = write(tmp_path / "shop.yaml", "name: Tea\nreturn_share: 0.05\nhistory: orders.csv\n")
    assert main(["check", path]) == 2
    out, err = said(capsys)
    assert (out, len(err)) == ([], 1)
    assert err[0].startswith(f"ecteam: {sentence}")


def test_all_mistakes_of_a_file_are_told_at_once(capsys, tmp_path):
    path = write(tmp_path / "shop.yaml", "name: Tea\norders_per_day: -1\nreturn_share: 7\ncitty: x\nmonths: many\n")
    assert main(["check", path]) == 2
    assert len(said(capsys)[1]) == 4


def test_a_scenario_that_does_not_exist_offers_the_nearest(capsys):
    assert main(["check", "tea_shop_grwth"]) == 2
    assert said(capsys)[1] == ["ecteam: there is no scenario 'tea_shop_grwth'; did you mean 'tea_shop_growth'?"]


def test_an_output_folder_that_cannot_be_written_is_one_sentence(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert main(["report", "tea_shop_startup", "--out", str(tmp_path / "file" / "reports")]) == 2
    out, err = said(capsys)
    assert (out, len(err)) == ([], 1)
    assert err[0].startswith(f"ecteam: the report cannot be written to {tmp_path / 'file' / 'reports'}")
    assert (tmp_path / "file").read_text() == "in the way"


def test_check_says_what_is_in_order(capsys):
    assert main(["check", "online_retail_uk"]) == 0
    out, err = said(capsys)
    assert out[0].startswith("online_retail_uk.yaml is in order: ")
    assert "GBP a month" in out[0]
    assert err == []


def test_a_history_beside_the_scenario_is_found(capsys, tmp_path):
    write(tmp_path / "orders.csv", HOURS)
    path = write(tmp_path / "shop.yaml", "name: Tea\nreturn_share: 0.05\nhistory: orders.csv\n")
    assert main(["check", path]) == 0
    assert said(capsys)[0][0].startswith("shop.yaml is in order")


def test_demo_copies_notebooks_and_data_and_refuses_a_folder_in_use(capsys, tmp_path):
    assert main(["demo", str(tmp_path / "start")]) == 0
    assert (tmp_path / "start" / "notebooks" / "10_startup_team.ipynb").is_file()
    assert (tmp_path / "start" / "data" / "scenarios" / "tea_shop_growth.yaml").is_file()
    assert main(["demo", str(tmp_path / "start")]) == 2


def test_a_failing_notebook_ends_with_status_1(capsys, tmp_path, monkeypatch):
    from ecteam.publish import report

    def fail(*_, **__):
        raise report.ReportFailed("team_report.ipynb: cell 3 stopped", tmp_path / "run.ipynb")

    monkeypatch.setattr(report, "make_report", fail)
    assert main(["report", "tea_shop_startup", "--out", str(tmp_path)]) == 1
    assert said(capsys)[1] == ["ecteam: team_report.ipynb: cell 3 stopped"]


def test_the_package_imports_without_its_heavy_libraries():
    heavy = "('pandas', 'matplotlib', 'papermill', 'ipywidgets', 'scipy')"
    code = f"import sys, ecteam; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert run.stdout.strip() == "[]"
