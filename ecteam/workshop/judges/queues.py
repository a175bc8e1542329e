"""Why do averages fail? Judges of the spread of advice, of the least agents at a desk, and of desks put together."""

from typing import Any

from ecteam.analysis import day
from ecteam.staffing import queueing
from ecteam.workshop.lesson import Lesson

ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS, TARGET_SHARE = 60, 240, 60, 0.8
SHOPS = 3
TOLERANCE = 0.03
MANY = 1000


def my_spread(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many times the lowest is the highest number of people that published advice gives for one day?"""
    plan = lesson.plan
    advice = day.rules_of_thumb(plan, day.ordinary_and_peak_day(plan)[0])
    desk = advice[advice["task"] == "desk"]
    high, low = float(desk["people_high"].max()), float(desk["people_low"].min())
    found = {"made": made, "high": high, "low": low, "times": high / low}
    if abs(made / found["times"] - 1) <= TOLERANCE:
        return "passed", found
    if abs(made / (high - low) - 1) <= TOLERANCE:
        return "difference", found
    return ("upside_down" if 0 < made <= 1 else "not_that"), found


def my_agents(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How few agents answer the share within the target?"""
    load = ARRIVALS * HANDLE_SECONDS / 3600
    if made != int(made):
        return "no_whole_people", {"made": made}
    if made <= load:
        return "the_average", {"made": made, "load": load}
    found = {"made": made, "level": _level(made), "share": f"{TARGET_SHARE:.0%}"}
    if queueing.service_level(min(made, MANY), ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS) < TARGET_SHARE:
        return "too_few", found
    least = queueing.agents_required(ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS, TARGET_SHARE)
    return ("too_many", found | {"fewer": _level(made - 1)}) if made > least else ("passed", found)


def my_saved(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many agents do three shops save that put their desks together?"""
    alone, together = (
        queueing.agents_required(n * ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS, TARGET_SHARE) for n in (1, SHOPS)
    )
    saved = SHOPS * alone - together
    found = {"made": made, "alone": alone, "three": SHOPS * alone, "together": together, "saved": saved}
    if made == saved:
        return "passed", found
    if made == together:
        return "the_desk_itself", found
    return ("too_few" if made < saved else "too_many"), found


def _level(agents: float) -> str:
    return f"{float(queueing.service_level(min(agents, MANY), ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS)):.0%}"
