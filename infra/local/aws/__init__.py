"""AWS on this machine: moto, with patches for what it lacks.

moto's Step Functions engine imports its Batch, and that its EC2, which takes 0.8 s of every start. The engine only
uses an enumeration of Batch, so the package is entered here without running its `__init__`.
"""

import importlib.util
import sys

_UNUSED = importlib.util.find_spec("moto.batch")
if _UNUSED is not None:
    sys.modules.setdefault("moto.batch", importlib.util.module_from_spec(_UNUSED))
