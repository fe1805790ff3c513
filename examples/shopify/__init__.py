"""An adapter between Shopify and the ledger: orders in by webhooks, salable quantities back."""
