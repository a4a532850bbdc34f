import gzip

from nachsorge.evidence.units import units


def written(path, body=b"nothing in particular\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return str(path)


def test_a_file_given_by_itself_is_not_read_again_with_its_folder(tmp_path):
    written(tmp_path / "a" / "one.log")
    alone = written(tmp_path / "a" / "b" / "two.log")
    found = list(units([str(tmp_path), alone], {alone: "pc-2"}))
    assert [(unit.path.name, unit.host) for unit in found] == [("one.log", None), ("two.log", "pc-2")]


def test_a_folder_given_by_itself_is_not_read_again_with_the_one_above(tmp_path):
    written(tmp_path / "one.log")
    written(tmp_path / "b" / "two.log")
    below = str(tmp_path / "b")
    found = list(units([below, str(tmp_path)], {below: "pc-2"}))
    assert sorted((unit.path.name, unit.host) for unit in found) == [("one.log", None), ("two.log", "pc-2")]


def test_a_folder_of_which_everything_is_given_by_itself_is_not_called_empty(tmp_path):
    alone = written(tmp_path / "one.log")
    assert [unit.trouble for unit in units([str(tmp_path), alone], {})] == [None]


def test_names_are_compared_whole(tmp_path):
    written(tmp_path / "logs-old" / "one.log")
    alone = written(tmp_path / "logs" / "two.log")
    assert len(list(units([str(tmp_path), str(tmp_path / "logs")], {}))) == 2
    assert alone


def test_compressed_leases_are_read_before_all_others(tmp_path):
    written(tmp_path / "dhcp.log.gz", gzip.compress(b"#fields\tts\tassigned_addr\thost_name\n"))
    written(tmp_path / "other.log")
    assert {unit.path.name: unit.early for unit in units([str(tmp_path)], {})} == {
        "dhcp.log.gz": True,
        "other.log": False,
    }


def test_what_is_called_as_programs_are_is_read_early_whatever_its_size_and_logs_are_looked_at(tmp_path):
    large = b"nothing in particular\n" * 20_000
    for name in ("app.dll", "photo.PNG", "words.odd", "dns.log"):
        written(tmp_path / name, large)
    written(tmp_path / "small.odd")
    assert {unit.path.name: unit.early for unit in units([str(tmp_path)], {})} == {
        "app.dll": True,
        "photo.PNG": True,
        "words.odd": False,
        "dns.log": False,
        "small.odd": True,
    }
