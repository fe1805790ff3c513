"""Lets ``python -m interfaces.cli`` do what ``stocktrail`` does."""

import sys

from interfaces.cli import main

sys.exit(main())
