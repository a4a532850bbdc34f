rule NACHSORGE_shadowhammer_path
{
    meta:
        description = "Windows program with the build path of the trojanised updater"
        author = "nachsorge project"
        license = "EUPL-1.2"
        reference = "https://securelist.com/operation-shadowhammer/89992/"
        nachsorge_trace = "updater-code"

    strings:
        $release = "\\AsusShellCode\\Release" nocase
        $debug = "\\AsusShellCode\\Debug" nocase

    condition:
        uint16be(0) == 0x4d5a and any of them
}
