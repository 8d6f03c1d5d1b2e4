"""The OpenAPI 3.1 description of the table, made from the same routes and types that serve it."""

import re
from typing import Any, Final

import msgspec

from gateway.http.errors import BY_CODE, Failure
from gateway.http.forms import NoQuery, Posted, Raw
from gateway.http.route import Route

VERSION: Final = "0.1.0"
REF: Final = "#/components/schemas/{name}"
JSON: Final = "application/json"

TAGS: Final = (
    ("session", "登录", "Signing in, and staying so."),
    ("users", "用户", "Who may sign in, and what they may do."),
    ("city", "城市", "The city and its map."),
    ("records", "档案", "Regions, roads, lots and bays, with what they show now."),
    ("devices", "设备", "Sensors, their health and their raw frames."),
    ("gates", "道闸", "Lanes, cars at gates that need a person, barriers moved by hand, codes that phones scan there."),
    ("figures", "统计", "What was, over time."),
    ("tariffs", "收费规则", "Tariffs, their versions, who has which, and the calendar of day kinds."),
    ("pricing", "计价", "Prices of stays; nothing here is stored."),
    ("vehicles", "车辆", "Plates: arrears, lists, claims, which park free."),
    ("passes", "包月", "Passes and the rules by which they are sold."),
    ("coupons", "优惠券", "Campaigns and the coupons that they give."),
    ("reservations", "预约", "Reservations, shared bays and their locks, and free bays."),
    ("payments", "支付", "Payments with outside providers, and our accounts there."),
    ("sessions", "订单", "Stays of the whole city, for staff."),
    ("arrears", "欠费", "What is owed in the whole city, for staff: settled, or given up."),
    ("own", "车主", "What owners see and do of their own: account, cars, stays, passes, coupons."),
    ("plates", "车牌", "Paying by a plate, without an account."),
    ("accounts", "账户", "Owners' accounts, for staff."),
    ("messages", "消息", "Messages to people, and notices that were sent."),
    ("evidence", "取证", "Pictures and video: uploads in parts, and what is kept of what."),
    ("pda", "收费终端", "What collectors do on the street with their devices, with a line and without."),
    ("ledger", "账本", "Lines, balances, periods, and the proof that all is accounted for."),
    ("crew", "人员", "Who supervises collectors; attendance, cash handed over, problems reported, tickets."),
    ("patrol", "巡检", "What patrol cars report, records of what stands wrongly or unpaid, and checks of plates."),
    ("readings", "识别", "Plates as machines read them: rates, and those that are read again."),
    ("engine", "引擎", "How the engine is, and messages that it set aside."),
    ("system", "系统", "Whether everything runs, and this description."),
)


def description(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The whole document."""
    types = _types(routes)
    _, schemas = msgspec.json.schema_components(types, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "YunParking 云停车",
            "version": VERSION,
            "description": "A city's parking over HTTP. Instants and lengths of time are integer microseconds (UTC). "
            "Every refusal is {code, message, details, trace_id}; the code is stable. Lists are paged by key: "
            "`limit`, and `after` = the `next` of the page before.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": en, "x-name-zh": zh} for name, zh, en in TAGS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "x-errors": {
            reason.code: {"status": reason.status, "en": reason.en, "zh": reason.zh} for reason in BY_CODE.values()
        },
    }


def _types(routes: tuple[Route, ...]) -> list[Any]:
    found: dict[str, Any] = {Failure.__name__: Failure}
    for route in routes:
        for form in (route.query, route.body, route.reply, *(form for _, form in route.otherwise)):
            if isinstance(form, type) and form not in (NoQuery, Raw, Posted):
                found[form.__name__] = form
    return list(found.values())


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary.en,
        "x-summary-zh": route.summary.zh,
        "x-permission": route.permission,
        "x-error-codes": list(route.codes),
        "security": [] if route.public else [{"token": []}],
        "parameters": _parameters(route, schemas),
        "responses": {**_refusals(route), **_answers(route)},
    }
    if route.body:
        binary = {"type": "string", "format": "binary"}
        schema = binary if route.body in (Raw, Posted) else {"$ref": REF.format(name=route.body.__name__)}
        operation["requestBody"] = {"required": True, "content": {route.takes: {"schema": schema}}}
    return operation


def _parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    asked = {} if route.query is NoQuery else schemas[route.query.__name__]
    for name, schema in asked.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "required": name in asked.get("required", ()), "schema": schema}
        if words := schema.get("description"):
            parameter["description"] = words
        found.append(parameter)
    if route.idempotent:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same key again is the same command again: it happens once.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
            }
        )
    return found


def _answers(route: Route) -> dict[str, Any]:
    if route.reply is None:
        return {"204": {"description": "Done; there is nothing to say."}}
    if isinstance(route.reply, str):
        answers = {"200": {"description": "The document.", "content": {route.reply: {"schema": {}}}}}
        if "geo+json" in route.reply:
            answers["304"] = {"description": "Unchanged since the ETag that you sent."}
        return answers
    return {
        str(status): {
            "description": (form.__doc__ or "").strip(),
            "content": {JSON: {"schema": {"$ref": REF.format(name=form.__name__)}}},
        }
        for status, form in ((route.status, route.reply), *route.otherwise)
    }


def _refusals(route: Route) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in route.codes:
        by_status.setdefault(str(BY_CODE[code].status), []).append(code)
    return {
        status: {
            "description": " ".join(f"`{code}`: {BY_CODE[code].en}" for code in codes),
            "content": {JSON: {"schema": {"$ref": REF.format(name="Failure")}}},
        }
        for status, codes in sorted(by_status.items())
    }
