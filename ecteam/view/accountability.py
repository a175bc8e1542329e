"""Tables of who answers for what: the grid, what is wrong, what differs, the first 30 days, capabilities, checkpoints.

They are HTML and not pictures, so that names can be searched, copied and printed.

The build plan on the calendar: a bar a task, a mark a checkpoint, the owner on the row.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from pandas.io.formats.style import Styler

from ecteam.inputs.tables import CAPABILITIES
from ecteam.inputs.words import in_words, label, language, month_in_words, person, text
from ecteam.organisation.accountability import AND, capabilities_without_owner, checked_table
from ecteam.organisation.rules import Rules, is_group
from ecteam.view.picture import axes_of, columns, day_name, note
from ecteam.view.table import plain

MARKS = {"en": {"owns": "A", "works": "R", "stands_in": "D"}, "zh": {"owns": "责", "works": "做", "stands_in": "替"}}
LEGEND = {
    "en": "A answers for it, R works on it, D stands in. Red: {faults} of {duties} duties have a high-severity fault.",
    "zh": "责：负责；做：参与；替：替补。红色：{duties} 项职责中有 {faults} 项存在高严重度问题。",
}
_RED, _BLUE, _SOFT = "#b3261e", "#0072b2", "#5b6672"
_JOIN = {"en": ", ", "zh": "、"}


def accountability_grid(
    table: pd.DataFrame, duties: pd.DataFrame, rules: Rules, *, found: pd.DataFrame | None = None
) -> Styler:
    """Duties x people, one mark a cell: who answers, who works, who stands in; duties grouped by post, faults in red.

    `table`, `duties` (indexed by duty: post, en, zh) as `accountability.findings` takes them, `found` what it gives.
    """
    rows = checked_table(table, duties)
    marks = MARKS[language()]
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
    return styler.set_caption(LEGEND[language()].format(faults=len(wrong), duties=len(by_post)))


def _said(rows: pd.DataFrame, column: str, named: Sequence[str]) -> pd.Series:
    """The sentences of a column, with the people of other columns in them as people read them."""
    names = rows[list(named)].astype(str).agg(AND["en"].join, axis=1) if len(rows) else pd.Series(dtype=str)
    said = [in_words(text, who.split(AND["en"])) for text, who in zip(rows[column], names, strict=True)]
    return pd.Series(said, index=rows.index, dtype=object)


def findings_table(found: pd.DataFrame) -> Styler:
    """What is wrong, the most pressing first, and what to do: the rows of `accountability.findings` in words."""
    columns = [label(key) for key in ("severity", "wrong", "to_do")]
    rows = pd.DataFrame(
        {
            columns[0]: [label(severity) for severity in found["severity"]],
            columns[1]: _said(found, language(), ("person", "other")),
            columns[2]: _said(found, f"do_{language()}", ("person", "other")),
        }
    ).reset_index(drop=True)
    high = int((found["severity"] == "high").sum())
    caption = {
        "en": f"{len(found)} faults, {high} of high severity" if len(found) else "No fault was found",
        "zh": f"共 {len(found)} 个问题，其中高严重度 {high} 个" if len(found) else "未发现问题",
    }
    styler = plain(rows).set_caption(caption[language()])
    return styler.set_properties(subset=columns[:1], **{"white-space": "nowrap"})


def difference_table(diff: pd.DataFrame, duties: pd.DataFrame) -> Styler:
    """Duty by duty, who answers now and who should: the rows of `takeover.difference` in words."""
    columns = [label(key) for key in ("post", "duty", "answers_now", "answers_then", "change", "why")]
    rows = pd.DataFrame(
        {
            columns[0]: [label(post) for post in diff["post"]],
            columns[1]: duties[language()].reindex(diff["duty"]).to_numpy(),
            columns[2]: _said(diff, "owner_now", ("owner_now",))
            .str.replace(AND["en"], _JOIN[language()])
            .replace("", "–"),
            columns[3]: _said(diff, "owner_proposed", ("owner_proposed",)).replace("", "–"),
            columns[4]: [label(f"change_{change}") for change in diff["change"]],
            columns[5]: _said(diff, f"why_{language()}", ("owner_now", "owner_proposed")),
        }
    ).reset_index(drop=True)
    moved = int((diff["change"] != "same").sum())
    caption = {"en": f"{moved} of {len(diff)} duties change", "zh": f"{len(diff)} 项职责中有 {moved} 项变化"}
    return plain(rows).set_caption(caption[language()])


def first_days_table(todo: pd.DataFrame) -> Styler:
    """What is settled on which day, and who decides: the rows of `takeover.first_30_days` in words."""
    columns = [label(key) for key in ("day", "date", "to_settle", "why", "decided_by")]
    rows = pd.DataFrame(
        {
            columns[0]: todo["day"],
            columns[1]: [_date(day) for day in todo["date"]],
            columns[2]: todo[f"what_{language()}"],
            columns[3]: todo[f"why_{language()}"],
            columns[4]: todo[f"decided_by_{language()}"],
        }
    ).reset_index(drop=True)
    soon = int((todo["day"] <= 7).sum())
    caption = {
        "en": f"{len(todo)} things to settle in 30 days, {soon} of them in the first week",
        "zh": f"30 天内要解决 {len(todo)} 件事，其中首周 {soon} 件",
    }
    styler = plain(rows, right=columns[:2]).set_caption(caption[language()])
    return styler.set_properties(subset=columns[4:], **{"white-space": "nowrap"})


def capability_table(matrix: pd.DataFrame, duties: pd.DataFrame) -> Styler:
    """Posts x the three capabilities: who owns how much of each, and which duties nobody owns, in red."""
    nobody = {"en": "no owner: ", "zh": "无人负责："}[language()]
    of = {"en": "{owned} of {duties}", "zh": "{owned}/{duties} 项"}[language()]

    def cell(row: pd.Series) -> str:
        who = _JOIN[language()].join(person(name) for name in row["owners"].split(AND["en"]))
        gaps = [duties.loc[key, language()] for key in filter(None, row["gaps"].split(AND["en"]))]
        parts = [f"{who} ({of.format(**row)})" if who else "", nobody + _JOIN[language()].join(gaps) if gaps else ""]
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
    owned, all_of = int(matrix["owned"].sum()), int(matrix["duties"].sum())
    caption = {
        "en": f"{'Nobody owns ' + ', '.join(gone) if gone else 'Each of the three capabilities has owners'}; "
        f"{owned} of {all_of} duties are owned",
        "zh": f"{'无人承担：' + '、'.join(gone) if gone else '三种能力都有人承担'}；"
        f"{all_of} 项职责中 {owned} 项有人负责",
    }
    styler = plain(shown).set_caption(caption[language()])
    return styler.map(
        lambda text: f"color: {_RED}; font-weight: 600" if nobody in text else "", subset=list(wide.columns)
    )


def checkpoint_table(cut: pd.DataFrame) -> Styler:
    """What is there by when, who answers for it, how one can tell: the rows of `checkpoints.checkpoints` in words."""
    columns = [label(key) for key in ("due", "task", "result_seen", "kind", "acceptance", "answers")]
    part = text("part_of_parts")
    rows = pd.DataFrame(
        {
            columns[0]: [_date(day) for day in cut["due"]],
            columns[1]: [
                row[language()] + (part.format(**row) if row["parts"] > 1 else "") for row in cut.to_dict("records")
            ],
            columns[2]: cut[f"result_{language()}"],
            columns[3]: [label(kind) for kind in cut["result_kind"]],
            columns[4]: cut[f"acceptance_{language()}"],
            columns[5]: [person(name) for name in cut["owner"]],
        }
    ).reset_index(drop=True)
    longest = cut["weeks"].max() if len(cut) else 0
    caption = {
        "en": f"{len(cut)} checkpoints; the longest stretch of a task is {longest:.1f} weeks",
        "zh": f"共 {len(cut)} 个检查点；单项任务最长间隔 {longest:.1f} 周",
    }
    styler = plain(rows, right=columns[:1]).set_caption(caption[language()])
    return styler.set_properties(subset=[columns[3], columns[5]], **{"white-space": "nowrap"})


def _date(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b %Y}" if language() == "en" else f"{day.year}年{day.month}月{day.day}日"


ROW_INCHES = 0.27
"""Height of a task's row; `gantt_height` gives that of the whole picture."""


def gantt_height(cut: pd.DataFrame) -> float:
    """The height in inches that a Gantt chart of these checkpoints needs: the `height` of `charts.picture`."""
    return 1.5 + ROW_INCHES * cut["task"].nunique()


def gantt(cut: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """When does each task run, when is what there, and who answers for it?

    `cut` is what `checkpoints.checkpoints` gives; the table of the same figures is `checkpoint_table`.
    """
    ax = axes_of(ax)
    of_task = {
        "start": ("start", "min"),
        "due": ("due", "max"),
        "name": (language(), "first"),
        "owner": ("owner", "first"),
    }
    rows = cut.groupby("task", sort=False).agg(**of_task, critical=("critical", "first"))
    rows = rows.sort_values(["start", "due"], kind="stable")
    at = pd.Series(np.arange(len(rows)), index=rows.index)
    colours = np.where(rows["critical"], "C0", "C4")
    # A bar ends with the last of its days, not at its first hour.
    day = pd.Timedelta(days=1)
    start, end = (mdates.date2num(rows[edge].to_numpy()) for edge in ("start", "due"))
    columns(ax, at, end + 1 - start, start, width=0.55, color=list(colours), lying=True)
    marks = mdates.date2num((cut["due"] + day).to_numpy())
    ax.scatter(marks, cut["task"].map(at), marker="D", s=26, color="black", zorder=3)
    ax.set_yticks(
        at,
        [f"{name} · {person(owner)}" for name, owner in zip(rows["name"], rows["owner"], strict=True)],
    )
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
    ax.set_xlabel(text("gantt.axis"))
    ax.set_ylabel(text("gantt.rows"))
    month = month_in_words(last.to_period("M"))
    ax.set_title(text("gantt.title", n=len(cut), last=month, weeks=cut["weeks"].max()), pad=24)
    _said_of_colours(ax)
    return ax


def _said_of_colours(ax: Axes) -> None:
    """What the two blues and the mark mean, in words of their own colour under the finding."""
    for key, sign, share, colour in (("critical", "■", 0.0, "C0"), ("slack", "■", 0.28, "C4"), ("mark", "◆", 0.6, "k")):
        note(ax, share, 1, sign, dy=6, size=8, color=to_rgb(colour), within="axes", va="bottom")
        note(ax, share, 1, text(f"gantt.{key}"), dx=12, dy=6, size=8, color=colour, within="axes", va="bottom")
