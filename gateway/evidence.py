"""Pictures and video in a gateway: the store that the settings name, and the job that keeps it small."""

from pathlib import Path

from actors.values import DAY_US
from gateway.jobs import Every, Job
from gateway.outside.s3 import Access, S3Store
from gateway.settings import Retention, Settings
from storage.database import Engine
from storage.evidence.kept import KeptEvidence
from storage.evidence.media import Limits
from storage.evidence.store import FolderStore
from storage.evidence.uploads import Uploads
from storage.jobs import Run

EVERY_S = 600
WAITS_US = DAY_US
"""How long an upload waits for whoever was cut off."""


def evidence_store(settings: Settings) -> FolderStore | S3Store:
    """Where the bytes lie."""
    named = settings.evidence
    if named.s3_url:
        secret = Path(named.s3_secret_file).expanduser().read_text(encoding="utf-8").strip()
        return S3Store(Access(named.s3_url, named.s3_region, named.s3_key, secret))
    return FolderStore(Path(named.folder).expanduser().absolute() if named.folder else settings.folder / "evidence")


def evidence_of(engine: Engine, store: FolderStore | S3Store, settings: Settings) -> tuple[Uploads, KeptEvidence]:
    """The uploads and the evidence of this world."""
    limits = Limits(settings.evidence.picture_bytes, settings.evidence.video_bytes)
    return Uploads(engine, store, limits), KeptEvidence(engine, store)


class EvidenceKeeper:
    """Removes what nobody goes on with, and what has been kept long enough."""

    def __init__(self, uploads: Uploads, evidence: KeptEvidence, settings: Retention) -> None:
        self._uploads = uploads
        self._evidence = evidence
        self._settings = settings
        self.job = Job("keep_evidence", Every(EVERY_S), self.tidy, missed="skip")

    async def tidy(self, engine: Engine, run: Run) -> str:
        """What it did, in a few words."""
        uploads = await self._uploads.tidy(WAITS_US)
        contents = await self._evidence.tidy(self._settings.evidence_days * DAY_US)
        return f"{uploads} uploads and {contents} contents removed"
