"""The table of routes: the only place where addresses, permissions, types and handlers meet."""

from typing import Final

from gateway.http import bays, city, describe, entrance, health, places
from gateway.http.paging import Paged
from gateway.http.query import WhichBays, WhichLots, WhichPassages, WhichRoads
from gateway.http.route import API, Route, Words
from gateway.http.routes_arrears import ARREARS
from gateway.http.routes_campaigns import CAMPAIGNS
from gateway.http.routes_crew import CREW
from gateway.http.routes_devices import DEVICES
from gateway.http.routes_engine import ENGINE
from gateway.http.routes_evidence import EVIDENCE
from gateway.http.routes_fleets import FLEETS
from gateway.http.routes_gates import GATES
from gateway.http.routes_holding import HOLDING
from gateway.http.routes_ledger import LEDGER
from gateway.http.routes_lot_rules import LOT_RULES
from gateway.http.routes_own import OWN
from gateway.http.routes_passes import PASSES
from gateway.http.routes_patrols import PATROLS
from gateway.http.routes_payments import PAYMENTS
from gateway.http.routes_pda import PDA
from gateway.http.routes_people import PEOPLE
from gateway.http.routes_readings import READINGS
from gateway.http.routes_sessions import SESSIONS
from gateway.http.routes_tariffs import PRICING, TARIFFS
from gateway.http.routes_vehicles import VEHICLES
from gateway.http.routes_wechat import WECHAT
from gateway.http.session import Refresh, Session, SignIn
from gateway.http.shown import (
    Alive,
    Bays,
    City,
    Lots,
    Occupancy,
    Passages,
    Readiness,
    Regions,
    Roads,
)
from gateway.identity import PUBLIC
from gateway.metrics import CONTENT_TYPE
from storage.rows import BayRow, LotRow, RegionRow, RoadRow

SESSION: Final = (
    Route(
        "POST",
        f"{API}/session",
        "session",
        PUBLIC,
        entrance.sign_in,
        Words("登录", "Sign in"),
        body=SignIn,
        reply=Session,
        errors=("wrong_credentials", "account_locked"),
    ),
    Route(
        "POST",
        f"{API}/session/refresh",
        "session",
        PUBLIC,
        entrance.refresh,
        Words("续期登录", "Go on with a session"),
        body=Refresh,
        reply=Session,
        errors=("session_over",),
    ),
    Route(
        "DELETE",
        f"{API}/session",
        "session",
        "self.write",
        entrance.sign_out,
        Words("退出登录", "Sign out"),
    ),
)

CITY: Final = (
    Route(
        "GET",
        f"{API}/city",
        "city",
        "city.read",
        city.city,
        Words("城市概况", "The city"),
        reply=City,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/map/bays",
        "city",
        "city.read",
        city.bay_map,
        Words("车位地图", "Every bay on the map"),
        reply=city.GEOJSON,
    ),
    Route(
        "GET",
        f"{API}/map/roads",
        "city",
        "city.read",
        city.road_map,
        Words("道路地图", "Every road on the map"),
        reply=city.GEOJSON,
    ),
)

RECORDS: Final = (
    Route(
        "GET",
        f"{API}/regions",
        "records",
        "records.read",
        places.regions,
        Words("区域列表", "Regions"),
        query=Paged,
        reply=Regions,
    ),
    Route(
        "GET",
        f"{API}/regions/{{id}}",
        "records",
        "records.read",
        places.region,
        Words("区域", "One region"),
        reply=RegionRow,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/roads",
        "records",
        "records.read",
        places.roads,
        Words("道路列表", "Roads"),
        query=WhichRoads,
        reply=Roads,
    ),
    Route(
        "GET",
        f"{API}/roads/{{id}}",
        "records",
        "records.read",
        places.road,
        Words("道路", "One road"),
        reply=RoadRow,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/lots",
        "records",
        "records.read",
        places.lots,
        Words("车场与路段列表", "Lots and street sections"),
        query=WhichLots,
        reply=Lots,
    ),
    Route(
        "GET",
        f"{API}/lots/{{id}}",
        "records",
        "records.read",
        places.lot,
        Words("车场或路段", "One lot or street section"),
        reply=LotRow,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/bays",
        "records",
        "records.read",
        bays.listed,
        Words("车位列表", "Bays"),
        query=WhichBays,
        reply=Bays,
    ),
    Route(
        "POST",
        f"{API}/bays",
        "records",
        "records.write",
        bays.create,
        Words("新增车位", "Register a bay"),
        body=bays.NewBay,
        reply=BayRow,
        status=201,
        errors=("bay_number_taken", "unknown_parent", "id_taken"),
        idempotent=True,
    ),
    Route(
        "GET",
        f"{API}/bays/{{id}}",
        "records",
        "records.read",
        bays.one,
        Words("车位", "One bay; fresh=1 asks its actor"),
        query=bays.Freshness,
        reply=BayRow,
        errors=("not_found", "refused", "busy", "outcome_unknown"),
    ),
    Route(
        "PATCH",
        f"{API}/bays/{{id}}",
        "records",
        "records.write",
        bays.change,
        Words("修改车位", "Change a bay's record"),
        body=bays.BayChange,
        reply=BayRow,
        errors=("not_found", "bay_number_taken", "version_conflict"),
    ),
)

FIGURES: Final = (
    Route(
        "GET",
        f"{API}/occupancy",
        "figures",
        "city.read",
        city.occupancy,
        Words("占用率曲线", "How full a place was, in steps of five minutes"),
        query=city.Span,
        reply=Occupancy,
    ),
    Route(
        "GET",
        f"{API}/passages",
        "figures",
        "records.read",
        bays.passages,
        Words("驶入驶出记录", "Bays taken and freed, newest first"),
        query=WhichPassages,
        reply=Passages,
    ),
)

SYSTEM: Final = (
    Route("GET", "/health", "system", PUBLIC, health.alive, Words("存活", "Alive"), reply=Alive),
    Route(
        "GET",
        "/health/ready",
        "system",
        PUBLIC,
        health.ready,
        Words("就绪", "Whether every dependency answers"),
        reply=Readiness,
        otherwise=((503, Readiness),),
    ),
    Route("GET", "/metrics", "system", PUBLIC, health.metrics, Words("指标", "Metrics"), reply=CONTENT_TYPE),
    Route(
        "GET",
        "/openapi.json",
        "system",
        PUBLIC,
        describe.document,
        Words("接口描述", "This description"),
        reply="application/json",
    ),
    Route("GET", "/docs", "system", PUBLIC, describe.page, Words("接口文档", "The page of it"), reply="text/html"),
    Route(
        "GET",
        "/docs/{file}",
        "system",
        PUBLIC,
        describe.part,
        Words("文档资源", "The page's style and script"),
        reply="text/*",
        errors=("not_found",),
    ),
)

ROUTES: Final[tuple[Route, ...]] = (
    *SESSION,
    *PEOPLE,
    *OWN,
    *WECHAT,
    *CITY,
    *RECORDS,
    *LOT_RULES,
    *DEVICES,
    *FLEETS,
    *GATES,
    *FIGURES,
    *TARIFFS,
    *PRICING,
    *VEHICLES,
    *PASSES,
    *HOLDING,
    *CAMPAIGNS,
    *EVIDENCE,
    *PAYMENTS,
    *LEDGER,
    *SESSIONS,
    *ARREARS,
    *PATROLS,
    *READINGS,
    *PDA,
    *CREW,
    *ENGINE,
    *SYSTEM,
)
