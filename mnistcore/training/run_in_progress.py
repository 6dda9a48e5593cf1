"""Owns one run while it is trained: what of it is finished, when it stops, and what is kept and stored meanwhile."""

from collections.abc import Mapping
from contextlib import closing
from functools import partial

from mnistcore import config as configs
from mnistcore import stored_runs
from mnistcore.config import TrainConfig
from mnistcore.datasets.registry import Dataset
from mnistcore.datasets.splits import Split
from mnistcore.devices import devices
from mnistcore.errors import NonFiniteLossError, StoreError, TrainingStoppedError
from mnistcore.models import models
from mnistcore.models.weights import copied_weights
from mnistcore.runs.content import RunContent
from mnistcore.runs.history import EpochReport
from mnistcore.runs.manifest import RunManifest, Status
from mnistcore.runs.store import Store
from mnistcore.training import run_content, workers
from mnistcore.training.distributed import Group
from mnistcore.training.kept_logits import KeptLogits
from mnistcore.training.observers import Observer
from mnistcore.training.resume_points import ResumePoints
from mnistcore.training.resuming import ResumeKeeper, check_fit, resume_point, training_state_of
from mnistcore.training.run_content import Finished, RunFacts
from mnistcore.training.trainer import Trainer


class RunInProgress:
    """One training under way, and what it has finished so far.

    Up to `run` nothing is done with the device: what goes wrong with it is told of in a sentence.

    Args:
        device: as `devices.pick_device` takes it.
        resume: where resume points are kept; None: nowhere.
    """

    def __init__(
        self,
        config: TrainConfig,
        facts: Dataset,
        splits: Mapping[str, Split],
        *,
        device: str,
        observer: Observer,
        store: Store,
        resume: ResumePoints | None,
        group: Group,
    ) -> None:
        self._config, self._splits, self._observer, self._store, self._group = config, splits, observer, store, group
        self._device = group.pick_device(device, on_warning=observer.on_warning)
        observer.on_device(str(self._device))
        environment = run_content.environment_record(self._device, processes=group.size)
        dataset = run_content.dataset_record(facts, splits)
        self._model = models.build(
            config.model, num_classes=facts.num_classes, seed=config.seed, shape=facts.input_shape
        )
        self._resume = ResumeKeeper(resume, store, on_warning=observer.on_warning)
        point = self._resume.read(
            config, dataset.fingerprints, check=lambda found: check_fit(found, config, self._model, dataset)
        )
        self._facts = RunFacts(
            config=config,
            dataset=dataset,
            model=run_content.model_record(config.model, self._model, facts.input_shape),
            environment=environment,
            preprocessing=(point and point.preprocessing) or run_content.new_preprocessing(facts, splits["train"]),
        )
        self._logits = KeptLogits(self._facts, splits, self._model, self._device, on_warning=observer.on_warning)
        self._finished = Finished()
        if point is not None:
            self._finished = Finished(point.history, dict(point.weights))
            self._logits.by_epoch.update({epoch: dict(logits) for epoch, logits in point.logits.items()})
        self._state = None if point is None else training_state_of(point)

    def run(self) -> None:
        """Train to the end of the last epoch.

        Raises:
            TrainingStoppedError: the observer requested it.
        """
        with devices.memory_guard(self._device):
            self._begin()
            with closing(self._trainer.epochs()) as reports:
                for report in reports:
                    self._finish_epoch(report)

    def save_whole(self) -> RunManifest:
        """Store the finished training as a complete run; where that fails, it is kept to be stored another time."""
        try:
            return self._store.save(self._content("complete"), replace=True)
        except StoreError:
            self._save_point()
            raise

    def save_finished(self, error: BaseException) -> None:
        """Store what is finished as the run of a training that ended early, unless what is stored came further."""
        finished = self._finished
        if not finished.epochs:
            return
        status: Status = "diverged" if isinstance(error, NonFiniteLossError) else "interrupted"
        if finished.share == self._config.epochs:  # it was only the saving that was interrupted
            status = "complete"
        there = stored_runs.find_manifest(self._store, self._run_id)
        if there is not None and (there.status == "complete" or _share(self._store, there) > finished.share):
            return
        self._observer.on_saved(self._store.save(self._content(status), replace=True))

    def release(self) -> None:
        """Drop the model and the images, to which a cycle leads; nothing may be called after this."""
        self.__dict__.clear()

    def _begin(self) -> None:
        config, preprocessing, train = self._config, self._facts.preprocessing, self._splits["train"]
        state, self._state = self._state, None  # its tensors are needed no longer than this
        self._group.broadcast_work(lambda: workers.work_order(self._facts, train, state), self._device)
        self._trainer = Trainer(
            self._model,
            train,
            self._splits["validation"],
            config,
            device=self._device,
            mean=preprocessing.mean,
            std=preprocessing.std,
            state=state,
            on_step=self._between_steps,
            on_curve=self._observer.on_curve,
            on_evaluate=lambda: self._between_evaluations(self._finished),
            group=self._group,
        )
        if self._logits.lacks(self._finished.epochs):  # left while its test images were evaluated
            self._logits.add_weights(self._finished.epochs, self._finished.weights)
        if state is not None:
            self._observer.on_resume(self._trainer.steps_done, self._trainer.steps)

    def _finish_epoch(self, report: EpochReport) -> None:
        before = self._finished
        self._finished = before.followed_by(report, copied_weights(self._model))
        if self._logits.lacks(report.epoch):
            stop = partial(self._between_evaluations, before)
            self._logits.add(report.epoch, validation=self._trainer.validation_logits, on_batch=stop)
        self._observer.on_epoch(report, self._config.epochs)
        if report.epoch < self._config.epochs:  # the whole run is stored at once after the last
            self._save_point()

    def _between_steps(self, done: int, steps: int) -> None:
        self._observer.on_step(done, steps)
        if self._observer.should_stop():
            self._save_point()
            if not self._finished.epochs:
                self._keep_part()
            raise self._stopped()
        if self._resume.is_due:
            self._save_point()

    def _between_evaluations(self, finished: Finished) -> None:
        """Stop where that was requested and there is an earlier epoch to show: ``finished`` is what is kept then."""
        if finished.epochs and self._observer.should_stop():
            self._save_point()
            self._finished = finished
            self._observer.on_step(self._trainer.steps_done, self._trainer.steps)  # not every step was told of
            raise self._stopped()

    def _stopped(self) -> TrainingStoppedError:
        done, steps = self._trainer.steps_done, self._trainer.steps
        return TrainingStoppedError(f"{self._run_id}: stopped as requested, after step {done} of {steps}")

    def _keep_part(self) -> None:
        """Make of the first epoch, as far as it came, something to show; resuming starts from the resume point."""
        with self._trainer.evaluated_weights():
            report = self._trainer.report_so_far()
            self._logits.add(report.epoch, validation=self._trainer.validation_logits)
            self._finished = Finished((report,), copied_weights(self._model))

    def _save_point(self) -> None:
        facts, finished, logits = self._facts, self._finished, self._logits.by_epoch
        self._resume.save(lambda: resume_point(facts, self._trainer.state(), finished, logits))

    def _content(self, status: Status) -> RunContent:
        last = self._finished.epochs
        if last not in self._logits.by_epoch:  # interrupted after an epoch that is not kept, or while it was predicted
            self._logits.add_last_weights(last, self._finished.weights)
        return self._facts.content(status, self._finished, self._logits.by_epoch, self._splits)

    @property
    def _run_id(self) -> str:
        return configs.run_id(self._config)


def _share(store: Store, run: RunManifest) -> float:
    """How many epochs a stored run was trained, a part of the first one counted as such."""
    try:
        return sum(report.share for report in store.history(run.run_id))
    except StoreError:  # nothing can be made of it any more
        return 0.0
