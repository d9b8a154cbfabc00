"""The transcript: one painted scroll area over messages, built from leaf units.

`view.TranscriptView` is what the window uses. Invariant: cost follows what is visible, never the
length of the chat or of the answer; nothing here awaits, calls the network or reads a database.
"""
