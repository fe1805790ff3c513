"""Run the adapter for Shopify: ``python -m examples.shopify receive`` or ``write-back``."""

import os
import sys

from examples.shopify.platform import shopify
from examples.shopify.stock import ShopifyStock
from examples.storefront.program import address, parser_of, run, secret
from examples.storefront.translation import Platform


def main() -> int:
    """Do what the command line asks for."""
    parser = parser_of("shopify")
    parser.add_argument("--shop", default="", help="such as example.myshopify.com")
    parser.add_argument("--location", default="", help="id of the location that is written to")
    parser.add_argument("--source", action="append", default=[], metavar="LOCATION=SOURCE",
                        help="the source that a location is; may be repeated")
    parser.add_argument("--site", type=address, help="its API elsewhere, as a stand-in")
    asked = parser.parse_intermixed_args()
    if not all("=" in each for each in asked.source):
        parser.error("--source takes LOCATION=SOURCE, such as 655441491=berlin")
    if asked.do == "write-back" and not (asked.location and (asked.shop or asked.site)):
        parser.error("write-back needs --shop and --location")
    sources = dict(each.split("=", 1) for each in asked.source)

    def platform() -> Platform:
        return shopify(sources, asked.pool, asked.new_items_at)

    def secrets() -> list[str]:
        """Return the client secret, and the one before while Shopify still signs with it."""
        earlier = os.environ.get("SHOPIFY_EARLIER_CLIENT_SECRET")
        return [secret("SHOPIFY_CLIENT_SECRET"), *([earlier] if earlier else [])]

    def stock() -> ShopifyStock:
        token = secret("SHOPIFY_ACCESS_TOKEN")
        return ShopifyStock(asked.shop, token, asked.location, site=asked.site)

    return run(asked, platform, secrets, stock)


if __name__ == "__main__":
    sys.exit(main())
