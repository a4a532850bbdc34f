"""Assessments for people: console, HTML and PDF, short and full, German and English.

The wording is English here (`said`, `_("...")` in code and templates) and German in the catalogues of `locale`.
"""
