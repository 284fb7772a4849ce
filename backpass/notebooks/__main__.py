"""``python -m backpass.notebooks``."""

import sys

from backpass.notebooks import main

sys.exit(main())
