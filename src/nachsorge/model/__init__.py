"""The vocabulary: frozen dataclasses and enums that cross folders. Standard library only."""
