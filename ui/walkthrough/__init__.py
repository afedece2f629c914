"""The walk-through: a few steps at the end of which a visitor has found out, from maps alone, what the biased model looks at.

material.py  what is stored for it: pictures, maps, and what was counted over many pictures
words.py     every sentence, and the presenter's notes
drawing.py   pictures and the chart
screen.py    full screen, and the page's close-fitting look
steps.py     what each step shows
page.py      the frame: where one is, the keys, the notes
"""
