"""What the method `anchors` is made of.

bounds.py     how far a share measured on n samples may be off
search.py     the beam search; knows neither tables nor words nor pictures, only a `Sampler`
tables.py     conditions on columns; rows that meet them
masks.py      parts of a text or a picture that stay while others change; samples shared by all rules that they obey
texts.py      words masked, replaced by similar words or by those of a masked language model
images.py     superpixels switched off
worlds.py     the one of these that fits a task
"""
