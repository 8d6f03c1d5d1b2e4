"""The sandbox in WeChat Pay's words: what a merchant asks must be signed by it, what it is told is signed by us."""

import asyncio
import gzip
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
from aiohttp import web

from actors.values import SECOND_US, Micros
from gateway.outside.sandbox.book import GivenBack, Plate, Sold
from gateway.outside.sandbox.keys import Keys, PlatformKey, new_platform_key, read_key
from gateway.outside.sandbox.mischief import Bend
from gateway.outside.sandbox.notifier import Outgoing, is_taken
from gateway.outside.sandbox.till import No, Till
from gateway.outside.sandbox.wechat_bill import render_bill
from gateway.outside.sandbox.wechat_forms import PLATE, order_form, refund_form
from gateway.outside.wechat.moments import micros_of, text_of
from gateway.outside.wechat.platform import AGE_MOST_US
from gateway.outside.wechat.signing import AEAD, Signed, asked_text, claim_in, encrypt, is_signed, sealed_by

CHANNEL: Final = "wechat"
DEDUCTED_AFTER_S: Final = 0.2
NONCE_CHARS: Final = 12

Json = dict[str, Any]


class Asked(NamedTuple):
    """A request whose signature was right."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json

    def text(self, name: str) -> str:
        """A field that has to be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise No(400, "PARAM_ERROR", f"{name} 必填")
        return value

    def fen(self, name: str) -> int:
        """A sum in yuan's hundredths."""
        amount = self.body.get("amount")
        amount = amount if isinstance(amount, dict) else {}
        value = amount.get(name)
        if not isinstance(value, int) or value <= 0 or amount.get("currency", "CNY") != "CNY":
            raise No(400, "PARAM_ERROR", f"amount.{name} 不合法")
        return value


Answered = tuple[int, Json | None]


class WeChatSide:
    """One merchant's WeChat Pay."""

    def __init__(self, till: Till, keys: Keys) -> None:
        self._till = till
        self._keys = keys
        self._merchant_key = read_key(keys.merchant_key).public_key()
        self._platform = list(keys.platform)
        self._private = self._platform[-1].key()
        self._bills: dict[str, bytes] = {}
        self._deducting: set[asyncio.Task[None]] = set()

    @cached_property
    def _stranger(self) -> PlatformKey:
        return new_platform_key()

    def routes(self) -> list[web.RouteDef]:
        """What a merchant may ask."""
        orders, plates = "/v3/pay/transactions", "/v3/vehicle"
        table: list[tuple[str, str, Callable[[Asked], Answered]]] = [
            ("GET", "/v3/certificates", self.certificates),
            ("POST", f"{orders}/{{method:jsapi|native}}", self.make),
            ("GET", f"{orders}/out-trade-no/{{trade}}", self.asked),
            ("POST", f"{orders}/out-trade-no/{{trade}}/close", self.close),
            ("POST", "/v3/refund/domestic/refunds", self.refund),
            ("GET", "/v3/refund/domestic/refunds/{refund}", self.asked_refund),
            ("GET", "/v3/bill/tradebill", self.bill),
            ("GET", f"{plates}/parking/services/find", self.plate),
            ("POST", f"{plates}/parking/parkings", self.enter),
            ("POST", f"{plates}/transactions/parking", self.deduct),
            ("GET", f"{plates}/transactions/out-trade-no/{{trade}}", self.asked),
        ]
        routes = [web.route(method, path, self._signed(handler)) for method, path, handler in table]
        return [*routes, web.get("/v3/billdownload/file", self._file)]

    def rotate(self) -> PlatformKey:
        """A new key: from now on it signs; the certificates before it stay in the list."""
        self._platform.append(new_platform_key())
        self._private = self._platform[-1].key()
        return self._platform[-1]

    async def close_down(self) -> None:
        """Deductions under way are forgotten."""
        for task in list(self._deducting):
            task.cancel()
        await asyncio.gather(*self._deducting, return_exceptions=True)

    # -- what merchants ask

    def certificates(self, asked: Asked) -> Answered:
        """All keys that may have signed, each hidden with the merchant's APIv3 key."""
        return 200, {"data": [self._listed(one) for one in self._platform]}

    def make(self, asked: Asked) -> Answered:
        """An order to be paid inside WeChat, or by a code."""
        self._own(asked)
        method, payer = asked.path["method"], asked.body.get("payer") or {}
        if method == "jsapi" and not payer.get("openid"):
            raise No(400, "PARAM_ERROR", "payer.openid 必填")
        expires = asked.body.get("time_expire")
        order = self._order(asked, method=method, until_us=micros_of(expires) if expires else 0)
        made = self._till.make(order)
        if method == "native":
            return 200, {"code_url": f"weixin://wxpay/bizpayurl?pr={made.token}"}
        return 200, {"prepay_id": f"wx{made.token}"}

    def asked(self, asked: Asked) -> Answered:
        """How an order stands."""
        return 200, order_form(self._till.order(CHANNEL, asked.path["trade"]), self._keys, self._till.book)

    def close(self, asked: Asked) -> Answered:
        """No more to be paid."""
        if asked.body.get("mchid") != self._keys.mchid:
            raise No(400, "PARAM_ERROR", "mchid 不一致")
        self._till.close(CHANNEL, asked.path["trade"])
        return 204, None

    def refund(self, asked: Asked) -> Answered:
        """Gives back."""
        given = GivenBack(
            channel=CHANNEL,
            trade=asked.text("out_trade_no"),
            refund=asked.text("out_refund_no"),
            fen=asked.fen("refund"),
            notify_url=str(asked.body.get("notify_url", "")),
            made_us=self._till.clock(),
        )
        refund = self._till.give_back(given, asked.fen("total"))
        return 200, refund_form(self._till.order(CHANNEL, refund.trade), refund)

    def asked_refund(self, asked: Asked) -> Answered:
        """How a refund stands."""
        refund = self._till.book.refunds.get((CHANNEL, asked.path["refund"]))
        if refund is None:
            raise No(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return 200, refund_form(self._till.order(CHANNEL, refund.trade), refund)

    def bill(self, asked: Asked) -> Answered:
        """Where the bill of a day is."""
        content, digest = render_bill(self._till, self._keys, asked.query.get("bill_date", ""))
        token = secrets.token_urlsafe(24)
        self._bills[token] = gzip.compress(content) if asked.query.get("tar_type") == "GZIP" else content
        url = f"{asked.query['origin']}/v3/billdownload/file?token={token}"
        return 200, {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    def plate(self, asked: Asked) -> Answered:
        """Whether this plate pays by itself."""
        known = self._plate(asked.query.get("plate_number", ""))
        return 200, {
            "plate_number": known.plate,
            "plate_color": asked.query.get("plate_color", ""),
            "openid": asked.query.get("openid", ""),
            "service_state": "OUT_SERVICE" if known.reason == "OUT_SERVICE" else "NORMAL",
        }

    def enter(self, asked: Asked) -> Answered:
        """A car came in."""
        known = self._plate(asked.text("plate_number"))
        told = ("out_parking_no", "plate_number", "plate_color", "start_time", "parking_name")
        same = {name: asked.text(name) for name in told}
        micros_of(same["start_time"])
        entered = {**same, "id": f"in{same['out_parking_no']}"[:32], "free_duration": 0, "state": known.state}
        return 200, {**entered, **({"block_reason": known.reason} if known.reason else {})}

    def deduct(self, asked: Asked) -> Answered:
        """What a car owes; it comes by itself in a moment."""
        self._own(asked, mchid=False)
        stay = asked.body.get("parking_info") or {}
        if asked.body.get("trade_scene") != "PARKING" or not stay.get("parking_id"):
            raise No(400, "PARAM_ERROR", "parking_info 必填")
        order = self._order(asked, method=PLATE, until_us=0, plate=str(stay.get("plate_number", "")))
        fresh = (CHANNEL, order.trade) not in self._till.book.orders
        made = self._till.make(order)
        if fresh:
            task = asyncio.ensure_future(self._take(made))
            self._deducting.add(task)
            task.add_done_callback(self._deducting.discard)
        return 200, order_form(made, self._keys, self._till.book)

    async def _take(self, order: Sold) -> None:
        await asyncio.sleep(DEDUCTED_AFTER_S)
        if self._plate(order.plate).reason == "NO_MONEY":
            self._till.fail(CHANNEL, order.trade)
        else:
            self._till.pay(CHANNEL, order.trade, "by plate")

    # -- what merchants are told

    def order_told(self, order: Sold, bend: Bend) -> Outgoing:
        """A notification of an order."""
        form = order_form(order, self._keys, self._till.book)
        form["amount"]["total"] += bend.more_fen
        form["amount"]["currency"] = bend.currency
        if bend.other_merchant:
            form["mchid"] = "1900009999"
        kind = "TRANSACTION.SUCCESS" if order.state == "paid" else "TRANSACTION.FAIL"
        return self._told(order.notify_url, kind, "transaction", form, bend)

    def refund_told(self, order: Sold, refund: GivenBack, bend: Bend) -> Outgoing:
        """A notification of a refund."""
        form = refund_form(order, refund)
        form["refund_status"] = form.pop("status")
        form["mchid"] = "1900009999" if bend.other_merchant else self._keys.mchid
        form["amount"]["refund"] += bend.more_fen
        kind = "REFUND.SUCCESS" if refund.state == "done" else "REFUND.ABNORMAL"
        return self._told(refund.notify_url, kind, "refund", form, bend)

    def taken(self, status: int, body: bytes) -> bool:
        """Any 200 or 204."""
        return is_taken(status, body)

    def _told(self, url: str, event: str, kind: str, content: Json, bend: Bend) -> Outgoing:
        nonce = secrets.token_urlsafe(16)[:NONCE_CHARS]
        plain = b"{" if bend.unreadable else msgspec.json.encode(content)
        hidden = {
            "original_type": kind,
            "algorithm": AEAD,
            "ciphertext": encrypt(self._keys.api_key.encode(), nonce, plain, kind),
            "associated_data": kind,
            "nonce": nonce,
        }
        now = self._till.clock() + bend.shift_us
        body = msgspec.json.encode(
            {
                "id": secrets.token_hex(16),
                "create_time": text_of(now),
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": event,
                "resource": hidden,
            }
        )
        headers = {"Content-Type": "application/json", **self._seal(body, now, bend).headers()}
        return Outgoing(url, headers, body)

    def _seal(self, body: bytes, now: Micros, bend: Bend) -> Signed:
        if bend.unknown_key:
            return sealed_by(self._stranger.key(), self._stranger.serial, body, now // SECOND_US)
        key = self._stranger.key() if bend.forged else self._private
        return sealed_by(key, self._platform[-1].serial, body, now // SECOND_US)

    # -- around every request

    def _signed(self, handler: Callable[[Asked], Answered]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            wrong, seconds = self._till.mischief.next("answer")
            if wrong in ("slow", "silent"):
                await asyncio.sleep(seconds)
            if wrong == "silent" and request.transport is not None:
                request.transport.close()
            if wrong == "broken":
                return web.json_response({"code": "SYSTEM_ERROR", "message": "系统错误"}, status=500)
            raw = await request.read()
            try:
                self._check_claim(request, raw)
                query = {**request.query, "origin": str(request.url.origin())}
                status, content = handler(Asked(request.match_info, query, _json(raw)))
            except No as no:
                status, content = no.status, {"code": no.code, "message": no.message}
            except ValueError as error:
                status, content = 400, {"code": "PARAM_ERROR", "message": str(error)}
            body = b"" if content is None else msgspec.json.encode(content)
            seal = self._seal(body, self._till.clock(), Bend(forged=wrong == "forged"))
            kind = {"Content-Type": "application/json"} if body else {}
            return web.Response(status=status, body=body, headers={**kind, **seal.headers()})

        return serve

    def _check_claim(self, request: web.Request, body: bytes) -> None:
        claim = claim_in(request.headers.get("Authorization", ""))
        if claim is None or claim.mchid != self._keys.mchid or claim.serial != self._keys.merchant_serial:
            raise No(401, "SIGN_ERROR", "Authorization 缺失或商户不存在")
        now = self._till.clock()
        if not claim.timestamp.isdigit() or abs(now - int(claim.timestamp) * SECOND_US) > AGE_MOST_US:
            raise No(401, "SIGN_ERROR", "时间戳过期")
        text = asked_text(request.method, request.raw_path, claim.timestamp, claim.nonce, body)
        if not is_signed(self._merchant_key, text, claim.signature):
            raise No(401, "SIGN_ERROR", "签名错误")

    async def _file(self, request: web.Request) -> web.Response:
        try:
            self._check_claim(request, b"")
        except No as no:
            return web.json_response({"code": no.code, "message": no.message}, status=no.status)
        content = self._bills.pop(request.query.get("token", ""), None)
        if content is None:
            return web.json_response({"code": "NO_STATEMENT_EXIST", "message": "账单不存在"}, status=404)
        return web.Response(body=content, content_type="text/plain", charset="utf-8")

    def _own(self, asked: Asked, mchid: bool = True) -> None:
        if asked.text("appid") != self._keys.appid or (mchid and asked.text("mchid") != self._keys.mchid):
            raise No(400, "APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配")

    def _order(self, asked: Asked, method: str, until_us: Micros, plate: str = "") -> Sold:
        return Sold(
            channel=CHANNEL,
            trade=asked.text("out_trade_no"),
            fen=asked.fen("total"),
            about=asked.text("description"),
            notify_url=asked.text("notify_url"),
            method=method,
            made_us=self._till.clock(),
            until_us=until_us,
            plate=plate,
        )

    def _plate(self, plate: str) -> Plate:
        return self._till.book.plates.get(plate) or Plate(plate=plate)

    def _listed(self, one: PlatformKey) -> Json:
        nonce = secrets.token_urlsafe(16)[:NONCE_CHARS]
        hidden = encrypt(self._keys.api_key.encode(), nonce, one.certificate.encode(), "certificate")
        now = self._till.clock()
        return {
            "serial_no": one.serial,
            "effective_time": text_of(now),
            "expire_time": one.until.isoformat(),
            "encrypt_certificate": {
                "algorithm": AEAD,
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": hidden,
            },
        }


def _json(raw: bytes) -> Json:
    body = msgspec.json.decode(raw) if raw else {}
    if not isinstance(body, dict):
        raise No(400, "PARAM_ERROR", "不是 JSON 对象")
    return body
