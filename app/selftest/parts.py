"""The parts of a package without the window: each is used a little, as the program uses it.

Invariant: a function says what it found, or has "error" among it; it raises anything when a part
is missing, so every library is imported within.
"""

from __future__ import annotations

import asyncio
import base64
import io
import platform
import ssl
import sys
import tempfile
import threading
import wave
import zlib
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QLibraryInfo, QTimer, QUrl, qVersion
from PySide6.QtGui import QImageReader

from app import __version__, keyrings, paths
from app.domain.settings import Service
from app.markdown.highlight import highlighter_for
from app.updates.package import FILE, read_package

KEYRING_S = 15.0
# A green square of 16 pixels as HEIC: whether the decoder is there, not only its door.
_HEIC = (
    "c-"
    "muNV30{GsVvAy%}izhg51nBLl8SRGck>UfiWXDwIq=N0u(b+a*CjAhJwuG5(YG&l$nzcHpIn&fe{FSfUyTc1A!J0"
    "D`#frrGa@MQBfc#l?lqrC`&d3G5HEIOLE~#USt*&6#(gznFY!DK)MvD%$boHBs2l6NbUo}pT9qTFfi~lCjfOwI56"
    "@s{{IhBzzkBs3_^0dm>d#;lA2D8jA$|o6dGBly;?Wx*#pG|2O1a{cp5;$ElEJtY%Yukiw|}J?GVW<E=Yy?!U2jkl"
    "5-"
    "M4t`LAa6iomB|NjDzW`fZm@q)~XOpr!q4h{|=C7xN33ky(S7_l@mu`~mjM!6}8pzu`FU|cV$80X~hK6dH;|7BcCi"
    "^@M;-F_-%!LsQr*E?o%GdDK$PMm8206hU);{"
)
MEDIA_MS = 10_000
RATE_HZ = 8000
FORMULA_MS = 30_000

Found = dict[str, Any]


def program() -> Found:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "qt": qVersion(),
        "system": platform.platform(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "package": read_package(paths.resources() / FILE).kind,
        "program": sys.executable,
        "plugins": QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath),
    }


def files() -> Found:
    return {
        "icons": sum(1 for _ in paths.resources().rglob("*.svg")),
        "mark": (paths.icons() / "linnet.svg").is_file(),
    }


def tls() -> Found:
    """The certificates of the system, as the first request loads them."""
    from app.providers.connections import Connections

    async def load() -> int:
        connections = Connections()
        try:
            client = await connections.client(Service(id="", base_url="https://"))
            return int(client.is_closed)
        finally:
            await connections.aclose()

    asyncio.run(load())
    context = ssl.create_default_context()
    where = ssl.get_default_verify_paths()
    return {
        "library": ssl.OPENSSL_VERSION,
        "versions": [context.minimum_version.name, context.maximum_version.name],
        "certificates": context.cert_store_stats()["x509_ca"],
        "file": where.cafile or where.openssl_cafile,
    }


def keyring() -> Found:
    """Which one it is. Asked on a thread of its own: a locked one may show a prompt."""
    answer: list[Found] = []
    thread = threading.Thread(target=lambda: answer.append(_named_keyring()), daemon=True)
    thread.start()
    thread.join(KEYRING_S)
    return answer[0] if answer else {"name": "does not answer"}


def _named_keyring() -> Found:
    try:
        return {"name": keyrings.system_keyring().name}
    except keyrings.KeyringError as error:
        return {"name": "none", "why": str(error)}


def pictures() -> Found:
    import pi_heif
    from PIL import Image, features

    Image.init()
    pi_heif.register_heif_opener()
    Image.open(io.BytesIO(zlib.decompress(base64.b85decode(_HEIC)))).load()
    known = {bytes(name.data()).decode() for name in QImageReader.supportedImageFormats()}
    lacking = {"png", "jpeg", "gif", "webp", "svg"} - known
    return {
        "qt": sorted(known),
        "pillow": {name: features.check(name) for name in ("jpg", "jpg_2000", "webp", "avif")},
        "heif": pi_heif.libheif_version(),
        **({"error": f"Qt does not read {sorted(lacking)}"} if lacking else {}),
    }


def documents() -> Found:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(200, 100)
    drawn = page.render(scale=1).to_pil()
    return {"pdf": f"{drawn.width}×{drawn.height}", "pages": len(document)}


def media() -> Found:
    """What Qt's player reads; a short recording is opened, as the viewer opens one."""
    from PySide6.QtMultimedia import QMediaFormat, QMediaPlayer

    decoding = QMediaFormat.ConversionMode.Decode
    formats = [each.name for each in QMediaFormat().supportedFileFormats(decoding)]
    lacking = {"MPEG4", "QuickTime"} - set(formats)
    player, loop = QMediaPlayer(), QEventLoop()
    player.durationChanged.connect(loop.quit)
    player.errorOccurred.connect(loop.quit)
    QTimer.singleShot(MEDIA_MS, loop, loop.quit)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "tone.wav")
        with wave.open(str(file), "wb") as recording:
            recording.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            recording.writeframes(bytes(RATE_HZ))  # half a second
        player.setSource(QUrl.fromLocalFile(str(file)))
        loop.exec()
        found: Found = {"formats": sorted(formats), "milliseconds": player.duration()}
        player.setSource(QUrl())
    if lacking:
        found["error"] = f"{sorted(lacking)} cannot be read"
    elif found["milliseconds"] != 500:
        found["error"] = f"a recording cannot be played: {player.errorString()}"
    return found


def printing() -> Found:
    from PySide6.QtPrintSupport import QPrinterInfo

    return {"printers": len(QPrinterInfo.availablePrinterNames())}


def code() -> Found:
    """The lexers, which are loaded by their names."""
    names = ("python", "rust", "typescript", "haskell", "sql")
    lacking = [name for name in names if highlighter_for(name) is None]
    return {"error": f"code in {lacking} has no colours"} if lacking else {"languages": names}


def formulas() -> Found:
    """Drawn by the process that the window starts for them."""
    from app.tex import FormulaKey
    from app.ui.transcript.formulas import Formulas

    made = Formulas()
    waiting = QEventLoop()
    made.ready.connect(waiting.quit)
    QTimer.singleShot(FORMULA_MS, waiting, waiting.quit)
    key = FormulaKey(r"\frac{1}{\sqrt{2\pi}} \int e^{-x^2} \, dx", True, 14.0)
    made.get(**key._asdict())
    waiting.exec()
    drawn = made.get(**key._asdict())
    if drawn is None:
        return {"error": "a formula cannot be drawn"}
    return {"width": drawn.width, "in_a_process": made.in_a_process}


def signatures() -> Found:
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    key.verify_key.verify(b"linnet", key.sign(b"linnet").signature)
    return {"ed25519": True}
