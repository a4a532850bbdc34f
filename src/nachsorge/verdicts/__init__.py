"""The judge: pure functions of (pack, sightings, coverage, inventory). Standard library only, nothing read, no clock.

Laws, each held by a property test: one more sighting never softens a verdict; less coverage never clears; the order of
the input does not matter; nothing read is never ruled out.
"""
