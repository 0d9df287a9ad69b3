"""A sweep on Ray: workers that hold a model each, fed with batches by Ray Data."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError
from pytest_slm_autopsy.sweep.asking import Asker
from pytest_slm_autopsy.sweep.grid import Workers
from pytest_slm_autopsy.sweep.local import Answered, answered_by
from pytest_slm_autopsy.sweep.questions import Batch

WAVE: Final = 1_024
"""Batches that Ray is handed at once; the next ones are asked by new workers."""
STORE: Final = 1 << 27
"""Bytes of memory that a local Ray takes for what passes between its processes."""

# Ray reports its use to its makers unless this stands before it is imported.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
# A GPU that a worker did not ask for stays visible: a local model then finds it.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
try:
    import ray
    from ray.data import ActorPoolStrategy, DataContext
except ImportError as error:
    raise MissingExtraError("ray", "ray") from error


class Worker:
    """A process of Ray's that answers batches. Where it dies, Ray starts another."""

    def __init__(self) -> None:
        self._asker = Asker()

    def __call__(self, rows: dict[str, Any]) -> dict[str, Any]:
        """Answer the batches in these rows."""
        found = [answered_by(self._asker, pickle.loads(one)) for one in rows["batch"]]
        return {"answered": [pickle.dumps(one) for one in found]}


def answered(
    batches: Iterable[Batch], workers: Workers, address: str | None = None
) -> Iterator[Answered]:
    """Yield the answers to each batch, in the order in which workers give them.

    Args:
        batches: in the order in which they are handed out.
        workers: how many, and what each needs.
        address: of a running cluster; without one, Ray is started on this machine, and stopped.

    Raises:
        ConfigError: the cluster cannot be reached, or has not what a worker needs.
    """
    needs: dict[str, Any] = {"num_cpus": workers.cpus, "num_gpus": workers.gpus}
    needs |= {"memory": workers.memory} if workers.memory else {}
    with _running(workers, address):
        _check_room(workers)
        for wave in _waves(batches):
            rows = [{"batch": pickle.dumps(one)} for one in wave]
            asked = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
                Worker, batch_size=1, compute=ActorPoolStrategy(size=workers.count), **needs
            )
            for row in asked.iter_rows():
                yield pickle.loads(row["answered"])


def _waves(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    each = iter(batches)
    while wave := list(islice(each, WAVE)):
        yield wave


@contextmanager
def _running(workers: Workers, address: str | None) -> Iterator[None]:
    """Connect to a cluster, or start one with what the workers need; leave a running one as is."""
    if ray.is_initialized():
        yield
        return
    own: dict[str, Any] = {} if address else {
        "num_cpus": max(1, -int(-workers.cpus * workers.count // 1)) + 1,
        "object_store_memory": STORE,
        "include_dashboard": False,
    }  # fmt: skip
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        told = f"at {address}" if address else "on this machine"
        raise ConfigError(f"Ray cannot be reached {told}: {error}") from None
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is raised, too
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    try:
        yield
    finally:
        ray.shutdown()


def _check_room(workers: Workers) -> None:
    """Raise where no machine of the cluster has room for one worker: Ray would wait for ever."""
    asked = {"CPU": workers.cpus, "GPU": workers.gpus, "memory": float(workers.memory)}
    known: Any = ray.nodes  # untyped
    nodes = [node["Resources"] for node in known() if node["Alive"]]
    if any(all(node.get(name, 0.0) >= need for name, need in asked.items()) for node in nodes):
        return
    needs = ", ".join(f"{name} {need:g}" for name, need in asked.items() if need)
    most = {name: max((node.get(name, 0.0) for node in nodes), default=0.0) for name in asked}
    has = ", ".join(f"{name} {value:g}" for name, value in most.items())
    raise ConfigError(
        f"no machine of the cluster has room for one worker: it needs {needs}, and the largest has "
        f"{has}; ask for less in [workers], or add a machine"
    )
