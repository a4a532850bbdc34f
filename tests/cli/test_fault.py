"""A fault of our own must not read as a finding."""

from __future__ import annotations

import pytest

from nachsorge import cli


def test_a_fault_of_ours_does_not_end_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 70
    assert "a fault" in capsys.readouterr().err
