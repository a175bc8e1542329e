"""What learners answer, from answers.yaml: (lesson, exercise) -> right answers, and wrong ones with their mistake."""

from pathlib import Path

import yaml

from ecteam.workshop import load_case

TABLE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))


def made_of(answer):
    """An answer as a learner holds it: a case where one is described, dots where they still stand."""
    if isinstance(answer, dict) and answer.keys() <= {"case", "changes"} and answer:
        return load_case(answer["case"]).changed(**answer.get("changes", {}))
    if isinstance(answer, dict):
        return {name: ... if value == "<dots>" else value for name, value in answer.items()}
    return answer


EXERCISES = {(lesson, name): rows for lesson, names in TABLE.items() for name, rows in names.items()}
RIGHT = {key: rows["right"] for key, rows in EXERCISES.items()}
RIGHT["checkpoints", "my_sequence"].append(tuple(RIGHT["checkpoints", "my_sequence"][0]))
RIGHT["defenders", "my_holes"].append(set(RIGHT["defenders", "my_holes"][0]))
WRONG = {
    key: [
        (answer, None if mistake == "not_yet" else mistake)
        for mistake, answers in rows["wrong"].items()
        for answer in answers
    ]
    for key, rows in EXERCISES.items()
}
SPARED = RIGHT["hats", "my_moves"][0]
