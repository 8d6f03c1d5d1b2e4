"""The doctor's checks: each looks at one thing and says what it found and what to do about it."""

import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp
import aiomqtt
import msgspec
import psutil

from actors.values import MINUTE_US
from gateway.backlog import backlog_of
from gateway.broker import running_url as running_broker
from gateway.command.finding import GIB, Finding, Level
from gateway.command.living import check_living
from gateway.command.ports import holder, taken
from gateway.command.running import listens, ray_access
from gateway.command.settings import without_password
from gateway.command.sluice import HALF
from gateway.command.up import answers, local_address
from gateway.ingress.holding import faults
from gateway.ingress.shares import share_of, unreached
from gateway.settings import Settings
from storage.condition import UNREACHABLE, database_condition, gateways_running
from storage.gateways import Seen
from storage.jobs import JobRow
from storage.postgres import running_url as running_database

OLDEST_SERVER = 14
OVERDUE_US = 10 * MINUTE_US


async def check_database(settings: Settings) -> list[Finding]:
    """Reachable, new enough, safe, migrated?"""
    url = settings.database.url or running_database(settings.folder / "postgres")
    if not url:
        return [Finding("database", "note", "our own PostgreSQL is not running", "start it with: yunparking up")]
    try:
        known = await database_condition(url, settings.world)
    except UNREACHABLE as error:
        do = "check host, port, name and password of --database-url, and that the server runs"
        return [Finding("database", "problem", f"{without_password(url)} {_refusal(error)}", do)]
    return list(_database_findings(settings, known.version, known.synchronous_commit, known.step, known.newest_step))


def _refusal(error: Exception) -> str:
    unheard = isinstance(error, OSError)  # also when it took too long, which has no words of its own
    return f"cannot be reached: {str(error) or 'it does not answer'}" if unheard else f"does not let us in: {error}"


def _database_findings(
    settings: Settings, version: str, synchronous: str, step: str | None, newest: str
) -> Iterator[Finding]:
    if int(version.split(".")[0]) < OLDEST_SERVER:
        do = f"use PostgreSQL {OLDEST_SERVER} or newer"
        yield Finding("database", "problem", f"PostgreSQL {version} is too old", do)
    else:
        yield Finding("database", "good", f"PostgreSQL {version} answers")
    if synchronous == "off":
        do = "set synchronous_commit = on: a power cut would take facts that devices were told are kept"
        yield Finding("durability", "warning", "the server's synchronous_commit is off", do)
    if step == newest:
        yield Finding("tables", "good", f"world {settings.world} is at the newest step")
    elif step is None:
        yield Finding("tables", "note", f"there is no world {settings.world} yet", "yunparking up makes it")
    else:
        do = "start yunparking up once: it brings the tables up to date"
        yield Finding("tables", "problem", f"world {settings.world} is at step {step}, the newest is {newest}", do)


async def check_broker(settings: Settings) -> list[Finding]:
    """Reachable with our credentials, and closed to everybody else?"""
    url = settings.broker.url or running_broker(settings.folder / "broker")
    if not url:
        return [Finding("broker", "note", "our own broker is not running", "start it with: yunparking up")]
    parts = urlsplit(url)
    refused = await _mqtt_refusal(parts, unquote(parts.username or "") or None, unquote(parts.password or "") or None)
    if refused:
        do = "check host, port, name and password of --mqtt-url, and that the broker runs"
        return [Finding("broker", "problem", f"{without_password(url)} does not let us in: {refused}", do)]
    findings = [Finding("broker", "good", f"{without_password(url)} answers")]
    if await _mqtt_refusal(parts, None, None) is None:
        level: Level = "warning" if _is_loopback(parts.hostname or "") else "problem"
        do = "give devices names and passwords and refuse the rest (mosquitto: allow_anonymous false)"
        findings.append(Finding("broker", level, "anybody may connect without a password", do))
    if parts.scheme != "mqtts" and not _is_loopback(parts.hostname or ""):
        do = "use mqtts://: names, passwords and frames cross the network in the clear"
        findings.append(Finding("broker", "warning", "the connection is not encrypted", do))
    if not settings.broker.url:
        findings += _open_doors(settings.folder / "broker/broker.pid")
        findings += await _full(settings.folder / "broker", url, settings.broker.most_waiting)
    return findings


async def _mqtt_refusal(parts: SplitResult, user: str | None, password: str | None) -> str | None:
    """Why this login is turned away, or None when it is let in."""
    tls = ssl.create_default_context() if parts.scheme == "mqtts" else None
    port = parts.port or (8883 if tls else 1883)
    try:
        async with aiomqtt.Client(
            parts.hostname or "localhost", port, username=user, password=password, tls_context=tls, timeout=5
        ):
            return None
    except (aiomqtt.MqttError, OSError) as error:
        return str(error) or type(error).__name__


async def _full(folder: Path, url: str, most: int) -> list[Finding]:
    """Does our own broker still let sensors in?"""
    backlog = backlog_of(folder, url, most)
    try:
        await backlog.look()
    except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
        return [Finding("broker", "warning", f"it does not tell how much waits: {error!r}", "see broker/broker.log")]
    seen = backlog.gauges()
    if seen is None or (seen.full_ratio < HALF and seen.sensors_up):
        return []
    frames = seen.waiting_frames + seen.unacknowledged_frames
    found = f"{frames} frames wait, {seen.full_ratio:.0%} of what may, the oldest for {seen.waiting_seconds:.0f} s"
    do = "see why gateways do not take them (who does not answer?), or add cells and gateways"
    if seen.sensors_up:
        return [Finding("broker", "warning", found, do)]
    return [Finding("broker", "problem", f"sensors are kept out: {found}", do)]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _open_doors(pid_file: Path) -> list[Finding]:
    """Does our own broker listen where others on the network could reach it?"""
    try:
        listening = psutil.Process(int(pid_file.read_text())).net_connections("inet")
    except (OSError, ValueError, psutil.Error):
        return []
    hosts = {one.laddr.ip for one in listening if one.status == psutil.CONN_LISTEN and one.laddr}
    wide = sorted(host for host in hosts if not _is_loopback(host))
    if not wide:
        return [Finding("broker", "good", "it listens on this machine only")]
    return [Finding("broker", "problem", f"it listens on {', '.join(wide)}", "restart it with: yunparking up")]


async def check_gateways(settings: Settings) -> list[Finding]:
    """Do the gateways that run agree, and does each share of the devices' frames reach one of them?"""
    url = settings.database.url or running_database(settings.folder / "postgres")
    if not url:
        return []
    try:
        seen, jobs = await gateways_running(url, settings.world)
    except UNREACHABLE:
        return []  # the database's own check says so
    if not seen.gateways:
        return [Finding("gateways", "note", "none runs", "start them with: yunparking up, yunparking gateway")]
    found = [Finding("gateways", "good", f"these live: {', '.join(gateway.name for gateway in seen.gateways)}")]
    same = "give all gateways the same [ingest] settings and the same auth.secret_file"
    found += [Finding("gateways", "problem", fault, same) for fault in faults(seen)]
    return [*found, *_share_findings(seen), *_job_findings(jobs)]


def _job_findings(jobs: list[JobRow]) -> Iterator[Finding]:
    for job in jobs:
        if job.attempts and not job.runner:
            do = "look into the gateways' logs; it is tried again every minute"
            yield Finding("jobs", "warning", f"{job.name}, attempt {job.attempts}: {job.last_result}", do)
        elif job.late_us > OVERDUE_US and not job.runner:
            do = "a gateway that runs makes it within seconds: look into their logs"
            yield Finding("jobs", "warning", f"{job.name} is {job.late_us // MINUTE_US} minutes late", do)


def _share_findings(seen: Seen) -> Iterator[Finding]:
    for row in seen.shares:
        if row.holder:
            emptied = ", which empties it: it is a share no longer" if row.retired else ""
            yield Finding("frames", "note" if row.retired else "good", f"{row.name}: taken by {row.holder}{emptied}")
        else:
            do = "start a gateway that takes frames (ingest.enabled), and look into its log"
            yield Finding("frames", "problem", f"{row.name}: nobody takes the frames of this share", do)
    shares = [share_of(row.name, row.filters) for row in seen.shares if not row.retired]
    for topic in unreached(shares) if shares else ():
        do = "name these topics in ingest.topics, if any device publishes there"
        yield Finding("frames", "warning", f"no share brings frames on {topic}", do)


async def check_ray(settings: Settings) -> list[Finding]:
    """Can the given cluster be reached, or has this machine room for one?"""
    if not settings.ray.address:
        if (where := _unreached(settings)) is not None:
            do = "`up` starts it again by itself within half a minute; if not, see logs/ray.log"
            return [Finding("Ray", "problem", f"our own {where}, so no actor can be reached", do)]
        free = psutil.virtual_memory().available / GIB
        if free < 1:
            return [
                Finding("Ray", "problem", f"{free:.1f} GiB of memory are free", "Ray and its cells need about 1 GiB")
            ]
        runs = "our own answers" if running_database(settings.folder / "postgres") else "our own starts with up"
        return [Finding("Ray", "good", f"{runs}; {free:.0f} GiB of memory are free")]
    host, _, port = settings.ray.address.removeprefix("ray://").rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return [Finding("Ray", "good", f"{settings.ray.address} answers"), *_token_findings()]
    except (OSError, ValueError) as error:
        do = "check --ray-address (host:6379), and on its head node: ray status"
        return [Finding("Ray", "problem", f"{settings.ray.address} does not answer: {error}", do)]


def _unreached(settings: Settings) -> str | None:
    """What is wrong with the Ray of a city that runs here; None: nothing, or none runs."""
    if running_database(settings.folder / "postgres") is None:
        return None
    address = ray_access(settings).address
    return None if listens(address) else f"does not answer at {address}" if address else "is away"


def _token_findings() -> Iterator[Finding]:
    """Whether we have a token for the cluster: one that asks for none runs code for everybody who reaches it."""
    given = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    if not given and not (Path.home() / ".ray/auth_token").exists():
        do = "on its head node: ray get-auth-token --generate; give every machine the same ~/.ray/auth_token"
        yield Finding("Ray", "warning", "there is no token here, so the cluster lets in everybody who reaches it", do)


async def check_disk(settings: Settings) -> list[Finding]:
    """Is there room for facts and frames?"""
    folder = next(path for path in (settings.folder, *settings.folder.parents) if path.exists())
    free = shutil.disk_usage(folder).free / GIB
    level: Level = "problem" if free < 1 else "warning" if free < 5 else "good"
    do = "" if level == "good" else f"make room, or choose another folder with --data-dir (now {settings.folder})"
    return [Finding("disk", level, f"{free:.0f} GiB are free at {folder}", do)]


async def check_ports(settings: Settings) -> list[Finding]:
    """Are the doors' ports ours or free?"""
    ours = answers(f"{local_address(settings)}/health")
    findings = []
    for name, door in (("http", settings.http), ("live", settings.live)):
        problem = taken(door.host, door.port, f"--{name}-port")
        if problem is None:
            findings.append(Finding("ports", "good", f"{name} port {door.port} is free"))
        elif ours:
            findings.append(Finding("ports", "good", f"{name} port {door.port} is served by {holder(door.port)}"))
        else:
            findings.append(Finding("ports", "problem", *problem.split(". ", 1)))
    return findings


CHECKS = (check_database, check_broker, check_gateways, check_ray, check_disk, check_ports, check_living)
