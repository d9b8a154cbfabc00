"""From the source tree to installers: freeze once, then pack the same bundle several ways.

Invariant: everything here runs on the standard library and what the package lock names; a part that
needs a program of the system says so in one sentence. Nothing knows an address: those come from
app/build.py, or as arguments.
"""
