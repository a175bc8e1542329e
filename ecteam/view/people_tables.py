"""Tables of who does what: the people with their hats, and the limits that a division of work breaks."""

from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from ecteam.inputs.labels import Language, label, number, person
from ecteam.plan.organisation import Organisation
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import LEAST_HEADS
from ecteam.view.tables import Html, plain

WORDS = {
    "person": ("Person", "姓名"),
    "hats": ("Hats", "兼岗"),
    "hours": ("Hours a month", "月工时"),
    "used": ("Of the month", "占月工时"),
    "owns": ("Answers for", "负责"),
    "duties": ("duties", "项职责"),
    "stands": ("No limit is broken.", "没有违反任何限制。"),
    "broken": ("Limits broken", "违反的限制"),
    "fewest": (
        "If people wore what they can, {fewest} instead of {heads} could do {month}: {saved} {currency} a month less. "
        "Not needed then: {who}.",
        "如果人人尽其所能兼岗，{month}的工作只需 {fewest} 人，而非 {heads} 人：每月少 {saved} {currency}。"
        "届时可省去：{who}。",
    ),
    "fewer": (
        "If people wore what they can, {fewest} instead of {heads} could do {month}. Not needed then: {who}.",
        "如果人人尽其所能兼岗，{month}的工作只需 {fewest} 人，而非 {heads} 人。届时可省去：{who}。",
    ),
    "gap_hours": ("Hours undone until the post is filled", "补缺前未完成工时"),
    "bus_factor": (
        "{n} of {people} people would have to leave until most duties have nobody who knows them.",
        "{people} 人中要走掉 {n} 人，多数职责才会没有熟悉的人。",
    ),
    "none_fewer": (
        "Nobody could be spared in {month}, even if people wore what they can.",
        "即使人人尽其所能兼岗，{month}也没有人可以省去。",
    ),
}


def words(key: str, lang: Language, **shown: object) -> str:
    """A phrase of these tables."""
    return WORDS[key][0 if lang == "en" else 1].format(**shown)


def who_does_what(people: pd.DataFrame, seats: pd.DataFrame, lang: Language = "en") -> Styler:
    """One row a person: hired as, hats with their hours, hours of the month, and how many duties they answer for.

    `people` are rows of one month; `seats` have person, hired_as, productive_hours. Who has no work has a row too.
    """
    rows = []
    for seat in seats.itertuples():
        mine = people[people["person"] == seat.person]
        hats = mine.groupby("post", sort=False)["hours"].sum().sort_values(ascending=False)
        shown = ", ".join(f"{label(str(post), lang)} {number(round(hours, 1))}" for post, hours in hats.items())
        total = float(mine["hours"].sum())
        rows.append(
            (
                person(seat.person, lang),
                shown or "–",
                number(round(total, 1)),
                f"{total / seat.productive_hours:.0%}" if seat.productive_hours else "–",
                f"{int(mine['accountable'].sum())} {words('duties', lang)}",
            )
        )
    columns = [words(key, lang) for key in ("person", "hats", "hours", "used", "owns")]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:4], wide=columns[1])


def limits(broken: pd.DataFrame, lang: Language = "en") -> Html:
    """The limits that a division breaks, a sentence each; or that none is."""
    if broken.empty:
        return Html(f"<p role='status'>{words('stands', lang)}</p>")
    items = "".join(f"<li>{escape(text)}</li>" for text in broken["words"])
    return Html(f"<div role='alert'><b>{words('broken', lang)}: {len(broken)}</b><ul class='notes'>{items}</ul></div>")


def hardest_to_miss(here: Organisation, lang: Language = "en", n: int = 8) -> Styler:
    """The people whose leaving leaves most hours undone: no figure from which their pay could be worked out."""
    most = here.losses.sort_values("gap_hours", ascending=False, kind="stable").head(n)
    rows = {
        words("person", lang): [person(name, lang) for name in most["person"]],
        label("duties_held", lang): most["duties"].to_list(),
        label("duties_without_cover", lang): most["duties_without_cover"].to_list(),
        label("cover_share", lang): [f"{share:.0%}" for share in most["cover_share"]],
        words("gap_hours", lang): [number(round(hours, 1)) for hours in most["gap_hours"]],
    }
    caption = words("bus_factor", lang, n=len(here.bus_factor), people=len(here.seats))
    return plain(pd.DataFrame(rows), right=list(rows)[1:]).set_caption(caption)


def fewest(plan: Plan, lang: Language = "en", *, show_pay: bool = True) -> Html:
    """With how few people the busiest month could be done, what that saves, and who would not be needed.

    Without `show_pay` the saving is told only where it is that of enough people.
    """
    lean = plan.fewest
    month = lean.people["month"].iloc[0] if len(lean.people) else plan.months[-1]
    when = f"{month:%B %Y}" if lang == "en" else f"{month.year} 年 {month.month} 月"
    spared = plan.seats[~plan.seats["person"].isin(lean.seats["person"])]
    if spared.empty:
        return Html(f"<p>{escape(words('none_fewer', lang, month=when))}</p>")
    by_role = spared.groupby("hired_as", sort=False).size()
    who = ", ".join(
        f"{label(str(role), lang)} × {n}" if n > 1 else label(str(role), lang) for role, n in by_role.items()
    )
    saving = show_pay or len(spared) >= LEAST_HEADS
    text = words(
        "fewest" if saving else "fewer",
        lang,
        fewest=len(lean.seats),
        heads=len(plan.seats),
        month=when,
        saved=number(float(spared["cost_per_month"].sum())),
        currency=plan.scenario.currency,
        who=who,
    )
    return Html(f"<p>{escape(text)}</p>")
