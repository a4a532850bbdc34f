"""Record x tests -> hits; and the sieve, which is an optimisation proven equal."""
