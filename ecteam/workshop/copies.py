"""One source, two builds: the learner's copy without answers, the teacher's copy with them, in one language or both.

The notebooks in `notebooks/workshop` are the source. A cell tagged `exercise` holds its answer between
`### BEGIN SOLUTION` and `### END SOLUTION`; a cell tagged `teacher` is for the teacher alone.
"""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.labels import Language, in_language

SOLUTION = re.compile(r"^### BEGIN SOLUTION\n(.*?)^### END SOLUTION\n?", re.MULTILINE | re.DOTALL)


def sources() -> list[Path]:
    """The lessons as they were written, in their order."""
    return sorted((notebooks_dir() / "workshop").glob("*.ipynb"))


def learners_copy(source: Any, lang: Language | None = None) -> Any:
    """A lesson with its exercises open: `my_team = ...` stands where the answer was."""
    return _copy(source, lang, lambda answer: "".join(f"{name} = ...\n" for name in _asked(answer)), teacher=False)


def teachers_copy(source: Any, lang: Language | None = None) -> Any:
    """A lesson with one answer to every exercise, and what is said to the teacher."""
    return _copy(source, lang, lambda answer: answer, teacher=True)


def _copy(source: Any, lang: Language | None, answered: Any, *, teacher: bool) -> Any:
    book = nbformat.from_dict({**source, "cells": []})
    for cell in source.cells:
        tags = cell.metadata.get("tags", [])
        if "teacher" in tags and not teacher:
            continue
        cell = nbformat.from_dict({**cell, "metadata": {"tags": tags} if tags else {}})
        if cell.cell_type == "markdown" and lang:
            cell.source = in_language(cell.source, lang)
        elif cell.cell_type == "code":
            cell.source = SOLUTION.sub(lambda found: answered(found[1]), cell.source).rstrip("\n")
            cell.outputs, cell.execution_count = [], None
            if "parameters" in tags and lang:
                cell.source = re.sub(r'^lang = "\w+"', f'lang = "{lang}"', cell.source, flags=re.MULTILINE)
        book.cells.append(cell)
    return book


def _asked(answer: str) -> Sequence[str]:
    """The variables of an answer that a check looks at: those that begin with my_.

    >>> _asked("half = 3\\nmy_least, my_most = half, 2 * half\\n")
    ['my_least', 'my_most']
    """
    stored = (
        node.id
        for node in ast.walk(ast.parse(answer))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.startswith("my_")
    )
    return list(dict.fromkeys(stored))


def write_copies(folder: Path, *, teacher: bool = False, lang: Language | None = None) -> list[Path]:
    """Write a copy of every lesson into a folder; raises `InputError` where one of that name is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    if there := [path.name for path in sources() if (folder / path.name).exists()]:
        raise InputError(f"{folder / there[0]} is there already and may hold somebody's answers; name a new folder")
    written = []
    for path in sources():
        source = nbformat.read(path, as_version=4)
        book = teachers_copy(source, lang) if teacher else learners_copy(source, lang)
        nbformat.write(book, folder / path.name)
        written.append(folder / path.name)
    return written
