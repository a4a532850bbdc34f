rule NACHSORGE_chalk_debug_bundle
{
    meta:
        description = "Script that begins with the obfuscated loader of September 2025"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "bundle-code"

    strings:
        // The identifier is looked for as a declaration, so that lists of indicators are not met.
        $declared = /const _0x112fa8\s?=\s?_0x[0-9a-f]{4}\b/

    condition:
        $declared
}
