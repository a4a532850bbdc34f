"""The index: what was read of evidence, in compact form, so that another list is judged without the evidence.

A folder of Parquet files and one `manifest.json`. Imports the vocabulary only: what is worth keeping of a record is
decided by whoever fills it (sweep/gather), and what it means by whoever asks it (sweep/recall).
"""
