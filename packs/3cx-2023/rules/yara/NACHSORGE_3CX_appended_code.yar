import "pe"

rule NACHSORGE_3CX_appended_code
{
    meta:
        description = "Windows program file with a marker in the data of its signature, where code was hidden in 2023"
        author = "nachsorge project"
        license = "EUPL-1.2"
        reference = "https://nvd.nist.gov/vuln/detail/CVE-2023-29059"
        nachsorge_trace = "appended-code"

    strings:
        // Also the magic number of 32-bit Mach-O files, hence only within the signature of a PE file.
        $marker = { FE ED FA CE }

    condition:
        pe.is_pe and
        pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].size > 0 and
        $marker in (
            pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].virtual_address ..
            pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].virtual_address +
            pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].size
        )
}
