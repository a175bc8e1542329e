"""A department just taken over: what differs from the clean structure, and what is settled in the first 30 days?"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.organisation.accountability import AND, checked_table
from ecteam.organisation.rules import Rules, is_group

CHANGES = ("same", "name", "choose", "replace", "new", "drop")
"""What happens to the owner of a duty: stays; a first one is named; one of several is kept; another takes it; the duty
is new; the clean structure has no such work."""
_WHY = {
    "same": ("{now} answers for it now and keeps it.", "现由{now}负责，不变。"),
    "name": ("It goes to {then}.", "由{then}接手。"),
    "choose": ("Only one of {now} can answer for it: {then}.", "{now}中只能有一人负责：{then}。"),
    "replace": ("It goes from {now} to {then}.", "由{now}改为{then}负责。"),
    "new": ("The department's own table does not have it; it goes to {then}.", "原职责表中没有此项，由{then}负责。"),
    "drop": ("The clean structure has no such work; {now} is free of it.", "新架构没有这项工作，{now}不再承担。"),
}
_WHAT = {"en": "{name}, {duty}: {do}", "zh": "{name}（{duty}）：{do}"}
HEAD = {"en": "head of the department", "zh": "部门负责人"}


def difference(
    as_is: pd.DataFrame,
    clean: pd.DataFrame,
    duties: pd.DataFrame,
    rules: Rules,
    *,
    found: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What differs, duty by duty, between who answers now and who should?

    Parameters
    ----------
    as_is, clean : responsibility tables as `accountability.findings` takes them; `clean` has one owner for each of its
        duties.
    duties : indexed by duty: post, en, zh
    rules : from `accountability_rules.read_rules`
    found : what `findings` says of `as_is`, for the reasons

    Returns
    -------
    One row a duty of either table, in the order of `duties`: duty, post, owner_now (all names; "" for nobody),
    owner_proposed ("" where the clean structure has no such work), change (one of `CHANGES`), critical, and why_en,
    why_zh: what is wrong now, if anything, and what happens.

    Raises
    ------
    InputError for the mistakes of `findings`, and where a duty of `clean` has not one person as its owner.

    Examples
    --------
    >>> from ecteam.organisation.rules import read_rules
    >>> duties = pd.DataFrame({"post": "stock_keeping", "en": ["Pack orders"], "zh": ["打包"]}, index=["pack_orders"])
    >>> now = pd.DataFrame({"duty": "pack_orders", "person": ["Li Wei", "Zhang Min"], "accountable": True})
    >>> row = difference(now, now.head(1), duties, read_rules()).iloc[0]
    >>> row["change"], row["why_en"]
    ('choose', 'Only one of Li Wei; Zhang Min can answer for it: Li Wei.')
    """
    now, then = (_owners(table, duties) for table in (as_is, clean))
    wrong = [
        f"the clean structure has {len(names)} owners of {duty!r} ({', '.join(names)}); it must have one"
        for duty, names in then.items()
        if len(names) != 1
    ]
    proposed = pd.Series({duty: names[0] if names else "" for duty, names in then.items()}, dtype=object)
    group = is_group(proposed, rules)
    wrong += [
        f"the clean structure has {name!r} as the owner of {duty!r}; it must be one person"
        for duty, name in proposed[group].items()
    ]
    if wrong:
        raise InputError(wrong)

    table = pd.DataFrame(index=duties.index[duties.index.isin([*now.index, *then.index])])
    table["names"] = [now.get(duty, []) for duty in table.index]
    table["owner_now"] = [AND["en"].join(names) for names in table["names"]]
    table["owner_proposed"] = proposed.reindex(table.index).fillna("")
    names_now = pd.Series(sorted({name for names in table["names"] for name in names}), dtype=object)
    groups = set(names_now[is_group(names_now, rules)])
    persons = table["names"].map(lambda names: [name for name in names if name not in groups])
    kept = [then in names for then, names in zip(table["owner_proposed"], table["names"], strict=True)]
    stays, one, none = np.array(kept, dtype=bool), persons.map(len) == 1, persons.map(len) == 0
    table["change"] = np.select(
        [table["owner_proposed"] == "", ~table.index.isin(now.index), none, one & stays, ~one & stays],
        ["drop", "new", "name", "same", "choose"],
        "replace",
    )
    # One owner beside a group is still one of several names: the group goes.
    table.loc[(table["change"] == "same") & (table["names"].map(len) > 1), "change"] = "choose"
    told = found[found["duty"] != ""].groupby("duty", sort=False)[["en", "zh"]].first() if found is not None else None
    for at, lang in enumerate(("en", "zh")):
        nobody = {"en": "nobody", "zh": "无人"}[lang]
        what = [
            _WHY[row.change][at].format(
                now=row.owner_now.replace(AND["en"], AND[lang]) or nobody, then=row.owner_proposed
            )
            for row in table.itertuples()
        ]
        wrong_now = told[lang].reindex(table.index).fillna("") if told is not None else pd.Series("", table.index)
        gap = " " if lang == "en" else ""
        table[f"why_{lang}"] = [
            f"{wrong}{gap}{text}" if wrong else text for wrong, text in zip(wrong_now, what, strict=True)
        ]
    table["post"] = duties["post"].reindex(table.index)
    table["critical"] = table.index.isin(rules.critical.index)
    columns = ["duty", "post", "owner_now", "owner_proposed", "change", "critical", "why_en", "why_zh"]
    return table.rename_axis("duty").reset_index()[columns]


def _owners(table: pd.DataFrame, duties: pd.DataFrame) -> pd.Series:
    """Duty -> the names of its owners; a duty of the table with none has an empty list."""
    rows = checked_table(table, duties)
    owners = (
        rows[rows["accountable"]].drop_duplicates(["duty", "person"]).groupby("duty", sort=False)["person"].agg(list)
    )
    return pd.Series({duty: owners.get(duty, []) for duty in table["duty"].unique()}, dtype=object)


def first_30_days(
    found: pd.DataFrame,
    duties: pd.DataFrame,
    rules: Rules,
    *,
    start: date,
    managers: Mapping[str, str] | None = None,
    head: str = "",
) -> pd.DataFrame:
    """What is to be settled in the first 30 days after a department is taken over, in which order, and by whom?

    Parameters
    ----------
    found : what `accountability.findings` says of the department's own table
    duties : indexed by duty: en, zh
    rules : from `accountability_rules.read_rules`: from and by which day a kind of fault is settled, sooner where the
        duty is one of cash, safety or law
    start : the first day, which is day 1
    managers : person -> manager ("" for none), of a roster
    head : who decides what nobody below can; "" is shown as the head of the department

    Returns
    -------
    One row a fault, in the order of the days: day (1 to 30), date, finding, duty, person, decided_by (a name, or ""),
    critical, what_en, what_zh (what to settle), why_en, why_zh, decided_by_en, decided_by_zh.

    Formula
    -------
    Faults of one kind are spread evenly over its days, so that no day has all of them. The nearest common manager of
    all who are named decides, never one of them; where there is none, or nobody is named, the head.

    Raises
    ------
    InputError where managers go in a circle.

    Examples
    --------
    >>> from ecteam.organisation.accountability import findings
    >>> from ecteam.organisation.rules import read_rules
    >>> duties = pd.DataFrame({"role": "accountant", "en": ["Pay supplier invoices"], "zh": ["应付付款"]},
    ...     index=["pay_supplier_invoices"])
    >>> nobody = pd.DataFrame({"duty": ["pay_supplier_invoices"], "person": [""], "accountable": [False]})
    >>> rules = read_rules()
    >>> todo = first_30_days(findings(nobody, duties, rules), duties, rules, start=date(2026, 12, 1))
    >>> int(todo.loc[0, "day"]), todo.loc[0, "decided_by_en"], todo.loc[0, "what_en"]
    (1, 'head of the department',
     'No owner, Pay supplier invoices: Name one person who does the work and may decide it.')
    """
    kinds = rules.findings.loc[found["finding"]].reset_index(drop=True)
    critical = found["critical"].to_numpy(dtype=bool)
    first = np.where(critical, kinds["critical_from_day"], kinds["from_day"])
    last = np.where(critical, kinds["critical_by_day"], kinds["by_day"])
    alike = found.groupby(["finding", "critical"], sort=False)
    turn, of = alike.cumcount().to_numpy(), alike["finding"].transform("size").to_numpy()
    day = first + (last - first + 1) * turn // of
    decided_by = [_decides(row, managers or {}, head) for row in found.to_dict("records")]
    named = {
        lang: [
            _WHAT[lang].format(
                name=kind[lang],
                duty=duties.loc[row["duty"], lang] if row["duty"] else row["person"],
                do=row[f"do_{lang}"],
            )
            for row, kind in zip(found.to_dict("records"), kinds.to_dict("records"), strict=True)
        ]
        for lang in ("en", "zh")
    }
    table = pd.DataFrame(
        {
            "day": day,
            "date": pd.Timestamp(start) + pd.to_timedelta(day - 1, unit="D"),
            "finding": found["finding"].to_numpy(),
            "duty": found["duty"].to_numpy(),
            "person": found["person"].to_numpy(),
            "decided_by": decided_by,
            "critical": critical,
            "what_en": named["en"],
            "what_zh": named["zh"],
            "why_en": found["en"].to_numpy(),
            "why_zh": found["zh"].to_numpy(),
        }
    )
    for lang in ("en", "zh"):
        table[f"decided_by_{lang}"] = table["decided_by"].replace("", HEAD[lang])
    return table.sort_values("day", kind="stable", ignore_index=True)


def _decides(row: Mapping[str, str], managers: Mapping[str, str], head: str) -> str:
    """The nearest common manager of those whom a fault names; nobody is in their own line."""
    named = [name for name in (row["person"] or row["other"]).split(AND["en"]) if name in managers]
    lines = [_line(name, managers) for name in named]
    return next((boss for boss in (lines[0] if lines else []) if all(boss in line for line in lines)), head)


def _line(name: str, managers: Mapping[str, str]) -> list[str]:
    line = [name]
    while (boss := managers.get(line[-1], "")) and boss in managers:
        if boss in line:
            raise InputError(f"the line of report goes in a circle: {' → '.join([*line, boss])}")
        line.append(boss)
    return line[1:]
