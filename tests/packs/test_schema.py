"""The published schema and key tables are those of the code, and the schema takes the packs that load."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from nachsorge.packs.library import shipped
from nachsorge.packs.new import new_pack
from nachsorge.packs.schema import key_tables, pack_schema, schema_text

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
AGAIN = "run make docs"


def content(path: Path) -> Any:
    return _dates_as_text(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def _dates_as_text(value: Any) -> Any:
    # YAML 1.2, which editors use, has no dates; this loader still makes some.
    match value:
        case dict():
            return {key: _dates_as_text(each) for key, each in value.items()}
        case list():
            return [_dates_as_text(each) for each in value]
        case date():
            return value.isoformat()
    return value


def test_the_published_schema_is_the_generated_one() -> None:
    assert (REFERENCE / "pack.schema.json").read_text(encoding="utf-8") == schema_text(), AGAIN


def test_the_published_key_tables_are_the_generated_ones() -> None:
    assert (REFERENCE / "pack-format.md").read_text(encoding="utf-8").endswith(key_tables()), AGAIN


def test_the_schema_is_itself_valid_and_takes_every_shipped_pack() -> None:
    jsonschema.Draft202012Validator.check_schema(pack_schema())
    assert shipped()
    for each in shipped():
        jsonschema.validate(content(each.folder / "pack.yaml"), pack_schema())


def test_the_schema_takes_the_skeleton_and_refuses_an_unknown_key(tmp_path: Path) -> None:
    pack = content(new_pack(tmp_path / "made-2026", "made-2026") / "pack.yaml")
    jsonschema.validate(pack, pack_schema())
    pack["stages"][1]["traces"][0]["wieght"] = "strong"
    with pytest.raises(jsonschema.ValidationError, match="wieght"):
        jsonschema.validate(pack, pack_schema())
