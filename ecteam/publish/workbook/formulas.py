"""Formulas of a spreadsheet that know their value: what is written into a cell and what it comes to, made as one."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from xlsxwriter.utility import xl_cell_to_rowcol

from ecteam.inputs.arguments import ROUNDING

_ADDRESS = re.compile(r"([^!(]+!)?(\$[A-Z]+\$[0-9]+)")
SUM, PRODUCT, ATOM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula: its text, its value, and how tightly the text binds (an atom needs no brackets).

    >>> orders, minutes = Term("B2", 1500.0), Term("C2", 0.75)
    >>> hours = orders * minutes / 60
    >>> hours.text, hours.value
    ('B2*C2/60', 18.75)
    >>> ((orders + 1) * minutes).text
    '(B2+1)*C2'
    """

    text: str
    value: float
    binds: int = ATOM

    def __add__(self, other: "Term | float") -> "Term":
        return _joined(self, "+", other, self.value + _value(other))

    def __radd__(self, other: float) -> "Term":
        return _joined(other, "+", self, other + self.value)

    def __sub__(self, other: "Term | float") -> "Term":
        return _joined(self, "-", other, self.value - _value(other))

    def __rsub__(self, other: float) -> "Term":
        return _joined(other, "-", self, other - self.value)

    def __mul__(self, other: "Term | float") -> "Term":
        return _joined(self, "*", other, self.value * _value(other))

    def __rmul__(self, other: float) -> "Term":
        return _joined(other, "*", self, other * self.value)

    def __truediv__(self, other: "Term | float") -> "Term":
        return _joined(self, "/", other, self.value / _value(other))

    def __rtruediv__(self, other: float) -> "Term":
        return _joined(other, "/", self, other / self.value)

    def __pow__(self, other: "Term | float") -> "Term":
        return call("POWER", self, other, value=self.value ** _value(other))

    def __gt__(self, other: "Term | float") -> "Term":
        """1 where it is more, 0 elsewhere; to be added up."""
        return Term(f"({_within(self, SUM)}>{_within(other, SUM)})", float(self.value > _value(other)))


Cell = Term | float


def _value(term: Cell) -> float:
    return term.value if isinstance(term, Term) else float(term)


def _text(term: Cell) -> str:
    return term.text if isinstance(term, Term) else number(term)


def number(value: float) -> str:
    """A number as a formula or a cell holds it: the shortest text that reads back as the same number.

    >>> number(60.0), number(1e-9), number(0.1 + 0.2)
    ('60', '1e-09', '0.30000000000000004')
    """
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _within(term: Cell, binds: int) -> str:
    own = term.binds if isinstance(term, Term) else (ATOM if term >= 0 else SUM)
    return _text(term) if own >= binds else f"({_text(term)})"


def _joined(left: Cell, sign: str, right: Cell, value: float) -> Term:
    binds = SUM if sign in "+-" else PRODUCT
    # What is taken off or divided by keeps its brackets, even of its own kind.
    after = binds + 1 if sign in "-/" else binds
    return Term(f"{_within(left, binds)}{sign}{_within(right, after)}", value, binds)


def call(name: str, *terms: Cell, value: float) -> Term:
    """A function of the spreadsheet whose value is known."""
    return Term(f"{name}({','.join(map(_text, terms))})", value)


def most(*terms: Cell) -> Term:
    """The largest of some terms."""
    return call("MAX", *terms, value=max(map(_value, terms)))


def least(*terms: Cell) -> Term:
    """The smallest of some terms."""
    return call("MIN", *terms, value=min(map(_value, terms)))


def total(terms: Iterable[Cell]) -> Term:
    """The sum of some terms; cells that stand side by side become a range."""
    terms = list(terms)
    value = math.fsum(map(_value, terms))
    if len(terms) == 1 and isinstance(terms[0], Term):
        return terms[0]
    return Term(f"SUM({','.join(ranges([_text(t) for t in terms]))})", value) if terms else Term("0", 0.0)


def each(cells: Iterable[Term], others: Iterable[Cell]) -> list[Term]:
    """The products of two rows, cell by cell."""
    return [cell * other for cell, other in zip(cells, others, strict=True)]


def sums(rows: Iterable[Iterable[Cell]]) -> list[Term]:
    """The sums of rows, column by column."""
    return [total(cells) for cells in zip(*rows, strict=True)]


def ranges(cells: list[str]) -> list[str]:
    """Addresses with neighbours of a row or column put together.

    >>> ranges(["$B$2", "$C$2", "$D$2", "$D$3", "$F$9"])
    ['$B$2:$D$2', '$D$3', '$F$9']
    """
    runs: list[list[str]] = []
    for cell in cells:
        run = runs[-1] if runs else []
        step = _step(run[-1], cell) if run else None
        if step and (len(run) == 1 or step == _step(*run[-2:])):
            run.append(cell)
        else:
            runs.append([cell])
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1].rpartition('!')[2]}" for run in runs]


def _step(before: str, cell: str) -> tuple[int, int] | None:
    """(0, 1) from a cell to the one right of it, (1, 0) to the one below; None for any other pair of terms."""
    first, second = _ADDRESS.fullmatch(before), _ADDRESS.fullmatch(cell)
    if not first or not second or first[1] != second[1]:
        return None
    (row, column), (next_row, next_column) = xl_cell_to_rowcol(first[2]), xl_cell_to_rowcol(second[2])
    step = next_row - row, next_column - column
    return step if step in ((0, 1), (1, 0)) else None


def whole(people: Term) -> Term:
    """The smallest whole number of people, with the guard of `headcount.whole`: no head for a rounding error.

    >>> whole(Term("B2", 2.0000000000001)), whole(Term("B2", 0.0)).value
    (Term(text='MAX(0,ROUNDUP(B2-1e-09,0))', value=2.0, binds=3), 0.0)
    """
    guarded = people - ROUNDING
    return most(0.0, call("ROUNDUP", guarded, 0.0, value=float(max(0, math.ceil(guarded.value)))))


def ratio(above: Term, below: Term) -> Term:
    """above / below, and 0 where there is nothing below."""
    value = above.value / below.value if below.value > 0 else 0.0
    return Term(f"IF({below.text}>0,{_within(above, PRODUCT)}/{_within(below, ATOM)},0)", value)


def where(condition: str, holds: bool, then: Cell, otherwise: Cell) -> Term:
    """IF: the condition as text, whether it holds now, and what follows."""
    return Term(f"IF({condition},{_text(then)},{_text(otherwise)})", _value(then if holds else otherwise))
