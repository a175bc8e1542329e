"""Who is there, and who answers for what? A roster and a responsibility table as a department keeps them.

CSV or XLSX, with headings in English or Chinese. Every mistake is told at once, beside the rows without one.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import pandas as pd

from ecteam.inputs.calendar_units import HOURS_PER_DAY
from ecteam.inputs.checks import InputError, did_you_mean, nearest
from ecteam.inputs.tables import Found, find_table, plain, read_sheets

HOURS_OF_LONGEST_MONTH = 31 * HOURS_PER_DAY

ROSTER: Mapping[str, tuple[str, ...]] = {
    "person": ("name", "employee", "staff", "full name", "姓名", "员工", "员工姓名", "名字", "人员"),
    "role": ("position", "post", "job", "job title", "title", "hired as", "岗位", "职位", "职务", "岗位名称"),
    "manager": ("reports to", "boss", "superior", "line manager", "上级", "直属上级", "汇报对象", "主管", "直接上级"),
    "hours_per_month": ("hours", "monthly hours", "working hours", "hours a month", "月工时", "每月工时", "工时"),
    "started": ("start", "start date", "since", "joined", "hired", "入职", "入职日期", "入职时间", "到岗日期"),
    "pay_per_month": ("pay", "salary", "monthly pay", "gross", "gross per month", "月薪", "工资", "薪资", "月工资"),
}
"""What a column of a roster is for, and the headings it usually has; capitals, blanks and hyphens do not matter."""
RESPONSIBILITIES: Mapping[str, tuple[str, ...]] = {
    "duty": ("task", "responsibility", "work", "职责", "工作", "事项", "任务", "工作内容", "岗位职责"),
    "owner": ("accountable", "responsible", "answers for it", "负责人", "责任人", "主责", "第一责任人"),
    "others": ("also", "helpers", "involved", "supports", "协助", "参与人", "协办", "配合人", "其他人"),
    "deputy": ("stand-in", "substitute", "backup", "cover", "代理人", "替补", "备岗", "AB岗", "B角", "后备"),
}
"""The same for a responsibility table: a row a duty, or a row a duty and owner."""
WHAT_ROSTER = "it must be a roster: a row a person, with columns such as person, role, manager"
WHAT_RESPONSIBILITIES = "it must be a responsibility table: a row a duty, with columns such as duty, owner, deputy"
SEPARATORS = re.compile(r" ?(?:[;；、/&＆+]|[,，]|\band\b|(?<=[\u4e00-\u9fff])[和与及](?=[\u4e00-\u9fff])) ?")

IsGroup = Callable[[str], bool]


@dataclass(frozen=True, eq=False)
class Imported:
    """The `rows` of a file that are right, and a sentence for each of the `mistakes` in the others."""

    rows: pd.DataFrame
    mistakes: tuple[str, ...]


class _RosterReader:
    """The lines of a table below its header, and what is wrong with them."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.mistakes: list[tuple[int, str]] = []
        self.refused: set[tuple[int, str]] = set()
        self.lines: list[tuple[int, dict[str, str]]] = []
        width = len(found.sheet.cells[found.header])
        for at, cells in enumerate(found.sheet.cells[found.header + 1 :], start=found.header + 1):
            if not any(cells):
                continue
            if any(cells[width:]):
                why = f"{len(cells)} cells under {width} headings; put a text with the separator in double quotes"
                self.mistakes.append((at, f"{found.sheet.name} row {at + 1} has {why}"))
            line = {column: cells[i] if i < len(cells) else "" for column, i in found.columns.items()}
            self.lines.append((at, line))
            for column, cell in line.items():
                if re.match(r"[=@]|[+-](?!\d+([.,]\d+)?$)", cell) or re.fullmatch(r"#[A-Z/0]+[!?]?", cell):
                    self.refuse(at, column, cell, "it must be plain text, not a formula; save the file with its values")
                elif any(unicodedata.category(c) == "Cc" and c != "\n" for c in cell):
                    self.refuse(at, column, cell, "it holds a control character; write the cell again")

    def refuse(self, at: int, column: str, cell: str, why: str) -> None:
        """`why` goes on after the cell: `must be ...` as a sentence of its own, `is no ...` as part of this one."""
        shown = f": {cell!r}" if cell else " is empty"
        joint = " " if cell and why.startswith("is ") else "; "
        self.mistakes.append((at, f"{self.found.place(at, column)}{shown}{joint}{why}"))
        self.refused.add((at, column))

    def clean(self, at: int, column: str) -> bool:
        """Whether the cell is not refused yet: one sentence a cell is enough."""
        return (at, column) not in self.refused

    def imported(self, rows: pd.DataFrame) -> Imported:
        """`rows` has a column `row`, from 1; those with a mistake are left out."""
        right = ~rows["row"].isin([at + 1 for at, _ in self.mistakes])
        ordered = sorted(self.mistakes, key=lambda mistake: mistake[0])
        return Imported(rows[right].reset_index(drop=True), tuple(sentence for _, sentence in ordered))


def read_roster(
    source: Path | str | bytes,
    roles: pd.DataFrame,
    *,
    is_group: IsGroup | None = None,
    name: str = "",
) -> Imported:
    """Who works in a department: one row a person of a CSV or XLSX file, or of its bytes with a `name`.

    `roles`, indexed by role, has en and zh: a cell may hold its key or either label. `is_group` says whether a name is
    that of a group (`accountability_rules.group_test`), which is refused.

    Gives rows: row (of the file), person, role (key), manager ("" for none), hours_per_month (NaN where not said),
    started (Timestamp or NaT), pay_per_month (NaN where not said). Raises `InputError` where there is no such table at
    all.

    >>> roles = pd.DataFrame({"en": ["Buyer"], "zh": ["采购"]}, index=["buyer"])
    >>> read = read_roster("姓名,岗位,上级\\n张敏,采购,\\n李伟,采构,张敏\\n".encode("gbk"), roles, name="staff.csv")
    >>> read.rows["person"].to_list(), read.mistakes
    (['张敏'], ("staff.csv row 3, column 岗位: '采构' is no role that we know; did you mean '采购'?",))
    """
    sheets = read_sheets(source, name, what=WHAT_ROSTER)
    found = find_table(sheets, ROSTER, ["person", "role"], what=WHAT_ROSTER)
    reader = _RosterReader(found)
    keys = _keys(roles)
    first: dict[str, int] = {}
    rows = []
    for at, line in reader.lines:
        person, role = _name(line["person"]), keys.get(plain(line["role"]), "")
        if not person:
            reader.refuse(at, "person", "", "every row must have the name of a person")
        elif plain(person) in first:
            why = f"row {first[plain(person)] + 1} has this name too; tell the two apart, as in '{person} 2'"
            reader.refuse(at, "person", person, why)
        elif is_group and is_group(person):
            reader.refuse(at, "person", person, "it must be the name of one person, not of a group")
        first.setdefault(plain(person), at)
        if not role and reader.clean(at, "role"):
            reader.refuse(at, "role", line["role"], _unknown(line["role"], "role", roles))
        rows.append(
            {
                "row": at + 1,
                "person": person,
                "role": role,
                "manager": _name(line.get("manager", "")),
                "hours_per_month": _figure(reader, at, line, "hours_per_month", HOURS_OF_LONGEST_MONTH),
                "started": _day(reader, at, line),
                "pay_per_month": _figure(reader, at, line, "pay_per_month"),
            }
        )
    if not rows:
        raise InputError(f"{found.sheet.name} has a header but no rows; {WHAT_ROSTER}")
    _check_lines(reader, rows)
    table = pd.DataFrame(rows).astype({"hours_per_month": float, "pay_per_month": float})
    return reader.imported(table.assign(started=pd.to_datetime(table["started"])))


def _check_lines(reader: _RosterReader, rows: Sequence[Mapping]) -> None:
    """Refuse managers who are not on the roster, and lines of report that come back to where they began."""
    clean = [row for row in rows if row["person"] and reader.clean(row["row"] - 1, "person")]
    of_person = {row["person"]: row for row in reversed(clean)}
    for row in rows:
        at, manager = row["row"] - 1, row["manager"]
        if not manager or not reader.clean(at, "manager"):
            continue
        if manager not in of_person:
            reader.refuse(at, "manager", manager, f"is nobody on this roster{did_you_mean(manager, of_person)}")
            continue
        line = [row["person"]]
        while manager and manager not in line and manager in of_person:
            line.append(manager)
            manager = of_person[manager]["manager"]
        if manager == row["person"]:
            why = f"the line of report goes in a circle ({' → '.join([*line, manager])}); it must end at the top"
            reader.refuse(at, "manager", row["manager"], why)


def read_responsibilities(
    source: Path | str | bytes,
    duties: pd.DataFrame,
    *,
    people: Collection[str] = (),
    is_group: IsGroup | None = None,
    name: str = "",
) -> Imported:
    """Who answers for which duty in a department: one row a duty of a CSV or XLSX file, one row a name of the answer.

    Gaps, groups and several owners are read as they stand: the check of accountability is there to find them. `duties`
    as the roles of `read_roster`; where `people` are given, a name must be one of them or a group.

    Gives rows: row (of the file), duty (key), person ("" where a duty has nobody), accountable, deputy (bool). Several
    names in a cell are several rows: they may stand apart by ; 、 , / & or "and". Raises `InputError` as `read_roster`.

    >>> duties = pd.DataFrame({"en": ["Count stock"], "zh": ["盘点"]}, index=["count_stock"])
    >>> text = "Duty;Owner;Deputy\\nCount stock;Li Wei & Zhang Min;\\nCount stok;Li Wei;\\n"
    >>> read_responsibilities(text.encode(), duties, name="table.csv").rows[["duty", "person", "accountable"]]
              duty     person  accountable
    0  count_stock     Li Wei         True
    1  count_stock  Zhang Min         True
    """
    sheets = read_sheets(source, name, what=WHAT_RESPONSIBILITIES)
    found = find_table(sheets, RESPONSIBILITIES, ["duty", "owner"], what=WHAT_RESPONSIBILITIES)
    reader = _RosterReader(found)
    keys = _keys(duties)
    on_roster = {plain(person): person for person in people}
    rows = []
    for at, line in reader.lines:
        duty = keys.get(plain(line["duty"]), "")
        if not duty and reader.clean(at, "duty"):
            reader.refuse(at, "duty", line["duty"], _unknown(line["duty"], "duty", duties))
        names = {column: _names(line.get(column, ""), on_roster) for column in ("owner", "others", "deputy")}
        for column, cell in names.items():
            for person in cell if column not in found.columns or reader.clean(at, column) else ():
                group = is_group is not None and is_group(person)
                if not group and on_roster and plain(person) not in on_roster:
                    reader.refuse(at, column, person, f"is nobody on the roster{did_you_mean(person, people)}")
        owners, workers = names["owner"], [*names["owner"], *names["others"]]
        rows += [
            (at + 1, duty, person, person in owners, person != "" and person not in workers)
            for person in dict.fromkeys([*workers, *names["deputy"]]) or ("",)
        ]
    if not rows:
        raise InputError(f"{found.sheet.name} has a header but no rows; {WHAT_RESPONSIBILITIES}")
    return reader.imported(pd.DataFrame(rows, columns=["row", "duty", "person", "accountable", "deputy"]))


def _keys(table: pd.DataFrame) -> dict[str, str]:
    """What a key may be called: itself, its label in either language, and the label before its bracket."""
    words = [(str(key), str(key)) for key in table.index]
    for column in ("en", "zh"):
        words += [(str(label), str(key)) for key, label in table[column].items()]
        words += [(re.split(r"[(（]", str(label))[0], str(key)) for key, label in table[column].items()]
    return {plain(word): key for word, key in reversed(words)}


def _unknown(cell: str, what: str, table: pd.DataFrame) -> str:
    """What is wrong with a cell that names no role or duty, with the nearest label in the language of the cell."""
    examples = ", ".join(f"{en} ({zh})" for en, zh in table[["en", "zh"]].head(3).itertuples(index=False))
    if not cell:
        return f"it must be a {what} such as {examples}"
    labels = table["zh" if re.search(r"[\u4e00-\u9fff]", cell) else "en"].astype(str)
    near = nearest(cell, labels)
    hint = f"did you mean {near!r}?" if near else f"it must be one of {labels.nunique()}, such as {examples}"
    return f"is no {what} that we know; {hint}"


def _name(cell: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", cell)).strip()


def _names(cell: str, on_roster: Mapping[str, str]) -> list[str]:
    """The names in a cell, each once; a name of the roster stays whole, whatever signs are in it."""
    if plain(_name(cell)) in on_roster:
        return [on_roster[plain(_name(cell))]]
    # A run of blanks is one: else an expression would try each of them anew.
    lines = [_name(line) for line in cell.split("\n")]
    parts = (_name(part) for line in lines for part in SEPARATORS.split(line))
    return list(dict.fromkeys(on_roster.get(plain(part), part) for part in parts if part))


def _figure(reader: _RosterReader, at: int, line: Mapping[str, str], column: str, most: float = float("inf")) -> float:
    cell = line.get(column, "")
    if not cell or not reader.clean(at, column):
        return float("nan")
    text = re.sub(r"^[¥￥$€£] ?| ?(元|小时|hours|h)$", "", _name(cell))
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    figure = float(text) if re.fullmatch(r"-?\d+(\.\d+)?([eE]\+?\d+)?", text) else float("nan")
    if not isfinite(figure) or figure < 0 or figure > most or (figure == 0 and isfinite(most)):
        allowed = f"more than 0 and at most {most:g} hours, as a month has" if isfinite(most) else "0 or more a month"
        reader.refuse(at, column, cell, f"it must be a number, {allowed}")
        return float("nan")
    return figure


def _day(reader: _RosterReader, at: int, line: Mapping[str, str]) -> pd.Timestamp | None:
    cell = line.get("started", "")
    if not cell or not reader.clean(at, "started"):
        return None
    part = re.fullmatch(r"((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?: 00:00(?::00)?)?", cell)
    if part:
        day = pd.to_datetime(f"{part[1]}-{part[2]}-{part[3] or 1}", format="%Y-%m-%d", errors="coerce")
        if not pd.isna(day):
            return day
    reader.refuse(at, "started", cell, "it must be a day such as 2026-03-05")
    return None
