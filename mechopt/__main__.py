"""Run the command line with ``python -m mechopt``."""

import sys

from mechopt.cli import main

sys.exit(main())
