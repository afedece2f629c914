"""How often the planted difference between two sets is found: pairs of sets with known differences, a judge without a language model, one table.

    python -m benchmarks.differences                      # every pair of the report half
    python -m benchmarks.differences --half tune --quick  # smaller sets, a third of the pairs
    python -m benchmarks.differences --ablations --purity --calibration

cases.py      which pairs there are: level, truth of A, truth of B, how the sets are made
truths.toml   what each planted difference is called, and what is half right
pictures.py   cut-outs on photographs; texts.py: sets of bundled texts
judge.py      1, 0.5 or 0 for a description, after the paper's scale (Dunlap et al., CVPR 2024, section 4)
run.py        one pair, its ablations and its sweep; table.py: means and intervals

The paper's benchmark cannot be had offline (its pictures come from Bing, its judge is GPT-4), so these numbers are not comparable with its own.
"""
