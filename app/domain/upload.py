"""A file that lies with a service for a while, and one on its way there.

Invariant: values. An upload belongs to one host and to the project of one key; where it was kept
for, whoever keeps it says.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`name` is the service's own (`files/abc`), `uri` what questions refer to.

    `expires_at` is Unix time in seconds; `None` is unknown.
    """

    name: str
    uri: str
    mime: str
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploading:
    """How far a file is. `waiting`: the connection was lost, and it goes on when it is back.

    `processing`: all of it is there, and the service prepares it.
    """

    name: str
    sent_bytes: int
    size_bytes: int
    waiting: bool = False
    processing: bool = False

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.sent_bytes / self.size_bytes if self.size_bytes else 0.0
