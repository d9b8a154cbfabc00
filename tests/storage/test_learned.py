"""What was learned about services survives a restart."""

from __future__ import annotations

from pathlib import Path

from app.storage.database import Database
from app.storage.learned import Learned


def test_what_was_learned_stays(path: Path, database: Database) -> None:
    learned = Learned(database)
    assert learned.all() == {}
    learned.save("own", "m", {"dropped": frozenset({"top_p", "seed"}), "stream": False})
    learned.save("own", "m", {"dropped": frozenset({"top_p", "seed"}), "stream": None})
    learned.save("other", "m", {})
    with Database.open(path) as again:
        assert Learned(again).all() == {
            ("own", "m"): {"dropped": ["seed", "top_p"], "stream": None},
            ("other", "m"): {},
        }
    learned.forget("own")
    assert list(learned.all()) == [("other", "m")]
