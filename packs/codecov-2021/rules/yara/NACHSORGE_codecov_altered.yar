rule NACHSORGE_codecov_altered
{
    meta:
        description = "Copy of the uploader that sends the environment to a bare address"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "altered-script"

    strings:
        $name = "codecov" nocase
        $drop = /https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\/upload\/v2/
        $environment = "env)"
        $shell = "#!/"

    condition:
        filesize < 1MB and all of them
}
