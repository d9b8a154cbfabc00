"""The unit that shows a leaf of the render tree, made or brought up to date.

Invariant: a unit is made again only where its kind changed; formulas that are not drawn yet show
their source, and `wants_formulas` tells which units to look at again when some are ready.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.markdown.stream import StreamDocument
from app.markdown.tree import Footnote, Kind, Leaf
from app.ui.transcript.code_units import code_unit
from app.ui.transcript.formulas import Drawings
from app.ui.transcript.inlines import figures_of, runs_of
from app.ui.transcript.prose_units import prose_unit
from app.ui.transcript.style import Face
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.units.base import Unit
from app.ui.transcript.units.formula import FormulaUnit
from app.ui.transcript.units.grid import ROWS_PER_PIECE, Cell, Cells, Columns, GridUnit
from app.ui.transcript.units.plain import RuleUnit

FORMULA_SIZE = 1.2
"""The formula font looks small beside interface fonts of the same size."""
LINES_PER_SECTION = 1 << 24


class LeafUnits:
    """Makes units for one document. `quiet`: the smaller, muted look of reasoning."""

    def __init__(
        self, around: Surroundings, document: StreamDocument, key: tuple[str, int], *, quiet: bool
    ) -> None:
        self.style = around.style
        self._around = around
        self._document = document
        self._key = key
        self._quiet = quiet

    def face(self, leaf: Leaf) -> Face:
        heading = leaf.kind is Kind.HEADING
        if self._quiet or any(isinstance(c, Footnote) for c in leaf.context):
            return self.style.muted_headings if heading else self.style.muted
        return self.style.heading(leaf.level) if heading else self.style.body

    def make(self, leaf: Leaf, old: Unit | None) -> Unit:
        match leaf.kind:
            case Kind.CODE:
                message_id, section = self._key
                key = (message_id, section * LINES_PER_SECTION + leaf.start)
                return code_unit(self._around, leaf, key, old)
            case Kind.MATH:
                return self._formula(leaf, old)
            case Kind.RULE:
                return old if isinstance(old, RuleUnit) else RuleUnit(self.style)
            case _:
                return self._text(leaf, old)

    def make_grid(
        self, leaf: Leaf, piece: int, columns: Columns, last: bool, old: Unit | None
    ) -> Unit:
        """Piece number `piece` of a table; the first one holds the head."""
        start = piece * ROWS_PER_PIECE
        texts = leaf.rows[start : start + ROWS_PER_PIECE]
        if piece == 0:
            texts = [leaf.head, *texts]
        unit = old if isinstance(old, GridUnit) else GridUnit(self.style, columns)
        cells: list[Cells] = [*unit.known(texts, self._document.readings)]
        cells += (self._cells(row) for row in texts[len(cells) :])
        unit.set_rows(cells, head=piece == 0, last=last)
        return unit

    def _text(self, leaf: Leaf, old: Unit | None) -> Unit:
        face = self.face(leaf)
        nodes = self._document.leaf_inlines(leaf)
        pictured = not self._quiet and "![" in leaf.text
        figures, words = figures_of(nodes) if pictured else ([], True)
        unit = prose_unit(self._around, face, figures, old)
        if not words:
            return unit
        pictures = Drawings(self._around.formulas, face.font.pixelSize() * FORMULA_SIZE)
        runs = runs_of(nodes, pictures.width_of)
        unit.set_runs(runs, pictures.found)
        unit.wants_formulas = pictures.waiting
        return unit

    def _formula(self, leaf: Leaf, old: Unit | None) -> Unit:
        unit = old if isinstance(old, FormulaUnit) else FormulaUnit(self.style)
        size_px = self.style.body.font.pixelSize() * FORMULA_SIZE
        tex = leaf.text
        closed = leaf.closed and not leaf.open
        found = self._around.formulas.get(tex, display=True, size_px=size_px) if closed else None
        unit.set_tex(tex, found)
        unit.wants_formulas = closed and found is None
        return unit

    def _cells(self, row: Iterable[str]) -> list[Cell]:
        size_px = self.style.cell.font.pixelSize() * FORMULA_SIZE
        found: list[Cell] = []
        for source in row:
            pictures = Drawings(self._around.formulas, size_px)
            runs = runs_of(self._document.inlines(source), pictures.width_of)
            found.append(Cell(tuple(runs), tuple(pictures.found), pictures.waiting))
        return found
