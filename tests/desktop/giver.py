"""A program of another toolkit (GTK 3) that gives data away: giver.py drag|copy TYPE=FILE...

`drag` shows a window from which they can be dragged, `copy` owns the clipboard with them; each
type is answered with the bytes of its file. Runs under the system's Python. Says "ready", and
"given TYPE" whenever data was asked for.
"""

import pathlib
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

way, *offers = sys.argv[1:]
pairs = (offer.rpartition("=") for offer in offers)
offered = {kind: pathlib.Path(file).read_bytes() for kind, _, file in pairs}


def fill(data):
    kind = data.get_target().name()
    data.set(data.get_target(), 8, offered[kind])
    print("given", kind, flush=True)


def on_shown(widget, _event):
    Gtk.selection_owner_set(widget, Gdk.SELECTION_CLIPBOARD, Gdk.CURRENT_TIME)
    print("ready", flush=True)


window = Gtk.Window(title="Giver")
window.set_default_size(220, 120)
window.move(10, 10)
box = Gtk.EventBox()
box.add(Gtk.Label(label="Drag me"))
window.add(box)
if way == "drag":
    targets = [Gtk.TargetEntry.new(kind, 0, 0) for kind in offered]
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, targets, Gdk.DragAction.COPY)
    box.connect("drag-data-get", lambda _widget, _context, data, _info, _time: fill(data))
    window.connect("map-event", lambda *_: print("ready", flush=True))
else:
    for kind in offered:
        Gtk.selection_add_target(window, Gdk.SELECTION_CLIPBOARD, Gdk.Atom.intern(kind, False), 0)
    window.connect("selection-get", lambda _widget, data, _info, _time: fill(data))
    window.connect("map-event", on_shown)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
