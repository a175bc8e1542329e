"""Checkpoints. Judges of results that one can see, of an order of tasks, and of a checkpoint of one's own."""

from typing import Any

from ecteam.inputs.words import language
from ecteam.organisation.checkpoints import read_build_plan, vague_word
from ecteam.organisation.rules import is_group, read_rules
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.lesson import Lesson

RESULTS = 3
TASKS = ("choose_route", "test_demand", "fix_position", "open_shop", "sign_suppliers", "write_answers")
ENTRIES = {"结果": "result", "负责人": "owner", "检验": "test", "周数": "weeks"}
SHORTEST = 4
"""A result in fewer signs than these names nothing."""


def my_results(made: list[str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Do the results name something that will be there and can be counted?"""
    if len(made) < RESULTS:
        return "too_few", {"count": len(made)}
    for text, word in zip(made, vague_word(made), strict=True):
        if word:
            return "vague", {"text": text, "word": word}
    for text in made:
        if not any(sign.isdigit() for sign in text) or len(text) < SHORTEST:
            return "no_number", {"text": text}
    return "passed", {"count": len(made)}


def my_sequence(made: list[str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does every task stand behind those that it waits for?"""
    plan = read_build_plan(read_rules())
    names = {str(plan.loc[task, lang]): task for task in TASKS for lang in ("en", "zh")}
    order = [key_of(name, TASKS, ("task", "任务"), names) for name in made]
    if missing := [task for task in TASKS if task not in order]:
        return "missing", {"task": plan.loc[missing[0], language()], "count": len(missing)}
    if twice := [task for task in TASKS if order.count(task) > 1]:
        return "twice", {"task": plan.loc[twice[0], language()]}
    for at, task in enumerate(order):
        for before in plan.loc[task, "after"]:
            if before in order[at:]:
                return "waits", {"task": plan.loc[task, language()], "before": plan.loc[before, language()]}
    return "passed", {"count": len(order)}


def my_checkpoint(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Has the checkpoint a result, one owner, a test, and no more than the longest stretch of weeks?"""
    made = {key_of(name, ENTRIES.values(), ("entry", "栏目"), ENTRIES): text for name, text in made.items()}
    if missing := [name for name in ENTRIES.values() if name not in made]:
        words = {name: zh for zh, name in ENTRIES.items()}
        return "missing", {"entry": missing[0] if language() == "en" else words[missing[0]]}
    rules = read_rules()
    try:
        weeks = float(made["weeks"])
    except ValueError:
        raise NotYet(
            'Write the weeks as a number in quotes: "weeks": "3"', '周数写成带引号的数字："周数": "3"'
        ) from None
    if word := vague_word([made["result"]]).iloc[0]:
        return "vague", {"word": word}
    if is_group([made["owner"]], rules).iloc[0] or any(sign in made["owner"] for sign in ",，、&和/"):
        return "a_group", {"owner": made["owner"]}
    most = float(rules.limits.loc["stretch_weeks", "typical"])
    return ("passed" if 0 < weeks <= most else "too_long"), {"weeks": weeks, "most": most, "owner": made["owner"]}
