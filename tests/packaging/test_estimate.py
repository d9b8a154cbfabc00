"""What is said of the size of the Windows packages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pack import estimate
from pack.product import PACKAGING, PackError, Product


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    noise = random.Random(1).randbytes
    files = {
        "linnet.exe": noise(2000),
        "_internal/PySide6/Qt6Core.dll": noise(30_000) + bytes(30_000),
        "_internal/linnet.pyz": noise(20_000),
        "_internal/somebody/else.pyd": noise(1000),
        **{f"_internal/resources/{number}.svg": b"<svg/>" for number in range(40)},
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_files_with_the_parts_that_they_belong_to(bundle: Path) -> None:
    found = estimate.rows(bundle)
    assert [(row.name, row.part) for row in found[:4]] == [
        ("PySide6/Qt6Core.dll", "Qt"),
        ("linnet.pyz", "Linnet"),
        ("linnet.exe", "Linnet"),
        ("somebody/else.pyd", "somebody"),
    ]
    assert found[0].size == 60_000
    assert 30_000 < found[0].packed < 31_000


def test_the_largest_files_then_the_sums(bundle: Path) -> None:
    lines = estimate.table(estimate.rows(bundle))
    assert len(lines) == 1 + estimate.LARGEST + 1 + 3 + 2
    assert "PySide6/Qt6Core.dll (Qt)" in lines[1]
    parts = [line.split()[-1] for line in lines[estimate.LARGEST + 2 : -2]]
    assert parts == ["Qt", "Linnet", "somebody"]
    assert lines[-1].split() == ["0.05", "0.08", "44", "files"]


def test_nothing_else_is_estimated() -> None:
    with pytest.raises(PackError, match="All Windows packages"):
        estimate.estimate(Product(), ["msi"])


def test_both_who_write_and_who_read_the_modules_call_them_alike() -> None:
    written = (PACKAGING / "linnet.spec").read_text(encoding="utf-8")
    read = (PACKAGING / "modules.py").read_text(encoding="utf-8")
    assert '("linnet.pyz", modules.name, "DATA")' in written
    assert 'SHARED = "linnet.pyz"' in read
