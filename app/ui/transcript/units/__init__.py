"""The units of the transcript: what one row shows, from a paragraph to a card.

Invariant: a unit measures and paints itself in its own coordinates and knows no view; a unit is
built only while its row is near the visible part.
"""
