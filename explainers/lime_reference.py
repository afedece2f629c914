"""The `lime` package itself (0.2.0.1, by the method's authors), asked through the same engine, so that anyone can check ours.

Same parameters, same parts, same cache and limits; its own sampling, selection and fit. It gives no intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from . import lime
from .bins import ENTROPY
from .explanation import Attribution, Score
from .methods import MethodSpec, Outcome, Request
from .neighbourhoods import images, tables, texts
from .parts import POSITIONS, SENTENCES, TextParts
from .picture_parts import MEAN_COLOUR, PictureParts, crop_box
from .tasks import Task

CHUNK = 512  # instances between two looks at the clock
PICTURES = 32  # the same for pictures, which the package makes whole


class _Stopped(Exception):
    """Carries a met limit out of the package's own call."""


def run(request: Request, params: lime.Params) -> Outcome:
    ask = request.ask
    ask.plan(params.num_samples)
    try:
        if isinstance(params, lime.TextParams):
            return _run_text(request, params)
        if isinstance(params, lime.ImageParams):
            return _run_image(request, params)
        assert isinstance(params, lime.TableParams)
        return _run_table(request, params)
    except _Stopped:
        spans: list[Any] | None = [] if request.task.modality == "text" else None
        payload = Attribution([], [], np.empty(0), "probability", None, None, 0.0, spans, spans)
        said = "The package gives nothing before its last sample, so there is no partial result."
        return Outcome(payload, [], [said], "partial", ask.stopped or "")


def _answer(request: Request, batch: Any) -> np.ndarray:
    """The package's whole batch in chunks, so that progress and cancel work inside its one call."""
    answers = []
    for start in range(0, len(batch), CHUNK):
        chunk = batch[start : start + CHUNK]
        proba = request.ask(chunk)
        if len(proba) < len(chunk):
            raise _Stopped
        answers.append(proba)
    return np.concatenate(answers)


def _run_text(request: Request, params: lime.TextParams) -> Outcome:
    from lime.lime_text import LimeTextExplainer

    parts, caveats = texts.text_parts(request.task, request.instance, params.parts, params.mask_word)
    if parts.kind == SENTENCES:
        raise ValueError("The lime package cannot take sentences as parts: shorten the text to what the model reads.")
    explainer = LimeTextExplainer(
        kernel_width=params.kernel_width or texts.KERNEL_WIDTH,
        feature_selection=params.feature_selection,
        bow=params.parts != POSITIONS,
        mask_string=params.mask_word if params.parts == POSITIONS else None,
        random_state=request.seed,
    )
    result = explainer.explain_instance(
        request.instance,
        lambda texts: _answer(request, list(texts)),
        labels=(request.target,),
        num_features=params.num_features,
        num_samples=params.num_samples,
    )
    return _outcome(request, params, result, parts.features, parts.names, parts, caveats)


def _run_table(request: Request, params: lime.TableParams) -> Outcome:
    from lime.lime_tabular import LimeTabularExplainer

    task, schema = request.task, request.task.table
    train = _codes(task, tables.train_frame(task))
    binned = params.discretizer != tables.UNBINNED
    explainer = LimeTabularExplainer(
        train,
        training_labels=np.asarray(task.labels("train")) if params.discretizer == ENTROPY else None,
        feature_names=schema.names,
        categorical_features=[j for j, column in enumerate(schema.columns) if column.categorical],
        categorical_names={j: [str(v) for v in column.values] for j, column in enumerate(schema.columns) if column.values is not None},
        kernel_width=params.kernel_width,
        feature_selection=params.feature_selection,
        discretize_continuous=binned,
        discretizer=params.discretizer if binned else "quartile",
        sample_around_instance=params.sample_around_instance,
        random_state=request.seed,
    )
    row = _codes(task, schema.frame([request.instance]))[0]
    result = explainer.explain_instance(
        row,
        lambda rows: _answer(request, _decoded(task, rows)),
        labels=(request.target,),
        num_features=params.num_features,
        num_samples=params.num_samples,
    )
    columns = tables.column_bins(task, params.discretizer if binned else "quartile")
    names = [
        column.name(int(column.index([value])[0]), value) if binned or column.column.categorical else f"{column.column.name} = {value:g}"
        for column, value in zip(columns, request.instance.values(), strict=True)
    ]
    return _outcome(request, params, result, schema.names, names, None, [])


def _run_image(request: Request, params: lime.ImageParams) -> Outcome:
    import lime.lime_image as lime_image

    lime_image.tqdm = lambda rows: rows  # its progress bar would fill the server's log
    if params.off != MEAN_COLOUR:
        raise ValueError("The lime package can only show a part's mean colour where it is switched off: choose that to compare.")
    task, picture = request.task, request.instance
    parts = images.picture_parts(task, picture, params.segmentation, params.segments, params.off)
    left, top, right, bottom = box = crop_box(task.model, picture.size)
    explainer = lime_image.LimeImageExplainer(
        kernel_width=params.kernel_width or images.KERNEL_WIDTH, feature_selection=params.feature_selection, random_state=request.seed
    )

    def answer(crops: np.ndarray) -> np.ndarray:
        """Crops back in their picture, as the model wants them."""
        whole = [picture.copy() for _ in crops]
        for copy, crop in zip(whole, crops, strict=True):
            copy.paste(Image.fromarray(crop), box[:2])
        return _answer(request, whole)

    result = explainer.explain_instance(
        np.asarray(picture)[top:bottom, left:right].copy(),
        answer,
        labels=(request.target,),
        top_labels=None,
        num_features=params.num_features or len(parts),
        num_samples=params.num_samples,
        batch_size=PICTURES,
        segmentation_fn=lambda _: parts.labels[top:bottom, left:right],
    )
    return _outcome(request, params, result, parts.features, parts.names, parts, [])


def _codes(task: Task, frame: pd.DataFrame) -> np.ndarray:
    """A table as the package wants it: floats, categories by their index."""
    columns = tables.column_bins(task, "quartile")
    coded = [c.index(frame[c.column.name]) if c.column.categorical else frame[c.column.name].to_numpy(dtype=np.float64) for c in columns]
    return np.column_stack(coded).astype(np.float64)


def _decoded(task: Task, rows: np.ndarray) -> pd.DataFrame:
    frame = {}
    for j, column in enumerate(task.table.columns):
        if column.categorical:
            frame[column.name] = column.from_codes(rows[:, j].astype(np.int64))
        else:
            frame[column.name] = column.array(column.whole(rows[:, j]) if column.integer else rows[:, j])
    return pd.DataFrame(frame, columns=task.table.names)


def _outcome(
    request: Request,
    params: lime.Params,
    result: Any,
    features: list[str],
    names: list[str],
    parts: TextParts | PictureParts | None,
    caveats: list[str],
) -> Outcome:
    weights = result.local_exp[request.target]
    chosen = [int(i) for i, _ in weights]
    # In text the package numbers words in its own order of first appearance, which is ours too.
    payload = Attribution(
        features=[features[i] for i in chosen],
        names=[names[i] for i in chosen],
        values=np.array([w for _, w in weights]),
        unit=tables.PER_DEVIATION if isinstance(params, lime.TableParams) and params.discretizer == tables.UNBINNED else "probability",
        intercept=float(result.intercept[request.target]),
        total=len(features),
        samples=params.num_samples,
        local_prediction=float(np.ravel(result.local_pred)[0]),
        **lime.where(parts, chosen, np.array([w for _, w in weights])),
    )
    fit_score = Score(
        "local fit (R²)", float(result.score), None, None, True, "How much of the model's behaviour nearby these numbers reproduce."
    )
    return Outcome(payload, [fit_score], caveats)


METHOD = MethodSpec("lime_reference", "attribution", "LIME (the lime package)", lime.params_for, lime.fits, run, lime.plan)
