rule NACHSORGE_shai_hulud_workflow
{
    meta:
        description = "Workflow that posts encoded secrets to a web hook"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "workflow-file"

    strings:
        $secrets = "toJSON(secrets)"
        $encoded = "base64 -w 0"
        $hook = "https://webhook.site/"
        $on = /(^|\n)on:[ \t\r\n]/

    condition:
        filesize < 100KB and all of them
}
