rule NACHSORGE_tj_encoded_script
{
    meta:
        description = "Encoded shell script that pipes the memory script into Python"
        author = "nachsorge project"
        license = "EUPL-1.2"
        nachsorge_trace = "encoded-script"

    strings:
        // The words of the script, encoded with Base64 at each of the three offsets.
        $memdump = "memdump.py | sudo python3" base64

    condition:
        $memdump and filesize < 5MB
}
