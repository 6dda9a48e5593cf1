"""Heartbeats of processes that train together, several of them in this process, with torch's store in memory."""

import re
import threading
import time
from collections.abc import Callable

import pytest
from torch.distributed import HashStore

from mnistcore.training.heartbeats import Heartbeats

BEAT = 0.01
SILENT = 200  # looks: on a busy machine a thread may wait
SOON = SILENT * BEAT


class Rank:
    """One of two processes, and whether it was told that the other is lost."""

    def __init__(self, store: HashStore, rank: int, *, silent_looks: int = 10_000) -> None:
        self.told = threading.Event()
        self.beats = Heartbeats(
            store, rank=rank, size=2, on_loss=self.told.set, beat_seconds=BEAT, silent_looks=silent_looks
        )


def test_who_beats_is_not_lost() -> None:
    store = HashStore()
    ranks = [Rank(store, number, silent_looks=SILENT) for number in range(2)]
    time.sleep(1.5 * SOON)
    assert [rank.beats.lost() for rank in ranks] == ["", ""]
    for rank in ranks:
        rank.beats.end(given_up=False)
        assert not rank.told.is_set()
    assert "mnistcore-heartbeats" not in {thread.name for thread in threading.enumerate()}


def test_who_gives_up_is_not_waited_for() -> None:
    store = HashStore()
    one, other = Rank(store, 0), Rank(store, 1)
    one.beats.end(given_up=True)
    assert other.told.wait(10 * SOON)
    assert other.beats.lost() == "process 0 has given up"
    other.beats.end(given_up=True)
    assert not one.told.is_set()


def test_who_was_killed_is_missed_after_a_while() -> None:
    store = HashStore()
    one, killed = Rank(store, 0, silent_looks=SILENT), Rank(store, 1)
    killed.beats.end(given_up=False)
    assert one.told.wait(10 * SOON)
    assert re.fullmatch(r"process 1 has not been heard of for about \d+ s", one.beats.lost())
    one.beats.end(given_up=False)


def test_whoever_reads_hears_of_a_loss_at_once() -> None:
    store = HashStore()
    beats = Heartbeats(store, rank=0, size=2, on_loss=lambda: None, beat_seconds=60.0)
    assert beats.lost() == ""
    store.add("given-up/1", 1)
    assert beats.lost() == "process 1 has given up"
    beats.end(given_up=False)


def test_who_breaks_an_exchange_off_says_so_before() -> None:
    store, said = HashStore(), list[int]()
    store.add("given-up/1", 1)
    beats = Heartbeats(
        store, rank=0, size=2, on_loss=lambda: said.append(store.add("given-up/0", 0)), beat_seconds=BEAT
    )
    beats._thread.join(10 * SOON)
    assert said == [1]


def test_a_store_that_is_gone_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(HashStore):
        def add(self, *_: object) -> int:
            raise RuntimeError("Broken pipe")

    rank = Rank(Gone(), 0)
    assert rank.told.wait(10 * SOON)
    assert rank.beats.lost() == "the store of these processes does not answer (Broken pipe)"
    rank.beats.end(given_up=True)


def test_what_is_done_about_a_loss_may_fail_too() -> None:
    def fails() -> None:
        raise RuntimeError("NCCL error")

    errors: list[object] = []
    before: Callable[..., object] = threading.excepthook
    threading.excepthook = errors.append
    try:
        store = HashStore()
        store.add("given-up/1", 1)
        beats = Heartbeats(store, rank=0, size=2, on_loss=fails, beat_seconds=BEAT)
        beats._thread.join(10 * SOON)
    finally:
        threading.excepthook = before  # type: ignore[assignment]
    assert errors == []
    assert beats.lost() == "process 1 has given up"
