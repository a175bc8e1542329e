"""Rosters and responsibility tables as departments keep them: encodings, headings, workbooks, every mistake at once."""

import io
import re
from contextlib import suppress
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.roster import read_responsibilities, read_roster
from ecteam.organisation.rules import group_test, read_rules

TABLES = load_assumptions()
ROLES, DUTIES = TABLES.roles, TABLES.duties
RULES = read_rules()
CHINESE = "姓名,岗位,上级,月工时,入职日期,月薪\n张敏,采购,,168,2024年3月5日,9000\n李伟,打包员,张敏,84,2025/9/1,\n"
ENGLISH = (
    "Name,Position,Reports to,Hours,Start date,Salary\n"
    "张敏,buyer,,168,2024-03-05,9000\n李伟,Packer,张敏,84,2025-09-01,\n"
)


def roster(text, encoding="utf-8", **given):
    raw = text.encode(encoding) if isinstance(text, str) else text
    return read_roster(raw, ROLES, is_group=group_test(RULES), name="staff.csv", **given)


def duties(text, **given):
    raw = text.encode() if isinstance(text, str) else text
    return read_responsibilities(raw, DUTIES, is_group=group_test(RULES), name="table.csv", **given)


def workbook(*sheets, merge=()):
    """The bytes of a workbook: (title, rows) for each sheet; `merge` are ranges of the last."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestRosterReads:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("text", [CHINESE, ENGLISH])
    def test_headings_encodings_and_separators(self, encoding, separator, text):
        read = roster(text.replace(",", separator), encoding)
        assert read.mistakes == ()
        assert read.rows[["row", "person", "role", "manager"]].to_numpy().tolist() == [
            [2, "张敏", "buyer", ""], [3, "李伟", "packer", "张敏"],
        ]  # fmt: skip
        assert read.rows["hours_per_month"].to_list() == [168, 84]
        assert read.rows["started"].to_list() == [pd.Timestamp("2024-03-05"), pd.Timestamp("2025-09-01")]
        assert read.rows["pay_per_month"].isna().to_list() == [False, True]

    def test_a_workbook_with_dates_numbers_and_another_sheet_before_it(self):
        rows = [["姓名", "岗位", "入职", "工时"], ["张敏", "采购", datetime(2024, 3, 5), 168.0]]
        raw = workbook(("说明", [["本表由人事维护"]]), ("花名册", rows))
        read = read_roster(raw, ROLES, name="staff.xlsx")
        assert read.rows[["person", "role", "started", "hours_per_month"]].to_numpy().tolist() == [
            ["张敏", "buyer", pd.Timestamp("2024-03-05"), 168.0]
        ]

    def test_a_title_blank_lines_and_wide_blanks_do_no_harm(self):
        text = "\n茶叶店花名册,,\n\n姓名　,岗位 ,上级\n\n 张敏　,采购,\n,,\n李　伟,打包员,张敏\n"
        read = roster(text)
        assert read.rows[["row", "person"]].to_numpy().tolist() == [[6, "张敏"], [8, "李 伟"]]

    def test_windows_line_ends_and_packed_numbers(self):
        read = roster('person,role,hours_per_month\r\nAnn,buyer,"=""168"""\r\n')
        assert read.rows["hours_per_month"].to_list() == [168]

    @pytest.mark.parametrize("cell", ["老板", "老板（掌舵人）", "Owner", "OWNER", " owner "])
    def test_a_role_by_its_key_or_either_label(self, cell):
        assert roster(f"person,role\nAnn,{cell}\n").rows["role"].to_list() == ["owner"]

    @settings(max_examples=40)
    @given(st.lists(st.sampled_from(list(ROLES.index)), min_size=1, max_size=12), st.sampled_from(["en", "zh"]))
    def test_what_is_written_is_read(self, roles, lang):
        table = pd.DataFrame(
            {"person": [f"P{i}" for i in range(len(roles))], "role": [ROLES.loc[r, lang] for r in roles]}
        )
        read = roster(table.to_csv(index=False))
        assert read.mistakes == ()
        assert read.rows["role"].to_list() == roles


class TestRosterRefuses:
    BAD = (
        "姓名,岗位,上级,月工时,入职,月薪\n"
        "张敏,采购,,168,2024-03-05,9000\n"
        "李伟,打包圆,张敏,160,2024-03-05,5000\n"
        "张敏,拣货员,,160,,\n"
        "王磊,拣货员,张民,800,05/03/24,很多\n"
        "刘洋,美工设计,赵娜,160,,\n"
        "赵娜,推广专员,刘洋,160,,\n"
        "客服部,客服,,160,,\n"
        ",客服,,160,,\n"
        "=cmd|' /C calc'!A0,客服,,160,,\n"
        "周丽,,张敏,160,,\n"
        "孙涛,付费推广（竞价）,张敏,0,,-5\n"
        "吴芳,客服,张敏,160,,5500\n"
    )

    def test_every_mistake_at_once_and_nothing_lost_of_what_was_right(self):
        read = roster(self.BAD)
        assert list(read.mistakes) == [
            "staff.csv row 3, column 岗位: '打包圆' is no role that we know; did you mean '打包员'?",
            "staff.csv row 4, column 姓名: '张敏'; row 2 has this name too; tell the two apart, as in '张敏 2'",
            "staff.csv row 5, column 月工时: '800'; it must be a number, more than 0 and at most 744 hours, as a "
            "month has",
            "staff.csv row 5, column 入职: '05/03/24'; it must be a day such as 2026-03-05",
            "staff.csv row 5, column 月薪: '很多'; it must be a number, 0 or more a month",
            "staff.csv row 5, column 上级: '张民' is nobody on this roster; did you mean '张敏'?",
            "staff.csv row 6, column 上级: '赵娜'; the line of report goes in a circle (刘洋 → 赵娜 → 刘洋); it must "
            "end at the top",
            "staff.csv row 7, column 上级: '刘洋'; the line of report goes in a circle (赵娜 → 刘洋 → 赵娜); it must "
            "end at the top",
            "staff.csv row 8, column 姓名: '客服部'; it must be the name of one person, not of a group",
            "staff.csv row 9, column 姓名 is empty; every row must have the name of a person",
            "staff.csv row 10, column 姓名: \"=cmd|' /C calc'!A0\"; it must be plain text, not a formula; save the "
            "file with its values",
            "staff.csv row 11, column 岗位 is empty; it must be a role such as Owner (老板（掌舵人）), Operations head "
            "(店长), Operations specialist (运营专员)",
            "staff.csv row 12, column 月工时: '0'; it must be a number, more than 0 and at most 744 hours, as a "
            "month has",
            "staff.csv row 12, column 月薪: '-5'; it must be a number, 0 or more a month",
        ]
        assert read.rows["person"].to_list() == ["张敏", "吴芳"]
        assert read.rows["row"].to_list() == [2, 13]

    @pytest.mark.parametrize(
        ("raw", "says"),
        [
            (b"", "staff.csv is empty; it must be a roster"),
            (b"\xef\xbb\xbf\r\n  \n", "staff.csv is empty; it must be a roster"),
            ("姓名,岗位\n张敏,采购\n".encode("utf-16-le"), "staff.csv is neither UTF-8 nor GBK text"),
            (b"\xd0\xcf\x11\xe0 old excel", "staff.csv cannot be read: the file is damaged"),
            ("姓名,岗味\n张敏,采购\n", "staff.csv row 1 has no column of role (it has 岗味); did you mean '岗位'?"),
            ("name,roel\nAnn,buyer\n", "staff.csv row 1 has no column of role (it has roel); did you mean 'role'?"),
            ("name,role,manger\nAnn,buyer,\n", "the heading 'manger' is not known; did you mean 'manager'?"),
            ("name,person,role\nAnn,Ann,buyer\n", "has 2 columns of person, 'name' and 'person'"),
            ("city,weather\nHangzhou,rain\n", "staff.csv: no row has the headings name or 人员; position or 岗位名称"),
            ("name,role\n", "staff.csv has a header but no rows"),
        ],
    )  # fmt: skip
    def test_a_file_that_is_no_roster_is_refused_in_a_sentence(self, raw, says):
        with pytest.raises(InputError, match=re.escape(says)):
            roster(raw)

    def test_a_name_that_is_there_three_times_is_held_against_the_first(self):
        read = roster("name,role\nAnn,buyer\nann,buyer\nANN,packer\n")
        assert [re.search(r"row (\d) has", mistake)[1] for mistake in read.mistakes] == ["2", "2"]
        assert read.rows["role"].to_list() == ["buyer"]

    def test_whoever_reports_into_a_circle_is_not_in_it(self):
        read = roster("name,role,manager\nAnn,buyer,Ben\nBen,buyer,Cid\nCid,buyer,Ben\nDan,buyer,Dan\n")
        assert read.rows["person"].to_list() == ["Ann"]
        assert len(read.mistakes) == 3
        assert "(Dan → Dan)" in read.mistakes[2]

    def test_a_missing_file_is_named(self, tmp_path):
        (tmp_path / "roster.csv").write_text("name,role\nAnn,buyer\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"there is no file rooster.csv in .*; did you mean 'roster.csv'\?"):
            read_roster(tmp_path / "rooster.csv", ROLES)
        assert read_roster(tmp_path / "roster.csv", ROLES).rows["person"].to_list() == ["Ann"]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("An\x00n,buyer", "holds a control character"),
            ("An\x07n,buyer", "holds a control character"),
            ("@SUM(A1),buyer", "must be plain text, not a formula"),
            ("+Ann,buyer", "must be plain text, not a formula"),
            ("#REF!,buyer", "must be plain text, not a formula"),
            ("Ann,buyer,extra", "row 3 has 3 cells under 2 headings"),
        ],
    )
    def test_a_spoilt_row_is_refused_and_the_others_are_read(self, line, says):
        read = roster(f"name,role\nBen,packer\n{line}\nCid,picker\n")
        assert len(read.mistakes) == 1
        assert says in read.mistakes[0]
        assert read.rows["person"].to_list() == ["Ben", "Cid"]

    def test_formulas_without_a_stored_result_are_no_empty_cells(self):
        raw = workbook(("Roster", [["name", "role", "hours"], ["Ann", "buyer", "=8*21"], ["Ben", "buyer", 168]]))
        read = read_roster(raw, ROLES, name="s.xlsx")
        assert read.mistakes == (
            "s.xlsx row 2, column hours: '=8*21'; it must be plain text, not a formula; save the file with its values",
        )
        assert read.rows["person"].to_list() == ["Ben"]

    def test_a_heading_merged_over_two_columns_is_refused(self):
        rows = [["name", "role", None], ["Ann", "buyer", "x"]]
        with pytest.raises(InputError, match="the heading 'role' is merged over two columns"):
            read_roster(workbook(("S", rows), merge=["B1:C1"]), ROLES, name="s.xlsx")

    def test_a_merged_title_above_is_none_of_the_headings(self):
        rows = [["Roster of 2026", None], ["name", "role"], ["Ann", "buyer"]]
        assert len(read_roster(workbook(("S", rows), merge=["A1:B1"]), ROLES, name="s.xlsx").rows) == 1

    @settings(max_examples=60)
    @given(st.binary(max_size=200))
    def test_no_bytes_make_it_fall_over(self, raw):
        with suppress(InputError):
            roster(raw)


class TestResponsibilities:
    def test_the_as_is_is_read_as_it_stands(self):
        text = (
            "职责,负责人,协助,代理人\n"
            "盘点,张敏、李伟,王磊,\n"
            "打包,大家,李伟；王磊,李伟\n"
            "定价,,,张敏\n"
            "收货,张敏和李伟,,\n"
        )  # fmt: skip
        read = duties(text, people=["张敏", "李伟", "王磊"])
        assert read.mistakes == ()
        assert read.rows[["row", "duty", "person", "accountable", "deputy"]].to_numpy().tolist() == [
            [2, "count_stock", "张敏", True, False],
            [2, "count_stock", "李伟", True, False],
            [2, "count_stock", "王磊", False, False],
            [3, "pack_orders", "大家", True, False],
            [3, "pack_orders", "李伟", False, False],
            [3, "pack_orders", "王磊", False, False],
            [4, "set_prices", "张敏", False, True],
            [5, "receive_goods", "张敏", True, False],
            [5, "receive_goods", "李伟", True, False],
        ]

    @pytest.mark.parametrize(
        "cell", ["Ann & Ben", "Ann; Ben", "Ann, Ben", "Ann and Ben", "Ann/Ben", "Ann、Ben", "Ann\nBen"]
    )
    def test_several_names_in_a_cell(self, cell):
        assert duties(f'duty;owner\npack_orders;"{cell}"\n').rows["person"].to_list() == ["Ann", "Ben"]

    def test_a_name_of_the_roster_stays_whole_whatever_signs_are_in_it(self):
        read = duties('duty;owner\npack_orders;"Li, Wei"\n', people=["Li, Wei"])
        assert read.rows["person"].to_list() == ["Li, Wei"]
        assert duties("duty,owner\npack_orders,Andy Sandberg\n").rows["person"].to_list() == ["Andy Sandberg"]

    def test_a_duty_without_anybody_is_kept(self):
        assert duties("duty,owner\nPack orders,\n").rows[["duty", "person", "accountable"]].to_numpy().tolist() == [
            ["pack_orders", "", False]
        ]

    def test_an_owner_merged_over_several_rows_owns_them_all(self):
        rows = [["职责", "负责人"], ["打包", "李伟"], ["拣货", None], ["收货", "张敏"]]
        read = duties(workbook(("S", rows), merge=["B2:B3"]))
        assert read.rows[["duty", "person"]].to_numpy().tolist() == [
            ["pack_orders", "李伟"], ["pick_orders", "李伟"], ["receive_goods", "张敏"],
        ]  # fmt: skip

    def test_every_mistake_at_once(self):
        text = "duty,owner,deputy\nPack order,Ben,\nCount stock,Bem,\nPick orders,Ben,the team\n,Ann,\n"
        read = duties(text, people=["Ann", "Ben"])
        assert list(read.mistakes) == [
            "table.csv row 2, column duty: 'Pack order' is no duty that we know; did you mean 'Pack orders'?",
            "table.csv row 3, column owner: 'Bem' is nobody on the roster; did you mean 'Ben'?",
            "table.csv row 5, column duty is empty; it must be a duty such as Steer the shop (掌舵与战略), Choose "
            "products (选品), Set prices (定价)",
        ]
        assert read.rows["duty"].unique().tolist() == ["pick_orders"]

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_every_duty_is_known_by_its_label(self, lang):
        text = pd.DataFrame({"duty": DUTIES[lang], "owner": "Ann"}).to_csv(index=False)
        assert duties(text).rows["duty"].to_list() == list(DUTIES.index)
