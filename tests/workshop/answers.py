"""What learners answer: for every exercise other right answers than the source's, and wrong ones with their mistake."""

ELLIPSIS = ...

HATS_OWNERS = {
    "place_purchase_orders": "Li Wei",
    "look_after_suppliers": "Li Wei",
    "pay_supplier_invoices": "Wang Fang",
    "approve_payments": "Chen Jing",
    "count_stock": "Sun Lei",
    "plan_stock": "Li Wei",
    "settle_refunds": "Zhao Min",
    "reconcile_orders": "Wang Fang",
}
TWO_SPARED = {
    "receive_goods": "Service agent",
    "answer_before_sale": "Promotion specialist",
    "bid_for_traffic": "Designer",
    "plan_campaigns": "Designer",
}

# (lesson, exercise) -> further answers that must pass.
RIGHT = {
    ("hats", "my_least"): [5, 5.0],
    ("hats", "my_moves"): [TWO_SPARED, {"收货": "客服"}, {"Receive goods": "service agent"}],
    ("hats", "my_owners"): [
        HATS_OWNERS,
        HATS_OWNERS | {"plan_stock": "Chen Jing", "settle_refunds": "Chen Jing"},
        HATS_OWNERS | {"count_stock": "Zhao Min"},
    ],
}

# (lesson, exercise) -> (answer, its mistake); None: not yet an answer, of which a kind sentence says what to do.
WRONG = {
    ("hats", "my_least"): [
        (4.44, "no_whole_people"),
        (4, "too_few"),
        (0, "too_few"),
        (-3, "too_few"),
        (6, "too_many"),
        (10**9, "too_many"),
        ("5", None),
        (True, None),
        (float("nan"), None),
        ([5], None),
    ],
    ("hats", "my_moves"): [
        ({}, "nobody_spared"),
        ({"pick_orders": "Stock-keeper"}, "nobody_spared"),
        ({"receive_goods": "Owner"}, "limits"),
        ({"receive_goods": "Designer"}, "limits"),
        (dict.fromkeys(["answer_before_sale", "receive_goods"], "Service agent"), "limits"),
        ({"receive_good": "Service agent"}, None),
        ({"receive_goods": "Service agents"}, None),
        ({"receive_goods": 3}, None),
        ({"receive_goods": ["Owner", "Designer"]}, None),
        ({"receive_goods": ...}, None),
        ([("receive_goods", "Owner")], None),
    ],
    ("hats", "my_owners"): [
        ({"count_stock": "Sun Lei"}, "no_owner"),
        (HATS_OWNERS | {"approve_payments": "everyone"}, "not_one_person"),
        (HATS_OWNERS | {"approve_payments": "Chen Jing, Wang Fang"}, "not_one_person"),
        (HATS_OWNERS | {"plan_stock": "Sun Lei"}, "not_apart"),
        (HATS_OWNERS | {"approve_payments": "Wang Fang"}, "not_apart"),
        (HATS_OWNERS | {"plan_stock": "Zhao Min"}, "no_authority"),
        (HATS_OWNERS | {"count_stock": "Wang Fang"}, "not_their_work"),
        (HATS_OWNERS | {"count_stocks": "Sun Lei"}, None),
        (HATS_OWNERS | {"count_stock": None}, None),
        ("Sun Lei", None),
    ],
}
