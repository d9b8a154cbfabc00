"""Runs before any module can be found in a frozen Linnet, and says where they are read from.

PyInstaller puts all modules into each program. Where there are two they would travel twice, so
there they lie in one file beside the libraries. Invariant: what is said is what the loader says to
PyInstaller's importers, `FILE?OFFSET`, and they read it once, after this.

On Linux the program's own file gets the name by which the kernel finds it even after an upgrade has
put another one in its place: modules are read from it whenever they are needed.
"""

import os
import sys

SHARED = "linnet.pyz"


def say_where() -> None:
    shared = os.path.join(sys._MEIPASS, SHARED)
    said = sys._pyinstaller_pyz
    if os.path.isfile(shared):
        said = shared
    elif sys.platform == "linux":
        said = f"/proc/self/exe?{said.rpartition('?')[2]}"
    sys._pyinstaller_pyz = said


say_where()
