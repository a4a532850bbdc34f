rule NACHSORGE_xz_library
{
    meta:
        description = "ELF file with the beginning of the backdoor's decoder"
        author = "nachsorge project"
        license = "EUPL-1.2"
        reference = "https://www.openwall.com/lists/oss-security/2024/03/29/4"
        nachsorge_trace = "library-code"

    strings:
        // Published by V. Nossum with the first check script: the function's first bytes.
        $function = { F3 0F 1E FA 55 48 89 F5 4C 89 CE 53 89 FB 81 E7 00 00 00 80 48 83 EC 28 48 89 54 24 18 48 89 4C 24 10 }

    condition:
        uint32be(0) == 0x7f454c46 and $function
}
