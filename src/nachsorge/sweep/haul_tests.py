"""What a pass over the evidence looks for to say what a host is worth: programs, and events of the Security log.

It is a pack like any other, so that readers, sieve and tests are those of a sweep; its stages are traits.
"""

from __future__ import annotations

from functools import lru_cache

from nachsorge.model.pack import Indicator, Pack, Rule, Stage, Trace
from nachsorge.model.words import IndicatorType, Rung, Telemetry, Tlp, Trait, Weight
from nachsorge.verdicts.traits import PROGRAMS

ID = "nachsorge-worth"

LOGON, KERBEROS = "special privileges at log-on", "answers Kerberos requests"

PROGRAMS_IN = frozenset(
    {
        *(Telemetry.PROCESS_CREATION, Telemetry.PROGRAM_EXECUTION, Telemetry.FILESYSTEM, Telemetry.FILE_EVENT),
        *(Telemetry.IMAGE_LOAD, Telemetry.INSTALLED_SOFTWARE, Telemetry.SOFTWARE_INSTALL),
    }
)
"""Where the name of a program tells what a host is for."""

_SPECIAL = """
title: Special privileges assigned to a person's new log-on
id: 6f1f3c1e-7a7e-4c52-9b0c-3f2f7f6f0a11
logsource: {product: windows, service: security}
detection:
  logon: {EventID: 4672}
  system:
    SubjectUserSid|startswith: ['S-1-5-18', 'S-1-5-19', 'S-1-5-20', 'S-1-5-90-', 'S-1-5-96-', 'S-1-5-82-', 'S-1-5-80-']
  machine:
    SubjectUserName|endswith: '$'
  condition: logon and not system and not machine
"""
_TICKETS = """
title: Kerberos tickets are given out
id: 6f1f3c1e-7a7e-4c52-9b0c-3f2f7f6f0a12
logsource: {product: windows, service: security}
detection:
  given: {EventID: [4768, 4769]}
  condition: given
"""


@lru_cache(maxsize=1)
def worth() -> Pack:
    """Give the pack. Microsoft, "4672(S)", "4768(S, F)" and "4769(S, F)" say what these events are."""
    traits = sorted({*PROGRAMS.values(), Trait.PRIVILEGED_LOGON, Trait.DIRECTORY})
    traces = [
        Trace(id=trait.value, stage=trait.value, weight=Weight.HINT, telemetry=tuple(sorted(PROGRAMS_IN)))
        for trait in sorted(set(PROGRAMS.values()))
    ]
    traces += [
        Trace(id=LOGON, stage=Trait.PRIVILEGED_LOGON.value, weight=Weight.HINT),
        Trace(id=KERBEROS, stage=Trait.DIRECTORY.value, weight=Weight.HINT),
    ]
    return Pack(
        id=ID,
        version="1",
        title="what a host is worth",
        digest=ID,
        tlp=Tlp.CLEAR,
        stages=tuple(Stage(id=trait.value, rung=Rung.EXPOSED, title=trait.value) for trait in traits),
        traces=tuple(traces),
        indicators=tuple(
            Indicator(type=IndicatorType.FILE_NAME, value=name, trace=trait.value) for name, trait in PROGRAMS.items()
        ),
        rules=(
            Rule(id="special-logon", engine="sigma", text=_SPECIAL, trace=LOGON, title=LOGON),
            Rule(id="kerberos", engine="sigma", text=_TICKETS, trace=KERBEROS, title=KERBEROS),
        ),
    )
