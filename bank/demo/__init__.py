"""The demonstration: a whole institution from shipped data, played through the same commands as every other door.

What is real: the dormant money, as far as it was published (`data/published.json`, with sources), and the places. What
is invented: every intermediary, every borrower, every loan. No real organisation is shown with a loan or a loss: names
are made up, and the numbers in their identifiers lie far beyond what any register has issued.
"""
