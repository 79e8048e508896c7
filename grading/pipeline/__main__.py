"""Start what grades while the rest is still imported, then run the steps."""

import sys

from grading.engine.start_worker import begin

if __name__ == "__main__":
    if "autograde" in sys.argv and "--scheduler" not in sys.argv:
        begin()
    from grading.pipeline.command_line import main

    sys.exit(main())
