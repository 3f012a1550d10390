"""Why a cell is not what its field expects, in words that a partner can act on.

A cause is found by repairing the text: if it is right with thousands separators left out, these are the cause. So a
cause is never a guess, and a message never repeats a cell.
"""
