"""The teacher's guide keeps to the timing sheet and to the lessons, in both languages."""

import re

import pytest

from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.words import in_language
from ecteam.workshop.cases import case_table
from ecteam.workshop.lesson import lessons


def guide(lang):
    text = (notebooks_dir() / "workshop" / "teachers_guide.md").read_text(encoding="utf-8")
    return in_language(text, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_blocks_of_the_guide_are_those_of_the_timing_sheet(lang):
    told = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)–(\d+) \|", guide(lang), re.MULTILINE)]
    assert told == [(row.starts, row.starts + row.minutes) for row in case_table("timing").itertuples()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_minutes_within_a_block_fill_it(lang):
    for start, end, does in re.findall(r"^\| (\d+)–(\d+) \| [^|]* \| ([^|]*) \|", guide(lang), re.MULTILINE):
        parts = [int(minutes) for minutes in re.findall(r"[（(](\d+)[)）]", does)]
        assert not parts or sum(parts) == int(end) - int(start), does


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_self_study_path_names_every_lesson_with_its_minutes(lang):
    for file in lessons().values():
        number, title = int(file.notebook[:2]), getattr(file.title, lang)
        assert f"| {number} {title} | {file.minutes} |" in guide(lang)
