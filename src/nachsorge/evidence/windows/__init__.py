"""Windows events in whatever spelling: which telemetry they are, and how they become records."""
