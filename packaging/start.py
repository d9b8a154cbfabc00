"""What a frozen Linnet runs first: on Linux its loader leaves two things to put right.

The loader finds libraries by LD_LIBRARY_PATH. The dynamic linker has read it by now, and programs
that Linnet starts, as ffmpeg or a browser, must not find ours by it. And modules are read from the
program's own file whenever they are needed: by the name that it gets here, that file is found even
after an upgrade has put another one in its place.
"""

import os
import sys

from app.__main__ import main

if sys.platform == "linux":
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    sys.modules["pyimod02_importers"].pyz_archive._filename = "/proc/self/exe"

sys.exit(main())
