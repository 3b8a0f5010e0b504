"""The libraries that the numbers of a result depend on."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy

NUMPY_VERSION: Final = np.__version__
SCIPY_VERSION: Final = scipy.__version__
