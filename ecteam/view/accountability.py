"""Who answers for what: the grid, what is wrong, what differs, the first 30 days, capabilities, checkpoints."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from pandas.io.formats.style import Styler

from ecteam.inputs.tables import CAPABILITIES
from ecteam.inputs.words import in_words, label, language, listed, month_in_words, person, text
from ecteam.organisation.accountability import AND, capabilities_without_owner, named_rows
from ecteam.organisation.rules import Rules, is_group
from ecteam.view.picture import chart, columns, note
from ecteam.view.table import captioned, day_name, plain, table

_RED, _BLUE, _SOFT = "#b3261e", "#0072b2", "#5b6672"


def accountability_grid(
    table: pd.DataFrame, duties: pd.DataFrame, rules: Rules, *, found: pd.DataFrame | None = None
) -> Styler:
    """Duties x people, one mark a cell: who answers, who works, who stands in; duties grouped by post, faults in red.

    `table`, `duties` (indexed by duty: post, en, zh) as `accountability.findings` takes them, `found` what it gives.
    """
    rows = named_rows(table)
    marks = {kind: label(f"mark_{kind}") for kind in ("owns", "works", "stands_in")}
    rows["mark"] = marks["works"]
    rows.loc[rows["deputy"], "mark"] = marks["stands_in"]
    rows.loc[rows["accountable"], "mark"] = marks["owns"]
    rows["rank"] = rows["mark"].map({marks["owns"]: 0, marks["works"]: 1, marks["stands_in"]: 2})
    best = rows.sort_values("rank", kind="stable").drop_duplicates(["duty", "person"])
    posts = list(dict.fromkeys(duties["post"]))
    by_post = duties.iloc[duties["post"].map(posts.index).argsort(kind="stable")]
    # Whoever answers for the first duties stands first, groups last: the marks then run down a diagonal.
    place = best.assign(at=by_post.index.get_indexer(best["duty"]) + 1000 * (best["rank"] > 0))
    place["group"] = is_group(place["person"], rules).to_numpy()
    people = place.sort_values(["group", "at", "person"], kind="stable")["person"].drop_duplicates().to_list()
    grid = (
        best.pivot_table(index="duty", columns="person", values="mark", aggfunc="first")
        .reindex(by_post.index)[people]
        .fillna("")
    )
    post = by_post["post"].map(label)
    head = [label("post"), label("duty")]
    grid = grid.rename(columns=person)
    shown = pd.DataFrame(
        {head[0]: post.where(~post.duplicated(), ""), head[1]: by_post[language()], **dict(grid.items())}
    )
    people = [person(name) for name in people]
    shown = shown.reset_index(drop=True)

    high = found[found["severity"] == "high"] if found is not None else pd.DataFrame(columns=["duty", "other"])
    wrong = {*high["duty"], *high["other"]} & set(by_post.index)
    styler = plain(shown)
    styler.set_table_attributes("class='ecteam grid'")
    styles = [
        {"selector": f"th.col_heading.level0.col{at}", "props": "writing-mode: vertical-rl; text-align: right; "
         "white-space: nowrap; padding: .3rem .1rem; font-weight: normal"}
        for at in range(2, shown.shape[1])
    ]  # fmt: skip
    styles.append({"selector": "td", "props": "padding: .1rem .2rem"})
    styler.set_table_styles(styles, overwrite=False)
    styler.set_properties(subset=head, **{"white-space": "nowrap"})
    styler.set_properties(subset=[head[0]], **{"font-weight": "600"})
    if people:
        styler.set_properties(subset=people, **{"text-align": "center", "border-left": "1px solid #eceff2"})
        styler.map(
            lambda mark: {marks["owns"]: f"color: #fff; background: {_BLUE}; font-weight: 700"}.get(
                mark, f"color: {_SOFT}"
            ),
            subset=people,
        )
    red = [key in wrong for key in by_post.index]
    styler.apply(lambda column: [f"color: {_RED}; font-weight: 700" if bad else "" for bad in red], subset=[head[1]])
    first = (shown[head[0]] != "").to_numpy()
    styler.apply(lambda column: ["border-top: 1.5px solid #1d2733" if new else "" for new in first], axis=0)
    return captioned(styler, text("grid_legend", faults=len(wrong), duties=len(by_post)))


def _said(column: str, *named: str) -> Callable[[Any], str]:
    """The sentence of a column, with the people of other columns in it as people read them."""
    return lambda row: in_words(
        getattr(row, column), [who for other in named for who in str(getattr(row, other)).split(AND["en"])]
    )


def findings_table(found: pd.DataFrame) -> Styler:
    """What is wrong, the most pressing first, and what to do: the rows of `accountability.findings` in words.

    Faults that differ in their duty only are one row, which names all of these.
    """
    high = int((found["severity"] == "high").sum())
    alike = ["finding", "person", "other", "severity", f"do_{language()}"]
    rows = [_one_fault(faults) for _, faults in found.groupby(alike, sort=False)]
    return table(
        pd.DataFrame(rows, columns=found.columns),
        "accountability.findings",
        wrong=_said(language(), "person", "other"),
        to_do=_said(f"do_{language()}", "person", "other"),
        caption=text("faults_found", n=len(found), high=high) if len(found) else text("no_fault_found"),
    )


def _one_fault(faults: pd.DataFrame) -> pd.Series:
    first = faults.iloc[0].copy()
    named = [duty for sentence in faults[language()] for duty in re.findall("“.*?”", sentence)[:1]]
    if len(named) == len(faults) > 1:
        first[language()] = first[language()].replace(named[0], listed(named))
    return first


def difference_table(diff: pd.DataFrame, duties: pd.DataFrame) -> Styler:
    """Duty by duty, who answers now and who should: the rows of `takeover.difference` in words."""
    now, then = _said("owner_now", "owner_now"), _said("owner_proposed", "owner_proposed")
    return table(
        diff,
        "accountability.difference",
        duty=lambda row: duties.loc[row.duty, language()],
        answers_now=lambda row: listed(now(row).split(AND["en"])) or "–",
        answers_then=lambda row: then(row) or "–",
        change=lambda row: label(f"change_{row.change}"),
        why=_said(f"why_{language()}", "owner_now", "owner_proposed"),
        caption=text("duties_that_change", moved=int((diff["change"] != "same").sum()), n=len(diff)),
    )


def first_days_table(todo: pd.DataFrame) -> Styler:
    """What is settled on which day, and who decides: the rows of `takeover.first_30_days` in words."""
    caption = text("things_to_settle", n=len(todo), soon=int((todo["day"] <= 7).sum()))
    return table(todo, "accountability.first_days", caption=caption)


def capability_table(matrix: pd.DataFrame, duties: pd.DataFrame) -> Styler:
    """Posts x the three capabilities: who owns how much of each, and which duties nobody owns, in red."""
    nobody = text("no_owner_of")

    def cell(row: pd.Series) -> str:
        who = listed(person(name) for name in row["owners"].split(AND["en"]))
        gaps = [duties.loc[key, language()] for key in filter(None, row["gaps"].split(AND["en"]))]
        parts = [
            f"{who} ({text('owned_of', owned=row['owned'], duties=row['duties'])})" if who else "",
            nobody + listed(gaps) if gaps else "",
        ]
        return " · ".join(filter(None, parts))

    cells = matrix.assign(cell=[cell(row) for _, row in matrix.iterrows()])
    wide = cells[cells["post"] != ""].pivot_table(index="post", columns="capability", values="cell", aggfunc="first")
    posts = list(dict.fromkeys(duties["post"]))
    wide = wide.reindex(index=posts, columns=list(CAPABILITIES)).astype(object).fillna("")
    wide.columns = [label(str(name)) for name in wide.columns]
    head = label("post")
    shown = wide.rename_axis(head).reset_index()
    shown[head] = [label(str(post)) for post in shown[head]]
    gone = [label(name) for name in capabilities_without_owner(matrix)]
    sums = {"owned": int(matrix["owned"].sum()), "duties": int(matrix["duties"].sum())}
    caption = text("nobody_owns", gone=gone, **sums) if gone else text("all_have_owners", **sums)
    styler = captioned(plain(shown), caption)
    return styler.map(
        lambda shown: f"color: {_RED}; font-weight: 600" if nobody in shown else "", subset=list(wide.columns)
    )


def checkpoint_table(cut: pd.DataFrame) -> Styler:
    """What is there by when, who answers for it, how one can tell: the rows of `checkpoints.checkpoints` in words."""

    def task(row: Any) -> str:
        part = text("part_of_parts", **row._asdict()) if row.parts > 1 else ""
        return str(getattr(row, language())) + part

    caption = text("checkpoints_in_all", n=len(cut), longest=cut["weeks"].max() if len(cut) else 0.0)
    return table(cut, "accountability.checkpoints", task=task, caption=caption)


def gantt_height(cut: pd.DataFrame) -> float:
    """The height in inches that a Gantt chart of these checkpoints needs."""
    return 1.5 + 0.27 * cut["task"].nunique()


@chart
def gantt(cut: pd.DataFrame, *, ax: Axes) -> None:
    """When does each task run, when is what there, and who answers for it? `cut` is that of `checkpoint_table`."""
    of_task = {"start": ("start", "min"), "due": ("due", "max"), "name": (language(), "first")}
    of_task |= {key: (key, "first") for key in ("owner", "critical")}
    rows = cut.groupby("task", sort=False).agg(**of_task)
    rows = rows.sort_values(["start", "due"], kind="stable")
    at = pd.Series(np.arange(len(rows)), index=rows.index)
    colours = np.where(rows["critical"], "C0", "C4")
    # A bar ends with the last of its days, not at its first hour.
    day = pd.Timedelta(days=1)
    start, end = (mdates.date2num(rows[edge].to_numpy()) for edge in ("start", "due"))
    columns(ax, at, end + 1 - start, start, width=0.55, color=list(colours), lying=True)
    marks = mdates.date2num((cut["due"] + day).to_numpy())
    ax.scatter(marks, cut["task"].map(at), marker="D", s=26, color="black", zorder=3)
    names = zip(rows["name"], rows["owner"], strict=True)
    ax.set_yticks(at, [f"{name} · {person(owner)}" for name, owner in names])
    ax.tick_params(axis="y", labelsize=8, length=0)
    ax.tick_params(axis="x", labelsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    first, last = cut["start"].min(), cut["due"].max()
    ax.set_xlim(start.min(), marks.max() + 0.02 * (marks.max() - start.min()))
    # Mondays as given ticks: matplotlib's locator of weekdays takes seconds to find them.
    step = max(1, round((last - first).days / 7 / 8))
    mondays = pd.date_range(first, last + day, freq=f"{step}W-MON")
    new_year = np.diff(mondays.year, prepend=0) != 0
    years = [f"\n{day.year}" if new else "" for day, new in zip(mondays, new_year, strict=True)]
    ax.set_xticks(mdates.date2num(mondays.to_numpy()), [day_name(d) + y for d, y in zip(mondays, years, strict=True)])
    ax.grid(axis="x", visible=True)
    ax.grid(axis="y", visible=False)
    ax.set(xlabel=text("gantt.axis"), ylabel=text("gantt.rows"))
    month = month_in_words(last.to_period("M"))
    ax.set_title(text("gantt.title", n=len(cut), last=month, weeks=cut["weeks"].max()), pad=24)
    # What the two blues and the mark mean, in words of their own colour.
    for key, sign, share, colour in (("critical", "■", 0.0, "C0"), ("slack", "■", 0.28, "C4"), ("mark", "◆", 0.6, "k")):
        note(ax, share, 1, sign, dy=6, size=8, color=to_rgb(colour), within="axes", va="bottom")
        note(ax, share, 1, text(f"gantt.{key}"), dx=12, dy=6, size=8, color=colour, within="axes", va="bottom")
