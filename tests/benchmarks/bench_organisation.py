"""Speed of an organisation of 300 people: its tree, its measures, what breaks if one leaves, its chart."""

from collections.abc import Iterator

from ecteam.organisation.lines import reporting_tree
from ecteam.organisation.resilience import bus_factor, cover_matrix, cross_training, remove_one
from ecteam.organisation.spans import measures
from ecteam.organisation.structures import cells, compare_structures, functional, matrix, network
from ecteam.view.organisation import organisation_svg
from tests.benchmarks.result import Result, best_seconds
from tests.organisation.made_team import DAYS, LARGE, NO_PAIRS, made_may_do, made_people, made_seats


def benchmarks() -> Iterator[Result]:
    seats = made_seats(LARGE)
    people, may, heads = made_people(seats), made_may_do(), len(seats)
    tree = reporting_tree(seats)
    cover = cover_matrix(people, seats, may, keep_apart=NO_PAIRS)
    channels = ["Tmall", "JD", "Douyin"]
    made = [functional(seats), matrix(seats, channels), cells(seats, channels), network(seats, ["warehouse"])]
    for name, call, target in (
        ("reporting tree", lambda: reporting_tree(seats), 50),
        ("measures of the tree", lambda: measures(tree, seats, leading_hours_per_head=4), 50),
        (
            "remove-one test of everybody",
            lambda: remove_one(people, seats, may, keep_apart=NO_PAIRS, days_to_fill=DAYS),
            100,
        ),
        ("bus factor", lambda: bus_factor(people, seats, may), 50),
        ("cross-training", lambda: cross_training(cover, seats, people), 100),
        ("four structures side by side", lambda: compare_structures(made, people, outside=()), 300),
        ("chart as vector graphics", lambda: organisation_svg(tree, people), 1000),
    ):
        yield Result(f"{name}, {heads} people", 1000 * best_seconds(call), "ms", at_most=target)
