"""What the methods by Shapley values have in common. The values themselves are the shap package's.

game.py    the parts of an instance as players: the model's output when only some are there
solved.py  a method from the few lines that are its own
"""
