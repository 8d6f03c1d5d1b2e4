"""The part of the table that is about pictures and video."""

from typing import Final

from gateway.http import evidence
from gateway.http.forms import Raw
from gateway.http.route import API, Route, Words
from gateway.http.shown_evidence import (
    EvidenceList,
    EvidenceShown,
    Finish,
    NewEvidence,
    PartAt,
    UploadShown,
    WhichEvidence,
)
from storage.evidence.uploads import PART_BYTES

EVIDENCE: Final = (
    Route(
        "GET",
        f"{API}/evidence",
        "evidence",
        "evidence.read",
        evidence.listed,
        Words("取证列表", "Pictures and video of a session, or of anything else"),
        query=WhichEvidence,
        reply=EvidenceList,
    ),
    Route(
        "POST",
        f"{API}/evidence",
        "evidence",
        "evidence.write",
        evidence.begin,
        Words("开始上传", "Begin an upload"),
        body=NewEvidence,
        reply=UploadShown,
        status=201,
        errors=("too_large", "too_many_uploads", "not_found"),
        idempotent=True,
    ),
    Route(
        "GET",
        f"{API}/evidence/{{id}}",
        "evidence",
        "evidence.read",
        evidence.one,
        Words("取证信息", "What a picture or video is of"),
        reply=EvidenceShown,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/evidence/{{id}}/content",
        "evidence",
        "evidence.read",
        evidence.content,
        Words("取证文件", "The picture or video itself, or a range of it"),
        reply="image/*",
        errors=("not_found", "no_such_range"),
    ),
    Route(
        "GET",
        f"{API}/evidence/{{id}}/upload",
        "evidence",
        "evidence.write",
        evidence.standing,
        Words("上传进度", "Where an upload stands: go on there"),
        reply=UploadShown,
        errors=("not_found",),
    ),
    Route(
        "PATCH",
        f"{API}/evidence/{{id}}/upload",
        "evidence",
        "evidence.write",
        evidence.part,
        Words("上传分片", "The next part of it"),
        query=PartAt,
        body=Raw,
        reply=UploadShown,
        errors=("not_found", "wrong_offset", "wrong_part", "wrong_media"),
        body_bytes=PART_BYTES,
    ),
    Route(
        "POST",
        f"{API}/evidence/{{id}}/finish",
        "evidence",
        "evidence.write",
        evidence.finish,
        Words("完成上传", "All parts are there: from now on it is evidence"),
        body=Finish,
        reply=EvidenceShown,
        errors=("not_found", "unfinished", "wrong_hash"),
    ),
)
