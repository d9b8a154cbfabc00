"""The settings: a window of its own beside the chat; every change holds at once.

Invariant: a page shows `Config.settings` and changes one field at a time, so that what others wrote
since stays; keys go through `Services` to the keyring and are never kept in a widget for long.
"""
