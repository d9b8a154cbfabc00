"""A client of AT-SPI, the way a screen reader is one; prints one JSON object.

    accessible.py PROGRAM tree               all objects: role, name, states, area, text ...
    accessible.py PROGRAM press NAME         do the first action of the object called NAME
    accessible.py PROGRAM write NAME TEXT    set the text of the object called NAME
    accessible.py PROGRAM read NAME          all text of the object whose name begins with NAME
    accessible.py PROGRAM listen SECONDS     what is announced, until one was or time is up

Runs under the system's Python, which has the bindings. `error` in the answer says what was missing.
"""

import json
import sys
import time
import warnings

import gi

warnings.simplefilter("ignore")
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

WITHIN_S = 15.0


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


def find_program(name):
    desktop = Atspi.get_desktop(0)
    desktop.clear_cache()
    for program in children(desktop):
        if name.lower() in (program.get_name() or "").lower():
            return program
    return None


def find(program, name, interface=""):
    """The object called `name`, with that interface; of several the one that can be seen."""
    found = [node for node in walk(program) if node.get_name() == name]
    if interface:  # a label has the same name as its field
        found = [node for node in found if interface in node.get_interfaces()]
    shown = [n for n in found if n.get_state_set().contains(Atspi.StateType.SHOWING)]
    return (shown or found or [None])[0]


def read(program, start):
    """The whole text of an object, taken in two pieces as screen readers do."""
    for node in walk(program):
        if (node.get_name() or "").startswith(start) and "Text" in node.get_interfaces():
            length = Atspi.Text.get_character_count(node)
            middle = length // 2
            halves = ((0, middle), (middle, length))
            return "".join(Atspi.Text.get_text(node, *half) for half in halves)
    return None


def listen(seconds):
    """What a program has announced meanwhile; prints a line as soon as it listens."""
    heard = []
    loop = GLib.MainLoop()

    def note(event):
        heard.append(event.any_data)
        loop.quit()

    listener = Atspi.EventListener.new(note)
    listener.register("object:announcement")
    GLib.timeout_add(int(1000 * seconds), loop.quit)
    print("listening", flush=True)
    loop.run()
    print(json.dumps({"found": heard}), flush=True)


def describe(node):
    states = node.get_state_set()
    kinds = [Atspi.StateType.SHOWING, Atspi.StateType.FOCUSABLE, Atspi.StateType.ENABLED]
    answer = {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "description": node.get_description(),
        "states": [kind.value_nick for kind in kinds if states.contains(kind)],
    }
    if "Component" in node.get_interfaces():
        area = node.get_extents(Atspi.CoordType.SCREEN)
        answer["area"] = [area.x, area.y, area.width, area.height]
    if "Text" in node.get_interfaces():
        length = min(2000, Atspi.Text.get_character_count(node))
        answer["text"] = Atspi.Text.get_text(node, 0, length)
    return answer


def answer(program, command, arguments):
    if command == "tree":
        return [describe(node) for node in walk(program)]
    if command == "read":
        return read(program, arguments[0])
    node = find(program, arguments[0], "EditableText" if command == "write" else "")
    if node is None:
        return None
    if command == "press":
        return Atspi.Action.do_action(node, 0)
    return Atspi.EditableText.set_text_contents(node, arguments[1])


def main():
    name, command, *arguments = sys.argv[1:]
    if command == "listen":
        listen(float(arguments[0]))
        return
    end = time.monotonic() + WITHIN_S
    error = f"no program {name}"
    while time.monotonic() < end:
        program = find_program(name)
        if program is not None:
            error = f"no object {arguments[:1]}"
            found = answer(program, command, arguments)
            if found:
                print(json.dumps({"found": found}))
                return
        time.sleep(0.1)
    print(json.dumps({"error": error}))


main()
