rule NACHSORGE_3CX_icon_text
{
    meta:
        description = "Icon file with an encoded text after the end of its picture"
        author = "nachsorge project"
        license = "EUPL-1.2"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2023-29059"
        nachsorge_trace = "icon-content"

    strings:
        // The last chunk of a PNG picture with its checksum, then `$` and Base64.
        $tail = /IEND\xaeB`\x82\$[A-Za-z0-9+\/]{32,}/

    condition:
        uint32be(0) == 0x00000100 and filesize < 120KB and $tail
}
