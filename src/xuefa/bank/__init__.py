"""Bank: the items, read strictly and proved against the official texts."""
