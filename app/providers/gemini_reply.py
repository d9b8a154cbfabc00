"""Assembles generateContent replies into stream events (wire reference 3.5).

Invariant: any document gives events or nothing, never an exception; an answer counts as complete
only when a finishReason was seen (R53). Parts are kept verbatim for the way back (R50, R51).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.message import FinishReason, Notice, Usage
from app.domain.stream import (
    ExtraSeen,
    Finished,
    MediaReceived,
    ModelReported,
    NoticeGiven,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from app.i18n import tr
from app.providers import gemini_wire as wire

CONTINUATION = "CONTINUATION"

# R54; every word that is not here is OTHER.
_REASONS: Mapping[str, FinishReason] = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    CONTINUATION: FinishReason.LENGTH,
    **dict.fromkeys(
        (
            "SAFETY",
            "RECITATION",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "ESCALATION",
            "PUP_LIMITED_DISABLED",
            "MODEL_ARMOR",
        ),
        FinishReason.CONTENT_FILTER,
    ),
    **dict.fromkeys(
        (
            "MALFORMED_FUNCTION_CALL",
            "UNEXPECTED_TOOL_CALL",
            "TOO_MANY_TOOL_CALLS",
            "MISSING_THOUGHT_SIGNATURE",
            "MALFORMED_RESPONSE",
        ),
        FinishReason.ERROR,
    ),
}


class Assembly:
    """Feed it the documents of one reply in order.

    `finished` is the last end that was seen, `block_reason` why the question was refused (R55),
    `parts` what goes back, `visible` whether anything was shown, `finish_message` the service's
    own words about the end.
    """

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []
        self.finished: Finished | None = None
        self.finish_message = ""
        self.block_reason = ""
        self.block_message = ""
        self.visible = False
        self._text_seen = False
        self._calls = 0
        self._model = ""
        self._signed_calls: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()

    def feed(self, document: Mapping[str, Any]) -> Iterator[StreamEvent]:
        """The events of one document: model, content, usage, then its end (R52)."""
        model = wire.text(document, "modelVersion").removeprefix("models/")
        if model and model != self._model:
            self._model = model
            yield ModelReported(model)
        candidate = _first_candidate(document)
        if candidate is None:
            self._note_block(document)
        for part in wire.items(wire.member(candidate, "content"), "parts"):
            if isinstance(part, Mapping) and part:
                yield from self._part(part)
        yield from self._sources(candidate)
        usage = wire.member(document, "usageMetadata")
        if isinstance(usage, Mapping):
            yield UsageReported(normal_usage(usage))
        if token := wire.text(candidate, "continuationToken"):
            yield ExtraSeen("continuation_token", token)
        if reason := wire.text(candidate, "finishReason"):
            yield from self._end(reason, candidate)

    def _note_block(self, document: Mapping[str, Any]) -> None:
        feedback = wire.member(document, "promptFeedback")
        if reason := wire.text(feedback, "blockReason"):
            self.block_reason = reason
            self.block_message = wire.text(feedback, "blockReasonMessage")

    def _part(self, part: Mapping[str, Any]) -> Iterator[StreamEvent]:
        signature = wire.signature(part)
        call = wire.member(part, "functionCall")
        if isinstance(call, Mapping):
            yield from self._call(call, signature)
        elif signature:
            yield ExtraSeen("thought_signatures", signature, append=True)
        kept = dict(part)
        if wire.is_thought(part):
            if text := wire.text(part, "text"):
                self.visible = True
                yield ReasoningDelta(text)
        else:
            if text := wire.shown(part):
                self.visible = self._text_seen = True
                yield TextDelta(text)
            yield from self._ran(part)
            yield from self._media(part, kept)
        self.parts.append(kept)

    def _call(self, call: Mapping[str, Any], signature: str) -> Iterator[StreamEvent]:
        call_id, name = wire.text(call, "id") or None, wire.text(call, "name")
        arguments = wire.member(call, "args")
        self.visible = True
        yield ToolCallDelta(
            ordinal=self._calls,
            id=call_id,
            name=name,
            arguments=json.dumps({} if arguments is None else arguments, ensure_ascii=False),
            extra={"thought_signature": signature} if signature else {},
        )
        self._calls += 1
        if signature:
            self._signed_calls[call_id or name] = signature
            yield ExtraSeen("tool_signatures", dict(self._signed_calls))

    def _ran(self, part: Mapping[str, Any]) -> Iterator[StreamEvent]:
        """Code that the service ran and what came out; both also stand in the text."""
        if (code := wire.member(part, "executableCode")) is not None:
            yield ExtraSeen("code", wire.text(code, "code"), append=True)
        if (result := wire.member(part, "codeExecutionResult")) is not None:
            yield ExtraSeen("code_output", wire.text(result, "output"), append=True)

    def _media(self, part: Mapping[str, Any], kept: dict[str, Any]) -> Iterator[StreamEvent]:
        """A picture in the answer. In the kept part its hash stands for the bytes."""
        inline = wire.member(part, "inlineData")
        if isinstance(inline, Mapping):
            mime = wire.text(inline, "mimeType")
            data = wire.decoded(wire.text(inline, "data"))
            if data:
                name = "inlineData" if "inlineData" in part else "inline_data"
                kept[name] = {"mimeType": mime, "sha256": hashlib.sha256(data).hexdigest()}
                self.visible = True
                yield MediaReceived(mime=mime, data=data)
            else:
                sentence = tr("A picture of this answer could not be read.")
                yield NoticeGiven(Notice("media_lost", sentence))
        file = wire.member(part, "fileData")
        if url := wire.text(file, "fileUri"):
            self.visible = True
            yield MediaReceived(mime=wire.text(file, "mimeType"), url=url)

    def _sources(self, candidate: object) -> Iterator[StreamEvent]:
        """Where the answer comes from: pages, search words and opened addresses, each once."""
        grounding = wire.member(candidate, "groundingMetadata")
        for chunk in wire.items(grounding, "groundingChunks"):
            for kind in ("web", "retrievedContext", "maps"):
                page = wire.member(chunk, kind)
                yield from self._cited(wire.text(page, "uri"), wire.text(page, "title"))
        cited = wire.member(candidate, "citationMetadata")
        for source in wire.items(cited, "citationSources") or wire.items(cited, "citations"):
            yield from self._once("citations", wire.text(source, "uri"))
        for query in wire.items(grounding, "webSearchQueries"):
            yield from self._once("search_queries", query)
        opened = wire.member(candidate, "urlContextMetadata")
        for row in wire.items(opened, "urlMetadata"):
            yield from self._once("urls", wire.text(row, "retrievedUrl"))

    def _cited(self, address: str, title: str) -> Iterator[StreamEvent]:
        """A page with its title: the address is a redirect that says nothing to a person."""
        if title and address and ("citations", address) not in self._known:
            yield ExtraSeen("citation_titles", [address, title], append=True)
        yield from self._once("citations", address)

    def _once(self, name: str, value: object) -> Iterator[StreamEvent]:
        if isinstance(value, str) and value and (name, value) not in self._known:
            self._known.add((name, value))
            yield ExtraSeen(name, value, append=True)

    def _end(self, word: str, candidate: object) -> Iterator[StreamEvent]:
        reason = _REASONS.get(word.upper(), FinishReason.OTHER)
        if reason is FinishReason.STOP and self._calls:
            reason = FinishReason.TOOL_CALLS
        self.finish_message = wire.text(candidate, "finishMessage")
        if word.upper() != CONTINUATION:
            yield ExtraSeen("continuation_token", None)
        if notice := self._notice(reason, word, candidate):
            yield NoticeGiven(notice)
        self.finished = Finished(reason, word)
        yield self.finished

    def _notice(self, reason: FinishReason, word: str, candidate: object) -> Notice | None:
        match reason:
            case FinishReason.LENGTH if word.upper() == CONTINUATION:
                return None
            case FinishReason.LENGTH if self._text_seen or self._calls:
                return Notice("length", tr("The answer reached its limit."))
            case FinishReason.LENGTH:
                sentence = tr("All tokens went into thinking. Raise the output limit.")
                return Notice("length", sentence)
            case FinishReason.CONTENT_FILTER:
                named = _blocked_categories(candidate) or self.finish_message or word
                sentence = tr("The filter's category: {category}", category=named)
                return Notice("content_filter", sentence)
            case FinishReason.OTHER:
                named = self.finish_message or word
                sentence = tr("The service's reason for the end: {word}", word=named)
                return Notice("finish", sentence)
            case FinishReason.STOP if not self.visible:
                return Notice("empty", tr("The model sent an empty answer."))
        return None


def _first_candidate(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Candidate 0; a missing index is 0 (wire reference 3.2)."""
    for candidate in wire.items(document, "candidates"):
        if isinstance(candidate, Mapping) and not wire.number(candidate, "index"):
            return candidate
    return None


def _blocked_categories(candidate: object) -> str:
    ratings = wire.items(candidate, "safetyRatings")
    blocked = [wire.text(each, "category") for each in ratings if wire.member(each, "blocked")]
    return ", ".join(filter(None, blocked))


def normal_usage(usage: Mapping[str, Any]) -> Usage:
    """R56: thoughts count as output, unless the candidates' count has them already."""
    asked = _sum(
        wire.number(usage, "promptTokenCount"), wire.number(usage, "toolUsePromptTokenCount")
    )
    written = wire.number(usage, "candidatesTokenCount")
    thought = wire.number(usage, "thoughtsTokenCount")
    total = wire.number(usage, "totalTokenCount")
    has_thoughts = None not in (asked, written, total) and _sum(asked, written) == total
    return Usage(
        prompt=asked,
        completion=written if has_thoughts else _sum(written, thought),
        total=total,
        reasoning=thought,
        cached=wire.number(usage, "cachedContentTokenCount"),
    )


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
