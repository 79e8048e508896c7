"""The finale of your own framework, in a terminal: `python -m tinytorch`."""

import sys

from tinytorch._finale.run import main

if __name__ == "__main__":
    sys.exit(main())
