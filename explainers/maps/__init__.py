"""What the methods that give every part, or every pixel, a number have in common.

    output.py      which number of the model is explained: probability or log odds of the target
    baselines.py   what stands for a part that is absent
    soft_masks.py  random masks for RISE, and what the answers under them say of each place
    attention.py   reading a network's attention, and from word pieces to words
    form.py        raw numbers over words, columns or pixels -> Attribution

Each method is a file in the folder above.
"""
