"""Fuzzing of the three readers of returns: sound files with faults put where each format may be broken.

`python -m tests.intermediaries.fuzzing --minutes 60 --seed 1` reads files until the time is over, each in a process of
its own with a limit of memory and a deadline, and keeps every file that made one crash, hang, grow or say nonsense.
`--only xlsx` keeps to one reader, and `--number N` makes the one file of a seed that a run complained of.
"""
