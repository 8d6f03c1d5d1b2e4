"""The part of the table that is about lots' rules: modes, and how stays are opened, ended and paid."""

from typing import Final

from gateway.http import lot_rules
from gateway.http.route import API, Route, Words

LOT_RULES: Final = (
    Route(
        "GET",
        f"{API}/lot-rules",
        "records",
        "records.read",
        lot_rules.listed,
        Words("各车场的管理模式与规则", "Lots with the rules that hold now"),
        query=lot_rules.WhichRules,
        reply=lot_rules.LotRulesListed,
    ),
    Route(
        "GET",
        f"{API}/lots/{{id}}/rules",
        "records",
        "records.read",
        lot_rules.one,
        Words("车场或路段的规则", "What holds for an entry at a moment in a lot: its mode, and what may happen there"),
        query=lot_rules.RulesAt,
        reply=lot_rules.LotRulesShown,
        errors=("not_found",),
    ),
    Route(
        "PUT",
        f"{API}/lots/{{id}}/rules",
        "records",
        "records.write",
        lot_rules.change,
        Words("修改车场或路段的规则", "Change a lot's rules, from a time on"),
        body=lot_rules.NewLotRules,
        reply=lot_rules.LotRulesShown,
        errors=("not_found", "version_conflict", "effective_in_past"),
    ),
)
