rule NACHSORGE_xz_build_script
{
    meta:
        description = "Build script that takes code out of two test files of xz"
        author = "nachsorge project"
        license = "EUPL-1.2"
        reference = "https://www.openwall.com/lists/oss-security/2024/03/29/4"
        nachsorge_trace = "build-script"

    strings:
        $corrupt = "bad-3-corrupt_lzma2.xz"
        $large = "good-large_compressed.lzma"
        $cut = "tail -c +31"
        $eval = "eval "

    condition:
        filesize < 3MB and ($corrupt or $large) and $cut and $eval
}
