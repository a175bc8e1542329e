"""The same input gives the same bytes of every file of a report; and its text stays text, wherever it is shown."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest

from ecteam import plan_shop
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.plan.privacy import WITHHELD
from ecteam.publish import report

SHOP, GROWTH = "online_retail_uk", "tea_shop_growth"


def made(folder, data=None, **environment):
    """A short report, made by a process of its own that works in `folder`."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ecteam.cli", "report", SHOP, "--set", "months=1"]
    place = {"ECTEAM_DATA": str(data)} if data else {}
    run = subprocess.run(command, cwd=folder, env=os.environ | place | environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return {path.name: path.read_bytes() for path in (folder / "reports" / SHOP).iterdir()}


def test_hash_seed_time_zone_and_folder_do_not_show(tmp_path):
    """Nor that the folders of a home, of Jupyter and of IPython cannot be written, whatever the system calls that."""
    (tmp_path / "file").touch()
    names = ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    nowhere = dict.fromkeys(names, str(tmp_path / "file" / "x")) | {"IPYTHONDIR": str(tmp_path / ("x" * 300))}
    one = made(tmp_path / "one", PYTHONHASHSEED="1", TZ="Pacific/Honolulu", LC_ALL="C", **nowhere)
    other = made(tmp_path / "deeper" / "two", PYTHONHASHSEED="2", TZ="Pacific/Auckland", LC_ALL="C.UTF-8")
    assert set(one) == report.REPORT_FILES - {"report.pdf"}
    assert [name for name in one if one[name] != other[name]] == ["manifest.json"]
    first, second = (json.loads(files["manifest.json"]) for files in (one, other))
    assert first.pop("made_at") != second.pop("made_at")
    assert first == second


@pytest.mark.core
def test_text_of_a_data_folder_is_text_in_every_file(tmp_path):
    """Names, units and sources of every table, with a script in them and as a spreadsheet's formula."""
    data = tmp_path / "data"
    shutil.copytree(data_dir(), data)
    for name in ("rates", "duties", "drivers", "costs", "roles", "pay"):
        path = data / "assumptions" / f"{name}.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for row in rows:
            row.update({key: f"=1+<i id=x>{row[key]}" for key in ("en", "zh", "source") if row.get(key)})
        pd.DataFrame(rows).to_csv(path, index=False)
    path = data / "assumptions" / "rates.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",chats an order,", ",<i id=x>chats,"), encoding="utf-8")
    files = made(tmp_path / "out", data)
    raw = {name for name, content in files.items() if name.endswith((".html", ".svg")) and b"<i id=x>" in content}
    assert raw == set()
    assert b"&lt;i id=x&gt;" in files["report.html"]
    for name in (name for name in files if name.endswith(".csv")):
        cells = [cell for row in csv.reader(io.StringIO(files[name].decode())) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@"))], name


def test_no_shipped_cell_is_a_formula_to_a_spreadsheet():
    for path in data_dir().rglob("*.csv"):
        cells = (cell for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) for cell in row)
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))], path


@pytest.mark.parametrize("name", ["team_report", "stage_comparison"])
def test_a_notebook_run_by_itself_masks_own_pay_unless_asked(name):
    """As papermill runs it: the plan of the notebook is the same whatever one person is paid."""
    book = nbformat.read(notebooks_dir() / "reports" / f"{name}.ipynb", as_version=4)
    first, plan = [cell.source for cell in book.cells if cell.cell_type == "code"][:2]

    def planned(**given):
        injected = "\n".join(f"{name} = {value!r}" for name, value in given.items())
        names = {"display": lambda shown: None, "In": ["", first, injected, plan]}
        for source in (first, injected, plan):
            exec(source, names)
        return names["plan"]

    masked = [planned(scenario=GROWTH, months=1, pay_accountant=pay) for pay in (12_345, 40_000)]
    assert masked[0].to_json(True) == masked[1].to_json(True)
    assert WITHHELD in {note.key for note in masked[0].notes}
    assert planned(scenario=GROWTH, months=1, pay_accountant=12_345, show_pay=True).cost.equals(
        plan_shop(GROWTH, months=1, pay_accountant=12_345).cost
    )
