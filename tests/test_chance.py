"""Owns the tests of mnistcore.training.chance: what is drawn, and when."""

import queue
import threading
from typing import Any

import pytest
import torch

from mnistcore.training import chance


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_gpus_next_epoch_is_drawn_while_it_computes(device: str) -> None:
    asked, drawn = list[int](), queue.Queue[int]()

    def draw(epoch: int) -> Any:
        asked.append(epoch)
        drawn.put(epoch)
        return epoch

    with chance.Drawn(draw, 5, torch.device(device)) as epochs:
        assert epochs.of(2) == 2  # where a training resumes
        assert drawn.get(timeout=10) == 2
        if device == "cuda":
            assert drawn.get(timeout=10) == 3
        assert asked == ([2, 3] if device == "cuda" else [2])
        assert [epochs.of(epoch) for epoch in (3, 4, 5)] == [3, 4, 5]
    assert asked == [2, 3, 4, 5]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mnistcore-draw")]
