"""Builds this example from the raw mails, once:

    python examples/spam_folder/build.py spam_assassin_1000.csv

The raw file has the columns label (ham or spam), subject and body; SOURCE.md says where it comes from. The script writes train.csv,
test.csv and model.skops beside itself. Foretell never runs it: a task folder is data.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pandas as pd
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

HERE = Path(__file__).resolve().parent
TRAIN, TEST = 500, 200


def read_mails(raw: Path) -> pd.DataFrame:
    """One text a mail, in random order; of mails that begin alike, as spam does, only one."""
    mails = pd.read_csv(raw, keep_default_na=False)
    mails["text"] = (mails["subject"] + ". " + mails["body"]).str.split().str.join(" ")
    mails["text"] = mails["text"].str.replace(r"\(?\b\d{3}\)?[-. ]{1,2}\d{3,4}[-. ]\d{4}\b", "PHONE", regex=True)
    beginning = mails["body"].str.lower().str.replace("[^a-z ]", "", regex=True).str[:80]
    return mails.loc[~beginning.duplicated(), ["text", "label"]].sample(frac=1, random_state=0)


def train(mails: pd.DataFrame) -> Pipeline:
    """Word weights and a logistic regression."""
    words = TfidfVectorizer(sublinear_tf=True, min_df=2, max_features=4000)
    model = make_pipeline(words, LogisticRegression(C=30)).fit(mails["text"], mails["label"])
    words.vocabulary_ = {word: int(column) for word, column in words.vocabulary_.items()}  # plain numbers: the file is 8 times smaller
    return model


def main(raw: Path) -> None:
    mails = read_mails(raw)
    parts = {"train": mails[:TRAIN], "test": mails[TRAIN : TRAIN + TEST]}
    for name, rows in parts.items():
        rows.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")
    model = train(parts["train"])
    skops.io.dump(model, HERE / "model.skops", compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    print(f"accuracy on test.csv: {model.score(parts['test']['text'], parts['test']['label']):.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
