"""What to sell, and how? Judges of the positioning card and of the route that pays for its team."""

from typing import Any

from ecteam.inputs.words import language
from ecteam.organisation.checkpoints import vague_word
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.cases import case_table
from ecteam.workshop.lesson import Lesson, routes

COUNTED = ("price", "wrong_if")
MOST_CHANNELS = 2
NEAR = 0.67
"""Orders are not far above the break-even if with this share of them the team would not be paid for."""


def my_card(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does every field of the card say something that one customer would recognise and one could count?"""
    fields = case_table("card_fields").set_index("field")
    spelled = dict(zip(fields["zh"], fields.index, strict=True))
    made = {key_of(name, fields.index, ("field", "栏目"), spelled): text for name, text in made.items()}
    if missing := [name for name in fields.index if name not in made]:
        return "missing", {"field": fields.loc[missing[0], language()], "count": len(missing)}
    words = case_table("card_words")["word"]
    for name, text in made.items():
        found = [word for word in words if word in text.lower()] + [word for word in vague_word([text]) if word]
        if found:
            return "fits_everybody", {"field": fields.loc[name, language()], "word": found[0]}
    for name in COUNTED:
        if not any(sign.isdigit() for sign in made[name]):
            return "no_number", {"field": fields.loc[name, language()]}
    channels = made["channels"]
    for sign in (",", "，", ";", "；", "/", "+", "和", " and "):
        channels = channels.replace(sign, "、")
    count = len([part for part in channels.split("、") if part.strip()])
    return ("many_channels", {"count": count}) if count > MOST_CHANNELS else ("passed", {"customer": made["customer"]})


def my_route(made: str, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the route leave enough of an order for the team that the order needs?"""
    table = routes()
    names = {str(table.loc[name, lang]): str(name) for name in table.index for lang in ("en", "zh")}
    name = key_of(made, table.index, ("route", "路线"), names)
    row = table.loc[name]
    found = {key: float(row[key]) for key in ("left", "team", "profit")} | {"route": row[language()]}
    if row["left"] >= row["team"]:
        return "passed", found
    # What leaves most before returns and team is the trap of a route.
    margin = 1 - table[["goods_share", "fee_share", "traffic_share"]].sum(axis=1)
    return ("margin_only" if margin[name] == margin.max() else "loses"), found


def my_orders(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """From about how many orders a day does an order of the tea shop pay for the team?"""
    if not 1 <= made <= 10_000:
        raise NotYet("Write orders a day, 1 to 10,000.", "请写每天单数，1 到 10000 之间。")
    left = float(routes().loc["tea", "left"])

    def team(orders_per_day: float) -> float:
        return float(lesson.held.changed(orders_per_day=orders_per_day).plan.totals()["cost_per_order"])

    found = {"made": made, "team": team(made), "left": left, "fewer": NEAR * made}
    if found["team"] > left:
        return "too_few", found
    return ("far_above", found) if made >= 2 and team(NEAR * made) <= left else ("passed", found)
