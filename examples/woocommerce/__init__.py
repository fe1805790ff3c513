"""An adapter between WooCommerce and the ledger: orders in by webhooks, stock quantities back."""
