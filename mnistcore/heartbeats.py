"""Owns noticing that another process of a training has ended, or has given up: each beats in the store that they share.

NCCL itself waits: whoever exchanges something with a process that is gone hears of it after ten minutes, and cannot be
interrupted meanwhile. A thread of its own can, as long as it lasts.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

BEAT_SECONDS = 1.0
SILENCE_SECONDS = 30.0  # after so long without a beat a process counts as gone


class Heartbeats:
    """This process's beats, and an ear for those of the others.

    Args:
        store: of torch, which all of them have; keys begin with ``beat/`` and ``given-up/``.
        rank: this process, 0 to ``size`` - 1.
        on_loss: called once, in the thread, when another process is lost; `lost` says why by then.
    """

    def __init__(
        self,
        store: "Store",
        *,
        rank: int,
        size: int,
        on_loss: Callable[[], None],
        beat_seconds: float = BEAT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.lost = ""  # which process and how, in a few words; empty while all are there
        self._store, self._rank, self._on_loss = store, rank, on_loss
        self._beat_seconds, self._silence_seconds = beat_seconds, silence_seconds
        now = time.monotonic()
        self._heard = {other: (0, now) for other in range(size) if other != rank}  # beats, and when the last one came
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mnistcore-heartbeats", daemon=True)
        self._thread.start()

    def end(self, *, given_up: bool) -> None:
        """Stop beating and listening.

        Args:
            given_up: tell the others to wait for this process no longer.
        """
        self._ending.set()
        if given_up:
            with suppress(RuntimeError):  # the store is gone, and those that it served hear of that
                self._store.add(f"given-up/{self._rank}", 1)
        self._thread.join(self._beat_seconds)

    def _watch(self) -> None:
        while not self._ending.is_set():
            try:
                self.lost = self._look()
            except RuntimeError as error:  # torch has no class of its own for it in every version
                self.lost = f"the store of these processes does not answer ({error})"
            if self.lost:
                if not self._ending.is_set():
                    with suppress(RuntimeError):
                        self._on_loss()
                return
            self._ending.wait(self._beat_seconds)

    def _look(self) -> str:
        self._store.add(f"beat/{self._rank}", 1)
        now = time.monotonic()
        for other, (beats, since) in self._heard.items():
            if self._store.add(f"given-up/{other}", 0):  # adding nothing reads, and does not wait for the key
                return f"process {other} has given up"
            if (count := self._store.add(f"beat/{other}", 0)) != beats:
                self._heard[other] = count, now
            elif now - since > self._silence_seconds:
                return f"process {other} has not been heard of for {now - since:.0f} s"
        return ""
