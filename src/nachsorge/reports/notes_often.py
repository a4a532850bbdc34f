"""Phrases of notes that an analyst meets most; `notes` says them."""

from __future__ import annotations

from nachsorge.locale import N_

PHRASES = (
    # what was not given, and what a copy does not show
    N_(
        "a selection of files ({found} in {where}; a whole system has {least} or more): what is in it counts, what is"
        " not in it may have been on the host all the same"
    ),
    N_(
        "a selection of files by {collector}: what is in it counts, what is not in it may have been on the host all the"
        " same"
    ),
    N_("{count} files of no known log format: name and hash compared, text not searched: {files}"),
    N_(
        "{count} programs and libraries whose path names no product of the packs: the version stated was not read:"
        " {files}"
    ),
    N_("{count} programs and installers: the version they state was read"),
    N_("not hashed: no file that is looked for has its size"),
    N_("no lock file of {names}"),
    N_("was in use when copied: what stands only in its logs was not read"),
    N_("a registry transaction log without its hive beside it: not read"),
    N_("the hive is dirty and its .LOG1/.LOG2 are not beside it: newest changes not seen"),
    N_("the hive is dirty and {why}: its newest changes were not seen"),
    N_("a list of winget holds what one user sees: programs that another user installed are not in it"),
    N_("a list of Homebrew holds only what Homebrew installed"),
    N_("a page of a longer list: further pages were not given"),
    N_("no column says when the inventory was taken: the file's own time was taken"),
    N_("named by {file} alone: no file of the host itself says whose it is"),
    N_("{place} is a {platform} host, but nothing in it says whose; name the asset"),
    N_("run check on the evidence itself"),
    N_("needs the raw evidence again"),
    N_("the index was told to forget everything before {time}"),
    N_("read before this version of the packs; read the evidence again: nachsorge case add"),
    # times
    N_("times without a zone were taken as UTC"),
    N_("times are local, without a zone: taken as UTC"),
    N_("Windows DNS logs local time without a zone: taken as UTC"),
    N_("year taken from the file's own time"),
    N_("{count} records carry no usable time; they were searched, but cover nothing"),
    N_("entries without a usable time; they were searched, but cover nothing"),
    N_("{count} records are stamped before 1990: the clock was not set"),
    N_("its files' times do not say when the copy was made"),
    N_("the log was cleared; what stood in it before is unseen"),
    # cut off, damaged, too large
    N_("the {kind} data ends early, {count} bytes were unpacked"),
    N_("the gzip data ends before its checksum"),
    N_("the gzip checksum does not fit: the bytes unpacked are not those packed"),
    N_("the file ends in the middle of packet {number}"),
    N_("the file ends inside its header of {count} bytes"),
    N_("ends within record {number}"),
    N_("ends {count} bytes before its stated size"),
    N_("has {found} bytes of the {stated} that it says it has"),
    N_("line {number} is longer than {most} MiB and was not read"),
    N_("a line at or after line {number} is longer than {most} MiB and was not read"),
    N_("line {number}: {error}; what follows was not read"),
    N_("event {number} has no end; it was searched as text"),
    N_("{place} has {found} cells where the header has {wanted}"),
    N_("{place} is nested too deeply and was not read"),
    N_("{place}: nested too deep, not unpacked"),
    N_("{place}: encrypted, not read"),
    N_("{place}: compression method {method}, not read"),
    N_("the JSON array breaks off; what came before was read"),
    N_("no JSON document after all; its lines were searched as text"),
    N_("no JSON document after all; its lines were read one by one"),
    N_("no JSON after all: {error}"),
    N_("one JSON document of more than {most} MiB"),
    N_("not a readable SQLite database: {error}"),
    N_("not a readable database: {error}"),
    N_("not a readable prefetch file: {error}"),
    N_("not a UTF-16 text"),
    N_("more than {most} bytes"),
    N_("more than {most} MiB"),
    N_("more than {most} files; the rest was not looked at"),
    N_("more than {most} rows: the rest was not read"),
    N_("larger than the {most} bytes that such a file may have"),
    N_("{what}; the rest was not looked at"),
    N_("the archive ends within a header"),
    N_("the archive has no end mark; members behind its last byte are not known"),
    N_("{place}: the archive's end is missing; members up to there are read"),
    N_("bytes that are no {kind} data follow the last frame and were not read"),
    N_("bytes that are no gzip data follow the last member and were not read"),
    N_("a header is missing or damaged"),
    N_("damaged pages: {pages}"),
    N_("{unreadable} of {records} records of {place} were unreadable"),
    N_("the positive control of {place} was not seen"),
    N_("reader {name} could not make the planted record: {error}"),
    # network captures
    N_("packets were captured only in part (snap length)"),
    N_("{count} packets of {kind} were not decoded"),
    N_("whether it logs dropped or allowed connections is a setting that the log does not name: it clears nothing"),
    # extras
    N_("reading prefetch files needs an extra: {command}"),
    N_("reading disk images needs an extra: {command}"),
    N_("reading network captures takes an extra: {command}"),
    N_("reading this database needs an extra: {command}"),
    N_("reading automatic jump lists needs an extra: {command}"),
    N_("reading installer packages needs an extra: {command}"),
    # weights
    N_("met in {telemetry}, which the pack does not name for this trace"),
    N_("affected on {platform} only; the platform of this asset is unknown"),
    N_("published for {platform}; this asset is {other}"),
    N_("without a time, while only a certain time counts for this trace"),
    N_("{count} sightings outside {start} to {end}, which is all that counts, passed over: {name}"),
    # relations between assets
    N_("{asset}, where {stage} is shown"),
    N_("{asset}, where {stage} is suspected"),
    N_("{asset}, where {stage} is open"),
    N_("{asset}, where {stage} is ruled-out"),
    N_("the inventory's column {column} does not say whose {stage} would carry over"),
    N_("the inventory's column {column} names {asset}, which is no asset here"),
    N_("fill in the inventory's column {column}"),
    N_("give {asset} a row in the inventory, and its evidence"),
    N_("settle {asset} first, on which this hangs"),
    N_("a rule met in a log: whoever writes of malware writes its strings"),
    N_("a rule met in a memory image: whose memory it was is not known"),
    N_("a string in a memory image: these bytes were there, from whatever cause; nothing more is shown"),
    # rules
    N_("not applicable: no record of {source}"),
    N_("not applicable: no record of {source}, which no reader here knows"),
    N_("not supported: {why}"),
    N_("the rule {title} is not supported, so nobody looked for it: {why}"),
    N_("{count} rules are not supported, so nobody looked for them"),
    N_("Generic rules describe behaviour, not this incident: a match is a hint."),
    # whose evidence it is
    N_("several cards: {names} leased addresses with {cards}: taken as one machine's"),
    N_("several cards: {names} leased addresses with {cards}: taken as several machines'"),
    N_("another name: {name} is {asset} by its network card {card}"),
    N_("one address of two: the inventory gives {address} to {one} and to {other} at one time"),
    N_(
        "{place} has records of {hosts}, which count as several machines: if it is one that was renamed, write its"
        " names into one row of the inventory"
    ),
    N_("no asset has the role {roles}: stage {stage} of {pack} is open where none is given"),
    N_("nobody says whether it has the role {roles}"),
    N_("{name} is the name of several machines ({listed}): what gives the name alone is of none of them"),
    # stolen lists
    N_("its oldest visit is of {oldest}, after the time of the theft: what the list held then is not there any more"),
    N_("the ranking of {time} was made before the newest evidence was added: nachsorge rank makes it anew"),
    # claims
    N_("{count} assets: {names}"),
    N_("{shown} assets shown; not ruled out on {names}"),
    N_("{shown} assets shown, at most {most} possible"),
    N_("the pack has no stage beyond {stage}"),
    N_("the inventory does not say {column} of {names}"),
    N_("and {count} more sightings"),
)
