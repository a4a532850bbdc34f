"""Writes what is generated of the pack format: pack.schema.json and the key tables in pack-format.md."""

from pathlib import Path

from nachsorge.packs.schema import key_tables, schema_text

HERE = Path(__file__).resolve().parent
MARK = "writes both again.\n\n"


def main() -> None:
    (HERE / "pack.schema.json").write_text(schema_text(), encoding="utf-8")
    page = HERE / "pack-format.md"
    head, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    page.write_text(head + mark + key_tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
