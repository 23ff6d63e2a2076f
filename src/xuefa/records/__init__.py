"""Records: what was done, by whom and when, append-only; the roster and the session ledger."""
