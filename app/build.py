"""Who this program is. The one file to fill in before a build is published.

What is not known yet stands empty, and what depends on it is then absent from the program.
"""

from __future__ import annotations

NAME = "linnet"  # folders, the command, the keyring entries
TITLE = "Linnet"
APPLICATION_ID = "org.linnet.Linnet"

HOMEPAGE = ""
PUBLISHER = ""
UPDATES = ""  # the address of the signed list of releases (latest.json)
UPDATE_HOSTS: tuple[str, ...] = ()  # where that address may send on to, besides its own host
UPDATE_KEYS: tuple[str, ...] = ()  # the public keys that may sign it, in Base64
