"""Why a cell is not what its field expects, in words that a partner can act on.

A cause is found by correcting the text: if it is right without its thousands separators, these are the cause. So a
cause is never a guess, and a message never repeats a cell.
"""
