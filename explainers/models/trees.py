"""Gradient-boosted trees over the rows of a table, stored in xgboost's own format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from explainers.models import weights
from explainers.models.base import checked_probabilities, fingerprint_of
from explainers.models.encoding import Encoding

if TYPE_CHECKING:
    import xgboost

MAX_BATCH_COST = 8192  # rows in one call


class TreesClassifier:
    """Adapter: `Model` over a table. A batch is a DataFrame or a list of rows as dictionaries."""

    embeds = "what each of its trees says"
    reads_coded = True  # a `CodedTable` too

    def __init__(self, name: str, class_names: list[str], booster: xgboost.Booster, encoding: Encoding, fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.booster = booster
        self.encoding = encoding

    @classmethod
    def load(cls, folder: Path, class_names: list[str], task_folder: Path | None = None, name: str = "trees") -> TreesClassifier:
        """Read `model.ubj` (xgboost's binary JSON; no pickle) and `encoding.json` from `folder`."""
        files = [folder / "model.ubj", folder / "encoding.json"]
        weights.verify(task_folder or folder.parent, files)
        import xgboost

        booster = xgboost.Booster(model_file=str(files[0]))
        booster.set_param({"nthread": 1})
        fingerprint = fingerprint_of(files, {"kind": "xgboost", "class_names": class_names})
        return cls(name, class_names, booster, Encoding.read(files[1]), fingerprint)

    def costs(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Every row costs 1: int64 (n,)."""
        return np.ones(len(batch), dtype=np.int64)

    def predict_proba(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        rows = self.encoding.encode(batch)
        proba = self.booster.inplace_predict(rows).astype(np.float64) if len(rows) else np.zeros(0)
        if proba.ndim == 1:  # two classes: the probability of the second one
            proba = np.column_stack([1 - proba, proba])
        return checked_probabilities(proba, len(batch), len(self.class_names))

    def embed(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """What each tree says, the value of the leaf that a row ends in: float32 (n, trees).

        With two classes, the sum over the trees plus `base` is the log odds of the second class.
        """
        import xgboost

        values, _ = self._leaves
        rows = self.encoding.encode(batch)
        if not len(rows):
            return np.zeros((0, len(values)), dtype=np.float32)
        leaf = self.booster.predict(xgboost.DMatrix(rows, nthread=1), pred_leaf=True).reshape(len(rows), -1).astype(np.int64)
        return values[np.arange(len(values)), leaf]

    @property
    def base(self) -> float:
        """Log odds of the second of two classes before any tree has spoken."""
        return self._leaves[1]

    @cached_property
    def _leaves(self) -> tuple[np.ndarray, float]:
        """Value of each node that is a leaf, float32 (trees, most nodes of a tree), and the base. xgboost's JSON form holds both."""
        learner = json.loads(bytes(self.booster.save_raw("json")))["learner"]
        trees = [np.asarray(tree["split_conditions"], dtype=np.float32) for tree in learner["gradient_booster"]["model"]["trees"]]
        values = np.zeros((len(trees), max(map(len, trees))), dtype=np.float32)
        for row, tree in zip(values, trees, strict=True):
            row[: len(tree)] = tree
        start = float(str(learner["learner_model_param"]["base_score"]).strip("[]").split(",")[0])  # a probability
        return values, float(np.log(start / (1 - start)))
