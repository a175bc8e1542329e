"""The judge of each exercise, named after lesson and exercise: `count_times` judges `my_times` of the lesson `count`.

A judge takes what a learner made and the lesson, works out with ecteam whether it holds, and gives "passed" or the key
of a mistake in `data/workshop/lessons/KEY.yaml`, with the values that the sentence of that key names.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from statistics import mean, median
from typing import Any

import pandas as pd

from ecteam.analysis import day, make_or_buy
from ecteam.analysis import defenders as defenders_analysis
from ecteam.analysis.options import Decision
from ecteam.analysis.uncertainty import Uncertainty, how_sure
from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, MONTHS_PER_YEAR, SECONDS_PER_HOUR
from ecteam.inputs.scenario import PLACES, Scenario
from ecteam.inputs.words import label, language
from ecteam.organisation import accountability, spans
from ecteam.organisation.checkpoints import read_build_plan, vague_word
from ecteam.organisation.rules import is_group, read_rules
from ecteam.pay import payslip
from ecteam.pay.severance import severance_reserve
from ecteam.plan.people import skills
from ecteam.plan.plan import Plan, plan_shop
from ecteam.staffing import queueing
from ecteam.view.pay import cost_of_a_head
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.cases import Case, case_table, load_case
from ecteam.workshop.lesson import Lesson, routes
from ecteam.workshop.room import Division, moves_of

Verdict = tuple[str, dict[str, Any]]
TOLERANCE = 0.02
MANY = 10**5
"""A larger number of people is judged as this one."""


def verdict(exercise: str, made: Any, lesson: Lesson) -> Verdict:
    """What the judge of an exercise says of what was made: "passed" or the key of a mistake, and the values for it."""
    judge = globals()[f"{lesson.key}_{exercise.removeprefix('my_')}"]
    return judge(made, lesson)


def _near(made: float, value: float, tolerance: float = TOLERANCE) -> bool:
    return abs(made - value) <= tolerance * abs(value)


def _first(values: dict[str, Any], **holds: bool) -> Verdict:
    """The first of some verdicts that holds, with the values that its sentence names; the last one always holds."""
    return next(key for key, true in holds.items() if true), values


def _names(table: pd.DataFrame, keys: Iterable[Any]) -> dict[str, str]:
    """The names of some rows in both languages, each with its key."""
    return {str(table.loc[key, lang]): str(key) for key in keys for lang in ("en", "zh")}


def _counted(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


# What to sell, and how?
MOST_CHANNELS = 2
CHANNEL_SIGNS = (",", "，", ";", "；", "/", "+", "和", " and ")
NEAR_ORDERS = 0.67
"""Orders are not far above the break-even if with this share of them the team would not be paid for."""


def route_card(made: dict[str, str], lesson: Lesson) -> Verdict:
    fields = case_table("card_fields").set_index("field")
    spelled = dict(zip(fields["zh"], fields.index, strict=True))
    made = {key_of(name, fields.index, "field", spelled): text for name, text in made.items()}
    if missing := [name for name in fields.index if name not in made]:
        return "missing", {"field": fields.loc[missing[0], language()], "count": len(missing)}
    words = case_table("card_words")["word"]
    for name, text in made.items():
        vague = [word for word in words if word in text.lower()] + [word for word in vague_word([text]) if word]
        if vague:
            return "fits_everybody", {"field": fields.loc[name, language()], "word": vague[0]}
    for name in ("price", "wrong_if"):
        if not _counted(made[name]):
            return "no_number", {"field": fields.loc[name, language()]}
    channels = made["channels"]
    for sign in CHANNEL_SIGNS:
        channels = channels.replace(sign, "、")
    count = len([part for part in channels.split("、") if part.strip()])
    return ("many_channels", {"count": count}) if count > MOST_CHANNELS else ("passed", {"customer": made["customer"]})


def route_route(made: str, lesson: Lesson) -> Verdict:
    table = routes()
    name = key_of(made, table.index, "route", _names(table, table.index))
    row = table.loc[name]
    values = {key: float(row[key]) for key in ("left", "team", "profit")} | {"route": row[language()]}
    # What leaves most before returns and team is the trap of a route.
    margin = 1 - table[["goods_share", "fee_share", "traffic_share"]].sum(axis=1)
    trap = margin[name] == margin.max()
    return _first(values, passed=row["left"] >= row["team"], margin_only=trap, loses=True)


def route_orders(made: float, lesson: Lesson) -> Verdict:
    if not 1 <= made <= 10_000:
        raise NotYet("orders")
    left = float(routes().loc["tea", "left"])

    def team(orders_per_day: float) -> float:
        return float(lesson.held.changed(orders_per_day=orders_per_day).plan.totals["cost_per_order"])

    values = {"made": made, "team": team(made), "left": left, "fewer": NEAR_ORDERS * made}
    if values["team"] > left:
        return "too_few", values
    return ("far_above" if made >= 2 and team(NEAR_ORDERS * made) <= left else "passed"), values


# Count the work
FEWEST_TIMES, SHORTEST_SECONDS, LONGEST_SECONDS = 5, 3.0, 1800.0
PER_HOUR = ("per_hour", "每小时")
QUICK_LINES = 100
FAR = 3.0
"""A figure so many times below the low or above the high end of its assumption is a slip rather than a shop."""


def count_times(made: dict[str, float], lesson: Lesson) -> Verdict:
    rate = next((made[name] for name in PER_HOUR if name in made), None)
    if rate is None:
        raise NotYet("per_hour", example=f'{{"1": 50, ..., "{PER_HOUR[language() == "zh"]}": 70}}')
    times = [value for name, value in made.items() if name not in PER_HOUR]
    if len(times) < FEWEST_TIMES:
        return "few_times", {"count": len(times)}
    if wrong := [seconds for seconds in times if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS]:
        return "not_seconds", {"time": wrong[0]}
    if min(times) == max(times):
        return "all_the_same", {"time": times[0]}
    middle, average = float(median(times)), float(mean(times))
    values = {"middle": middle, "right": SECONDS_PER_HOUR / middle, "made": rate, "mean": average}
    by_mean = _near(rate, SECONDS_PER_HOUR / average)
    return _first(values, passed=_near(rate, values["right"]), mean_taken=by_mean, wrong_rate=True)


def count_hours(made: float, lesson: Lesson) -> Verdict:
    quick = lesson.held.changed(pick_lines_per_hour=QUICK_LINES)
    now, then = _hours(lesson.held, "pick_orders"), _hours(quick, "pick_orders")
    values = {"made": made, "now": now, "then": then, "lines": QUICK_LINES}
    in_minutes, more = _near(made, then * MINUTES_PER_HOUR), made >= now * (1 - TOLERANCE)
    return _first(values, passed=_near(made, then), minutes=in_minutes, more=more, not_that=True)


def count_case(made: Case, lesson: Lesson) -> Verdict:
    _refuse_other_case(made, lesson, "pack_orders_per_hour")
    if fields := [name for name in made.choices if name in Scenario.model_fields]:
        return "not_work", {"field": fields[0]}
    rows = lesson.plan.assumptions.rows(lesson.held.shop.region)
    changed = {name: float(value) for name, value in made.choices.items() if value != float(rows.loc[name, "value"])}
    if not changed:
        return "nothing", {}
    for name, value in changed.items():
        low, high = float(rows.loc[name, "low"]), float(rows.loc[name, "high"])
        if not low / FAR <= value <= high * FAR:
            return "unlikely", {"name": name, "value": value, "low": low, "high": high}
    heads = int(made.plan.totals["heads_last_month"])
    return "passed", {"before": _hours(lesson.held), "after": _hours(made), "heads": heads}


def _refuse_other_case(made: Case, lesson: Lesson, example: str) -> None:
    if made.name != lesson.held.name or made.cards:
        raise NotYet("begin_with", example=example)


def _hours(case: Case, duty: str | None = None) -> float:
    work = case.plan.workload
    first = work[work["month"] == case.plan.months[0]]
    return float(first.loc[first["duty"].eq(duty) if duty else slice(None), "hours"].sum())


# Why do averages fail?
ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS, TARGET_SHARE = 60, 240, 60, 0.8
SHOPS = 3
MOST_AGENTS = 1000


def queues_spread(made: float, lesson: Lesson) -> Verdict:
    advice = day.rules_of_thumb(lesson.plan, day.ordinary_and_peak_day(lesson.plan)[0])
    desk = advice[advice["task"] == "desk"]
    high, low = float(desk["people_high"].max()), float(desk["people_low"].min())
    values = {"made": made, "high": high, "low": low, "times": high / low}
    right, difference = (_near(made, value, 0.03) for value in (high / low, high - low))
    return _first(values, passed=right, difference=difference, upside_down=0 < made <= 1, not_that=True)


def queues_agents(made: float, lesson: Lesson) -> Verdict:
    load = ARRIVALS * HANDLE_SECONDS / SECONDS_PER_HOUR
    if made != int(made):
        return "no_whole_people", {"made": made}
    if made <= load:
        return "the_average", {"made": made, "load": load}
    level = _service_level(made)
    values = {"made": made, "level": f"{level:.0%}", "share": f"{TARGET_SHARE:.0%}"}
    if level < TARGET_SHARE:
        return "too_few", values
    if made > _agents(ARRIVALS):
        return "too_many", values | {"fewer": f"{_service_level(made - 1):.0%}"}
    return "passed", values


def queues_saved(made: float, lesson: Lesson) -> Verdict:
    alone, together = _agents(ARRIVALS), _agents(SHOPS * ARRIVALS)
    saved = SHOPS * alone - together
    values = {"made": made, "alone": alone, "three": SHOPS * alone, "together": together, "saved": saved}
    at_desk = made == together
    return _first(values, passed=made == saved, the_desk_itself=at_desk, too_few=made < saved, too_many=True)


def _agents(arrivals: float) -> Any:
    return queueing.agents_required(arrivals, HANDLE_SECONDS, TARGET_SECONDS, TARGET_SHARE)


def _service_level(agents: float) -> float:
    return float(queueing.service_level(min(agents, MOST_AGENTS), ARRIVALS, HANDLE_SECONDS, TARGET_SECONDS))


# Who wears which hats?
def hats_least(made: float, lesson: Lesson) -> Verdict:
    here = lesson.plan.organised()
    hours, month = float(here.people["hours"].sum()), float(here.seats["productive_hours"].max())
    values = {"hours": hours, "month": month, "made": made}
    too_few, too_many = made * month < hours, (made - 1) * month >= hours
    return _first(values, no_whole_people=made != int(made), too_few=too_few, too_many=too_many, passed=True)


def hats_moves(made: dict[str, str], lesson: Lesson) -> Verdict:
    division = Division(lesson.plan, moves_of(lesson.plan, made))
    broken = division.limits
    if len(broken):
        return "limits", {"first": broken["words"].iloc[0], "count": len(broken)}
    spared = len(division.spared)
    return "passed" if spared else "nobody_spared", {"heads": len(division.seats) - spared, "spared": spared}


def hats_owners(made: dict[str, str], lesson: Lesson) -> Verdict:
    table = case_table("duty_table")
    roles = dict(zip(table["person"], table["role"], strict=True))
    duties = lesson.plan.assumptions.duties.loc[table["duty"].unique()]
    made = {key_of(duty, duties.index, "duty"): person for duty, person in made.items()}
    if missing := [duty for duty in duties.index if duty not in made]:
        return "no_owner", {"duty": label(missing[0]), "count": len(missing)}
    if strangers := [name for name in made.values() if name not in roles]:
        return "not_one_person", {"name": strangers[0]}
    worn_by = lesson.plan.assumptions.role_columns["departments"].items()
    owners = pd.DataFrame({"duty": list(made), "person": list(made.values()), "accountable": True})
    findings = accountability.findings(owners, duties, read_rules(), roles=roles, worn_by=worn_by, stage="growth")
    wrong = findings[findings["finding"].isin(["not_apart", "no_authority"])]
    if len(wrong):
        first = wrong.iloc[0]
        return first["finding"], {"what": first[language()], "do": first[f"do_{language()}"]}
    can = skills(lesson.plan.inputs)
    for duty, person in made.items():
        if duties.loc[duty, "post"] not in can[roles[person]]:
            return "not_their_work", {"duty": label(duty), "person": person}
    return "passed", {"duties": len(made), "people": len(set(made.values()))}


# What does a head really cost?
AGENT = "cs_agent"
SHARE = 0.3
LEAVERS_PER_YEAR, OWED_SHARE = 0.4, 0.5
ON = date(2026, 7, 1)


def head_cost_factor(made: float, lesson: Lesson) -> Verdict:
    steps = cost_of_a_head(lesson.plan, AGENT)
    pay, full = float(steps["pay"]), float(steps.sum())
    values = {"made": made, "pay": pay, "full": full, "factor": full / pay}
    by_law = _near(made, 1 + float(steps["contributions"]) / pay)
    right, inverse = _near(made, full / pay), 0 < made < 1
    return _first(values, passed=right, only_contributions=by_law, upside_down=inverse, not_that=True)


def head_cost_pay(made: float, lesson: Lesson) -> Verdict:
    if not 1 <= made <= 1e7:
        raise NotYet("pay")
    place = PLACES[lesson.held.shop.city]["place"]
    extra, usual = (float(payslip.employer_extra(pay, place, ON)) / pay for pay in (round(made, 2), 10_000.0))
    values = {"made": made, "share": f"{extra:.0%}", "asked": f"{SHARE:.0%}"}
    return _first(values, passed=extra < SHARE, below_floor=extra > usual + 0.005, still_flat=True)


def head_cost_reserve(made: float, lesson: Lesson) -> Verdict:
    pay = float(cost_of_a_head(lesson.plan, AGENT)["pay"])
    each = float(severance_reserve(pay, LEAVERS_PER_YEAR, OWED_SHARE, PLACES[lesson.held.shop.city]["place"], ON))
    heads = int(lesson.plan.totals["heads_last_month"])
    values = {"made": made, "each": each, "heads": heads, "year": each * heads * MONTHS_PER_YEAR}
    right, one_head, one_month = (_near(made, each * n) for n in (heads * MONTHS_PER_YEAR, MONTHS_PER_YEAR, heads))
    return _first(values, passed=right, nothing=made <= 0, one_head=one_head, one_month=one_month, not_that=True)


# Flat or not?
LAYERS, MOST_PAIRS = 3, 50
LESS_IS_BETTER = (
    *("layers", "managers", "largest_span", "few_reports", "over_limit", "dotted_lines"),
    *("person_hand_offs", "group_hand_offs", "coordination_channels"),
)


def flat_span(made: float, lesson: Lesson) -> Verdict:
    people = len(lesson.plan.organised().seats)
    values = {"made": made, "people": people, "layers": LAYERS}
    if made != int(made):
        return "no_whole_people", values
    room = _room(int(made))
    if made < 1 or room < people:
        return "too_narrow", values | {"room": room}
    return ("too_wide" if _room(int(made) - 1) >= people else "passed"), values | {"room": room}


def _room(span: int) -> int:
    """People who fit into the layers when everybody leads `span` others."""
    return sum(min(max(span, 0), MANY) ** layer for layer in range(LAYERS))


def flat_team(made: float, lesson: Lesson) -> Verdict:
    if made != int(made):
        return "no_whole_people", {"made": made}
    size = int(min(max(made, 0), MANY))
    pairs, with_one_more = int(spans.channels(size)), int(spans.channels(size + 1))
    values = {"made": made, "pairs": pairs, "next": with_one_more, "most": MOST_PAIRS}
    too_many, room = pairs > MOST_PAIRS, with_one_more <= MOST_PAIRS
    return _first(values, too_many_pairs=too_many, room_for_more=room, passed=True)


def flat_choice(made: dict[str, str], lesson: Lesson) -> Verdict:
    spelled = {"结构": "structure", "理由": "because"}
    made = {key_of(name, spelled.values(), "entry", spelled): text for name, text in made.items()}
    if len(made) < 2:
        names = spelled if language() == "zh" else spelled.values()
        raise NotYet("both", example="{" + ", ".join(f'"{name}": "..."' for name in names) + "}")
    table = lesson.plan.organised().structures_compared
    chosen = key_of(made["structure"], table.columns, "structure")
    measure = key_of(made["because"], table.index, "measure")
    row = table.loc[measure]
    values = {"value": float(row[chosen]), "best": float(row.min())}
    unranked, alike, best = measure not in LESS_IS_BETTER, row.max() == row.min(), row[chosen] == row.min()
    return _first(values, no_measure=unranked, no_difference=alike, passed=best, not_best=True)


# Checkpoints
RESULTS, SHORTEST_RESULT = 3, 4
TASKS = ("choose_route", "test_demand", "fix_position", "open_shop", "sign_suppliers", "write_answers")
ENTRIES = {"结果": "result", "负责人": "owner", "检验": "test", "周数": "weeks"}


def checkpoints_results(made: list[str], lesson: Lesson) -> Verdict:
    if len(made) < RESULTS:
        return "too_few", {"count": len(made)}
    for text, word in zip(made, vague_word(made), strict=True):
        if word:
            return "vague", {"text": text, "word": word}
    if unclear := [text for text in made if not _counted(text) or len(text) < SHORTEST_RESULT]:
        return "no_number", {"text": unclear[0]}
    return "passed", {"count": len(made)}


def checkpoints_sequence(made: list[str], lesson: Lesson) -> Verdict:
    plan = read_build_plan(read_rules())
    order = [key_of(name, TASKS, "task", _names(plan, TASKS)) for name in made]
    if missing := [task for task in TASKS if task not in order]:
        return "missing", {"task": plan.loc[missing[0], language()], "count": len(missing)}
    if twice := [task for task in TASKS if order.count(task) > 1]:
        return "twice", {"task": plan.loc[twice[0], language()]}
    for at, task in enumerate(order):
        for before in plan.loc[task, "after"]:
            if before in order[at:]:
                return "waits", {"task": plan.loc[task, language()], "before": plan.loc[before, language()]}
    return "passed", {"count": len(order)}


def checkpoints_checkpoint(made: dict[str, str], lesson: Lesson) -> Verdict:
    made = {key_of(name, ENTRIES.values(), "entry", ENTRIES): text for name, text in made.items()}
    if missing := [{"en": en, "zh": zh} for zh, en in ENTRIES.items() if en not in made]:
        return "missing", {"entry": missing[0][language()]}
    rules = read_rules()
    try:
        weeks = float(made["weeks"])
    except ValueError:
        raise NotYet("weeks") from None
    if word := vague_word([made["result"]]).iloc[0]:
        return "vague", {"word": word}
    if is_group([made["owner"]], rules).iloc[0] or any(sign in made["owner"] for sign in ",，、&和/"):
        return "a_group", {"owner": made["owner"]}
    most = float(rules.limits.loc["stretch_weeks", "typical"])
    return ("passed" if 0 < weeks <= most else "too_long"), {"weeks": weeks, "most": most, "owner": made["owner"]}


# When to hire, buy or build?
ROLE, START = "designer", "2027-06"
EARLY_MONTHS = 3
"""An advertisement so many months earlier than it must be brings people before there is work for them."""


def hiring_advert(made: str, lesson: Lesson) -> Verdict:
    try:
        month = pd.Period(made, freq="M")
    except ValueError:
        month = None
    if month is None or month is pd.NaT or len(made) != len(START):
        raise NotYet("month")
    lead = int(lesson.plan.hiring.lead_months[ROLE])
    latest = pd.Period(START, freq="M") - lead
    values = {"made": made, "lead": lead, "latest": str(latest), "role": label(ROLE), "start": START}
    return _first(values, too_late=month > latest, too_early=month < latest - EARLY_MONTHS, passed=True)


def hiring_cover(made: str, lesson: Lesson) -> Verdict:
    decision = _decision(lesson.held.name, "event_peak")
    option = key_of(made, decision.options, "way")
    costs = decision.now.set_index("option")["cost"]
    values = {"cost": float(costs[option]), "best": float(costs.min())}
    return _first(values, passed=option == decision.best, customers_pay=option == "leave_it_late", dearer=True)


def hiring_hours(made: float, lesson: Lesson) -> Verdict:
    row = lesson.plan.hiring.hour_prices.loc[ROLE]
    right = row["head_cost"] / row["bought_hour"]
    values = {"made": made, "right": right, **row[["head_cost", "hours", "bought_hour"]]}
    return _first(values, passed=_near(made, right), full_month=_near(made, row["hours"]), not_that=True)


def hiring_from(made: float, lesson: Lesson) -> Verdict:
    table = _decision(lesson.held.name, "shop_system").break_evens
    row = table[(table["below"] == "bought_system") & (table["above"] == "own_technology")].iloc[0]
    values = {"made": made, **{name: float(row[name]) for name in ("orders_per_day", "low", "high")}}
    return _first(values, too_soon=made < row["low"], too_late=made > row["high"], passed=True)


@cache
def _decision(case: str, name: str) -> Decision:
    return getattr(make_or_buy, name)(load_case(case).plan)


# From growth to maturity
MATURE_SHOP = "tea_shop_maturity"
CASH, MARGIN = 800_000.0, 30.0
NEAR_LOSS = 0.7
"""A loss is not far above the break-even if with this share of it a reviewer would not pay."""


def defenders_saving(made: float, lesson: Lesson) -> Verdict:
    now = _mature_plan().assumptions.region("cn")
    keys = ("incidents_per_year", "incident_severity", "incident_mitigated_share")
    often, severity, share = (float(now[key]) for key in keys)
    right = often * severity * share
    values = {"made": made, "often": often, "severity": severity, "share": share, "right": right}
    everything, one = _near(made, often * severity), _near(made, severity * share)
    return _first(values, passed=_near(made, right), all_of_it=everything, one_incident=one, not_that=True)


def defenders_loss(made: float, lesson: Lesson) -> Verdict:
    if not 0 < made <= 1e6:
        raise NotYet("loss")

    def net(loss: float) -> float:
        row = defenders_analysis.defence(_mature_plan(), "anti_abuse", loss_per_bad_order=loss, margin_per_order=MARGIN)
        return float(row["net"])

    values = {"made": made, "net": net(made), "less": NEAR_LOSS * made}
    if values["net"] < 0:
        return "does_not_pay", values
    return ("far_above" if net(NEAR_LOSS * made) >= 0 else "passed"), values


def defenders_holes(made: list[str], lesson: Lesson) -> Verdict:
    losses = defenders_analysis.small_holes(_mature_plan(), CASH).set_index("hole")["largest_loss"].astype(float)
    named = [key_of(name, losses.index, "loss") for name in made]
    if afloat := [name for name in named if losses[name] <= CASH]:
        return "can_be_paid", {"loss": float(losses[afloat[0]]), "cash": CASH}
    if missed := [name for name in losses.index if losses[name] > CASH and name not in named]:
        return "missed", {"count": len(missed), "cash": CASH}
    return "passed", {"count": len(set(named)), "cash": CASH}


@cache
def _mature_plan() -> Plan:
    return plan_shop(MATURE_SHOP)


# How sure are we?
DRAWS, SEED = 300, 1
HOLDS, TOO_OFTEN = 0.87, 0.96
"""A budget holds in about nine draws of ten: fewer is too few, and all but a few is money that lies idle."""
CLOSER = 0.97
"""The band must come at least so much closer: less is chance."""


def sure_budget(made: float, lesson: Lesson) -> Verdict:
    sure = _sure(lesson.held.name)
    cost = sure.cost["total"].sum(axis=1) / len(sure.plan.months)
    holds, plan = float((cost <= made).mean()), float(sure.plan.totals["cost_per_month"])
    values = {"made": made, "holds": f"{holds:.0%}", "plan": plan}
    right, idle = HOLDS <= holds <= TOO_OFTEN, holds > TOO_OFTEN
    return _first(values, passed=right, idle=idle, the_plan=_near(made, plan), too_small=True)


def sure_measure(made: str, lesson: Lesson) -> Verdict:
    sure = _sure(lesson.held.name)
    table = sure.explained.set_index("key")
    key = key_of(made, table.index, "figure", _names(table, table.index))
    row = table.loc[key]
    values = {"name": row[language()], "share": f"{row['variance_share']:.0%}"}
    cannot = row["measure"] == "" or row["kind"] != "planning assumption"
    return _first(values, passed=key in set(sure.worth_measuring["key"]), cannot_now=cannot, moves_little=True)


def sure_case(made: Case, lesson: Lesson) -> Verdict:
    _refuse_other_case(made, lesson, "seat_cost")
    measured = [name for name in made.figures if name in made.choices]
    if not measured:
        return "nothing", {}
    before, after = _band(_sure(lesson.held.name)), _band(how_sure(made.plan, draws=DRAWS, seed=SEED))
    values = {"before": before, "after": after, "count": len(measured)}
    return ("passed" if after <= CLOSER * before else "as_wide"), values


@cache
def _sure(case: str) -> Uncertainty:
    return how_sure(load_case(case).plan, draws=DRAWS, seed=SEED)


def _band(sure: Uncertainty) -> float:
    row = sure.totals.set_index("figure").loc["cost_per_month"]
    return float(row["p90"] - row["p10"])
