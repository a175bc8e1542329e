"""The command line as a person meets it: one sentence for each mistake, exit status 2, nothing written."""

import io
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from ecteam.cli import main
from ecteam.inputs import scenario_file
from ecteam.inputs.files import data_dir


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


def one_sentence(capsys, sentence, *command):
    """A command is refused in one sentence, and nothing is printed."""
    assert main(list(command)) == 2
    out, err = said(capsys)
    assert (out, len(err)) == ([], 1)
    assert err[0].startswith(f"ecteam: {sentence}")


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
        ("leading_hours_per_head=500", "headcount does not converge"),
        ("orders_per_day=12:30", "orders_per_day is '12:30'; it must be 0 or more orders a day"),
        ("orders_per_day=0x10", "orders_per_day is '0x10'; it must be 0 or more orders a day"),
        ("orders_per_day=[a", "orders_per_day is '[a'; it must be 0 or more orders a day"),
        ("orders_per_day=nan", "orders_per_day is 'nan'; it must be a number, 0 or more orders a day"),
        ("orders_per_day=" + "9" * 400, "orders_per_day is inf; it must be a number, 0 or more orders a day"),
        ("months=true", "months is true; it must be a whole number, 1 to 36 months"),
        ("months=null", "months is empty; it must be a whole number, 1 to 36 months"),
        ("pick_lines_per_hour=12:30", "pick_lines_per_hour is '12:30'; it must be a number"),
        ("pick_lines_per_hour=true", "pick_lines_per_hour is 'true'; it must be a number"),
        ("self=1", "there is no field or assumption 'self'"),
        ("name=Tea\x1b", r"name is 'Tea\x1b'; it must not hold control characters"),
        ("name=\u200b", r"name is '\u200b'; it must hold a character that can be seen"),
        ("history=" + "x" * 300, "the history '" + "x" * 117 + "...' cannot be read: file name too long"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_a_wrong_change_is_one_sentence(capsys, tmp_path, change, sentence):
    out = tmp_path / "out"
    one_sentence(capsys, sentence, "report", "tea_shop_startup", "--set", change, "--out", str(out))
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
    one_sentence(capsys, sentence, "report", path, "--out", str(tmp_path / "out"))
    assert [p.name for p in tmp_path.iterdir()] == ["shop.yaml"]


@pytest.mark.parametrize(
    ("hours", "encoding", "sentence"),
    [
        ("", "utf-8", "orders.csv is empty"),
        (HOURS.replace("orders", "Bestellungen"), "utf-16-le", "orders.csv is neither UTF-8 nor GBK text"),
        (HOURS.replace("hour_start", "when"), "utf-8", "orders.csv has no column of order times: it has when, orders"),
        (HOURS + "2026-03-05T10:00,3\n", "utf-8", "orders.csv row 254: the hour 2026-03-05 10:00 is there twice"),
        (HOURS.replace("2026-03-07T09:00,29", "2026-03-07T09:00,lots"), "utf-8",
         "orders.csv row 56, column orders: 'lots'"),
    ],
)  # fmt: skip
def test_a_wrong_history_is_one_sentence(capsys, tmp_path, hours, encoding, sentence):
    write(tmp_path / "orders.csv", hours, encoding)
    path = write(tmp_path / "shop.yaml", "name: Tea\nreturn_share: 0.05\nhistory: orders.csv\n")
    one_sentence(capsys, sentence, "check", path)


def test_days_without_rows_are_left_out_and_said(capsys, tmp_path):
    write(tmp_path / "orders.csv", "\n".join(line for line in HOURS.splitlines() if "2026-03-1" not in line))
    path = write(tmp_path / "shop.yaml", "name: Tea\nreturn_share: 0.05\nhistory: orders.csv\n")
    assert main(["check", path]) == 0
    assert "10 days without rows, the first 2026-03-10, the last 2026-03-19" in " ".join(said(capsys)[0])


def test_all_mistakes_of_a_file_are_told_at_once(capsys, tmp_path):
    path = write(tmp_path / "shop.yaml", "name: Tea\norders_per_day: -1\nreturn_share: 7\ncitty: x\nmonths: many\n")
    assert main(["check", path]) == 2
    assert len(said(capsys)[1]) == 4


def test_a_scenario_that_does_not_exist_offers_the_nearest(capsys):
    sentence = "there is no scenario 'tea_shop_grwth'; did you mean 'tea_shop_growth'?"
    one_sentence(capsys, sentence, "check", "tea_shop_grwth")


def test_an_output_folder_that_cannot_be_written_is_one_sentence(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "reports"
    sentence = f"the report cannot be written to {out}"
    one_sentence(capsys, sentence, "report", "tea_shop_startup", "--out", str(out))
    assert (tmp_path / "file").read_text() == "in the way"


def test_pay_below_the_minimum_wage_is_said_with_both_figures(capsys):
    assert main(["check", "tea_shop_growth", "--set", "pay_picker=1500"]) == 0
    out, err = said(capsys)
    assert (
        "note: pay_picker comes to 1,500 CNY a month, below the minimum wage (Hangzhou), 2,660 CNY a month "
        "from 2027-01."
    ) in out
    assert err == []
    sentence = "pay_picker is -1; it must be 0 or more CNY a month, gross"
    one_sentence(capsys, sentence, "check", "tea_shop_growth", "--set", "pay_picker=-1")


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
    # With numpy come threads: the command could not fork the process of a report any more.
    heavy = "('numpy', 'pandas', 'matplotlib', 'papermill', 'ipywidgets', 'scipy')"
    code = f"import sys, ecteam.cli; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert run.stdout.strip() == "[]"


def check(capsys, *changes, shop="tea_shop_startup"):
    """The exit status, and the lines of stderr without the program's name."""
    status = main(["check", shop, *(word for change in changes for word in ("--set", change))])
    return status, [line.removeprefix("ecteam: ") for line in said(capsys)[1]]


@pytest.mark.parametrize("name", ["[a", "a: b: c", "@x", "'", "1", "on", "2027", "12:30", "null", "{}", "!!x y"])
def test_a_text_is_taken_as_typed(name, monkeypatch):
    from ecteam.plan import plan

    seen = {}

    def stop(_, **changes):
        seen.update(changes)
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "plan_shop", stop)
    assert main(["check", "tea_shop_startup", "--set", f"name={name}", "--set", "start_month=2027-01"]) == 130
    assert seen == {"name": name, "start_month": "2027-01"}


@pytest.mark.parametrize(("text", "number"), [("1e-5", 1e-5), ("010", 10), (" 3 ", 3), ("+2.50", 2.5), (".5", 0.5)])
def test_decimal_numbers_are_numbers(text, number):
    assert scenario_file.word(text) == scenario_file.figure(text) == number


def test_a_name_given_twice_is_refused(capsys):
    assert check(capsys, "months=3", "months=4") == (2, ["--set gives 'months' 2 times; it must be there once"])


def test_all_mistakes_of_a_command_are_told_at_once(capsys, tmp_path):
    changes = ["months", "city=hangzou", "orders_per_dy=3", "pick_lines_per_hour=0", "channels=1", "channels=2"]
    status, err = check(capsys, *changes)
    assert status == 2
    assert [sentence.split(";")[0] for sentence in err] == [
        "--set 'months' is not understood",
        "--set gives 'channels' 2 times",
        "there is no field or assumption 'orders_per_dy'",
        "pick_lines_per_hour is 0",
        "city is 'hangzou'",
    ]
    status, err = check(capsys, "orders_per_dy=3", shop="tea_shop_grwth")
    assert (status, len(err)) == (2, 2)


def test_a_history_of_a_change_keeps_its_place(tmp_path, monkeypatch):
    write(tmp_path / "orders.csv", HOURS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("orders.csv", "~/orders.csv"):
        assert scenario_file.field("history", name) == str(tmp_path / "orders.csv")
    assert scenario_file.field("history", "online_retail_hourly") == "online_retail_hourly"
    assert scenario_file.field("history", "null") is None


@pytest.mark.parametrize("name", ["...yaml", "..yaml", " .yaml", "a\\b.yaml", "a\nb.yaml"])
def test_a_file_that_cannot_name_a_report_folder_is_refused(capsys, tmp_path, name):
    sentence = f"{name!r} cannot name a report folder; rename the file, such as my_shop.yaml"
    one_sentence(capsys, sentence, "report", write(tmp_path / name, SHOP), "--out", str(tmp_path / "out"))
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("folder", "reason"), [("x" * 300, "file name too long"), ("a\0b", "the name holds a NUL character")]
)
def test_a_folder_that_cannot_be_is_one_sentence(capsys, tmp_path, folder, reason):
    for command in (["report", "tea_shop_startup", "--out"], ["demo"]):
        assert main([*command, str(tmp_path / folder)]) == 2
        out, err = said(capsys)
        assert (out, len(err)) == ([], 1)
        assert err[0].endswith(f": {reason}")
    assert main(["check", str(tmp_path / f"{folder}.yaml")]) == 2
    assert len(said(capsys)[1]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_fails_leaves_nothing(capsys, tmp_path, monkeypatch):
    def fail(source, target, **options):
        if source.name == "data":
            raise errors.pop()
        target.mkdir(parents=True)

    monkeypatch.setattr("shutil.copytree", fail)
    errors = [KeyboardInterrupt(), OSError(28, "No space left on device")]
    assert main(["demo", str(tmp_path / "new" / "start")]) == 2
    assert said(capsys)[1] == [f"ecteam: {tmp_path / 'new' / 'start'} cannot be written: no space left on device"]
    assert main(["demo", str(tmp_path / "new" / "start")]) == 130
    assert said(capsys)[1] == ["ecteam: stopped; nothing was written"]
    assert list(tmp_path.iterdir()) == []


def test_a_demo_inside_what_it_copies_is_refused(capsys, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("ECTEAM_DATA", str(tmp_path / "data"))
    sentence = f"{tmp_path / 'data' / 'start'} lies in the folder that is copied; name another folder"
    one_sentence(capsys, sentence, "demo", str(tmp_path / "data" / "start"))


def test_the_home_folder_is_found(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "shop.yaml", SHOP)
    assert main(["check", "~/shop.yaml"]) == 0
    assert main(["demo", "~/start"]) == 0
    assert (tmp_path / "start" / "data").is_dir()


def ecteam(*arguments, **options):
    code = "import sys; from ecteam.cli import main; sys.exit(main())"
    # Unbuffered, argparse itself swallows what nobody reads.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env, **options)


@pytest.mark.parametrize("arguments", [["check", "tea_shop_startup"], ["--help"]], ids=" ".join)
def test_a_pipe_that_nobody_reads_is_no_traceback(arguments):
    reads, writes = os.pipe()
    os.close(reads)
    with ecteam(*arguments, stdout=writes) as run:
        os.close(writes)
        assert run.stderr.read() == ""
    assert run.returncode == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence():
    with open("/dev/full", "w") as full, ecteam("check", "tea_shop_startup", stdout=full) as run:
        assert run.stderr.read() == "ecteam: the output cannot be written: no space left on device\n"
    assert run.returncode == 1


def test_ctrl_c_is_one_line(tmp_path):
    code = "import os, signal, sys, time, ecteam.plan.plan as p; from ecteam.cli import main\n"
    # The signal may reach another thread first: it takes a moment.
    code += "p.plan_shop = lambda *_, **__: (os.kill(os.getpid(), signal.SIGINT), time.sleep(60))\nsys.exit(main())"
    command = [sys.executable, "-c", code, "report", "tea_shop_startup", "--out", str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "ecteam: stopped; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_what_a_terminal_cannot_show_becomes_a_question_mark(tmp_path, monkeypatch):
    path = write(tmp_path / "茶.yaml", SHOP)
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["check", path]) == 0
    assert terminal.buffer.getvalue().startswith(b"?.yaml is in order: ")


def test_a_stopped_report_leaves_no_folders(capsys, tmp_path, monkeypatch):
    from ecteam.publish import report

    def stop(plan, file, folder, **_):
        folder.parent.mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "make_report", stop)
    assert main(["report", "tea_shop_startup", "--out", str(tmp_path / "a" / "b")]) == 130
    assert said(capsys) == ([], ["ecteam: stopped; nothing was written"])
    assert list(tmp_path.iterdir()) == []


def test_what_a_report_is_asked_for_reaches_it(capsys, tmp_path, monkeypatch):
    from ecteam.publish import report

    asked = {}

    def make(plan, file, folder, **options):
        asked.update(options, folder=folder)
        return folder / "report.html"

    monkeypatch.setattr(report, "make_report", make)
    command = ["report", "tea_shop_startup", "--out", str(tmp_path), "--lang", "zh", "--pdf"]
    assert main([*command, "--notebook", "stage_comparison"]) == 0
    assert said(capsys)[0] == [str(asked["folder"] / "report.html"), str(asked["folder"] / "report.pdf")]
    assert (asked["lang"], asked["pdf"], asked["notebook"].name) == ("zh", True, "stage_comparison.ipynb")
    assert asked["folder"] == tmp_path / "tea_shop_startup-stage_comparison"
    assert main(["report", "tea_shop_startup", "--out", str(tmp_path), "--notebook", "team_report"]) == 0
    assert (asked["lang"], asked["pdf"], asked["notebook"]) == ("en", False, None)
    assert asked["folder"] == tmp_path / "tea_shop_startup"


def test_a_notebook_that_is_not_there_is_refused_with_the_nearest_name(capsys, tmp_path):
    command = ["report", "tea_shop_startup", "--out", str(tmp_path / "out"), "--notebook"]
    for name in ("stage_comparisons", "no/such.ipynb", "a\0b.ipynb"):
        assert main([*command, name]) == 2
        assert said(capsys)[1][0].startswith(f"ecteam: there is no report notebook {name!r}; known are ")
    assert main([*command, "stage_comparisons"]) == 2
    assert said(capsys)[1][0].endswith("did you mean 'stage_comparison'?")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["report", "tea_shop_startup", "--lang", "cn"],
        ["batch", "tea_shops", "--workers", "0"],
        ["batch", "tea_shops", "--workers", "two"],
        ["batch", "tea_shops", "--workers", "1", "--scheduler", "tcp://x"],
    ],
)
def test_a_wrong_option_is_refused(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 2


def test_a_report_of_a_fleet_is_of_its_file_alone(capsys, tmp_path):
    command = ["report", "tea_shops", "--out", str(tmp_path / "out")]
    assert main([*command, "--set", "orders_per_day=5", "--notebook", "stage_comparison"]) == 2
    assert said(capsys)[1] == [
        "ecteam: --set changes a scenario; change the columns of tea_shops.csv instead",
        "ecteam: --notebook is for a scenario; the report of a fleet has a notebook of its own",
    ]
    assert main(["report", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


# Order files

ORDERS = Path(__file__).parent / "data" / "orders"


def test_check_says_what_was_read_in_an_order_file(capsys):
    assert main(["check", str(ORDERS / "own_shopify.csv")]) == 0
    out, err = said(capsys)
    assert out == [
        "own_shopify.csv, read as an export of Shopify: 79 orders on 13 days, 2026-10-19 to 2026-10-31; 6.1 a day, "
        "most on 2026-10-22: 11.",
        "Left out: 1 cancelled order.",
    ]
    assert err == []


def test_what_an_order_file_leaves_open_can_be_said_on_the_command_line(capsys, tmp_path):
    path = write(tmp_path / "orders.csv", "no,moment\n1,05/01/2026 14:15\n2,06/01/2026 09:15\n")
    one_sentence(capsys, "orders.csv has no column of order times", "check", path, "--day-first")
    arguments = ["check", path, "--column", "time=moment", "--column", "number=no", "--day-first"]
    assert main(arguments) == 0
    out = said(capsys)[0]
    assert "2 orders on 2 days, 2026-01-05 to 2026-01-06" in out[0]
    # What is told to be written beside the file says the same.
    write(tmp_path / "orders.yaml", "\n".join(out[out.index("To keep this, write into orders.yaml beside it:") + 1 :]))
    assert main(["check", path, "--column", "time=moment"]) == 0
    assert said(capsys)[0][0] == out[0]
    one_sentence(capsys, "--column is 'tim=x'", "check", path, "--column", "tim=x")


def test_the_version_is_that_of_the_package_and_moves_with_the_data(capsys, tmp_path, monkeypatch):
    def said():
        with pytest.raises(SystemExit, match="0"):
            main(["--version"])
        return capsys.readouterr().out

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.fullmatch(rf"ecteam {re.escape(project['version'])}, data [0-9a-f]{{12}}\n", said())
    shutil.copytree(data_dir(), tmp_path / "data")
    before = said()
    monkeypatch.setenv("ECTEAM_DATA", str(tmp_path / "data"))
    assert said() == before
    table = tmp_path / "data" / "assumptions" / "rates.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",0.5,", ",0.6,", 1), encoding="utf-8")
    assert said() != before


@pytest.mark.skipif(sys.platform != "linux", reason="a plan is stopped by a signal of Unix")
def test_a_time_limit_holds_for_the_plan_and_for_what_is_written_beside_the_run(capsys, tmp_path, monkeypatch):
    over = threading.Event()

    def endless(*_, **__):
        over.wait()

    options = ["report", "tea_shop_startup", "--set", "months=1", "--timeout", "1", "--out", str(tmp_path)]
    monkeypatch.setattr("ecteam.plan.plan.plan_shop", endless)
    assert main(options) == 1
    assert capsys.readouterr().err == "ecteam: the plan was not ready within 1 s and was stopped\n"
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr("ecteam.publish.report.fill_from_plan", endless)
    monkeypatch.setattr("ecteam.publish.report.GRACE_SECONDS", 1)
    assert main([*options[:-4], "--timeout", "4", *options[-2:]]) == 1
    assert "the report was not ready within 4 s and was stopped" in capsys.readouterr().err
    over.set()


def test_columns_of_a_history_are_said_on_the_command_line(tmp_path, capsys):
    write(tmp_path / "own.csv", HOURS.replace("hour_start,orders", "when,n"))
    path = write(tmp_path / "shop.yaml", "name: Tea\nreturn_share: 0.05\nhistory: own.csv\n")
    assert main(["check", str(path)]) == 2
    assert "own.csv has no column of order times" in capsys.readouterr().err
    for command in (["check"], ["report", "--timeout", "1", "--out", str(tmp_path)]):
        # Without the columns the report is refused; with them only its time is up.
        status = main([*command, str(path), "--column", "time=when", "--column", "orders=n"])
        output = capsys.readouterr()
        assert "no column of order times" not in output.err
        assert status == (0 if command == ["check"] else 1)
    assert main(["check", "tea_shop_startup", "--day-first"]) == 2
    assert "tea_shop_startup.yaml has no history" in capsys.readouterr().err


@pytest.mark.parametrize(
    "header", ["animal,weight", "customer,email,phone,city", "name,region,currency", "name,sku,price"]
)
@pytest.mark.parametrize("command", ["check", "report", "batch"])
def test_a_table_that_is_neither_orders_nor_a_fleet_is_said_to_be_so(tmp_path, capsys, command, header):
    path = write(tmp_path / "pets.csv", f"{header}\n{'x,' * header.count(',')}4\n")
    assert main([command, str(path)]) == 2
    told = capsys.readouterr().err
    columns = header.replace(",", ", ")
    said = ("is neither an export of orders nor a fleet", "has no column of order times")
    named = "pets.csv is a list of products" in told
    assert named or any(f"pets.csv {sentence}: it has {columns}" in told for sentence in said)
    assert told.count("ecteam:") == 1


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt"])
def test_a_report_of_an_order_file_says_how_to_make_one(tmp_path, capsys, ending):
    path = write(tmp_path / f"sold.{ending}", "Order ID\tOrder Date\tTotal\n1\t2026-01-02 10:00\t5\n")
    for command in ("report", "batch"):
        assert main([command, path]) == 2
        assert "--set history=sold" in capsys.readouterr().err
    write(tmp_path / "sold.csv", "Ticket ID,Subject,Status,Priority\n1,x,open,low\n")
    assert main(["report", str(tmp_path / "sold.csv")]) == 2
    assert "customer service tickets" in capsys.readouterr().err


@pytest.mark.parametrize("header", ["name,order_per_day,city", "name,scenarios", "Name,Orders_per_day,return_share"])
def test_a_fleet_with_a_mistyped_column_gets_the_right_name_of_it(tmp_path, capsys, header):
    path = write(tmp_path / "shops.csv", f"{header}\n{'x,' * header.count(',')}4\n")
    assert main(["check", str(path)]) == 2
    assert "did you mean" in capsys.readouterr().err
