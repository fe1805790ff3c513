"""Whose file a file is: each system's format by its name, and ``csv`` for any list."""

from typing import Literal

FormatName = Literal["shopify", "woocommerce", "magento", "csv"]
