"""yara-x panics where a scanner is dropped in another thread, as the garbage collector of a pool's thread would."""

import gc
import threading

from nachsorge.matching.yara import YaraScanner

RULE = 'rule marker { strings: $a = "harmless marker" condition: $a }'


def test_a_scanner_in_a_circle_may_be_collected_in_any_thread():
    gc.disable()
    try:
        circle: list[object] = [YaraScanner([(7, RULE)])]
        circle.append(circle)
        del circle
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
    finally:
        gc.enable()  # a drop in the wrong thread is an unraisable error, which pytest makes a failure


def test_every_thread_scans_for_itself():
    found: list[list[int]] = []
    scanning = threading.Thread(target=lambda: found.append(YaraScanner([(7, RULE)]).scan(b"a harmless marker")))
    scanning.start()
    scanning.join()
    assert found == [[7]] == [YaraScanner([(7, RULE)]).scan(b"a harmless marker")]
    assert YaraScanner([(7, RULE)]).scan(b"nothing") == []
