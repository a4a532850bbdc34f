"""The desk: where the CERT's people work what came in. Every query has a condition, every output a door."""
