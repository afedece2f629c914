"""A task from Python: gradient-boosted trees on the German credit data.

    python -m explainers check examples/german_credit.py

Foretell runs this file only when you name it on the command line. The data (see german_credit_SOURCE.md) are 1,000 loan applications of
the 1970s; the model tells good credit risks from bad ones. It is an example, not a way to decide about a person.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import explainers

DATA = Path(__file__).with_name("german_credit.csv")
CATEGORIES = ["sex", "job", "housing", "saving_accounts", "checking_account", "purpose"]


def task() -> explainers.Task:
    """What Foretell asks for: a task, made from a function that gives probabilities and from rows."""
    rows = pd.read_csv(DATA)
    risk = rows.pop("risk")  # 0 bad, 1 good
    train, test, train_risk, test_risk = train_test_split(rows, risk, test_size=0.3, random_state=0, stratify=risk)

    categories = make_column_transformer((OneHotEncoder(sparse_output=False), CATEGORIES), remainder="passthrough")
    model = make_pipeline(categories, GradientBoostingClassifier(n_estimators=60, max_depth=3, random_state=0))
    model.fit(train, train_risk)

    return explainers.make_task(
        "german credit",
        "tabular",
        predict_proba=model.predict_proba,  # gets a DataFrame with these columns, returns one row of probabilities for each
        data=test,
        labels=test_risk.tolist(),
        class_names=["bad", "good"],
        train=train,
        categorical=CATEGORIES,
        version="1",  # change it when the model changes: answers are remembered under this name
    )
