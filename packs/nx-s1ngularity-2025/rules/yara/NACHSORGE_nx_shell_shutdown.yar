rule NACHSORGE_nx_shell_shutdown
{
    meta:
        description = "Start file of a shell that ends in the shutdown line of the nx script"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "shutdown-line"

    strings:
        $line = /\n[ \t]*sudo shutdown -h 0[ \t]*(\n|$)/
        $start = /(^|\n)[ \t]*(export |alias |source |# ~\/\.(bash|zsh)rc|HISTSIZE=|PATH=)/
        $script = "#!"

    condition:
        filesize < 1MB and $line and $start and not $script at 0
}
