"""What learners answer: for every exercise other right answers than the source's, and wrong ones with their mistake."""

from ecteam.workshop import load_case

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
SPARED = {
    "receive_goods": "Service agent",
    "pick_orders": "Service agent 2",
    "pack_orders": "Stock-keeper 2",
    "load_parcels": "Stock-keeper 2",
}
SPARED_ZH = {"收货": "客服 2", "拣货": "客服", "打包": "仓管 2", "分拣装车": "仓管 2"}
SPARED_IN_WORDS = {
    "Receive goods": "service agent 2",
    "Pick orders": "service agent",
    "Pack orders": "Stock-keeper 2",
    "Sort and load parcels": "stock-keeper 2",
}

# (lesson, exercise) -> further answers that must pass.
RIGHT = {
    ("hats", "my_least"): [5, 5.0],
    ("hats", "my_moves"): [SPARED, SPARED_ZH, SPARED_IN_WORDS],
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

CARD = dict.fromkeys(["product", "customer", "today", "because", "promise", "not_done"], "White tea for Ms Lin")
CARD |= {"price": "128 CNY", "channels": "one shop", "wrong_if": "fewer than 30 buyers by June"}
CARD_ZH = {"卖什么": "福鼎白茶", "卖给谁": "林姐的公司茶水间", "现在在哪买": "茶城", "为什么换": "月月同一款"}
CARD_ZH |= {
    "客单价": "128 元",
    "渠道": "天猫、抖音",
    "承诺": "48 小时发货",
    "不做什么": "礼盒",
    "认错信号": "6 月底复购不到 30%",
}

RIGHT |= {
    ("route", "my_card"): [CARD, CARD_ZH],
    ("route", "my_route"): ["tea", "electronics", "包材 · 企业客户"],
    ("route", "my_orders"): [33, 40.0],
}
WRONG |= {
    ("route", "my_card"): [
        ({"product": "tea"}, "missing"),
        (CARD | {"customer": "Everybody who drinks tea"}, "fits_everybody"),
        (CARD | {"because": "Improve service"}, "fits_everybody"),
        (CARD | {"wrong_if": "it does not go well"}, "no_number"),
        (CARD | {"channels": "Tmall, JD and Douyin"}, "many_channels"),
        ({"produkt": "tea"}, None),
        ("tea", None),
    ],
    ("route", "my_route"): [
        ("womenswear", "margin_only"),
        ("virtual", "loses"),
        ("coffee", None),
        (3, None),
    ],
    ("route", "my_orders"): [(10, "too_few"), (20, "too_few"), (300, "far_above"), (0, None), (-5, None), ("50", None)],
}

TIMES = {"1": 50, "2": 60, "3": 55, "4": 100, "5": 58}
RIGHT |= {
    ("count", "my_times"): [TIMES | {"per_hour": 62}, TIMES | {"每小时": 62.07, "6": 58}],
    ("count", "my_hours"): [30.7, 31],
    ("count", "my_case"): [
        lambda: load_case("tea").changed(pick_lines_per_hour=75),
        lambda: load_case("tea").changed(refund_minutes=4, pack_orders_per_hour=50),
    ],
}
WRONG |= {
    ("count", "my_times"): [
        ({"1": 50, "2": 60, "per_hour": 65}, "few_times"),
        (TIMES | {"1": 0.9, "per_hour": 62}, "not_seconds"),
        (TIMES | {"1": -50, "per_hour": 62}, "not_seconds"),
        (dict.fromkeys("12345", 60) | {"per_hour": 60}, "all_the_same"),
        (TIMES | {"per_hour": 3600 / 64.6}, "mean_taken"),
        (TIMES | {"per_hour": 58}, "wrong_rate"),
        (TIMES, None),
        ([50, 60, 55, 100, 58], None),
    ],
    ("count", "my_hours"): [
        (1845, "minutes"),
        (38.4, "more"),
        (10**6, "more"),
        (25, "not_that"),
        (0, "not_that"),
        ("30", None),
    ],
    ("count", "my_case"): [
        (lambda: load_case("tea"), "nothing"),
        (lambda: load_case("tea").changed(pack_orders_per_hour=32), "nothing"),
        (lambda: load_case("tea").changed(orders_per_day=90), "not_work"),
        (lambda: load_case("tea").changed(pack_orders_per_hour=3600), "unlikely"),
        (lambda: load_case("virtual").changed(refund_minutes=4), None),
        (63, None),
    ],
}

RIGHT |= {
    ("queues", "my_spread"): [44, 44.5],
    ("queues", "my_agents"): [6, 6.0],
    ("queues", "my_saved"): [3, 3.0],
}
WRONG |= {
    ("queues", "my_spread"): [
        (8.93, "difference"),
        (1 / 44, "upside_down"),
        (24, "not_that"),
        (0, "not_that"),
        ("44", None),
    ],
    ("queues", "my_agents"): [
        (4.5, "no_whole_people"),
        (4, "the_average"),
        (-2, "the_average"),
        (5, "too_few"),
        (7, "too_many"),
        (10**9, "too_many"),
        ([6], None),
    ],
    ("queues", "my_saved"): [(15, "the_desk_itself"), (0, "too_few"), (1, "too_few"), (12, "too_many"), (True, None)],
}
RIGHT |= {
    ("head_cost", "my_factor"): [2.29, 2.31],
    ("head_cost", "my_pay"): [38_000, 60_000, 123_456.78],
    ("head_cost", "my_reserve"): [19_200, 19_150.5],
}
WRONG |= {
    ("head_cost", "my_factor"): [
        (1.42, "only_contributions"),
        (0.44, "upside_down"),
        (3, "not_that"),
        (-1, "not_that"),
        ("2", None),
    ],
    ("head_cost", "my_pay"): [
        (2500, "below_floor"),
        (10_000, "still_flat"),
        (25_000, "still_flat"),
        (0, None),
        (1e9, None),
    ],
    ("head_cost", "my_reserve"): [
        (0, "nothing"),
        (-5, "nothing"),
        (3200, "one_head"),
        (1600, "one_month"),
        (999, "not_that"),
    ],
}

RIGHT |= {
    ("flat", "my_span"): [7, 7.0],
    ("flat", "my_team"): [10, 10.0],
    ("flat", "my_choice"): [
        {"structure": "Network", "because": "Channels of coordination"},
        {"结构": "小组制", "理由": "每单跨组次数"},
        {"structure": "functional", "because": "layers"},
    ],
}
WRONG |= {
    ("flat", "my_span"): [
        (6.5, "no_whole_people"),
        (6, "too_narrow"),
        (-1, "too_narrow"),
        (8, "too_wide"),
        (10**9, "too_wide"),
        ("7", None),
    ],
    ("flat", "my_team"): [
        (10.5, "no_whole_people"),
        (11, "too_many_pairs"),
        (10**9, "too_many_pairs"),
        (9, "room_for_more"),
        (-3, "room_for_more"),
        (True, None),
    ],
    ("flat", "my_choice"): [
        ({"structure": "cells", "because": "mean_span"}, "no_measure"),
        ({"structure": "cells", "because": "person_hand_offs"}, "no_difference"),
        ({"structure": "cells", "because": "layers"}, "not_best"),
        ({"structure": "cells"}, None),
        ({"structure": "cell", "because": "layers"}, None),
        ("cells", None),
    ],
}

ORDER = ["choose_route", "test_demand", "fix_position", "sign_suppliers", "write_answers", "open_shop"]
CHECKPOINT = {"result": "30 pages online", "owner": "Li Wei", "test": "A stranger buys one", "weeks": "2"}
RIGHT |= {
    ("checkpoints", "my_results"): [["店铺系统里有 50 条标准答案", "签好 2 份合同", "上线 36 张新主图"]],
    ("checkpoints", "my_sequence"): [ORDER, tuple(ORDER)],
    ("checkpoints", "my_checkpoint"): [
        CHECKPOINT,
        {"结果": "30 个详情页上线", "负责人": "李薇", "检验": "陌生人用手机买一单", "周数": "4"},
    ],
}
WRONG |= {
    ("checkpoints", "my_results"): [
        (["50 answers"], "too_few"),
        (["Improve 50 answers", "2 contracts", "36 pictures"], "vague"),
        (["50 answers", "contracts signed", "36 pictures"], "no_number"),
        ("50 answers", None),
    ],
    ("checkpoints", "my_sequence"): [
        (ORDER[:3], "missing"),
        ([*ORDER, "open_shop"], "twice"),
        (ORDER[::-1], "waits"),
        ([*ORDER, "sell_tea"], None),
        ({"a": "b"}, None),
    ],
    ("checkpoints", "my_checkpoint"): [
        ({"result": "30 pages online"}, "missing"),
        (CHECKPOINT | {"result": "Improve the pages"}, "vague"),
        (CHECKPOINT | {"owner": "the team"}, "a_group"),
        (CHECKPOINT | {"owner": "Li Wei, Sun Lei"}, "a_group"),
        (CHECKPOINT | {"weeks": "8"}, "too_long"),
        (CHECKPOINT | {"weeks": "-1"}, "too_long"),
        (CHECKPOINT | {"weeks": "soon"}, None),
        (CHECKPOINT | {"tests": "soon"}, None),
        (["30 pages"], None),
    ],
}

RIGHT |= {
    ("hiring", "my_advert"): ["2027-04", "2027-03"],
    ("hiring", "my_cover"): ["temps", "Temps"],
    ("hiring", "my_hours"): [151.2, 150, 153.0],
    ("hiring", "my_from"): [2000, 2945, 5000.0],
}
WRONG |= {
    ("hiring", "my_advert"): [
        ("2027-05", "too_late"),
        ("2027-06", "too_late"),
        ("2026-06", "too_early"),
        ("April", None),
        (2027, None),
    ],
    ("hiring", "my_cover"): [
        ("hires", "dearer"),
        ("overtime", "dearer"),
        ("leave_it_late", "customers_pay"),
        ("temp", None),
    ],
    ("hiring", "my_hours"): [(132, "full_month"), (95, "not_that"), (0, "not_that"), (-151, "not_that"), ("x", None)],
    ("hiring", "my_from"): [(60, "too_soon"), (-1, "too_soon"), (50_000, "too_late"), ("2000", None)],
}
RIGHT |= {
    ("defenders", "my_saving"): [48_000, 48_000.0],
    ("defenders", "my_loss"): [257, 300.5, 355],
    ("defenders", "my_holes"): [["fine", "late_peak_day"], {"late_peak_day", "fine"}],
}
WRONG |= {
    ("defenders", "my_saving"): [
        (120_000, "all_of_it"),
        (24_000, "one_incident"),
        (2.0, "not_that"),
        (-48_000, "not_that"),
        ([48_000], None),
    ],
    ("defenders", "my_loss"): [(100, "does_not_pay"), (1000, "far_above"), (0, None), (-1, None), ("135", None)],
    ("defenders", "my_holes"): [
        (["fine"], "missed"),
        (["fine", "late_peak_day", "incident"], "can_be_paid"),
        ([], "missed"),
        (["fines"], None),
        ("fine", None),
    ],
}

RIGHT |= {
    ("sure", "my_budget"): [79_000, 80_500.0],
    ("sure", "my_measure"): ["pay_promotion_specialist", "售前咨询率", "Time on a chat before the sale"],
    ("sure", "my_case"): [
        lambda: load_case("tea").changed(presale_minutes_per_chat=3),
        lambda: load_case("tea").changed(presale_minutes_per_chat=3.2, presale_chats_per_order=0.48, seat_cost=1150),
    ],
}
WRONG |= {
    ("sure", "my_budget"): [
        (59_892, "the_plan"),
        (65_000, "too_small"),
        (-1, "too_small"),
        (500_000, "idle"),
        ("150000", None),
    ],
    ("sure", "my_measure"): [
        ("orders_times", "cannot_now"),
        ("ad_accounts_per_specialist", "cannot_now"),
        ("pack_orders_per_hour", "cannot_now"),
        ("pack_minutes_per_further_line", "moves_little"),
        ("seat_costs", None),
        (4, None),
    ],
    ("sure", "my_case"): [
        (lambda: load_case("tea"), "nothing"),
        (lambda: load_case("tea").changed(orders_per_day=80), "nothing"),
        (lambda: load_case("tea").changed(refund_minutes=6), "as_wide"),
        (lambda: load_case("virtual").changed(seat_cost=900), None),
        (3, None),
    ],
}
