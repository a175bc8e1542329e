"""Workbooks that a user hands in: one limit and one set of sentences, whichever room reads them."""

import io

import pandas as pd
import pytest
from openpyxl import Workbook

from ecteam.inputs import outside
from ecteam.inputs.checks import InputError
from ecteam.inputs.roster import read_roster
from ecteam.inputs.scenario_file import load_scenario
from ecteam.publish.fleet import read_fleet

ROLES = pd.DataFrame({"en": ["Buyer"], "zh": ["采购"]}, index=["buyer"])
READERS = {
    "plan": lambda path: load_scenario(str(path)),
    "fleet": read_fleet,
    "roster": lambda path: read_roster(path, ROLES),
}
UNREADABLE = "file.xlsx cannot be read: the file is damaged, or no workbook or zip; save or download it again"


def refused(reader, path):
    with pytest.raises(InputError) as error:
        READERS[reader](path)
    return error.value.mistakes


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", [b"PK\x03\x04 half a workbook", b"", b"name,months\n"])
def test_what_is_no_workbook_is_a_sentence(tmp_path, reader, content):
    if reader != "plan" and not content.startswith(b"PK"):
        pytest.skip("rosters and fleets are told by what is in them, not by their names")
    (tmp_path / "file.xlsx").write_bytes(content)
    assert refused(reader, tmp_path / "file.xlsx") == [UNREADABLE]


@pytest.mark.parametrize("reader", READERS)
def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, reader):
    monkeypatch.setattr(outside, "TABLE_UNPACKED", 2000)
    Workbook().save(tmp_path / "file.xlsx")
    assert refused(reader, tmp_path / "file.xlsx") == [
        "file.xlsx holds more than 0 MB once unpacked; save it as CSV, or in parts"
    ]


def test_formulas_without_a_value_and_merged_cells_have_their_places():
    book = Workbook()
    book.active.append(["name", None, "=1+1"])
    book.active.append(["Ann", "=2*2"])
    book.active.merge_cells("A1:B1")
    book.create_sheet("Notes").append(["text"])
    file = io.BytesIO()
    book.save(file)
    raw = file.getvalue()
    first, notes = outside.read_workbook(raw, "file.xlsx")
    assert first.formulas == {(0, 2): "=1+1", (1, 1): "=2*2"}
    assert first.merged == [(0, 0, 1, 2)]
    assert (notes.title, [list(row) for row in notes.rows], notes.formulas) == ("Notes", [["text"]], {})
    assert [grid.title for grid in outside.read_workbook(raw, "file.xlsx", ["Notes"])] == ["Notes"]
