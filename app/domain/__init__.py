"""Frozen values and pure functions: messages, conversations, stream events, settings, failures.

Invariant: standard library only; no Qt, no httpx, no file, no clock. Time and ids come in as
arguments, so everything here can be tested by calling it.
"""
