"""Make the exchange's plug-ins importable, as a hub's environment does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "hub" / "shared"))
