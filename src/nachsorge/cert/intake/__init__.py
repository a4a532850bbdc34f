"""How notifications arrive: by API, as a sealed file, through the public form; receipts."""
