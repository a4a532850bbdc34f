"""Campaigns, organisations with their controlling groups and contacts, partners' counts, tokens."""
