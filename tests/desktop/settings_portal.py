"""A settings portal that asks for less motion, for the tests; runs until it is ended.

settings_portal.py NAMESPACE KEY SIGNATURE VALUE
"""

from __future__ import annotations

import sys

from jeepney import DBusAddress, HeaderFields, new_method_call, new_method_return
from jeepney.io.blocking import open_dbus_connection

PORTAL = "org.freedesktop.portal.Desktop"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
VALUES = {"b": lambda word: word == "true", "u": int, "s": str}


def main(namespace: str, key: str, signature: str, value: str) -> None:
    settings = {namespace: {key: (signature, VALUES[signature](value))}}
    with open_dbus_connection("SESSION") as connection:
        connection.send_and_get_reply(new_method_call(BUS, "RequestName", "su", (PORTAL, 0)))
        while True:
            message = connection.receive()
            if message.header.fields.get(HeaderFields.member) == "ReadAll":
                connection.send(new_method_return(message, "a{sa{sv}}", (settings,)))


main(*sys.argv[1:])
