"""Owns noticing that another process of a training has ended, or has given up: each beats in the store that they share.

NCCL itself waits: whoever exchanges something with a process that is gone never hears of it, and cannot be interrupted
meanwhile. A thread of its own can break the exchange off.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

BEAT_SECONDS = 1.0
# So many looks without a new beat, and a process counts as gone. Not seconds: whoever was suspended (Ctrl-Z) has not
# looked meanwhile. Fewer than the 30 s after which torchrun kills those that it has asked to end.
SILENT_LOOKS = 15


class Heartbeats:
    """This process's beats, and an ear for those of the others.

    Args:
        store: of torch, which all of them have; keys begin with ``beat/`` and ``given-up/``.
        rank: this process, 0 to ``size`` - 1.
        on_loss: called once, in the thread, when another process is lost; `lost` and the store say so by then.
    """

    def __init__(
        self,
        store: "Store",
        *,
        rank: int,
        size: int,
        on_loss: Callable[[], None],
        beat_seconds: float = BEAT_SECONDS,
        silent_looks: int = SILENT_LOOKS,
    ) -> None:
        self._lost = ""
        self._store, self._rank, self._on_loss = store, rank, on_loss
        self._beat_seconds, self._silent_looks = beat_seconds, silent_looks
        self._heard = {other: (0, 0) for other in range(size) if other != rank}  # beats, looks without a new one
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
            self._give_up()
        self._thread.join(1.0)

    def lost(self) -> str:
        """Which other process is lost and how, in a few words, as far as is known now; empty while all are there.

        Asks the store: who breaks an exchange off says so there before, and what is left of it may reach this process
        as if it had gone well.
        """
        if not self._lost:
            with suppress(RuntimeError):  # the thread hears of that too
                self._lost = self._given_up()
        return self._lost

    def _give_up(self) -> None:
        with suppress(RuntimeError):  # the store is gone, and those that it served hear of that
            self._store.add(f"given-up/{self._rank}", 1)

    def _watch(self) -> None:
        while not self._ending.is_set():
            try:
                lost = self._look()
            except RuntimeError as error:  # torch has no class of its own for it in every version
                lost = f"the store of these processes does not answer ({error})"
            if lost:
                self._lost = lost
                if not self._ending.is_set():
                    self._give_up()
                    with suppress(RuntimeError):
                        self._on_loss()
                return
            self._ending.wait(self._beat_seconds)

    def _look(self) -> str:
        self._store.add(f"beat/{self._rank}", 1)
        for other, (beats, silent) in self._heard.items():
            count = self._store.add(f"beat/{other}", 0)  # adding nothing reads, and does not wait for the key
            self._heard[other] = (count, 0) if count != beats else (beats, silent + 1)
            if silent >= self._silent_looks:
                return f"process {other} has not been heard of for about {silent * self._beat_seconds:.0f} s"
        return self._given_up()

    def _given_up(self) -> str:
        found = [other for other in self._heard if self._store.add(f"given-up/{other}", 0)]
        return f"process {found[0]} has given up" if found else ""
