"""What the program is measured against: a QMainWindow with nothing in it. Says when it painted."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Empty(QMainWindow):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, self, lambda: print("painted", time.monotonic(), flush=True))


application = QApplication(sys.argv)
window = Empty()
window.resize(1280, 820)
window.show()
application.exec()
