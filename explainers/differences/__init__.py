"""Set-difference captions: how do two sets differ? After Dunlap et al., "Describing Differences in Image Sets" (CVPR 2024), VisDiff.

items.py       two sets of texts, rows or pictures, and the halves: one for proposing, the other for testing
statistics.py  AUROC, its interval, p and q
proposers/     items of the first half -> descriptions that may be truer of A
rankers/       a description and items -> how well it fits each
../difference.py puts them together
"""
