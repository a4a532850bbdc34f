"""The parts that `make.py` puts together: the story, the logs of both sites, the Windows hosts, the collections."""
