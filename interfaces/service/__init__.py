"""What the HTTP API and the dashboard share: one ledger behind them, and what guards it."""
