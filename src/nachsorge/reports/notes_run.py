"""Phrases of notes on the run, the inventory, the rules and the claims; `notes` says them."""

from __future__ import annotations

from nachsorge.locale import N_

PHRASES = (
    N_("{count} hints outside the time of their stage passed over: {name}"),
    N_("after the indicator's validity: later owners and researchers use the same values"),
    N_("before the indicator's validity"),
    N_("the assessment of {time} does not come out again{by}"),
    N_("announced to the case, not read yet: another nachsorge case add may be reading it; if none is, start one"),
    N_("the worker that read it died, every time; so may the next one (memory?)"),
    N_("the cluster had no worker left to read it"),
    N_("from the decoder's output on"),
    N_("no record of this file can hold a planted value"),
    N_("the process that read it died, twice"),
    N_("a browser history could not be read: {trouble}"),
    N_("{count} pieces of evidence could not be read, or not whole, for it: {names}"),
    N_("{count} browser histories are of nobody that is known (--asset NAME=PATH): {names}"),
    N_("says nothing of what a host is worth"),
    N_("{path}: not whole"),
    N_("the run was interrupted before it was read"),
    N_("{path}: {note}; its version is not known"),
    N_("the first or last of {count} records of this hour that are alike"),
    N_("{path}: larger than {what} bytes, not scanned with YARA"),
    N_(
        "{count} files that are event logs, registry hives, or our own rules and reports: not scanned with "
        "YARA: {names}"
    ),
    N_("of {total} free texts the index holds names, addresses and hashes only"),
    N_("an hour of the index straddles a border of its time"),
    N_("the index holds no contents of files"),
    N_("the index holds no whole records"),
    N_("needs the raw evidence again: {names} and {rest} more"),
    N_("needs the raw evidence again: {why}"),
    N_("{count} rules and values need the raw evidence again"),
    N_("judged against the index {where}: of an hour's records that are alike it has the first and the last"),
    N_("a sensor's log ({telemetry}) given to {asset}: all of it counts as that machine's own"),
    N_(
        "{asset} was given the logs of a sensor: {paths}; all that they hold counts as this machine's, "
        "whomever else it is about"
    ),
    N_(
        "{asset} was given the logs of a sensor: {paths} and {rest} more; all that they hold counts as this "
        "machine's, whomever else it is about"
    ),
    N_(
        "watched: {telemetry} names no sensor, and {sensors} gave their logs: only time that all of them "
        "recorded counts; declare the sensors, or a log that is left out will not be missed"
    ),
    N_(
        "{unknown} addresses were in use that are no asset's: {listed}; whose they are is not known, and "
        "nothing was judged for them"
    ),
    N_(
        "{unknown} addresses were in use that are no asset's: {listed} and {rest} more; whose they are is not"
        " known, and nothing was judged for them"
    ),
    N_("none: no record has a usable time"),
    N_("none: it would end before it begins"),
    N_("a {name} without any file in it"),
    N_("holds no bytes"),
    N_("another file by now"),
    N_("no reader knows this format; only name, hash and YARA rules were compared"),
    N_("a file system has no bytes of its own"),
    N_("{path}: its columns are as {place} says"),
    N_("{path}: {assets} machines name themselves in it; others of the organisation are not in this list"),
    N_("{id} is two machines by the marks in two inventories: kept apart"),
    N_("mark of another: {host} leased an address with the network card {card} of {others}"),
    N_("not its card: {host} leased an address with {what}, which is none of those of {named}"),
    N_(
        "one address of two: {address} is {fixed}'s by the inventory, and was leased to {owner}: the lease was followed"
    ),
    N_("{address} is {other}'s by the inventory, and {owner} says it had it from {start} to {end}: left open"),
    N_(
        "one address of two: {address} is {other}'s by the inventory, and {owner} says it had it from {start} to {end}:"
        " left open"
    ),
    N_("{address} was leased to {other}, and {owner} says it had it from {start} to {end}: left open"),
    N_(
        "one address of two: {address} was leased to {other}, and {owner} says it had it from {start} to {end}:"
        " left open"
    ),
    N_("{other} says that it had {address}, and {owner} says it had it from {start} to {end}: left open"),
    N_(
        "one address of two: {other} says that it had {address}, and {owner} says it had it from {start} to {end}:"
        " left open"
    ),
    N_("{owner} says that it had {address} while it was {other}'s: taken as of another network"),
    N_("own word alone: {owner} says that it had {address} while it was {other}'s: taken as of another network"),
    N_("own word alone: what {address} did may be {owner}'s, which says that it had this address then"),
    N_("what {address} did may be {owner}'s, which says that it had this address then"),
    N_("machines state more than {most} own addresses: the rest make no lease"),
    N_("given by hand: {place} was given to {owner}, and is of the machine with {marks}"),
    N_("given by hand: {place} was given to {owner}, and calls itself {other}"),
    N_("another name: {names} is {found} by its {marks}"),
    N_("mark of another: {names} has the {marks} of {others}: kept apart"),
    N_("no Sigma rule: no mapping"),
    N_("the rule has no condition"),
    N_("regular expression: {error}"),
    N_("condition element {name}"),
    N_("modifier for a part of a time"),
    N_("value of type {name}"),
    N_("placeholder in {value}: what it stands for is known at the place of the rule only"),
    N_("not scanned to the end within {what} s"),
    N_("a clean version after an affected one"),
    N_("{needs} is no time: the claim has to say since when"),
    N_("ruled out on every asset"),
    N_("the claim does not say how many"),
    N_("the claim does not say which assets"),
    N_("ruled out on every other asset"),
    N_("{name}: {stage} is shown ({because})"),
    N_("the pack knows no clean version"),
    N_("no affected version was seen on any asset"),
    N_("a clean version by {since} on every asset that had an affected one, none later"),
    N_("{asset}: a clean version is recorded from {times} on only"),
    N_("{asset}: a clean version is recorded, without a time"),
    N_("{asset}: no dated record of a clean version (installer log, software inventory, process events)"),
    N_("the pack names no product"),
    N_("{id}: {stage} is shown ({because}), and no affected version was ever there"),
    N_("ruled out on every asset that never had an affected version"),
    N_("{id}: {stage} is shown, and whether an affected version was there is not known"),
    N_("every asset was covered from then on"),
    N_("{asset}: the pack names nothing that would rule this out"),
    N_("{asset}: {stage} is open"),
    N_("{asset}: {stage} is suspected"),
    N_("{count} packets of {kind} handshakes were not decoded: {names}"),
    N_("a kdump file with compressed pages; unpack it with crash or makedumpfile"),
    N_("a diskdump file with compressed pages; unpack it with crash or makedumpfile"),
    N_("an AVML file with compressed pages; unpack it with avml-convert"),
    N_("a hibernation file, which is compressed; unpack it with a memory tool"),
    N_("raw bytes"),
    N_("a correlation rule: it counts over several records, which is not done here"),
    N_("a filter: it changes other rules, which is not done here"),
    N_("no reason given"),
    N_("network card {card}"),
    N_("serial number {number}"),
    N_("no {decode} at {offset}"),
    N_("{what} (link type {number})"),
    N_("chunk {number} {faults}"),
    N_("{count} of {kind}"),
    N_("frames that hold no IP"),
    N_("tunnels too deep"),
    N_("fragments whose datagram never became whole"),
    N_("packets with a broken or incomplete transport header"),
    N_("LLC (spanning tree and the like)"),
    N_("high ports"),
    N_(" and {rest} more"),
)
