"""scikit-learn models from skops files: their class order, their columns, and what is refused."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from explainers.models.base import Model
from explainers.models.sklearn_skops import SkopsClassifier

TEXTS = ["free money now", "lunch at noon", "free pills", "notes of the meeting"] * 5
TABLE = pd.DataFrame({"age": np.arange(20.0), "town": ["x", "y"] * 10, "height": np.arange(20)[::-1]})
ODD = [0, 1] * 10


def saved(tmp_path: Path, model) -> Path:
    skops.io.dump(model, tmp_path / "model.skops")
    return tmp_path / "model.skops"


def text_model(labels) -> object:
    return make_pipeline(TfidfVectorizer(), LogisticRegression(C=100)).fit(TEXTS, labels)


def table_model(labels=ODD, last=None) -> object:
    categories = make_column_transformer((OneHotEncoder(sparse_output=False), ["town"]), remainder="passthrough")
    return make_pipeline(categories, StandardScaler(), LogisticRegression() if last is None else last).fit(TABLE, labels)


def refused(action) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is what the tests look at)
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("labels", "class_names", "expected"),
    [
        (["spam", "ham"] * 10, ["spam", "ham"], 0),  # the model sorts its classes: ham, spam
        (["spam", "ham"] * 10, ["ham", "spam"], 1),
        ([1, 0] * 10, ["ham", "spam"], 1),
        ([0, 1] * 10, ["spam", "ham"], 0),
        ([True, False] * 10, ["ham", "spam"], 1),
        ([1.0, 0.0] * 10, ["ham", "spam"], 1),
        ([7, 3] * 10, ["7", "3"], 0),  # digits as names
        ([1, 0] * 10, ["1", "0"], 0),  # names win over indices
        ([1, 0] * 10, ["0", "1"], 1),
    ],
)
def test_probabilities_come_in_the_order_of_class_names(tmp_path, labels, class_names, expected):
    model = SkopsClassifier.load(saved(tmp_path, text_model(labels)), class_names, text=True)
    assert isinstance(model, Model)
    proba = model.predict_proba(["free money", "notes of lunch"])
    assert proba.argmax(axis=1).tolist() == [expected, 1 - expected]
    assert model.predict_proba([]).shape == (0, 2)


def test_three_classes_in_any_order(tmp_path):
    labels = ["b", "c", "b", "a"] * 5
    pipeline = text_model(labels)
    model = SkopsClassifier.load(saved(tmp_path, pipeline), ["c", "a", "b"], text=True)
    np.testing.assert_allclose(model.predict_proba(TEXTS[:4]), pipeline.predict_proba(TEXTS[:4])[:, [2, 0, 1]])


def test_tables_are_given_as_the_model_knows_them(tmp_path):
    pipeline = table_model()
    model = SkopsClassifier.load(saved(tmp_path, pipeline), ["no", "yes"], text=False)
    expected = pipeline.predict_proba(TABLE)
    shuffled = TABLE.assign(more=1)[["more", "height", "town", "age"]]
    for given in (TABLE, shuffled, TABLE.to_dict("records")):
        np.testing.assert_allclose(model.predict_proba(given), expected)
    assert "reads the column 'town', which the data has not: its columns are age, height." in refused(
        lambda: model.predict_proba(TABLE[["age", "height"]])
    )


@pytest.mark.filterwarnings("error")
def test_a_model_that_was_fitted_without_column_names_reads_plain_numbers(tmp_path):
    numbers = TABLE[["age", "height"]]
    plain = LogisticRegression().fit(numbers.to_numpy(), ODD)
    model = SkopsClassifier.load(saved(tmp_path, plain), ["no", "yes"], text=False)
    np.testing.assert_allclose(model.predict_proba(numbers), plain.predict_proba(numbers.to_numpy()))


def test_an_unknown_category_is_a_sentence(tmp_path):
    model = SkopsClassifier.load(saved(tmp_path, table_model()), ["no", "yes"], text=False)
    assert "The model skops could not answer: ValueError: Found unknown categories" in refused(
        lambda: model.predict_proba(TABLE.assign(town="z"))
    )


def test_fingerprints_tell_files_and_class_names_apart(tmp_path):
    path = saved(tmp_path, text_model(ODD))
    one = SkopsClassifier.load(path, ["a", "b"], text=True).fingerprint
    assert one == SkopsClassifier.load(path, ["a", "b"], text=True, name="other").fingerprint
    assert one != SkopsClassifier.load(path, ["b", "a"], text=True).fingerprint
    assert one != SkopsClassifier.load(saved(tmp_path, text_model(ODD[::-1])), ["a", "b"], text=True).fingerprint


def own_function(x):
    return x


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: table_model(last=LinearSVC()), "holds a LinearSVC, which has no predict_proba: use a classifier that gives probabilities"),
        (lambda: table_model(last=SGDClassifier()), "holds a SGDClassifier, which has no predict_proba"),
        (lambda: table_model(last=LinearRegression()), "holds a LinearRegression, which has no predict_proba"),
        (lambda: StandardScaler().fit(TABLE[["age"]]), "holds a StandardScaler, which has no predict_proba"),
        (lambda: {"a": 1}, "holds a dict, which has no predict_proba"),
        (lambda: LogisticRegression(), "holds a LogisticRegression that was not fitted: call fit before saving it."),
        (lambda: make_pipeline(StandardScaler(), LogisticRegression()), "holds a LogisticRegression that was not fitted"),
        (
            lambda: MultiOutputClassifier(LogisticRegression()).fit(TABLE[["age"]], np.c_[ODD, ODD[::-1]]),
            "holds a MultiOutputClassifier that answers several questions at once (multi-output), which is not supported",
        ),
        (
            lambda: table_model(last=RandomForestClassifier(2)),
            "holds types that skops does not trust by itself (sklearn.tree._tree.Tree): if you trust the file, load it in a Python",
        ),
        (
            lambda: make_pipeline(FunctionTransformer(own_function), LogisticRegression()).fit(TABLE[["age"]], ODD),
            "): if you trust the file, load it in a Python file that calls explainers.make_task",
        ),
        (
            lambda: text_model(["spam", "eggs"] * 10),
            "was fitted on the classes eggs, spam, but class_names says no, yes: write the same words",
        ),
        (lambda: text_model([1, 2] * 10), "was fitted on the classes 1, 2, but class_names says no, yes"),
        (lambda: text_model([0, 1, 2, 1] * 5), "was fitted on the classes 0, 1, 2, but class_names says no, yes"),
    ],
)
def test_models_that_do_not_fit_are_refused(tmp_path, make, says):
    path = saved(tmp_path, make())
    assert says in refused(lambda: SkopsClassifier.load(path, ["no", "yes"], text=True))


def test_a_pickle_is_refused_unread(tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(b"\x80\x04K\x01.")
    assert "model.skops is not a skops file: save the model with skops.io.dump" in refused(
        lambda: SkopsClassifier.load(path, ["a", "b"], True)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", "words")
    assert "model.skops cannot be read by skops: KeyError" in refused(lambda: SkopsClassifier.load(path, ["a", "b"], True))
    assert "is missing" in refused(lambda: SkopsClassifier.load(tmp_path / "gone.skops", ["a", "b"], True))


def test_scores_that_are_no_probabilities_are_refused(tmp_path):
    model = SkopsClassifier.load(saved(tmp_path, text_model(ODD)), ["a", "b"], text=True)

    class Scores:
        def predict_proba(self, batch):
            return np.ones((len(batch), 2))

    model.model = Scores()
    assert "do not sum to 1" in refused(lambda: model.predict_proba(["free"]))


def test_the_page_says_truly_which_types_are_trusted():
    """docs/own_model.md lists them; a new release of skops may change that."""
    numbers = np.random.default_rng(0).random((20, 2))
    trusted = [LogisticRegression(), GaussianNB(), SVC(), LinearDiscriminantAnalysis()]
    untrusted = [DecisionTreeClassifier(), RandomForestClassifier(2), GradientBoostingClassifier(n_estimators=2), KNeighborsClassifier()]
    untrusted += [CalibratedClassifierCV(LinearSVC()), MLPClassifier(max_iter=1, solver="adam")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {type(m).__name__: skops.io.get_untrusted_types(data=skops.io.dumps(m.fit(numbers, ODD))) for m in trusted + untrusted}
    assert [name for name, types in found.items() if not types] == [type(m).__name__ for m in trusted]


def test_a_small_file_that_unpacks_to_very_much_is_refused_before_it_is(tmp_path, monkeypatch):
    path = tmp_path / "bomb.skops"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b"0" * 60_000_000)
    monkeypatch.setattr("skops.io.get_untrusted_types", lambda **_: pytest.fail("It was unpacked."))
    with pytest.raises(ValueError, match=r"bomb\.skops unpacks to 60 MB"):
        SkopsClassifier.load(path, ["no", "yes"], text=True)


def test_a_vectoriser_that_opens_files_is_refused(tmp_path):
    texts = tmp_path / "a.txt"
    texts.write_text("good film")
    model = make_pipeline(TfidfVectorizer(input="filename"), LogisticRegression()).fit([str(texts)] * 2, ["no", "yes"])
    skops.io.dump(model, tmp_path / "m.skops")
    with pytest.raises(ValueError, match='reads files \\(input="filename"\\)'):
        SkopsClassifier.load(tmp_path / "m.skops", ["no", "yes"], text=True)
