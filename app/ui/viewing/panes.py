"""Which pane shows which kind of attachment; each is imported with the first that needs it.

Invariant: looking at a picture loads no player and no PDFium.
"""

from __future__ import annotations

from app.domain.kinds import PDF, SOUND, TEXT, VIDEO, Kind
from app.ui.viewing.pane import Pane


def pane_type(kind: Kind) -> type[Pane]:
    """What shows a kind."""
    if kind in (VIDEO, SOUND):
        from app.ui.viewing.player_pane import PlayerPane

        return PlayerPane
    if kind is PDF:
        from app.ui.viewing.pages_pane import PagesPane

        return PagesPane
    if kind is TEXT:
        from app.ui.viewing.text_pane import TextPane

        return TextPane
    from app.ui.viewing.picture_pane import PicturePane

    return PicturePane
