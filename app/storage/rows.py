"""A message from a row of its table.

Invariant: what stands in a row and cannot be understood was damaged on the disk; it becomes a
message that says so in the place of the one that was lost, and hinders no other.
"""

from __future__ import annotations

from dataclasses import replace
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
        found = unreadable(str(row[0]), why, row[1], at=row[4])
        return (
            replace(found, role=Role.USER, parts=(Text(why),), finish=None)
            if row[2] == "user"
            else found
        )


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


def unreadable(id: str, why: str, parent_id: str | None = None, *, at: float = 0.0) -> Message:
    """What stands in the place of a message that cannot be read: an answer that failed."""
    return Message(
        id=id,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        parts=(),
        created_at=at,
        finish=Finish(failure=Failure(kind=ErrorKind.TRUNCATED, message=why)),
    )
