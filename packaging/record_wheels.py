"""Write down what the Qt wheels of one system hold, for tests/packaging/test_qt_files.py.

    python packaging/record_wheels.py WHEEL... > tests/packaging/wheels/linux.txt

One line for each library, binding, plugin and catalogue of texts: size, path, and what it links to
within the wheels. The tests read these lists instead of 800 MB of wheels.
"""

from __future__ import annotations

import re
import sys
import zipfile

from pack.binaries import needed

RECORDED = re.compile(
    r"\.(so|dll|pyd|dylib|qm)$|\.so\.[\d.]+$|\.framework/Versions/A/Qt\w+$|(__init__|_\w+)\.py$"
)
SKIPPED = re.compile(r"/qml/|/scripts/|/support/|/examples/")


def main(names: list[str]) -> None:
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for name in names:
        with zipfile.ZipFile(name) as wheel:
            for entry in wheel.infolist():
                path = entry.filename
                if RECORDED.search(path) and not SKIPPED.search(path):
                    links = needed(wheel.read(path)) if not path.endswith((".qm", ".py")) else ()
                    found[path] = entry.file_size, tuple(link.rpartition("/")[2] for link in links)
    here = {path.rpartition("/")[2].lower() for path in found}
    for path, (size, links) in sorted(found.items()):
        within = [link for link in links if link.lower() in here]
        print(size, path, *within)


if __name__ == "__main__":
    main(sys.argv[1:])
