"""A second make of broker, as it comes with a system: mosquitto, its queues without limit, open to this machine."""

import shutil
import signal
import socket
import subprocess
from pathlib import Path

from storage.child import last_lines, start_child, stop_child
from storage.local import eventually, free_port

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
ABSENT = "mosquitto is not installed: apt install mosquitto"

_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 0
max_inflight_messages 0
message_size_limit 1048576
persistence true
persistence_location {folder}/
user root
"""


class Mosquitto:
    """One broker and its folder, in which it writes a snapshot of what it holds: every half an hour, when it is
    stopped, and when it is told to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Starts it; its URL."""
        configuration, log = self.folder / "mosquitto.conf", self.folder / "log"
        configuration.write_text(_CONFIGURATION.format(port=self.port, folder=self.folder))
        assert PROGRAM
        self.process = start_child([PROGRAM, "-c", configuration], log=log, cwd=self.folder)
        assert eventually(lambda: listens(self.port), patience_s=10), last_lines(log)
        return f"mqtt://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stops it, if it still runs."""
        if self.process is not None:
            stop_child(self.process, signal.SIGTERM, patience_s=5)
            self.process = None


def listens(port: int) -> bool:
    """Does somebody listen on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
