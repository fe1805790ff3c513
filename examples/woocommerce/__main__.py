"""Run the adapter for WooCommerce: ``python -m examples.woocommerce receive`` or ``write-back``."""

import os
import sys

from examples.storefront.program import address, parser_of, run, secret
from examples.storefront.translation import Platform
from examples.woocommerce.platform import woocommerce
from examples.woocommerce.stock import WooCommerceStock


def main() -> int:
    """Do what the command line asks for."""
    parser = parser_of("woocommerce")
    parser.add_argument("--site", type=address, help="such as https://shop.example")
    asked = parser.parse_intermixed_args()
    if asked.do == "write-back" and not asked.site:
        parser.error("write-back needs --site")

    def stock() -> WooCommerceStock:
        key, hidden = secret("WOOCOMMERCE_KEY"), secret("WOOCOMMERCE_SECRET")
        return WooCommerceStock(asked.site, key, hidden)

    def platform() -> Platform:
        can_ask = asked.site and os.environ.get("WOOCOMMERCE_KEY")
        refunds_of = stock().refunds_of if can_ask else None
        return woocommerce(asked.pool, asked.new_items_at, refunds_of)

    return run(asked, platform, lambda: [secret("WOOCOMMERCE_WEBHOOK_SECRET")], stock)


if __name__ == "__main__":
    sys.exit(main())
