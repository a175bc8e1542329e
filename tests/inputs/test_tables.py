"""What is said of a wrong table: the same of every table, and the rules that each has of its own."""

import shutil
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from ecteam.analysis.options import read_bearing
from ecteam.analysis.stages import read_stages
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.posts import read_posts
from ecteam.inputs.tables import read_activities, read_fields
from ecteam.organisation import rules as rules_organisation
from ecteam.organisation.checkpoints import read_build_plan, read_vague_words
from ecteam.organisation.lines import read_lines
from ecteam.organisation.reports import read_reports
from ecteam.organisation.structures import read_steps
from ecteam.staffing import rules_of_thumb
from ecteam.staffing.shifts import read_patterns
from tests.refusals import mistakes_of

RULES = rules_organisation.read_rules()
OF_FOLDER = {"assumptions": load_assumptions, "stages": read_stages, "pay": read_posts}
OF_FILE = {
    "organisation/spans": lambda path: read_lines(path.parent),
    "organisation/departments": lambda path: read_lines(path.parent),
    "organisation/reports": read_reports,
    "organisation/order_to_cash": read_steps,
    "organisation/vague_words": read_vague_words,
    "organisation/build_plan": partial(read_build_plan, RULES),
    "assumptions/activities": read_activities,
    "assumptions/bears_on": read_bearing,
    "assumptions/fields": read_fields,
    "assumptions/shifts": read_patterns,
    "assumptions/rules_of_thumb": rules_of_thumb.read_rules,
}
OF_RULES = ("group_words", "keep_apart", "authority_needed", "critical_duties", "findings", "accountability_limits")
OF_FILE |= {f"organisation/{name}": lambda path: rules_organisation.read_rules(path.parent) for name in OF_RULES}
TABLES = [*OF_FILE]
for kind in OF_FOLDER:
    names = [f"{kind}/{path.stem}" for path in sorted((data_dir() / kind).glob("*.csv"))]
    TABLES += [name for name in names if name not in OF_FILE and name != "assumptions/places"]


def refused(folder: Path, table: str, **files: str) -> list[str]:
    """The mistakes told of a copy of the table's folder in which some files have another text."""
    kind, name = table.split("/")
    copy = Path(shutil.copytree(data_dir() / kind, folder / kind, dirs_exist_ok=True))
    for file, text in files.items():
        (copy / f"{file}.csv").write_text(text, encoding="utf-8")
    read = OF_FILE.get(table) or OF_FOLDER[kind]
    with pytest.raises(InputError) as error:
        # Readers keep what they have read of a path.
        getattr(read, "__wrapped__", read)(copy / f"{name}.csv" if table in OF_FILE else copy)
    return error.value.mistakes


def text_of(table: str) -> str:
    return (data_dir() / f"{table}.csv").read_text(encoding="utf-8")


@pytest.fixture
def say(tmp_path):
    """The mistakes told of a table with another text, in a folder of its own each time."""
    count = iter(range(9))
    return lambda table, text: refused(tmp_path / str(next(count)), table, **{table.split("/")[1]: text})


@pytest.mark.parametrize("table", TABLES)
class TestEveryTable:
    def test_every_row_has_a_source_and_a_date_or_is_a_planning_assumption(self, table):
        rows = pd.read_csv(data_dir() / f"{table}.csv", dtype=str, keep_default_na=False)
        if "source" not in rows:
            pytest.skip("refers to keys only")
        assert (rows["source"].str.strip() != "").all()
        assert set(rows["kind"]) <= {"sourced", "planning assumption"}
        assert set(rows.loc[rows["source"].str.contains("no source found"), "kind"]) <= {"planning assumption"}
        for day in rows["as_of"]:
            assert pd.Period(day).start_time <= pd.Timestamp("2026-12-31"), f"{day} lies in the future"

    def test_an_empty_file_is_told_its_header(self, say, table):
        (sentence,) = say(table, "")
        told, _, header = sentence.partition("; its first line must be ")
        assert told == f"{Path(table).name}.csv is empty or no UTF-8 CSV"
        assert set(header.split(",")) == set(text_of(table).splitlines()[0].split(","))

    def test_a_column_by_another_name_is_told_the_nearest(self, say, table):
        header, _, rows = text_of(table).partition("\n")
        last = header.rpartition(",")[2]
        told = say(table, f"{header}_\n{rows}")
        assert told == [f"{Path(table).name}.csv has no column {last!r}; did you mean '{last}_'?"]

    def test_a_row_that_is_there_twice_is_told_as_the_spreadsheet_counts_it(self, say, table):
        if table == "organisation/vague_words":
            pytest.skip("a word may be there twice")
        text = text_of(table)
        row = len(text.splitlines()) + 1
        told = say(table, text + text.splitlines()[1] + "\n")
        assert any(one.startswith(f"{Path(table).name}.csv row {row}, column ") for one in told), told
        words = "it must be" if table == "organisation/order_to_cash" else "is there twice"
        assert words in "\n".join(told)

    def test_wrong_cells_are_told_all_at_once(self, say, table):
        rows = pd.read_csv(data_dir() / f"{table}.csv", dtype=str, keep_default_na=False)
        name, wrong = f"{Path(table).name}.csv row 2, column", {}
        if "as_of" in rows:
            wrong |= {"source": ("", "'': "), "as_of": ("2026-13", "'2026-13': must be a date such as 2026"),
                      "kind": ("guess", "'guess': Input should be 'sourced' or 'planning assumption'")}  # fmt: skip
        if "en" in rows:
            wrong |= {"en": ("", "'': "), "zh": ("", "'': ")}
        if "decision" in rows and "as_of" not in rows:
            wrong |= {"decision": ("lunch", "'lunch': Input should be 'all', 'shop_system'")}
        if "low" in rows and table != "pay/authority":
            wrong |= {"low": ("many", "'many': "), "typical": ("nan", ""), "high": ("", "'': ")}
        for column, (cell, _) in wrong.items():
            rows.loc[0, column] = cell
        if table == "assumptions/calendar":
            pytest.skip("the rules of its cells are its own")
        told = say(table, rows.to_csv(index=False))
        assert wrong
        for column, (_, words) in wrong.items():
            if column != "typical" or not table.startswith("pay/"):
                assert any(one.startswith(f"{name} {column}: {words}") for one in told), (column, told)

    def test_a_range_out_of_order_is_told(self, say, table):
        rows = pd.read_csv(data_dir() / f"{table}.csv", dtype=str, keep_default_na=False)
        if "low" not in rows:
            pytest.skip("no range")
        place = int((rows["low"] != "").to_numpy().argmax())
        rows.loc[place, "low"] = rows["high"][place] + "9"
        (told,) = say(table, rows.to_csv(index=False))[:1]
        where = f"{Path(table).name}.csv row {place + 2}, column low, typical, high"
        assert told.startswith(f"{where}: must be low <= typical <= high, but is ")


def test_a_file_that_is_not_there_or_in_gbk_is_told_beside_the_mistakes_of_others(tmp_path):
    folder = Path(shutil.copytree(data_dir() / "assumptions", tmp_path / "assumptions"))
    (folder / "events.csv").unlink()
    (folder / "rates.csv").write_bytes(text_of("assumptions/rates").encode("gbk"))
    (folder / "roles.csv").write_text(text_of("assumptions/roles").replace(",commercial,", ",kings,", 1))
    told = mistakes_of(lambda: load_assumptions(folder))
    assert told[0].startswith("rates.csv is empty or no UTF-8 CSV")
    assert told[1].startswith(f"there is no file events.csv in {folder}")
    assert told[2].startswith("roles.csv row ")
    assert "column group: 'kings'" in told[2]
    assert len(told) == 3


OWN_RULES = [
    ("stages/thresholds", "heads,size,growth", "heads,size,infancy", "column stage: 'infancy'"),
    ("stages/posts", "people,,growth,standard", "people,,growth,everything", "column answers: 'everything'"),
    ("stages/posts", "design,yes,startup,how_to_sell,,fte,0.7", "design,yes,startup,how_to_sell,,fte,-1", "low: '-1'"),
    ("organisation/authority_needed", "settle_refunds,refund,", "settle_refunds,refunt,",
     "'refunt' is not known; did you mean 'refund'"),
    ("organisation/findings", "“{duty}” has no owner", "“{dutty}” has no owner",
     "must not name {dutty}; did you mean 'duty'"),
    ("organisation/findings", "no_owner,high,7,9", "no_owner,high,9,7", "must have its first day before its last"),
    ("organisation/keep_apart", "count_stock,plan_stock", "count_stock,count_stock", "must be two duties"),
    ("organisation/spans", "directors,", "bosses,", "spans.csv has no row for the work 'directors'; it must have one"),
    ("organisation/departments", "supply,supply,", "supply,suply,",
     "column work: 'suply' is not known; did you mean 'supply'"),
    ("organisation/departments", ",owner,", ",boss,", "column reports_to: 'boss'"),
    ("organisation/departments", ",promotion,operations", ",after_sales,operations",
     "must be a department of its own"),
    ("organisation/reports", "accountant,finance_manager", "acountant,finance_manager",
     "'acountant' is not known; did you mean 'accountant'"),
    ("organisation/reports", "accountant,finance_manager", "accountant,accountant", "a report goes to somebody else"),
    ("organisation/reports", "finance_manager,monthly", "finance_manager,yearly", "column frequency: 'yearly'"),
    ("organisation/order_to_cash", "\n2,", "\n7,", "order_to_cash.csv row 3, column step: is 7; it must be 2"),
    ("organisation/build_plan", "choose_route,helmsman,file", "choose_rout,helmsman,file",
     "'choose_rout', which is no task; did you mean 'choose_route'"),
    ("organisation/build_plan", "1,2,3,,helmsman", "3,2,3,,helmsman",
     "must have weeks_low <= weeks_typical <= weeks_high"),
    ("organisation/build_plan", "1,2,3,,helmsman", "1,2,3,try_deputies,helmsman",
     "these tasks wait for each other in a circle: choose_route"),
    ("organisation/build_plan", "1,2,3,,helmsman", "1,2,6,,helmsman", "takes up to 6 weeks and ends in a file; split"),
    ("organisation/build_plan", "Receipts of the filed applications", "Work on the applications",
     "says 'work on', which nobody can see"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "told"), OWN_RULES)
def test_a_rule_of_one_table_is_told(say, table, old, new, told):
    text = text_of(table)
    assert old in text
    assert told in "\n".join(say(table, text.replace(old, new, 1)))


def test_a_row_that_must_be_there_is_told(say):
    lines = [line for line in text_of("organisation/findings").splitlines() if not line.startswith("no_deputy")]
    told = say("organisation/findings", "\n".join(lines))
    assert told == ["findings.csv has no row for the finding 'no_deputy'; it must have one"]
