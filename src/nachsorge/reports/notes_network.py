"""Phrases of notes on captures, flows and sensors; `notes` says them."""

from __future__ import annotations

from nachsorge.locale import N_

PHRASES = (
    N_("{untimed} leases are of no machine, or of no time that the file tells"),
    N_("the file ends within a lease"),
    N_("not a table that can be read further ({problem})"),
    N_("{count} packets of encrypted DNS (port {port}): {names}"),
    N_("connections of HTTP/2 were not decoded"),
    N_("packets of {kind} handshakes were not decoded"),
    N_("packets to public resolvers over HTTPS or TLS"),
    N_("{timeless} packets carry no usable time; they were searched, but cover nothing"),
    N_("{count} streams were given up before they were whole (a bound of memory): {names}"),
    N_("{count} streams lack packets where a request could stand: {names}"),
    N_("{cut} packets were captured only in part"),
    N_("TLS 1.3 hides the certificates of {hidden} connections"),
    N_("packets in tunnels, which were followed: {named}"),
    N_("packets not decoded beyond their addresses: {named}"),
    N_("packets not decoded beyond their addresses: {named}, {rest} of {kinds} other kinds"),
    N_("the capturing machine lost {dropped} packets"),
    N_("breaks off"),
    N_("more than {what} records"),
    N_("the request's head breaks off"),
    N_("the client's hello breaks off"),
    N_("{before} lines stand before the names of the columns and are no flows"),
    N_("AWS skipped records of this interval (SKIPDATA)"),
    N_("an interval without time"),
    N_("nfdump's summary at the end was passed over ({lines} lines)"),
    N_("behind nfdump's summary there are further lines; they were not read"),
    N_("the file ends inside its header of {what} bytes, or is no capture"),
    N_("packet {number} says it has {captured} bytes; the file is broken from there on and was not read on"),
    N_("a block of type {kind} behind packet {number} is too short"),
    N_("{count} blocks were passed over: {name}"),
    N_("the file ends in the middle of a block"),
    N_("a block says it has {size} bytes; the rest of the file was not read"),
    N_("{note} (behind packet {number})"),
    N_("the capture was filtered: {value}"),
    N_("packets name an interface that the file does not describe"),
)
