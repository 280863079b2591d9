"""One in-memory implementation per port; each passes the contract suite of the real thing."""
