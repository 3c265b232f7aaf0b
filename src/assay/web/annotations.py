"""Annotations over HTTP: those that whoever asks may read, by time."""

from pydantic import BaseModel

from assay.web.room import Room
from assay.web.wiring import Run, Sees

router = Room("widgets", "/v1/annotations")


class AnnotationOut(BaseModel):
    """`at`, `until`: a day, which counts whole, or a time on the workspace's clock. `metrics`: none where it is of all;
    else those of them that whoever asks may ask.
    """

    annotation_id: str
    label: str
    at: str
    until: str | None
    when: str
    metrics: list[str]
    file: str
    line: int


class AnnotationsOut(BaseModel):
    annotations: list[AnnotationOut]


@router.get("")
async def annotations(running: Run, sees: Sees) -> AnnotationsOut:
    """What is written down beside the data: releases, campaigns, holidays."""
    return AnnotationsOut(annotations=[
        AnnotationOut(
            annotation_id=each.entry.id, label=each.entry.label, at=each.entry.at.replace(" ", "T"),
            until=each.entry.until and each.entry.until.replace(" ", "T"), when=each.entry.when_told,
            metrics=[name for name in each.entry.metrics if sees.may_ask(name)], file=each.file, line=each.line,
        )
        for each in running.annotations.seen_by(sees)
    ])  # fmt: skip
