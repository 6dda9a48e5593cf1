"""Owns the models that this process keeps on a device between two calls; imports torch only to use one.

A model is loaded when it is first used and stays for the next call. It leaves when nobody has used it for
`held_models.IDLE_SECONDS`, when `MAX_MODELS` newer ones are there, when `release` is called, or when another process
requests its release. One lock is held by whoever uses a model and by whoever releases one, so a model never leaves
in the middle of an answer.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnistcore.models import held_models
from mnistcore.models.held_models import HeldModel

if TYPE_CHECKING:
    import torch

MAX_MODELS = 4  # kept at a time; the one that was not used for longest leaves first
POLL_SECONDS = 0.25  # between two looks at the clock and at requests of others
SETTLE_SECONDS = 1.0  # after the last answer torch releases the room that the computation took


@dataclass(frozen=True, slots=True)
class ModelKey:
    """Which model it is: the run, the checksum of its weights (it may be retrained), the device."""

    run_id: str
    weights_sha256: str
    device: str
    records: Path


@dataclass(slots=True)
class _Kept:
    model: "torch.nn.Module"
    size_bytes: int
    used: float = 0.0  # time.monotonic
    last_used: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled: bool = False

    def touch(self) -> None:
        self.used, self.last_used, self.settled = time.monotonic(), datetime.now(UTC), False


class _Cache:
    def __init__(self) -> None:
        self.pid = os.getpid()
        self._name = held_models.new_name()
        self._lock = threading.RLock()
        self._kept: dict[ModelKey, _Kept] = {}  # in the order of use
        self._watcher: threading.Thread | None = None
        self._closing = threading.Event()
        self._told: set[Path] = set()  # the folders that a record of this process lies in
        self._changed = False  # the record is behind
        atexit.register(self._close)

    def logits(
        self, key: ModelKey, load: "Callable[[], torch.nn.Module]", images: NDArray[np.uint8], mean: float, std: float
    ) -> NDArray[np.float32]:
        import torch

        from mnistcore.devices import devices
        from mnistcore.models import inference

        device = torch.device(key.device)
        with self._lock, devices.memory_guard(device):
            kept = self._kept.pop(key, None) or self._load(key, load, device)
            self._kept[key] = kept
            try:
                return inference.logits(kept.model, images, device=device, mean=mean, std=std)
            finally:
                kept.touch()
                self._changed = True

    def release(self, run_id: str | None) -> tuple[HeldModel, ...]:
        with self._lock:
            return self._release_keys([key for key in self._kept if run_id in (None, key.run_id)])

    def held(self) -> tuple[HeldModel, ...]:
        with self._lock:
            return tuple(self._record(key) for key in self._kept)

    def _load(self, key: ModelKey, load: "Callable[[], torch.nn.Module]", device: "torch.device") -> _Kept:
        older = [other for other in self._kept if (other.run_id, other.device) == (key.run_id, key.device)]
        self._release_keys(older + [other for other in self._kept if other not in older][: -(MAX_MODELS - 1)])
        model = load().to(device)
        size_bytes = sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
        kept = self._kept[key] = _Kept(model, size_bytes)
        self._write()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="mnistcore-models", daemon=True)
            self._watcher.start()
        return kept

    def _release_keys(self, keys: list[ModelKey]) -> tuple[HeldModel, ...]:
        if not keys:
            return ()
        from mnistcore.devices import devices

        gone = tuple(self._record(key) for key in keys)
        for key in keys:
            del self._kept[key]
        for device in {key.device for key in keys}:
            with suppress(RuntimeError):  # the device fails for another reason: whoever computes on it hears of that
                devices.release_memory(device)
        self._write()
        return gone

    def _watch(self) -> None:
        while not self._closing.wait(POLL_SECONDS):
            with self._lock:
                self._look()
                if not self._kept:
                    self._watcher = None
                    return

    def _look(self) -> None:
        from mnistcore.devices import devices

        now = time.monotonic()
        requested = {(folder, run_id) for folder in self._told for run_id in self._requests(folder)}
        idle = [key for key, kept in self._kept.items() if now - kept.used >= held_models.IDLE_SECONDS]
        self._release_keys([key for key in self._kept if key in idle or (key.records, key.run_id) in requested])
        for folder, run_id in requested:
            held_models.withdraw_request(folder, self._name, run_id)
        for key, kept in self._kept.items():
            if not kept.settled and now - kept.used >= SETTLE_SECONDS:
                kept.settled = True
                with suppress(RuntimeError):
                    devices.empty_cache(key.device.partition(":")[0])
        if self._changed:
            self._write()

    def _requests(self, folder: Path) -> frozenset[str]:
        return held_models.release_requests(folder, self._name)

    def _record(self, key: ModelKey) -> HeldModel:
        kept = self._kept[key]
        return HeldModel(run_id=key.run_id, device=key.device, size_bytes=kept.size_bytes, last_used=kept.last_used)

    def _write(self) -> None:
        self._changed = False
        self._told |= {key.records for key in self._kept}
        for folder in tuple(self._told):
            models = [self._record(key) for key in self._kept if key.records == folder]
            # A record that cannot be written is a page that knows less, not a reason to answer nothing.
            with suppress(OSError):
                held_models.write(folder, self._name, models)
                if not models:
                    self._told.remove(folder)

    def _close(self) -> None:
        if os.getpid() != self.pid:  # a fork: the models and their record are its parent's
            return
        self._closing.set()
        # Whoever still computes in another thread ends with the process; the system takes all memory back.
        for folder in self._told:
            with suppress(OSError):
                held_models.write(folder, self._name, ())


_caches: list[_Cache] = []  # at most one, made when the first model is used
_making = threading.Lock()


def logits(
    key: ModelKey, load: "Callable[[], torch.nn.Module]", images: NDArray[np.uint8], *, mean: float, std: float
) -> NDArray[np.float32]:
    """What a model answers for each image, as `inference.logits` says; it is loaded first where it is not here yet.

    Args:
        load: gives the model with its weights, on any device; called only where it is not kept.

    Raises:
        InputError: see `inference.logits`.
        DeviceError: the device has no memory left.
    """
    return _cache().logits(key, load, images, mean, std)


def release(run_id: str | None = None) -> tuple[HeldModel, ...]:
    """Take the models of a run, or all if None, off their devices; waits until the one that answers is done.

    Returns:
        The models that left.
    """
    return _cache().release(run_id) if _caches else ()


def held() -> tuple[HeldModel, ...]:
    """The models that this process keeps, the one that was not used for longest first."""
    return _cache().held() if _caches else ()


def _cache() -> _Cache:
    with _making:
        # A fork inherits the list, but neither the thread nor a lock that somebody will ever let go of.
        if not _caches or _caches[-1].pid != os.getpid():
            _caches[:] = [_Cache()]
        return _caches[-1]
