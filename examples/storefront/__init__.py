"""What the adapters for Shopify and WooCommerce share: webhooks in, salable quantities back."""
