"""Repairs of a file that its schema proves: which rules mend which cells, as data that Python and JavaScript apply.

Nothing here changes a verdict. A rule is proposed by what is wrong with a column as a whole, and a proposal is made
only if the reference checker accepts it.
"""
