"""The bars of the study store, as programs: what it promises under crowds, repeated sendings, killed writers and load.

    python -m benchmarks.studies arrivals       # who comes gets one place, once, in the order of the list
    python -m benchmarks.studies exactly_once   # one answer a step, the first
    python -m benchmarks.studies kill           # what was acknowledged is there, whatever was killed
    python -m benchmarks.studies whole          # how long a whole study takes by API

Each prints one table and ends with 1 where a bar is missed.
"""
