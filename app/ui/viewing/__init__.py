"""Attachments at large: the window around them, and a pane for each kind that can be shown."""
