"""Every wording that reports share, in the language of the code. What other languages say stands in `locale`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nachsorge.locale import _, counted, counted_in, pgettext, speaking
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight
from nachsorge.reports.texts import Texts

if TYPE_CHECKING:
    from nachsorge.locale import Lang


@cache
def texts_of(lang: Lang) -> Texts:
    """Give the wordings of one language."""
    with speaking(lang):
        return _texts(lang)


def _texts(lang: Lang) -> Texts:
    return Texts(
        lang=lang,
        standings={
            Standing.SHOWN: _("shown"),
            Standing.SUSPECTED: _("suspected"),
            Standing.OPEN: _("open"),
            Standing.RULED_OUT: _("ruled out"),
        },
        letters={
            Standing.SHOWN: pgettext("letter", "S"),
            Standing.SUSPECTED: pgettext("letter", "H"),
            Standing.OPEN: pgettext("letter", "O"),
            Standing.RULED_OUT: pgettext("letter", "R"),
        },
        legend={
            Standing.SHOWN: _("shown by evidence"),
            Standing.SUSPECTED: _("suspected, hints only"),
            Standing.OPEN: _("open, not everything was looked at"),
            Standing.RULED_OUT: _("ruled out within what was covered"),
        },
        verdicts={
            Verdict.COMPROMISED: _("compromised"),
            Verdict.SUSPECTED: _("suspected"),
            Verdict.OPEN: _("open"),
            Verdict.RULED_OUT: _("ruled out"),
        },
        statuses={
            Status.READ: _("read"),
            Status.PARTLY: _("partly read"),
            Status.UNREAD: _("not read"),
            Status.UNKNOWN_FORMAT: _("unknown format"),
            Status.SKIPPED: _("skipped"),
        },
        reasons={
            Reason.NOT_PROVIDED: _("no such evidence was provided"),
            Reason.OUTSIDE_SPAN: _("the evidence does not reach this time"),
            Reason.SILENCE: _("the source was silent"),
            Reason.NOT_SEEN_BY_SENSOR: _(
                "no sensor saw this asset (state its address, or `watched`, in the inventory)"
            ),
            Reason.SNAPSHOT_TOO_EARLY: _("the snapshot was taken too early"),
            Reason.MISSING: _("does not exist"),
            Reason.EMPTY: _("empty"),
            Reason.PERMISSION: _("no permission to read"),
            Reason.TRUNCATED: _("cut off"),
            Reason.CORRUPT: _("damaged"),
            Reason.CHANGED_WHILE_READ: _("changed while it was read"),
            Reason.UNKNOWN_FORMAT: _("unknown format"),
            Reason.NOT_SUPPORTED: _("format not supported"),
            Reason.MISSING_EXTRA: _("a reader is not installed"),
            Reason.ENCRYPTED: _("encrypted"),
            Reason.LIMIT: _("beyond a limit"),
            Reason.LINK_OUTSIDE: _("leads out of the evidence"),
            Reason.LOG_CLEARED: _("the log was cleared"),
            Reason.RECORD_JUMP: _("record numbers are missing"),
            Reason.CLOCK: _("the clock was wrong"),
            Reason.NO_TIME: _("no usable time"),
            Reason.NEVER: _("no evidence can rule it out"),
            Reason.NEEDS_EVIDENCE: _("needs the raw evidence again"),
            Reason.FORGOTTEN: _("forgotten by the index (retention)"),
            Reason.CONTROL_FAILED: _("the positive control failed"),
            Reason.AMBIGUOUS: _("which machine it is of cannot be told"),
            Reason.INTERRUPTED: _("the run was interrupted"),
            Reason.FAILED: _("the reader failed"),
        },
        telemetry={
            Telemetry.DNS_QUERY: _("DNS queries"),
            Telemetry.PROXY: _("web proxy"),
            Telemetry.WEBSERVER: _("web server"),
            Telemetry.NETWORK_CONNECTION: _("network connections"),
            Telemetry.TLS: _("TLS handshakes"),
            Telemetry.EMAIL: _("e-mail"),
            Telemetry.DHCP: _("DHCP leases"),
            Telemetry.FILE_TRANSFER: _("file transfers"),
            Telemetry.NETWORK_NOTICE: _("sensor notices"),
            Telemetry.AUTHENTICATION: _("logons"),
            Telemetry.PROCESS_CREATION: _("process creation"),
            Telemetry.IMAGE_LOAD: _("loaded libraries"),
            Telemetry.FILE_EVENT: _("file events"),
            Telemetry.REGISTRY_SET: _("registry changes"),
            Telemetry.ANTIVIRUS: _("antivirus"),
            Telemetry.WINDOWS_EVENT: _("Windows event log"),
            Telemetry.SYSLOG: _("syslog"),
            Telemetry.SOFTWARE_INSTALL: _("software installations"),
            Telemetry.INSTALLED_SOFTWARE: _("installed software"),
            Telemetry.FILESYSTEM: _("file system"),
            Telemetry.PROGRAM_EXECUTION: _("program execution"),
            Telemetry.BROWSER_HISTORY: _("browser history"),
            Telemetry.PACKAGE_LOCK: _("package lock files"),
            Telemetry.CI_LOG: _("build logs"),
            Telemetry.PERSISTENCE: _("autostart entries"),
            Telemetry.TEXT: _("records of no known kind"),
        },
        weights={Weight.PROOF: _("proof"), Weight.STRONG: _("strong"), Weight.HINT: _("hint")},
        platforms={Platform.WINDOWS: _("Windows"), Platform.MACOS: _("macOS"), Platform.LINUX: _("Linux")},
        answers={
            "holds": _("holds, within what was covered"),
            "refuted": _("refuted"),
            "untestable": _("not testable"),
        },
        headlines={
            Verdict.COMPROMISED: _("{compromised} of {total} compromised."),
            Verdict.SUSPECTED: _("Nothing is proven, but there are hints on {suspected} of {total}."),
            Verdict.OPEN: _(
                "No trace was found in what was read, but not everything was looked at: {open} of {total} open."
            ),
            Verdict.RULED_OUT: _("The incident is ruled out on {total}, within what was covered."),
        },
        headline_unread=_(
            "No asset is open, but not all evidence that was handed in was read; the incident stays open."
        ),
        given={
            "implied": _("presupposed by a later stage that is shown: {stage}"),
            "refuted": _("a trace speaks against it ({sighting})"),
            "requires": _("presupposes a stage that is ruled out: {stage}"),
            "unseen": _("no trace in {telemetry}"),
            "unseen-within": _("no trace in {telemetry}, {span}"),
            "platform": _("does not apply to this platform ({platform})"),
            "role": _("does not apply to this role ({role})"),
            "never": _("the pack names nothing that would rule this out"),
            "no-need": _("the evidence of one organisation cannot answer this"),
            "anchor-unseen": _("not seen on any asset: {stage}"),
            "all-covered": _("every asset concerned was covered afterwards"),
            "not-covered-any": _("{asset}: not covered ({reason})"),
            "not-covered": _("{asset}: {telemetry} not covered ({reason})"),
            "later": _("{asset}: {indicator} at {start}, after {end} ({sighting})"),
            "basis-pack": _("named by the pack"),
            "basis-none": _("none, because no record has a usable time"),
            "basis-asked": _("given with --from and --to"),
            "basis-evidence": _("the span that the evidence covers"),
        },
        exits={
            0: _("everything in scope is ruled out within what was covered"),
            1: _("something is shown or suspected"),
            2: _("wrong use or unusable pack"),
            3: _("nothing is shown, but not everything was looked at"),
        },
        exit_unknown=_("unknown exit code"),
        assets=counted("{count} asset", "{count} assets"),
        of_assets=counted_in("after of", "{count} asset", "{count} assets"),
        sources=counted("{count} source", "{count} sources"),
        sightings=counted("{count} sighting", "{count} sightings"),
        records=counted("{count} record", "{count} records"),
        indicators=counted("{count} indicator", "{count} indicators"),
        rules=counted("{count} rule", "{count} rules"),
        title=_("Incident assessment"),
        matrix=_("Where each asset stands"),
        findings=_("What was found"),
        open_needs=_("What is open, and what would settle it"),
        coverage=_("What happened and what was covered, asset by asset"),
        timeline=_("What happened when"),
        claims=_("Claims"),
        read=_("What was read"),
        controls=_("Positive controls"),
        record=_("the record"),
        rule_accounts=_("Rules"),
        method=_("Method and limits"),
        provenance=_("Provenance"),
        per_asset=_("Asset by asset"),
        contents=_("Contents"),
        asset=_("Asset"),
        verdict=_("Verdict"),
        stage=_("Stage"),
        indicator=_("Indicator or rule"),
        where=_("Where it stands"),
        time=_("Time (UTC)"),
        weight=_("Weight"),
        telemetry_label=_("Telemetry"),
        window=_("Window (UTC)"),
        reason=_("Reason"),
        settle=_("What would settle it"),
        status=_("Status"),
        source=_("Source"),
        about=_("About"),
        reader=_("Reader"),
        records_label=_("Records"),
        unreadable=_("Unreadable"),
        span=_("First to last (UTC)"),
        rule=_("Rule"),
        applicable=_("Applicable records"),
        matches=_("Matches"),
        note=_("Note"),
        pack=_("Pack"),
        version=_("Version"),
        digest=_("SHA-256"),
        window_basis=_("Basis of the window"),
        licence=_("Licence"),
        content=_("Content"),
        tool=_("Tool"),
        names=_("Names"),
        addresses=_("Addresses"),
        role=_("Role"),
        because=_("Because"),
        claim=_("Claim"),
        answer=_("Answer"),
        seen_label=_("Seen (UTC)"),
        gaps=_("Gaps within the window"),
        exit=_("Exit code"),
        sentence_rest=_("Of the others: {parts}."),
        no_asset=_("No asset was judged: there was neither an inventory nor evidence that names one."),
        interrupted=_(
            "The run was interrupted, or another one into the same case is still reading. "
            "What had not been read by then counts as not looked at."
        ),
        legend_label=_("Legend"),
        not_judged=_("not judged"),
        not_judged_legend=_("no statement for this asset and stage"),
        no_stage=_("No stage was judged."),
        more=_("... and {count} more (see --json)"),
        more_rows=_("... and {count} more, {parts} (see --json)"),
        first_names=_("{names} and {count} more"),
        no_time=_("no time"),
        no_window=_("no window"),
        to=_("to"),
        by_author=_("rule by {author}"),
        refutes=_("speaks against the stage"),
        nothing_found=_("Nothing was shown or suspected in what was read. What was not read stands below."),
        nothing_open=_("No need is open: every stage is decided, within what was covered."),
        open_unexplained=_("open; the assessment names no unmet need"),
        open_because=_("open, because: {why}"),
        settle_unknown=_("the pack does not say"),
        no_sources=_("No evidence was read."),
        no_claims=_("The pack holds no claims."),
        no_rules=_("The pack holds no rules."),
        rules_idle=_("{count} of {total} rules had nothing to look at: no record of their log source was seen"),
        rule_idle=_("had nothing to look at"),
        controls_ok=_("A planted value was sent through the reader and the tests of {sources} and was seen each time."),
        controls_none=_("No positive control was run: it is not proven that a reader would have seen a hit."),
        control_failed=_("The planted value was not seen. These sources grant no coverage."),
        not_understood=_("Not understood in the pack"),
        notes=_("Notes"),
        one_line=_(
            "{verdict}: {assets} ({verdicts}) | {sources} ({statuses}) | {sightings} | {open} of {cells} cells open"
            " | exit {exit}"
        ),
        closing=_("Verdict: {verdict}. Exit code {exit}: {meaning}."),
        declared=_("in the inventory"),
        found=_("found in the evidence, not in the inventory"),
        unattributed=_("evidence that could not be attributed to any asset"),
        no_coverage=_("No evidence covers this asset."),
        no_gaps=_("none"),
        axis_basis=_("The packs name no window; the picture spans what the evidence covers."),
        gap_title=_("Gap {span}: {reason}"),
        seen_title=_("Seen {span}"),
        hole_title=_("No evidence of any kind covers {span}"),
        picture_key_seen=_("seen"),
        picture_key_gap=_("gap, not looked at"),
        picture_key_none=_("no account of this time"),
        picture_key_beyond=_("seen, before or after the window"),
        table_behind=_("The same as a table"),
        uncut=_("{count} more are not printed here; the JSON document has all of them."),
        asset_not_drawn=_("For {assets} the coverage is not drawn here; the JSON document has all of it."),
        marking=_(
            "This document quotes the organisation's own evidence. Unless somebody decides otherwise, it is at least"
            " TLP:AMBER+STRICT; a pack, a source or a case with a stricter label makes it stricter."
        ),
        unreadable_at=_("first at {places}"),
        method_intro=_(
            "Known traces of the incident were looked for in the evidence provided, and it was recorded which"
            " evidence covers which asset at what time. Per asset and stage there are four possible answers:"
        ),
        method_standings={
            Standing.SHOWN: _(
                "A proof, or enough strong traces, or a later stage that is shown and presupposes this one."
            ),
            Standing.SUSPECTED: _("Only hints. They need a person's judgement."),
            Standing.OPEN: _("Neither shown nor ruled out, because evidence that would be needed was not looked at."),
            Standing.RULED_OUT: _(
                "No trace, and all evidence that the pack demands for this statement was read over the whole"
                " window; or a trace that speaks against it; or an earlier stage that it presupposes is ruled out."
            ),
        },
        method_limits=(
            _(
                "Ruled out always means: within what was covered. The statement reaches no further than the"
                " evidence, the window, and what the pack knows of the incident."
            ),
            _("Evidence is believed. An attacker who altered logs without leaving a gap is not noticed."),
            _("A gap is never read as the absence of a trace. Exit code 0 is given only where nothing is open."),
            _("Times are UTC as the source states them. A source with a wrong clock shifts what it reports."),
        ),
        exit_codes=_("Exit codes"),
    )
