"""What stands under an answer that is being written: what it waits for, a retry, an upload.

Invariant: a line that only changes its words or numbers keeps its unit, so that nothing flickers.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.message import Message
from app.domain.upload import Uploading
from app.ui.transcript.rows import Row, fixed
from app.ui.transcript.status import GoingOn
from app.ui.transcript.style import Style
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.tail import card_row
from app.ui.transcript.units.plain import StatusUnit
from app.ui.transcript.units.upload import UploadUnit


def live_tail(
    around: Surroundings,
    message: Message,
    going_on: GoingOn,
    old: Sequence[Row],
) -> list[Row]:
    """Under an answer that is being written."""
    style = around.style
    status, countdown = going_on.status, going_on.countdown
    if going_on.upload is not None:
        return [_upload_row(style, going_on.upload, old)]
    if countdown is not None:
        return [card_row(around, message.id, countdown, old)]
    if status is None:
        return []
    return [fixed(StatusUnit(style, status), style.body.line_px, style.px(8))]


def _upload_row(style: Style, upload: Uploading, old: Sequence[Row]) -> Row:
    for row in old:
        if isinstance(row.unit, UploadUnit):
            row.unit.upload = upload
            row.width = -1
            return row
    return fixed(UploadUnit(style, upload), style.px(56), style.px(10))
