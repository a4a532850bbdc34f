"""nachsorge: the second look after a supplier has shipped malware."""

__version__ = "0.1.0"
