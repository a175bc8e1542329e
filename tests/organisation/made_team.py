"""Seats, people and may_do as a plan would have them, made from a count of heads per role."""

import pandas as pd

from ecteam.inputs.assumptions import load_assumptions
from ecteam.organisation.lines import as_tree

ASSUMED = load_assumptions()
ROLES, DUTIES = ASSUMED.roles, ASSUMED.duties
START_UP = {"owner": 1, "designer": 1, "promotion_specialist": 1, "cs_agent": 1, "warehouse_keeper": 1}
GIFT_SHOP = {
    "owner": 1, "shop_manager": 2, "ops_specialist": 4, "account_manager": 1, "designer": 2, "promotion_specialist": 1,
    "ppc_specialist": 1, "cs_agent": 1, "warehouse_keeper": 12, "buyer": 3, "hr_specialist": 1, "accountant": 1,
    "it_support": 1,
}  # fmt: skip
LARGE = {
    "owner": 1, "shop_manager": 10, "ops_specialist": 6, "data_analyst": 1, "account_manager": 2, "designer": 4,
    "photographer": 2, "promotion_specialist": 5, "ppc_specialist": 2, "content_specialist": 4, "live_host": 7,
    "live_ops": 4, "cs_agent": 57, "aftersale_agent": 39, "cs_manager": 3, "warehouse_keeper": 38, "picker": 33,
    "packer": 43, "returns_clerk": 6, "buyer": 4, "planner_inventory": 1, "hr_specialist": 8, "accountant": 9,
    "finance_manager": 1, "developer": 4, "it_support": 3, "qc_inspector": 2, "risk_analyst": 3, "pr_specialist": 1,
    "legal_counsel": 1,
}  # fmt: skip
"""The last month of tea_shop_maturity."""
NO_PAIRS = pd.DataFrame(columns=["duty_a", "duty_b"])
"""Duties that are kept apart: none."""
DAYS = pd.Series(35.7, ROLES.index).mask(ROLES.index == "cs_agent", 14.0)
"""Until a post is filled again."""


def made_seats(counts, productive_hours=132.0):
    rows = [
        (
            f"{ROLES.loc[role, 'en']} {number}" if heads > 1 else ROLES.loc[role, "en"],
            role,
            ROLES.loc[role, "department"],
        )
        for role, heads in counts.items()
        for number in range(1, heads + 1)
    ]
    seats = pd.DataFrame(rows, columns=["person", "hired_as", "department"])
    pay = 9000.0 + 500.0 * (seats["hired_as"].map({role: i for i, role in enumerate(reversed(ROLES.index))}))
    return seats.assign(
        opened=pd.Period("2026-12", "M"), productive_hours=productive_hours, cost_per_month=pay, vacant=False
    )


def made_people(seats):
    """Every duty is done by all who are hired for it; where nobody is, by the first seat."""
    of_role = {}
    for name, role in zip(seats["person"], seats["hired_as"], strict=True):
        of_role.setdefault(role, []).append(name)
    rows = [
        (name, post, role, duty, 12.0 + number % 5, number == 0)
        for duty, post, role in zip(DUTIES.index, DUTIES["post"], DUTIES["role"], strict=True)
        for number, name in enumerate(of_role.get(role) or [seats["person"].iloc[0]])
    ]
    people = pd.DataFrame(rows, columns=["person", "post", "role", "duty", "hours", "accountable"])
    hired_as, room = (people["person"].map(seats.set_index("person")[c]) for c in ("hired_as", "productive_hours"))
    return people.assign(month=pd.Period("2026-12", "M"), hired_as=hired_as, share=people["hours"] / room)


def made_may_do():
    schemes = ["two_posts", "five_posts", "departments", "specialists"]
    pairs = [
        (duty, role) for duty, own in DUTIES["role"].items() for role in dict.fromkeys([own, *ROLES.loc[own, schemes]])
    ]
    return pd.DataFrame(pairs, columns=["duty", "role"])


def tree_of(lines: pd.DataFrame) -> pd.DataFrame:
    """The tree of given pairs (person, manager; "" for the top), everybody a head who leads."""
    people = lines["person"].to_list()
    seats = pd.DataFrame({"person": people, "hired_as": "", "department": "", "vacant": False})
    return as_tree(seats, dict(zip(people, lines["manager"], strict=True)), set(people))
