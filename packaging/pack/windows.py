"""What Windows is told about the program, and its installers: NSIS for people, MSI for fleets.

Invariant: the same scripts build and install under wine and on Windows; what they take from here
are names, versions and the folder of the bundle.
"""

from __future__ import annotations

from pack.product import Product

_RESOURCE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004,
                    fileType=0x1, subtype=0x0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('040904B0', [{strings}])]),
    VarFileInfo([VarStruct('Translation', [1033, 1200])])
  ]
)
"""


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """`1.2.3`, also with a suffix, as the four numbers that Windows compares."""
    numbers = [int(digits) for digits in version.split("-")[0].split("+")[0].split(".")[:3]]
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    return major, minor, patch, 0


def version_resource(made: Product) -> str:
    """What Explorer shows of the programs, in the form that PyInstaller reads."""
    facts = {
        "CompanyName": made.maker,
        "FileDescription": made.title,
        "FileVersion": made.version,
        "InternalName": made.name,
        "LegalCopyright": f"{made.maker}. MIT licence.",
        "OriginalFilename": f"{made.title}.exe",
        "ProductName": made.title,
        "ProductVersion": made.version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in facts.items())
    return _RESOURCE.format(numbers=version_numbers(made.version), strings=strings)
