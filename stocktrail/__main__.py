"""Lets ``python -m stocktrail`` do what ``stocktrail`` does."""

import sys

from stocktrail.interfaces.cli import main

sys.exit(main())
