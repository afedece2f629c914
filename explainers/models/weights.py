"""Weight files on disk: check them against the task's `task.toml`, read them, and write them in half precision."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

TASK_FILE = "task.toml"
PREDICTIONS_FILE = "predictions.safetensors"
EMBEDDINGS_FILE = "train_embeddings.safetensors"
TEST_EMBEDDINGS_FILE = "test_embeddings.safetensors"
_CHUNK = 1 << 20  # bytes read at a time while hashing


def sha256_of(path: Path) -> str:
    """sha256 (hex) of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def verify(folder: Path, files: Sequence[Path], shared: Mapping[str, Path] | None = None) -> None:
    """Check that every file has the sha256 that `folder/task.toml` states for it.

    folder  the task's folder
    files   paths below it; the table `[sha256]` names them relative to it, with forward slashes ("minilm/model.safetensors")
    shared  name in the table ("../minilm/model.safetensors") -> path, for files that several tasks use, wherever they lie

    Raises ValueError with the sentence a person is shown.
    """
    stated: dict[str, str] = tomllib.loads((folder / TASK_FILE).read_text(encoding="utf-8")).get("sha256", {})
    named = {Path(os.path.relpath(path, folder)).as_posix(): path for path in files} | dict(shared or {})
    for name, path in named.items():
        if not path.is_file():
            raise ValueError(f"The weight file {name} of the task {folder.name} is missing.")
        found = sha256_of(path)
        if name not in stated:
            raise ValueError(f'The table [sha256] of {folder.name}/{TASK_FILE} lacks a file: add the line "{name}" = "{found}".')
        if found != stated[name].lower():
            raise ValueError(
                f"The weight file {name} is not the one that {folder.name}/{TASK_FILE} describes (its sha256 differs): "
                "restore the file, or run the task's build script again."
            )


def read_tensors(path: Path, names: Sequence[str] | None = None) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors file, all or those named; those in half precision come back as float32 (twice the bytes in memory)."""
    import torch
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in (file.keys() if names is None else names)}
    return {name: t.to(torch.float32) if t.dtype == torch.float16 else t for name, t in tensors.items()}


def write_tensors(path: Path, tensors: dict[str, torch.Tensor], half: bool = True, metadata: dict[str, str] | None = None) -> None:
    """Write tensors as safetensors, floating-point ones in half precision unless `half` is False."""
    import torch
    from safetensors.torch import save_file

    dtype = torch.float16 if half else torch.float32
    out = {name: (t.to(dtype) if t.is_floating_point() else t).detach().contiguous() for name, t in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(out, path, metadata=metadata)
    path.chmod(0o644)  # the library writes files that only their owner can read


def write_predictions(folder: Path, test: np.ndarray, fingerprint: str) -> None:
    """Store the probabilities of the test rows, float32 (n, classes), with the fingerprint of the model that gave them."""
    _write_array(folder / PREDICTIONS_FILE, "test", np.asarray(test, dtype=np.float32), fingerprint)


def read_predictions(folder: Path) -> tuple[str, np.ndarray] | None:
    """(fingerprint of the model they belong to, probabilities of the test rows as float32 (n, classes)); None when there are none."""
    return _read_array(folder / PREDICTIONS_FILE, "test")


def write_embeddings(folder: Path, train: np.ndarray, fingerprint: str) -> None:
    """Store what a model's `embed` says of the training rows, in half precision (n, k), with the fingerprint of the model."""
    _write_array(folder / EMBEDDINGS_FILE, "train", np.asarray(train, dtype=np.float16), fingerprint)


def read_embeddings(folder: Path) -> tuple[str, np.ndarray] | None:
    """(fingerprint of the model they belong to, embeddings of the training rows as float16 (n, k)); None when there are none."""
    return _read_array(folder / EMBEDDINGS_FILE, "train")


def write_test_embeddings(folder: Path, test: np.ndarray, fingerprint: str) -> None:
    """Likewise of the test rows, float32: of prototype networks, whose map shows them."""
    _write_array(folder / TEST_EMBEDDINGS_FILE, "test", np.asarray(test, dtype=np.float32), fingerprint)


def read_test_embeddings(folder: Path) -> tuple[str, np.ndarray] | None:
    """(fingerprint of the model they belong to, embeddings of the test rows as float32 (n, k)); None when there are none."""
    return _read_array(folder / TEST_EMBEDDINGS_FILE, "test")


def _write_array(path: Path, name: str, array: np.ndarray, fingerprint: str) -> None:
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(array)}, path, metadata={"fingerprint": fingerprint})
    path.chmod(0o644)


def _read_array(path: Path, name: str) -> tuple[str, np.ndarray] | None:
    from safetensors import safe_open

    if not path.is_file():
        return None
    with safe_open(path, framework="numpy") as file:
        return file.metadata()["fingerprint"], file.get_tensor(name)
