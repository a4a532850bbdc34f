"""The tables are what the models say, on both databases."""

from __future__ import annotations

from django.core.management import call_command


def test_every_change_of_a_model_has_its_migration(db):
    # Exits with 1, and fails, where one is lacking.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_django_finds_nothing_to_say_against_the_settings(db):
    call_command("check", fail_level="WARNING", verbosity=0)
