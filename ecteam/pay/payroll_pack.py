"""Country packs: read from data/payroll, checked as a whole, shown as a table of sourced figures."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pydantic import ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.pay.country_pack import Pack


def _names_used(pack: Pack) -> dict[str, set[str]]:
    """Every name of a figure, table or item that some part of the pack leans on, with the part that does."""
    figures: dict[str, set[str]] = {}

    def need(where: str, *names: str | None) -> None:
        figures.setdefault(where, set()).update(name for name in names if name)

    for key, item in pack.items.items():
        for charge in item.employer + item.employee:
            need(f"items.{key}", *charge.model_dump().values())
    for key, regime in pack.income_tax.items():
        need(
            f"income_tax.{key}",
            regime.allowance,
            *(regime.taper.model_dump().values() if regime.taper else ()),
        )
    need("hours_per_day", pack.hours_per_day)
    need("paid_days_per_month", pack.paid_days_per_month)
    need("special_deductions", *pack.special_deductions)
    if pack.overtime:
        need("overtime", pack.overtime.hours_cap, *pack.overtime.multipliers.values())
    if pack.minimum_wage:
        need("minimum_wage", pack.minimum_wage.figure, pack.minimum_wage.hours_per_month)
    if pack.leave:
        need("leave", pack.leave.unused_extra, *pack.leave.days_from_years.values())
    if pack.severance:
        rule = pack.severance.model_dump(exclude={"counting", "bands", "endings"})
        need("severance", *rule.values())
        need("severance", *(name for ending in pack.severance.endings.values() for name in ending.values()))
    return figures


def _mistakes(pack: Pack) -> list[str]:
    """What pydantic cannot see: names that lead nowhere, values out of order, figures that start too late."""
    wrong = []
    for alias, target in pack.figures.items():
        if isinstance(target, str) and target not in pack.figures:
            wrong.append(f"figures.{alias} stands for {target!r}, no figure{did_you_mean(target, pack.figures)}")
    if wrong:
        return wrong
    for where, names in _names_used(pack).items():
        for name in sorted(names - set(pack.figures)):
            wrong.append(f"{where} uses {name!r}, which is no figure{did_you_mean(name, pack.figures)}")
        for name in sorted(names & set(pack.figures)):
            # A minimum wage may begin later than the pack: before that day it is not known, and says so.
            if where != "minimum_wage" and pack.figure(name).values[0].effective > pack.known.first:
                wrong.append(f"figures.{name} begins after {pack.known.first}, the first day of the pack")
    for key, figure in pack.figures.items():
        if isinstance(figure, str):
            continue
        for value in figure.values:
            low, high = value.range
            if not low <= value.typical <= high:
                wrong.append(f"figures.{key} from {value.effective}: low <= typical <= high does not hold")
            if value.source not in pack.sources:
                wrong.append(f"figures.{key} names source {value.source!r}{did_you_mean(value.source, pack.sources)}")
        if [*figure.days] != sorted(set(figure.days)):
            wrong.append(f"figures.{key}: the dates must rise")
    tables = {regime.bands for regime in pack.income_tax.values()} | {rule.bands for rule in pack.bonus.values()}
    for name in sorted(tables - set(pack.bands)):
        wrong.append(f"tax table {name!r} is missing{did_you_mean(name, pack.bands)}")
    for key, tables_of_key in pack.bands.items():
        for table in tables_of_key:
            for row, following, due, then in zip(
                table.rows, table.rows[1:], table.tax_at_start, table.tax_at_start[1:], strict=False
            ):
                width = following.above - row.above
                # A law that prints rounded coefficients (Germany) leaves steps of some cents.
                if abs(due + width * row.rate + width * width * row.rise - then) > Decimal("0.1"):
                    wrong.append(f"bands.{key}: the quick deduction {following.quick} above {following.above} is wrong")
    for key, person in pack.persons.items():
        if person.tax not in pack.income_tax:
            wrong.append(f"persons.{key} has tax {person.tax!r}{did_you_mean(person.tax, pack.income_tax)}")
        for name in person.without:
            if name not in pack.items_and_groups:
                wrong.append(f"persons.{key} is without {name!r}{did_you_mean(name, pack.items_and_groups)}")
    for key, regime in pack.income_tax.items():
        for name in regime.deducts:
            if name not in pack.items:
                wrong.append(f"income_tax.{key} deducts {name!r}{did_you_mean(name, pack.items)}")
    return wrong


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    parent = content.pop("extends", None)
    if parent is None:
        return content
    # A city adds to and replaces entries of its country's tables; any other key replaces the country's.
    merged = _read(path.parent / f"{parent}.yaml")
    for key, value in content.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) and key != "name" else value
    return merged


def places(folder: Path | None = None) -> list[str]:
    """Which places have a country pack?

    >>> places()[:3]
    ['cn/beijing', 'cn/chengdu', 'cn/guangzhou']
    """
    root = folder or data_dir() / "payroll"
    found = (path for path in root.rglob("*.yaml") if not path.name.startswith("_"))
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in found)


@cache
def load_pack(place: str, folder: Path | None = None) -> Pack:
    """What does a place ask of pay? Its pack, from `folder` or data/payroll, checked as a whole.

    Raises InputError for an unknown place (with the nearest one) and for every mistake in the file at once.

    >>> load_pack("cn/shanghai").currency
    'CNY'
    """
    known = places(folder)
    if place not in known:
        raise InputError(f"place is {place!r}; it must be one of the country packs{did_you_mean(place, known)}")
    path = (folder or data_dir() / "payroll") / f"{place}.yaml"
    try:
        pack = Pack.model_validate({"place": place, **_read(path)})
    except ValidationError as error:
        raise InputError(
            [f"{path}, {'.'.join(map(str, bad['loc']))}: {bad['msg']}" for bad in error.errors()]
        ) from None
    wrong = _mistakes(pack)
    if wrong:
        raise InputError([f"{path}, {sentence}" for sentence in wrong])
    return pack


def figures(place: str | Pack, on: date | None = None) -> pd.DataFrame:
    """Which figures does a place's pack hold, and where does each come from?

    Parameters: `place`; `on`, a day: only the values in force then (all values when None). Columns: figure,
    effective, low, typical, high (in `unit`), unit, source, as_of, kind, remark.

    >>> figures("cn/shanghai", date(2026, 7, 1)).query("figure == 'pension_cap'").typical.item()
    37731.0
    """
    pack = place if isinstance(place, Pack) else load_pack(place)
    rows = []
    for key, figure in pack.figures.items():
        if isinstance(figure, str):
            continue
        values = figure.values if on is None else [v for v in figure.values if v.effective <= on][-1:]
        for value in values:
            low, high = value.range
            source = pack.sources[value.source]
            numbers = (float(low), float(value.typical), float(high))
            rows.append(
                (
                    key,
                    value.effective,
                    *numbers,
                    figure.unit,
                    source.cite,
                    source.as_of,
                    value.kind,
                    value.remark,
                )
            )
    columns = ["figure", "effective", "low", "typical", "high", "unit", "source", "as_of", "kind", "remark"]
    return pd.DataFrame(rows, columns=columns)
