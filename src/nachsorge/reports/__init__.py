"""Assessments for people: console and HTML, German and English. Wording lives in the catalogues, nowhere else."""
