"""Tables of an organisation for people: who reports to whom, spans, structures, hand-offs, cover, reports."""

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number, person
from ecteam.organisation.structures import Structure
from ecteam.view.organisation_boxes import finding, hats_of, name_of, word
from ecteam.view.tables import plain

NOTHING = "–"
_SHARES = {"management_cost_share"}


def organisation(tree: pd.DataFrame | Structure, people: pd.DataFrame | None = None, lang: Language = "en") -> Styler:
    """What the chart shows, every person named: position, department or group, manager, layer, leads, hats, vacancy."""
    frame = tree.tree if isinstance(tree, Structure) else tree
    hats = pd.Series(dtype=object) if people is None else hats_of(people)
    role = dict(zip(frame["person"], frame["position"], strict=True))
    led = frame["manager"].value_counts()
    stop = "、" if lang == "zh" else ", "
    rows = {
        label("person", lang): [name_of(p, role[p], lang) for p in frame["person"]],
        label("position", lang): [word(p, lang) for p in frame["position"]],
        label("department", lang): [word(d, lang) for d in frame["department"]],
        label("manager", lang): [name_of(m, role[m], lang) if m else NOTHING for m in frame["manager"]],
        label("layer", lang): frame["layer"].to_list(),
        label("leads", lang): [
            f"{led[p]}{' · ' + label(kind, lang) if kind == 'working_lead' else ''}" if kind else ""
            for p, kind in zip(frame["person"], frame["leads"], strict=True)
        ],
        label("hats", lang): [stop.join(word(post, lang) for post in hats.get(p, ())) for p in frame["person"]],
        label("vacant", lang): [label("vacant", lang) if vacant else "" for vacant in frame["vacant"]],
    }
    if isinstance(tree, Structure) and (frame["group"] != frame["department"]).any():
        rows[label("group", lang)] = [word(g, lang) for g in frame["group"]]
    return plain(pd.DataFrame(rows)).set_caption(finding(frame, lang))


def spans(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """How many each leads and what the leading costs: of `spans.spans_of`."""
    rows = {
        label("person", lang): [name_of(r.person, r.position, lang) for r in table.itertuples()],
        label("direct_reports", lang): table["reports"].to_list(),
        label("limit", lang): [f"{r.limit}{' !' if r.over else ''}" for r in table.itertuples()],
        label("leading_hours", lang): [number(v) for v in table["leading_hours"]],
    }
    if table["leading_cost"].notna().any():
        rows[label("cost_total", lang)] = [number(v) for v in table["leading_cost"]]
    return plain(pd.DataFrame(rows), right=list(rows)[1:])


def measures(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """The figures of `spans.measures`, or those of several structures side by side (`compare_structures`)."""
    columns = ["value"] if "unit" in table else list(table.columns)
    rows = {label("measure", lang): [label(str(key), lang) for key in table.index]}
    for column in columns:
        rows[label(column, lang)] = [
            f"{value:.1%}" if key in _SHARES and value == value else number(float(value))
            for key, value in table[column].items()
        ]
    return plain(pd.DataFrame(rows), right=list(rows)[1:])


def hand_offs(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """The way of an order, step by step, and what share of orders changes hands; the last row adds up."""
    rows = pd.DataFrame(
        {
            label("step", lang): table[lang],
            label("who", lang): [
                f"{person(p, lang)} (+{n - 1})" if n > 1 else person(p, lang) or NOTHING
                for p, n in zip(table["person"], table["people"], strict=True)
            ],
            label("group", lang): [word(g, lang) for g in table["group"]],
            label("person_hand_off", lang): [f"{v:.0%}" for v in table["person_hand_off"]],
            label("group_hand_off", lang): [f"{v:.0%}" for v in table["group_hand_off"]],
        }
    )
    total = [
        "",
        "",
        "",
        number(float(table["person_hand_off"].sum())),
        number(float(table["group_hand_off"].sum())),
    ]
    rows.loc[len(rows)] = total
    return plain(rows, right=list(rows.columns[3:]), total=True)


def losses(table: pd.DataFrame, currency: str, lang: Language = "en") -> Styler:
    """Whose leaving hurts most: of `stability.loss_by_person`."""
    rows = {
        label("person", lang): [person(name, lang) for name in table["person"]],
        label("duties_held", lang): table["duties"].to_list(),
        label("duties_without_cover", lang): table["duties_without_cover"].to_list(),
        label("cover_share", lang): [f"{v:.0%}" for v in table["cover_share"]],
        label("uncovered_hours", lang): [number(v) for v in table["uncovered_hours"]],
        f"{label('cost_if_leaves', lang)}, {currency}": [number(v) for v in table["cost_if_leaves"]],
    }
    if table["loss_per_year"].notna().any():
        rows[f"{label('loss_per_year', lang)}, {currency}"] = [number(v) for v in table["loss_per_year"]]
    return plain(pd.DataFrame(rows), right=list(rows)[1:])


def cover(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """Who could do what tomorrow: of `stability.cover_matrix`, one row a duty."""
    words = {key: label(key, lang) for key in ("accountable", "works_on_it", "may_do_it")}
    shown = table.replace(words).rename(columns=lambda name: person(str(name), lang))
    shown.insert(0, label("duty", lang), [word(str(duty), lang) for duty in table.index])
    return plain(shown.reset_index(drop=True).rename_axis(columns=None))


def trainings(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """Who learns which duty so that none hangs on one person: of `cross_training`."""
    rows = {
        label("duty", lang): [word(duty, lang) for duty in table["duty"]],
        label("holder", lang): [person(name, lang) for name in table["holder"]],
        label("train", lang): [person(name, lang) or label("nobody", lang) for name in table["train"]],
        label("free_hours", lang): [
            number(h) if name else NOTHING for h, name in zip(table["free_hours"], table["train"], strict=True)
        ],
    }
    return plain(pd.DataFrame(rows), right=list(rows)[3:])


def reports(table: pd.DataFrame, lang: Language = "en") -> Styler:
    """Which report goes from whom to whom, how often: of `reporting_cadence`; the last row adds the hours up."""
    rows = pd.DataFrame(
        {
            label("report", lang): table[lang],
            label("giver", lang): [person(name, lang) for name in table["giver"]],
            label("taker", lang): [person(name, lang) for name in table["taker"]],
            label("frequency", lang): [label(f, lang) for f in table["frequency"]],
            label("hours_per_month", lang): [f"{h:.1f}" for h in table["hours_per_month"]],
        }
    )
    rows.loc[len(rows)] = ["", "", "", "", f"{table['hours_per_month'].sum():.1f}"]
    return plain(rows, right=[label("hours_per_month", lang)], total=True)
