"""A screenshot portal of which the person takes a moment, for the tests; runs until it is ended.

screenshot_portal.py CODE [FILE]: CODE is how the person decides (0: taken, 1: given up, 2: failed;
9: the portal has no screenshots).
"""

from __future__ import annotations

import sys
from pathlib import Path

from jeepney import (
    DBusAddress,
    HeaderFields,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

PORTAL = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


def main(code: int, file: str = "") -> None:
    with open_dbus_connection("SESSION") as connection:
        connection.send_and_get_reply(new_method_call(BUS, "RequestName", "su", (PORTAL, 0)))
        while True:
            message = connection.receive()
            fields = message.header.fields
            if fields.get(HeaderFields.member) != "Screenshot":
                continue
            if code == 9:
                name = "org.freedesktop.DBus.Error.UnknownMethod"
                connection.send(new_error(message, name, "s", ("no such interface",)))
                continue
            options = message.body[1]
            assert options["interactive"] == ("b", True)
            sender = fields[HeaderFields.sender].removeprefix(":").replace(".", "_")
            handle = f"{PATH}/request/{sender}/{options['handle_token'][1]}"
            connection.send(new_method_return(message, "o", (handle,)))
            results = {"uri": ("s", Path(file).as_uri())} if file else {}
            request = DBusAddress(handle, interface="org.freedesktop.portal.Request")
            for other in (f"{handle}x", handle):  # somebody else's answer comes first
                there = DBusAddress(other, interface=request.interface)
                connection.send(new_signal(there, "Response", "ua{sv}", (code, results)))


main(int(sys.argv[1]), *sys.argv[2:])
