"""The row of chips: order by pointer and keys, what stands on a chip, and how the row fits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.message import Media
from app.ui.attachment_chip import AttachmentChip, Deed, Origin, Trouble, facts_of
from app.ui.attachment_chips import AttachmentChips
from app.ui.focus import next_in_chain
from app.ui.theme import Theme

LEFT = Qt.MouseButton.LeftButton


def picture(name: str, **more: int) -> Media:
    values = {"size_bytes": 1800, "width_px": 400, "height_px": 300, **more}
    return Media(mime="image/png", sha256=name, name=name, **values)


@pytest.fixture
def chips(theme: Theme) -> Iterator[AttachmentChips]:
    window = QWidget()
    window.resize(1000, 200)
    made = AttachmentChips(theme, lambda media, show: None)
    made.setParent(window)
    made.resize(1000, 80)
    made.set_place("chat")
    made.set_media((picture("a.png"), picture("b.png"), picture("c.png")))
    window.show()
    QApplication.processEvents()
    yield made
    window.deleteLater()


def names(chips: AttachmentChips) -> str:
    return "".join(media.name[0] for media in chips.media)


def drag(chip: AttachmentChip, by_px: int, *, release: bool = True) -> None:
    start = QPoint(chip.width() // 2, 20)
    QTest.mousePress(chip, LEFT, pos=start)
    for share in (0.2, 0.6, 1.0):
        QTest.mouseMove(chip, start + QPoint(round(by_px * share), 0))
    if release:
        QTest.mouseRelease(chip, LEFT, pos=start + QPoint(by_px, 0))


def test_a_chip_is_dragged_to_another_place(chips: AttachmentChips) -> None:
    told: list[str] = []
    clicked: list[bool] = []
    chips.changed.connect(lambda: told.append(names(chips)))
    first, second, third = chips.shown
    first.clicked.connect(lambda: clicked.append(True))
    drag(first, third.x() - first.x() + 20)
    assert names(chips) == "bca"
    drag(first, second.x() - first.x() - 300)
    assert names(chips) == "abc"
    drag(second, 12)
    assert names(chips) == "abc"
    assert told == ["bca", "abc"]
    assert not clicked
    QTest.mouseClick(first, LEFT)
    assert clicked == [True]


def test_a_mark_shows_the_place_and_escape_leaves_all_as_it_was(chips: AttachmentChips) -> None:
    first, second, _ = chips.shown
    mark = chips._drag.mark
    drag(first, second.x() - first.x() + 40, release=False)
    assert mark.isVisible()
    assert second.geometry().right() < mark.geometry().center().x()
    assert first.dragged
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert not mark.isVisible()
    QTest.mouseRelease(first, LEFT, pos=QPoint(700, 20))
    assert names(chips) == "abc"


def test_keys_walk_move_and_remove(chips: AttachmentChips) -> None:
    first, second, third = chips.shown
    chips.window().activateWindow()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    QTest.keyClick(second, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(chips) == "acb"
    QTest.keyClick(second, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(chips) == "acb"
    QTest.keyClick(second, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert names(chips) == "abc"
    assert next_in_chain(second) is second.remove or second.more.isVisible()
    menu = second.menu()
    menu.actions()[-4].trigger()  # move to the left
    menu.deleteLater()
    assert names(chips) == "bac"
    second.setFocus()
    QTest.keyClick(second, Qt.Key.Key_Delete)
    assert names(chips) == "ac"
    assert first.hasFocus()
    assert third in chips.shown


def test_everything_that_is_wrong_stands_on_the_chip(chips: AttachmentChips) -> None:
    chip = chips.shown[0]
    done: list[str] = []
    low = chip.height()
    chip.show_troubles(
        [
            Trouble("This is the first thing that is wrong, in many words." * 2),
            Trouble("Second.", True, (Deed("Mend it & go", lambda: done.append("mended")),)),
        ],
        (Deed("Shrink", lambda: done.append("shrunk")),),
        "It is uploaded first.",
    )
    assert chip.blocked
    assert chip.trouble.endswith("many words. Second.")
    for words in ("first thing", "Second."):
        assert words in chip.accessibleName()
        assert words in chip.toolTip()
    assert "uploaded" in chip.accessibleDescription()
    assert chip.height() > low
    assert chips.height() >= chip.height()
    menu = chip.menu()
    rows = {action.text(): action for action in menu.actions()}
    rows["Mend it && go"].trigger()
    rows["Shrink"].trigger()
    assert not rows["Second."].isEnabled()
    menu.deleteLater()
    assert done == ["mended", "shrunk"]
    chip.show_troubles([])
    assert not chip.trouble
    assert chip.height() == low


def test_a_full_row_scrolls_and_brings_the_focus_into_sight(chips: AttachmentChips) -> None:
    low = chips.height()
    chips.resize(420, chips.height())
    QApplication.processEvents()
    bar = chips.horizontalScrollBar()
    assert bar.maximum() > 0
    assert chips.height() > low
    first, _, last = chips.shown
    last.setFocus(Qt.FocusReason.TabFocusReason)
    assert bar.value() > 0
    chips.add(picture("d.png"))
    QApplication.processEvents()
    assert bar.value() == bar.maximum()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert bar.value() == 0


@pytest.mark.parametrize("turned", [QPoint(0, -120), QPoint(-120, 0)])
def test_a_wheel_moves_a_full_row_whichever_way_it_turns(
    chips: AttachmentChips, turned: QPoint
) -> None:
    chips.resize(300, 80)
    QApplication.processEvents()
    bar = chips.horizontalScrollBar()
    bar.setValue(0)
    at = QPointF(20, 20)
    plain = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, chips.mapToGlobal(at), QPoint(), turned, *plain, phase, False)
    QApplication.sendEvent(chips.viewport(), event)
    assert bar.value() > 0


def test_what_was_changed_can_be_put_back(chips: AttachmentChips) -> None:
    chip = chips.shown[1]
    assert chip.media is not None
    origin = Origin(chip.media)
    chips.settle(chip, (picture("x.png"), picture("y.png")), (), origin)
    assert names(chips) == "axyc"
    chips.move_chip(chips.shown[2], 0)
    chips.put_back(origin)
    assert names(chips) == "bac"


def test_facts_say_the_tokens_and_the_part(qapp: QApplication) -> None:
    assert facts_of(picture("a.png")).endswith("~1.0 K tokens")
    clip = Media(mime="video/mp4", sha256="v", name="v.mp4", duration_s=125.0)
    assert facts_of(clip) == "2:05 · ~38 K tokens"
    part = Media(mime="video/mp4", sha256="v", duration_s=125.0, start_s=5.0, end_s=65.0)
    assert facts_of(part) == "0:05-1:05 · ~18 K tokens"


def test_a_thumbnail_that_comes_late_is_shown(chips: AttachmentChips) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    chips.shown[0].show_thumbnail(image)
    assert not chips.shown[0].thumbnail.isNull()


def test_all_are_removed_at_once_only_where_there_are_several(chips: AttachmentChips) -> None:
    first = chips.shown[0]
    words = [action.text() for action in first.menu().actions()]
    assert "Remove all attachments" in words
    assert any(text.startswith("Move to the left") for text in words)
    told: list[bool] = []
    chips.changed.connect(lambda: told.append(True))
    stopped: list[bool] = []
    chips.begin("on its way").cancel = lambda: stopped.append(True)
    all_of_them = next(
        action for action in first.menu().actions() if action.text() == "Remove all attachments"
    )
    all_of_them.trigger()
    assert chips.shown == ()
    assert chips.isHidden()
    assert stopped == [True]
    assert told
    chips.set_media((picture("a.png"),))
    words = [action.text() for action in chips.shown[0].menu().actions() if action.text()]
    assert words == ["Remove\tDel"]
