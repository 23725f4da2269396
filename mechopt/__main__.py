"""Run the command line with ``python -m mechopt``."""

import sys

from mechopt.cli.main import main

sys.exit(main())
