"""What the methods that give every part, or every pixel, a number have in common.

    output.py     which number of the model is explained: probability or log odds of the target
    baselines.py  what stands for a part that is absent
    form.py       raw numbers over words, columns or pixels -> Attribution

Each method is a file in the folder above.
"""
