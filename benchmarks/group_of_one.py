"""A training in a torchrun group of a single process: on one GPU, all of NCCL that can be seen. See benchmarks/gpu.py.

The command line is mnistcore's; only where it asks for its group, that of one process is a group too.
"""

import mnistcore.__main__  # noqa: F401 - it gives the command line its commands
from mnistcore.commands.app import app
from mnistcore.training import distributed
from mnistcore.training.torchrun_group import TorchrunGroup

if __name__ == "__main__":
    distributed.started_group = lambda: TorchrunGroup(rank=0, size=1, local_rank=0)
    app()
