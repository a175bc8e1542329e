"""The controls of an explorer, made of what is known of each field and figure: range, unit, label, help."""

import math
from typing import Any

import ipywidgets as widgets

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.scenario import PLACES, Scenario, field_info
from ecteam.inputs.words import Name, Note, language, number, phrase, text

USUAL = "usual"
"""A list's value for a field that is left unset."""
WIDTH = "27em"
LABEL_WIDTH = "11.5em"


def control(base: Scenario, name: str) -> widgets.Widget:
    """The control of a field, from its metadata, or of an assumption, from its row: range, unit, label and help.

    >>> made = control(Scenario(name="Tea", return_share=0.05, orders_per_day=60), "chats_at_once")
    >>> made.min, made.max, made.value
    (1, 8, 3)
    """
    if name not in Scenario.model_fields:
        return _figure_control(base, name)
    info, value = field_info(name), getattr(base, name)
    words = _words(
        info[language()], phrase(info["unit"].replace("currency units", base.currency)), info[f"help_{language()}"]
    )
    if info["type"] == "boolean":
        return widgets.Checkbox(value=value, **words)
    if info["choices"]:
        usual = [] if value is not None else [({"en": "usual at the stage", "zh": "按阶段惯例"}[language()], USUAL)]
        options = usual + [(said(c), c) for c in info["choices"]]
        return widgets.Dropdown(options=options, value=USUAL if value is None else value, **words)
    if name == "name":
        return widgets.Text(value=value, continuous_update=False, **words)
    low, high = info["low"], info["top"] if info["top"] is not None else info["high"]
    if info["type"] == "string" or low is None or high is None:
        raise InputError(f"{name} has no range or choices to make a control of")
    whole, start = info["type"] == "integer", low if value is None else value
    if info["log"] and start > 0:
        most = math.log10(max(high, start))
        least = min(0.0, math.floor(math.log10(start)))
        return widgets.FloatLogSlider(value=start, min=least, max=most, step=0.02, readout_format=",.0f", **words)
    step = info["step"] or (1 if whole else (high - low) / 100)
    if whole:
        return widgets.IntSlider(value=start, min=low, max=max(high, start), step=int(step), **words)
    return _slider(name, info["unit"], value=start, min=low, max=max(high, start), step=step, **words)


def _figure_control(base: Scenario, name: str) -> widgets.Widget:
    """A slider of an assumption from its low to its high figure."""
    rows = load_assumptions().rows(base.region)
    if name not in rows.index:
        near = did_you_mean(name, [*Scenario.model_fields, *rows.index])
        raise InputError(Note("no_field_or_assumption", name=name, near=near))
    row = rows.loc[name]
    if row["low"] == row["high"]:
        raise InputError(f"{name} has no range or choices to make a control of")
    span, below = row["high"] - row["low"], row["typical"] - row["low"]
    # The typical figure is on a step: a browser moves a slider to the nearest one, and the plan would follow.
    step = below / steps if (steps := round(50 * below / span)) else span / 50
    words, ends = _words(str(row[language()]), phrase(str(row["unit"])), ""), {"min": row["low"], "max": row["high"]}
    return _slider(name, str(row["unit"]), value=row["typical"], step=step, **ends, **words)


def said(value: Any) -> str:
    """A value in words, where it has a label."""
    if value in PLACES:
        return PLACES[value][language()]
    return number(value) if isinstance(value, float) else str(Name(str(value)))


def value_of(name: str, made: widgets.Widget) -> Any:
    """What a control stands for: of a logarithmic slider, which has no whole steps, the number that it shows."""
    if made.value == USUAL:
        return None
    whole = name in Scenario.model_fields and field_info(name)["type"] == "integer"
    if isinstance(made, widgets.FloatLogSlider) and made.value >= 1:
        return round(made.value) if whole else float(round(made.value))
    return round(made.value) if whole else made.value


def put(made: widgets.Widget, value: Any) -> None:
    """Move a control to a value, and its end with it where the value lies beyond."""
    if isinstance(made, widgets.Dropdown):
        if value is None and USUAL not in dict(made.options).values():
            made.options = [("–", USUAL), *made.options]
        made.value = USUAL if value is None else value
        return
    if value is None:
        return
    if isinstance(made, widgets.FloatLogSlider):
        if value <= 0:
            value = 10**made.min
        made.min, made.max = min(made.min, math.log10(value)), max(made.max, math.log10(value))
    elif isinstance(made, widgets.IntSlider | widgets.FloatSlider):
        made.min, made.max = min(made.min, value), max(made.max, value)
    made.value = value


def lengthened(name: str, made: widgets.Widget) -> str:
    """Let a slider that was moved to its end go on, as far as its field may, and say so: more is cut off there."""
    if name not in Scenario.model_fields or not isinstance(
        made, widgets.FloatLogSlider | widgets.FloatSlider | widgets.IntSlider
    ):
        return ""
    info, log = field_info(name), isinstance(made, widgets.FloatLogSlider)
    end = round(10**made.max, 6) if log else made.max
    if made.value < end or info["high"] <= end:
        return ""
    longer = min(info["high"], 10 * end)
    made.max = math.log10(longer) if log else longer
    return text("explore.lengthened", name=info[language()], end=number(end), longer=number(longer))


def _words(name: str, unit: str, help_: str) -> dict[str, Any]:
    return {
        "description": name,
        "tooltip": f"{name}, {unit}. {help_}".strip(" ,.") + ".",
        "style": {"description_width": LABEL_WIDTH},
        "layout": widgets.Layout(width=WIDTH, max_width="100%"),
    }


def is_share(name: str, unit: str) -> bool:
    """Whether a figure is read, shown and typed in per cent."""
    return unit.startswith("share") or name.endswith("_share")


def _slider(name: str, unit: str, step: float, **traits: Any) -> widgets.FloatSlider:
    """A slider with as many decimals as its step has, three at most; a share reads and is typed in per cent."""
    share = is_share(name, unit)
    digits = max(0, min(3, math.ceil(-math.log10(step)))) if step < 1 else 0
    made = widgets.FloatSlider(step=step, readout_format=",.1%" if share else f",.{digits}f", **traits)
    # How the page's script knows that a figure typed into it is in per cent.
    return made.add_class("ecteam-percent") if share else made
