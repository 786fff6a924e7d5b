"""``python -m auditor`` is the command ``auditor``."""

import sys

from auditor.cli import main

sys.exit(main())
