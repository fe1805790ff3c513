"""A second process that answers nothing."""

import sys

if __name__ == "__main__":
    sys.stdin.read()
