"""Shapley values through the `shap` package (Lundberg and Lee, "A unified approach to interpreting model predictions", NIPS 2017).

    players.py    who plays: words, areas of a picture, columns; and what the model is shown where some of them are absent
    grouping.py   how they are grouped, for the partition explainer
    game.py       what a coalition is worth: the model's output with only these parts, asked through the engine and remembered
    borrowed.py   numpy's global random state, which shap draws from, given back between and after
    method.py     a method from the few lines that are its own
    trees.py      tree ensembles in the form that shap reads

The methods are the files shap_tree.py, shap_partition.py, shap_kernel.py and shap_permutation.py in the folder above.
"""
