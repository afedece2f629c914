"""What the methods by gradients have in common. The gradients themselves are captum's.

setup.py      the network of one instance, its baseline, and the output explained; every pass counted by the engine
networks.py   which models gradients go through, and why not the others
smoothing.py  the same map averaged over noisy copies (captum's NoiseTunnel)
merged.py     numbers over pixels, word pieces, coded columns -> Attribution
method.py     a method from the few lines that are its own
"""
