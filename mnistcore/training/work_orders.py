"""Owns the orders that rank 0 gives its workers: through torchrun's key-value store, where waiting may take hours."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from mnistcore.errors import ProcessLostError
from mnistcore.libraries import importing
from mnistcore.training.connections import STEP_TIMEOUT, exchange

GOODBYE_SECONDS = 15.0  # so long after the connection broke rank 0 may still say that it is at its end
TERMINATED_SECONDS = 2.0  # where torchrun wants an end as well
_POLL_SECONDS = 0.1


class WorkOrders:
    """The orders of one group, one after the other: in rank 0 those given, in a worker those read."""

    def __init__(self) -> None:
        self.count = 0  # given or read so far
        self.store: Any = None  # torch's, once it is found

    def find_store(self) -> None:
        """Find torchrun's store; waits for rank 0.

        Raises:
            LibraryError: torch cannot be loaded.
            ProcessLostError: rank 0 does not answer.
        """
        with importing("torch"):
            from torch.distributed.rendezvous import rendezvous

        with exchange():
            self.store, _, _ = next(rendezvous("env://", timeout=STEP_TIMEOUT))

    def give(self, order: Mapping[str, Any]) -> None:
        """As rank 0: the workers' next training, in what JSON can hold."""
        with exchange():
            self.store.set(f"order/{self.count}", json.dumps(order))
        self.count += 1

    def give_end(self) -> None:
        """As rank 0: there is no other training."""
        self.give({"end": True})

    def next(self, *, lost: ProcessLostError | None, is_terminated: Callable[[], bool]) -> Mapping[str, Any] | None:
        """As a worker: the next training; None where there is no other one.

        It waits without an end, for rank 0 may wait for its turn for hours; but not where the connection broke.

        Args:
            lost: how the last training's connection broke, which is raised where rank 0 says nothing any more.
            is_terminated: whether torchrun wants this process to end.
        """
        key = f"order/{self.count}"
        began = time.monotonic()
        with exchange():
            while not self.store.check([key]):
                patience = TERMINATED_SECONDS if is_terminated() else GOODBYE_SECONDS
                if lost is not None and time.monotonic() - began > patience:
                    raise lost
                time.sleep(_POLL_SECONDS)
            order: dict[str, Any] = json.loads(self.store.get(key))
        self.count += 1
        return None if "end" in order else order
