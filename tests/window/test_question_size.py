"""What the next question weighs: new and earlier attachments, in tokens and in the request."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.conversation import Conversation
from app.domain.message import Media, Message, Role, Text
from app.domain.settings import Form, Service
from app.ui.question_size import QuestionSize

pytestmark = pytest.mark.usefixtures("qapp")

OWN = Service(id="own", name="Own", largest_request_mb=5)
CLIP = Media(mime="video/mp4", sha256="v", name="v.mp4", size_bytes=3_000_000, duration_s=10)
PICTURE = Media(mime="image/png", sha256="p", name="p.png", size_bytes=900_000)


def chat(*parts: Media | Text) -> Conversation:
    empty = Conversation(id="c", service_id="own", created_at=0)
    return empty.append(Message(id="m", parent_id=None, role=Role.USER, parts=parts, created_at=0))


def test_what_goes_again_counts_too(qapp: QApplication) -> None:
    size = QuestionSize()
    earlier = chat(PICTURE, Text("What is that?"))
    sized = size.of(earlier, (PICTURE, Text("And that?")), OWN)
    assert sized.words == "~527 tokens · 2.4 MB"
    assert "1 attachment from earlier is read again: ~258 tokens" in sized.details
    assert "Of it sent again from earlier: 1.2 MB" in sized.details
    assert not sized.too_large
    without = chat(replace(PICTURE, left_out=True), Text("What is that?"))
    sized = size.of(without, (Text("And that?"),), OWN)
    assert "MB" not in sized.words
    assert "from earlier" not in sized.details


def test_more_than_the_service_takes_is_told(qapp: QApplication) -> None:
    video = replace(OWN, video_form="image_url")
    sized = QuestionSize().of(chat(CLIP, Text("?")), (CLIP,), video)
    assert sized.too_large
    assert "Own takes 5.0 MB." in sized.details


def test_uploads_are_not_sent_again(qapp: QApplication) -> None:
    google = replace(OWN, form=Form.GEMINI, takes_uploads=True, largest_request_mb=100)
    sized = QuestionSize().of(chat(CLIP, Text("?")), (Text("More."),), google)
    assert "1 file is uploaded, and not sent again" in sized.details
    assert "~3.0 K" in sized.words
    assert "MB" not in sized.words


def test_nothing_is_told_of_nothing(qapp: QApplication) -> None:
    empty = Conversation(id="c", service_id="own", created_at=0)
    assert QuestionSize().of(empty, (), OWN).words == ""
