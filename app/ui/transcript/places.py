"""Where the person was reading in each chat, also from one start to the next.

Invariant: a place names a message, so it holds when other messages came or went; at the end of a
chat it is the end that is remembered. What cannot be read of a text is left out.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import NamedTuple

from app.ui.transcript.feed import Feed

MAX_PLACES = 500


class Place(NamedTuple):
    message_id: str
    row: int
    offset: int


class Places:
    """A bounded store by chat id."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Place] = OrderedDict()

    def text(self) -> str:
        """All places, for `read` at another start."""
        return json.dumps(self._kept, separators=(",", ":"))

    def read(self, text: str) -> None:
        """Take over the places of an earlier start."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        for chat_id, place in found.items() if isinstance(found, dict) else ():
            match place:
                case [str(message_id), int(row), int(offset)]:
                    self._kept[chat_id] = Place(message_id, row, offset)

    def remember(self, feed: Feed) -> None:
        """Keep the place in the chat that is shown."""
        chat, layout = feed.chat, feed.layout
        if chat is None:
            return
        anchor = layout.anchor
        if layout.follows or anchor.item >= len(feed.messages):
            self._kept.pop(chat.id, None)
            return
        place = Place(feed.messages[anchor.item].id, anchor.row, anchor.offset)
        self._kept[chat.id] = place
        self._kept.move_to_end(chat.id)
        while len(self._kept) > MAX_PLACES:
            self._kept.popitem(last=False)

    def restore(self, feed: Feed) -> None:
        """Go to the remembered place of the chat that is shown, else to its end."""
        place = self._kept.get(feed.chat.id) if feed.chat is not None else None
        if place is None:
            feed.layout.follow()
            return
        number = feed.messages.number_of(place.message_id)
        if number is not None:
            feed.layout.show(number, place.row, place.offset)
