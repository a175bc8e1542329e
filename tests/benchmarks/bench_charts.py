"""What a picture costs: a slider waits for one to three, a report draws about a dozen. And the font of a page."""

import io
import statistics
from collections.abc import Callable, Iterator

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecteam import load_scenario, make_plan
from ecteam.inputs.words import using
from ecteam.view import pay, picture, team
from tests.benchmarks.result import Result, best_seconds


def matplotlibs_own(chart: Callable[..., Axes], *shown: object) -> None:
    """The same chart laid out and saved by matplotlib itself."""
    with mpl.rc_context(picture.look()):
        figure = Figure(layout="constrained", figsize=(picture.WIDTH_INCHES, 3.4))
        chart(*shown, ax=figure.add_subplot())
        figure.savefig(io.BytesIO(), format="png")


def benchmarks() -> Iterator[Result]:
    plan = make_plan(load_scenario("tea_shop_growth"))
    drawn = {
        "work": (team.work_by_department, plan),
        "heads": (team.heads_per_month, plan),
        "cost": (team.cost_by_item, plan),
        "orders": (team.orders_per_day, plan),
        "salary to cost": (pay.from_salary_to_full_cost, plan, "cs_agent"),
        "payroll": (pay.payroll_by_level, plan),
    }
    ratios = []
    for name, (chart, *shown) in drawn.items():
        ours = best_seconds(lambda c=chart, s=shown: picture.picture(c, *s), 7)
        ratios.append(best_seconds(lambda c=chart, s=shown: matplotlibs_own(c, *s), 7) / ours)
        yield Result(f"picture, warm: {name}", 1000 * ours, "ms", at_most=200)
    yield Result("as fast as matplotlib's layout and saving, median", statistics.median(ratios), "times", at_least=1.5)

    characters = [chr(code) for code in picture._source()[1] if 0x4E00 <= code < 0x9FA5]
    page = "".join(characters[:: len(characters) // 900][:900])
    with using("zh"):
        yield Result("font of a page of 900 Chinese characters", len(picture.font_face(page)) / 1000, "kB", 300)

    def anew(text: str) -> Callable[[], object]:
        return lambda: (picture._face.cache_clear(), picture.font_face(text))

    yield Result("the same, cut", best_seconds(anew(page)), "s", at_most=0.3)
    picture.font_face("Team")
    yield Result("font of an English page", 1000 * best_seconds(lambda: picture.font_face("Cost" * 5000)), "ms", 2)
