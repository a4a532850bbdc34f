"""Pack files and indicator files become a Pack.

`load.load_pack` reads a folder, `adhoc.load_indicator_file` a bare list, `library.resolve` whatever a command's PACK
means; `library.shipped` lists what came along, `lint.lint` gives all problems, `new.new_pack` writes a skeleton.
"""
