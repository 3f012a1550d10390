"""Proposes a Table Schema for a sample file, as an expert would write it.

The proposal is verified: the file is valid by it, or `propose` says why it cannot be.
"""

from chalicelib.validation.inference.proposal import Proposal, infer, propose

__all__ = ["Proposal", "infer", "propose"]
