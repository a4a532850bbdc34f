from __future__ import annotations

import pytest

from nachsorge.errors import InputError, InventoryError, NachsorgeError, PackError, Problem, UsageError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(path="pack.yaml", message="no stages"), "pack.yaml: no stages"),
        (Problem(path="pack.yaml", line=3, message="unknown rung"), "pack.yaml:3: unknown rung"),
        (
            Problem(path="pack.yaml", line=3, column=7, message="unknown rung", remedy="one of exposed, executed"),
            "pack.yaml:3:7: unknown rung (one of exposed, executed)",
        ),
    ],
)
def test_a_problem_reads_as_place_message_remedy(problem, text):
    assert str(problem) == text


def test_an_input_error_tells_all_problems_one_a_line():
    problems = [Problem(path="a", message="first"), Problem(path="a", line=2, message="second")]
    error = PackError(problems)
    assert error.problems == problems
    assert str(error) == "a: first\na:2: second"


def test_everything_raised_on_purpose_can_be_caught_as_one():
    assert all(issubclass(kind, NachsorgeError) for kind in (UsageError, InputError, PackError, InventoryError))
