"""A window of another toolkit (GTK 3) from which files can be dragged: drag_source.py FILE...

Runs under the system's Python. Says "given" when the target asked for the data.
"""

import pathlib
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

addresses = [pathlib.Path(name).resolve().as_uri() for name in sys.argv[1:]]


def give(_widget, _context, data, _info, _time):
    data.set_uris(addresses)
    print("given", flush=True)


window = Gtk.Window(title="Drag source")
window.set_default_size(220, 120)
box = Gtk.EventBox()
box.add(Gtk.Label(label="Drag me"))
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", give)
window.add(box)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
