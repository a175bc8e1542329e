"""What comes from outside never brings down a reader: a file is read, or refused in a sentence with its name.

The workbooks in `tests/data/hostile` are of a few cells each; one byte, part or number of each is not as it must be.
"""

import contextlib
import io
import json
import os
import random
import zipfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.datasheet import checked_datasheet, read_datasheet
from ecteam.inputs.history import read_history
from ecteam.inputs.outside import read_bytes, read_json
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.inputs.scenario_file import scenario_in
from ecteam.publish.fleet import read_fleet
from ecteam.publish.report import check_parameters
from ecteam.workshop.league import read_team_file
from tests.refusals import mistakes_of

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
READERS = {
    "scenario": lambda path: make_scenario(path.read_bytes(), path.name),
    "datasheet": lambda path: checked_datasheet(read_datasheet(path), path.name),
    "history": lambda path: read_history(path, path.name),
    "roster": lambda path: imported(read_roster(path, load_assumptions().roles)),
    "responsibilities": lambda path: imported(read_responsibilities(path, load_assumptions().duties)),
    "fleet": read_fleet,
    "team": read_team_file,
    "notebook": lambda path: check_parameters(path, {}),
}


def make_scenario(raw, name):
    scenario, figures = scenario_in(raw, name)
    load_assumptions().with_values(**figures)
    return scenario


def imported(read):
    if read.mistakes:
        raise InputError(read.mistakes)
    return read


def refusal(reader, path):
    said = mistakes_of(lambda: READERS[reader](path))
    assert any(path.name in sentence or reader == "scenario" for sentence in said)
    return "\n".join(said)


def days(*times):
    return "order_time\n" + "\n".join([*(f"2026-01-{1 + i % 28:02} 1{i % 9}:00" for i in range(60)), *times])


def merged_by_aliases(levels):
    """A YAML file of some lines that means 10 to the power of `levels` of them."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, levels)]
    return "\n".join(lines)


FILES = {
    "a bool that is none": ("scenario", "s.yaml", "name: !!bool maybe", "not valid YAML: 'maybe'"),
    "a bool in a datasheet": ("datasheet", "s.yaml", "gaps: !!bool maybe", "not valid YAML: 'maybe'"),
    "a moment that is none": ("datasheet", "s.yaml", "as_of: !!timestamp never", "not valid YAML"),
    "deep nesting": ("datasheet", "s.yaml", "gaps: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
    "aliases of aliases": ("scenario", "s.yaml", merged_by_aliases(9), "has more than 20 aliases"),
    "endless digits": ("scenario", "s.yaml", "orders_per_day: " + "9" * 400, "a number has more than 30 digits"),
    "a figure beyond all": ("scenario", "s.yaml", "{name: T, orders_per_day: 1, return_share: 0, assumptions: "
                            "{pay_picker: 1.0e+100}}", "pay_picker is beyond 1,000,000,000"),
    "a large YAML": ("datasheet", "s.yaml", "# " + "x" * 1_100_000, "larger than 1 MB"),
    "an endless figure in a fleet": ("fleet", "f.csv", f"name,orders_per_day,return_share,pay_buyer\nT,1,0,{'9' * 400}",
                                     "pay_buyer is beyond 1,000,000,000"),
    "a million shops": ("fleet", "f.csv", "name,scenario\n" + "A,b\n" * 100_001, "more than 100,000 rows"),
    "a million people": ("roster", "r.csv", "name,role\n" + "A,b\n" * 100_001, "more than 100,000 rows"),
    "a long history name": ("fleet", "f.csv", f"name,history,return_share\nT,{'x' * 300},0", "no order history"),
    "a home of nobody": ("fleet", "f.csv", "name,history,return_share\nT,~nobody_here/x.csv,0", "no order history"),
    "a long base": ("fleet", "f.csv", f"name,scenario\nT,{'x' * 300}.yaml", "cannot be read: file name too long"),
    "a table of customers": ("fleet", "f.csv", "Customer,Email,Total\n1,a@b.c,3", "neither an export of orders nor"),
    "blanks without end": ("responsibilities", "r.csv", f"duty,owner\nno,A{' ' * 50_000}B", "no duty"),
    "a file of the system": ("history", "mem.csv", None, "cannot be read"),
    "a mistyped year": ("history", "h.csv", days("2062-01-03 10:00"), "days far from all others"),
    "an offset of no place": ("history", "h.csv", days("2026-01-29T10:00:00+99:99"), "row 62, column order_time"),
    "negative units": ("history", "h.csv", "order_time,quantity\n" + "\n".join(f"2026-01-{d:02} 10:00,{d - 9}"
                       for d in range(1, 29)), "it must be a number, 0 or more"),
    "an endless count": ("history", "h.csv", "order_date,orders\n" + "\n".join(f"2026-01-{d:02},1e400"
                         for d in range(1, 29)), "row 2, column orders"),
    "a value beyond all": ("history", "h.csv", "order_time,order_id,total\n" + "\n".join(
                           f"2026-01-{d:02} 10:00,A{d},1e100" for d in range(1, 29)), "of value per order on average"),
    "a workbook by its name only": ("scenario", "s.xlsx", "name,months\n", "damaged, or no workbook or zip"),
    "an empty workbook": ("scenario", "s.xlsx", "", "damaged, or no workbook or zip"),
    "an empty notebook": ("notebook", "n.ipynb", "", "is no notebook that can be read"),
    "a notebook of a list": ("notebook", "n.ipynb", "[1]", "is no notebook that can be read"),
    "a team of nested lists": ("team", "team.json", '{"format": ' + "[" * 50_000, "cannot be read as a team file"),
    "a team with endless digits": ("team", "team.json", f'{{"format": {"9" * 400}}}', "cannot be read as a team file"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_is_a_sentence(tmp_path, case):
    reader, name, content, says = FILES[case]
    path = tmp_path / name
    if content is None:
        path = Path("/proc/self/mem")
        if not path.exists():
            pytest.skip("no such file on this system")
    else:
        path.write_text(content, encoding="utf-8")
    assert says in refusal(reader, path)


BROKEN = ("bit_flipped", "bad_xml", "bad_shared", "billion_laughs", "cut_short")


@pytest.mark.parametrize("reader", ["roster", "responsibilities", "fleet", "scenario", "history"])
@pytest.mark.parametrize("name", [*BROKEN, "far_cell"])
def test_a_hostile_workbook_is_a_sentence_whoever_reads_it(reader, name):
    says = "a cell far from its table" if name == "far_cell" else "the file is damaged"
    assert says in refusal(reader, HOSTILE / f"{name}.xlsx")


def test_a_merged_sheet_takes_no_memory():
    assert list(READERS["roster"](HOSTILE / "merged_whole_sheet.xlsx").rows["person"]) == ["Ann", "Bob"]


@pytest.mark.parametrize(("reader", "says"), [("roster", "no sheet"), ("fleet", "no sheet"), ("history", "is empty")])
def test_a_workbook_without_a_table_is_a_sentence(reader, says):
    assert says in refusal(reader, HOSTILE / "chart_only.xlsx")


def test_a_hidden_sheet_is_not_read(tmp_path):
    assert [shop.name for shop in read_fleet(HOSTILE / "hidden_first.xlsx").shops]
    book = Workbook()
    book.active.append(["person", "role"])
    book.active.sheet_state = "hidden"
    book.create_sheet("Seen").append(["person", "rule"])
    book.save(tmp_path / "staff.xlsx")
    assert refusal("roster", tmp_path / "staff.xlsx").startswith("staff.xlsx, sheet Seen row 1 has no column of role")


def test_a_zip_that_unpacks_to_more_than_memory_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "orders.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "")
        with parts.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(210):
                part.write(bytes(1_000_000))
    for reader in ("roster", "fleet", "scenario"):
        assert "holds more than 200 MB once unpacked" in refusal(reader, tmp_path / "orders.xlsx")


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
NAMED = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 20_001))
SHEETS = {
    "a far cell in a part of another name": (FAR, "sheet1.dat", "a cell far"),
    "a far cell in single quotes": (FAR.replace('"', "'"), "sheet1.xml", "a cell far"),
    "a far cell in small letters": (FAR.replace("XFD", "xfd"), "sheet1.xml", "a cell far"),
    "a far cell with blanks": (FAR.replace("r=", "r = "), "sheet1.xml", "a cell far"),
    "a far cell in a row without a place": (FAR.replace(' r="1048576"', ""), "sheet1.xml", "a cell far"),
    "empty rows without places": ("<row/>" * 400_000 + "<row><c><v>1</v></c></row>", "sheet1.xml", "a cell far"),
    "cells without places": ("<row/>" * 9_000 + f"<row>{'<c/>' * 9_000}</row>", "sheet1.xml", "a cell far"),
    "a long text that many cells name": (NAMED, "sheet1.xml", "holds more than 200 MB"),
    "the same in single quotes": (NAMED.replace('"', "'"), "sheet1.xml", "holds more than 200 MB"),
    "the same with comments": (NAMED.replace("<v>", "<!-- --><v>"), "sheet1.xml", "holds more than 200 MB"),
}


def sheet_file(path, rows, part, *, text="x" * 32_000):
    """The smallest workbook of one sheet, with one shared text."""
    xml, main = "<?xml version='1.0'?>", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links, kinds = "http://schemas.openxmlformats.org/package/2006/relationships", "http://schemas.openxmlformats.org"
    kinds += "/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        parts.writestr("[Content_Types].xml", f'{xml}<Types><Override PartName="/xl/workbook.xml" '
                       f'ContentType="{kind}"/></Types>')  # fmt: skip
        parts.writestr("_rels/.rels", f'{xml}<Relationships xmlns="{links}"><Relationship Id="rId1" '
                       f'Type="{kinds}/officeDocument" Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        parts.writestr("xl/workbook.xml", f'{xml}<workbook xmlns="{main}" xmlns:r="{kinds}"><sheets>'
                       '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>')  # fmt: skip
        parts.writestr("xl/_rels/workbook.xml.rels", f'{xml}<Relationships xmlns="{links}"><Relationship Id="rId1" '
                       f'Type="{kinds}/worksheet" Target="worksheets/{part}"/>'
                       f'<Relationship Id="rId2" Type="{kinds}/sharedStrings" Target="sharedStrings.xml"/>'
                       "</Relationships>")  # fmt: skip
        parts.writestr(f"xl/worksheets/{part}", f'{xml}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>'
                       "</worksheet>")  # fmt: skip
        parts.writestr("xl/sharedStrings.xml", f'{xml}<sst xmlns="{main}"><si><t>{text}</t></si></sst>')


@pytest.mark.parametrize("case", SHEETS)
def test_a_sheet_that_would_take_all_memory_is_refused_before_it_is_read(tmp_path, case):
    """The reader would end the process, which no `except` can stop."""
    rows, part, says = SHEETS[case]
    sheet_file(tmp_path / "staff.xlsx", rows, part)
    assert says in refusal("roster", tmp_path / "staff.xlsx")


def test_a_short_text_may_be_named_as_often_as_there_are_rows(tmp_path):
    sheet_file(tmp_path / "staff.xlsx", NAMED, "sheet1.xml", text="name")
    assert "has no column of role" in refusal("roster", tmp_path / "staff.xlsx")


def test_an_open_document_sheet_may_not_repeat_without_end(tmp_path):
    cell = f'<table:table-cell office:value-type="string"><text:p>{"x" * 32_000}</text:p></table:table-cell>'
    with zipfile.ZipFile(tmp_path / "staff.ods", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", '<table:table><table:table-row table:number-rows-repeated="100000">'
                       f"{cell}</table:table-row></table:table>")  # fmt: skip
    assert "holds more than 200 MB" in refusal("roster", tmp_path / "staff.ods")


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "team.json")
    for reader in (read_bytes, lambda path: read_json(path, "no JSON")):
        with pytest.raises(InputError, match="there is no file"):
            reader(tmp_path / "team.json")


# Whatever the bytes


WORDS = st.sampled_from(
    ["name", "orders_per_day", "return_share", "months", "history", "order_time", "order_id", "quantity", "total",
     "姓名", "岗位", "duty", "owner", "person", "role", "hours", "2026-01-05 10:00", "2026-13-45", "05/06/2026",
     "1e400", "-1", "=1+1", '"', "'", "NaN", "+99:99", "9" * 50, "", " ", "\x00", "٣", "−5", "1,5", "Tea", "Li;Wang",
     "～nobody/x"]
)  # fmt: skip
ROWS = st.lists(st.lists(WORDS | st.text(max_size=8), max_size=5), max_size=8)
TABLES = st.builds(lambda sign, rows: "\n".join(sign.join(row) for row in rows), st.sampled_from(",;\t|"), ROWS)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.dates()
FIELDS = st.dictionaries(
    WORDS | st.sampled_from(["assumptions", "closed", "columns", "time_zone", "as_of", "format"]),
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)),
    max_size=6,
)
SIGNS = st.text("{}[]:-&*!|>?#'\"a1 \n", max_size=60)
YAMLS = FIELDS.map(lambda fields: yaml.safe_dump(fields, allow_unicode=True)) | SIGNS
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "cp1252"])
TEXTS = TABLES | YAMLS | st.text(max_size=80)
ENCODED = st.builds(lambda text, encoding: text.encode(encoding, "replace"), TEXTS, ENCODINGS)
BYTES = ENCODED | st.binary(max_size=200) | st.binary(max_size=60).map(b"PK\x03\x04".__add__)


def workbook_bytes():
    book = Workbook()
    book.active.append(["name", "person", "role", "orders_per_day", "order_time"])
    book.active.append(["Tea", "Ann", "buyer", 60, "2026-01-05 10:00"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WHOLE = workbook_bytes()
SPOILT = st.builds(
    lambda at, byte, end: (WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])[: end or None],
    st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(-2000, 0),
)  # fmt: skip


WHO_READS = (
    ("scenario", "yaml"), ("datasheet", "yaml"), ("history", "csv"), ("roster", "csv"), ("responsibilities", "csv"),
    ("fleet", "csv"), ("fleet", "xlsx"), ("team", "json"),
)  # fmt: skip


def read_whatever(folder, raw):
    """Each reader reads bytes of its own, or refuses them in sentences: one these, the others with a damage."""
    for number, (reader, ending) in enumerate(WHO_READS):
        chance = random.Random(raw + bytes([number]))
        at, until = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        damage = chance.choice((b"", raw[at:until] * 2, chance.randbytes(1), b"\n", b"9" * 50))
        path = folder / f"file.{ending}"
        whole = number == len(raw) % len(WHO_READS)
        path.write_bytes(raw if whole else raw[:at] + damage + raw[chance.choice((at, at + 1, until)) :])
        with contextlib.suppress(InputError):
            READERS[reader](path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=2_000 // len(WHO_READS), suppress_health_check=list(HealthCheck))
@example(b"")
@example(b"\xff\xfe")
@example(json.dumps({"format": 1}).encode())
@given(BYTES | SPOILT)
def test_only_a_sentence_leaves_a_reader(folder, raw):
    read_whatever(folder, raw)


def test_a_binary_workbook_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "staff.xlsx", "w") as parts:
        parts.writestr("xl/Workbook.bin", b"\x83\x01\x00")
    assert "is a binary workbook (xlsb)" in refusal("roster", tmp_path / "staff.xlsx")


@pytest.mark.slow
@settings(max_examples=50_000 // len(WHO_READS), suppress_health_check=list(HealthCheck))
@given(BYTES | SPOILT)
def test_only_a_sentence_leaves_a_reader_of_many_files(folder, raw):
    read_whatever(folder, raw)
