from __future__ import annotations

import pytest

from nachsorge.assets.sensors import sensor_of


@pytest.mark.parametrize(
    ("reader", "paths", "sensor"),
    [
        (
            "squid",
            [
                "site/access.log",
                "site/access.log.1",
                "site/access.log.2.gz",
                "site/access.1.log",
                "site/access-20230301.log",
                "site/access.log-20230301.gz",
                "site/access_2023-03-01.log",
                "site/2023-03-01/access.log",
            ],
            "site/access.log",
        ),
        (
            "bind",
            ["queries.log", "queries.log.0", "queries.2023-03-01-00-00-00.log", "queries-20230301T120000.log"],
            "queries.log",
        ),
        (
            "zeek_tsv",
            ["a/dns.log", "a/http.log", "a/2023-03-01/dns.00:00:00-01:00:00.log.gz", "a/dns.2023-03-01-23-00-00.log"],
            "a",
        ),
        ("zeek_json", ["dns.log", "2023-03-01/conn.log"], "."),
        ("zeek_json", ["z/part-0001.json", "z/part-0002.json", "z/2023-03-01.json.gz", "z/x509.log"], "z"),
        ("zeek_tsv", ["logs.zip!dns.log", "logs.zip!2023-03-01/dns.log"], "logs.zip"),
        ("w3c", ["W3SVC1/u_ex230301.log", "W3SVC1/u_ex230302.log"], "W3SVC1/u_ex.log"),
    ],
)
def test_rotated_files_of_one_log_are_one_sensor(reader, paths, sensor):
    assert {sensor_of(path, reader) for path in paths} == {sensor}


@pytest.mark.parametrize(
    ("reader", "paths"),
    [
        ("zeek_tsv", ["site-a/dns.log", "site-b/dns.log"]),
        ("zeek_tsv", ["all/dns.log", "all/dns-site-a.log", "all/dns-site-b.log.gz", "all/dns.2023-03-01.site2.log"]),
        ("zeek_tsv", ["logs.zip!a/dns.log", "logs.zip!b/dns.log", "other.zip!a/dns.log"]),
        ("squid", ["site/access.log", "site/cache.log", "site-b/access.log"]),
        ("cef", ["fw-10.0.0.1.log", "fw-10.0.0.2.log", "fw.10.0.0.1.log", "fw.11.0.0.1.log"]),
        ("cef", ["site-100001/fw.log", "site-100002/fw.log"]),
        ("w3c", ["W3SVC1/u_ex230301.log", "W3SVC2/u_ex230301.log"]),
    ],
)
def test_sites_stay_apart(reader, paths):
    assert len({sensor_of(path, reader) for path in paths}) == len(paths)
