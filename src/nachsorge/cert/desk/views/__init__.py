"""The desk's pages; each asks `scope` for what it loads and `output` for what it shows."""
