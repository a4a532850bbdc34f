rule NACHSORGE_polyfill_script_tag
{
    meta:
        description = "Page or template that loads a script from polyfill.io"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "script-tag"

    strings:
        $tag = /<script[^>]{0,200}src\s?=\s?["']?(https?:)?\/\/([a-z0-9-]+\.)?polyfill\.io\//i

    condition:
        filesize < 20MB and $tag
}
