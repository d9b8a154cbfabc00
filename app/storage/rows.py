"""A message from a row of its table.

Invariant: what stands in a row and cannot be understood was damaged on the disk; it becomes a
message that says so in the place of the one that was lost, and hinders no other.
"""

from __future__ import annotations

from typing import Any

from app.domain.errors import ErrorKind, Failure
from app.domain.message import Finish, Message, Role, Text
from app.i18n import tr
from app.storage import codec

MESSAGE_COLUMNS = (
    "id, parent_id, role, parts, created_at, service_id, service_name, model, usage, finish, "
    "timing, notices, provider_state, extras"
)


def message_of(row: Any) -> Message:
    """The message of a row of `MESSAGE_COLUMNS`, or what says that it is damaged."""
    try:
        return decoded(row)
    except (ValueError, KeyError, TypeError):
        why = tr("This message is damaged on the disk and cannot be read.")
        return unreadable(str(row[0]), row[1], str(row[2]), why)


def decoded(row: Any) -> Message:
    """Raises ValueError, KeyError or TypeError for a damaged one."""
    return Message(
        id=row[0],
        parent_id=row[1],
        role=Role(row[2]),
        parts=codec.parts_from_json(row[3]),
        created_at=row[4],
        service_id=row[5],
        service_name=row[6],
        model=row[7],
        usage=codec.usage_from_json(row[8]),
        finish=codec.finish_from_json(row[9]),
        timing=codec.timing_from_json(row[10]),
        notices=codec.notices_from_json(row[11]),
        provider_state=codec.mapping_from_json(row[12]),
        extras=codec.mapping_from_json(row[13]),
    )


def unreadable(id: str, parent_id: str | None, role: str, why: str) -> Message:
    """What stands in the place of a message that cannot be read."""
    if role == Role.USER:
        return Message(
            id=id, parent_id=parent_id, role=Role.USER, parts=(Text(why),), created_at=0.0
        )
    finish = Finish(failure=Failure(kind=ErrorKind.TRUNCATED, message=why))
    return Message(
        id=id,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        parts=(),
        created_at=0.0,
        finish=finish,
    )
