"""Owns the tests of mnistcore.training.schedules: against torch's own schedules."""

import pytest
import torch
from torch import nn

from mnistcore.training import schedules


def test_one_cycle_is_torchs() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    # torch puts its steps at the ends of 0 .. 999, with the peak at 0.3 * 1000 - 1.
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=1000, cycle_momentum=False)
    optimizer.step()
    ours = schedules.SCHEDULES["onecycle"]
    for step in range(999):
        assert ours((step + 0.5) / 1000) == pytest.approx(theirs.get_last_lr()[0], abs=0.005)
        theirs.step()


def test_cosine_falls_from_one_to_nothing() -> None:
    cosine = schedules.SCHEDULES["cosine"]
    assert [cosine(done) for done in (0.0, 0.5, 1.0)] == pytest.approx([1.0, 0.5, 0.0])
