"""Triggers that keep a release as it is, whoever writes to the database: for SQLite and for PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_FIXED = ("campaign_id", "number", "circle", "content", "behind", "digest", "inputs", "prepared_by", "prepared_at")
_REFUSAL = "a release is never changed"

_SQLITE = f"""
CREATE TRIGGER picture_release_fixed BEFORE UPDATE ON picture_release
WHEN OLD.state <> 'prepared' OR {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _FIXED)}
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_FUNCTION = f"""
CREATE FUNCTION picture_release_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'prepared' OR {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _FIXED)} THEN
    RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""
_TRIGGER = """
CREATE TRIGGER picture_release_fixed BEFORE UPDATE ON picture_release
FOR EACH ROW EXECUTE FUNCTION picture_release_fixed()
"""


def put_up(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger for the database in use."""
    for statement in {"sqlite": [_SQLITE], "postgresql": [_FUNCTION, _TRIGGER]}[editor.connection.vendor]:
        editor.execute(statement)


def take_down(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove it again, so that the migration can be undone."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER picture_release_fixed ON picture_release")
        editor.execute("DROP FUNCTION picture_release_fixed()")
    else:
        editor.execute("DROP TRIGGER picture_release_fixed")
