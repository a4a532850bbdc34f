"""Disk images: what lies in a copy of a whole disk, read without mounting anything.

`segments` finds the files that one image consists of, `session` is this program's side of a second process
(`server`), in which everything happens that touches the bytes of an image: a library that crashes on a hostile image,
or never ends, takes that process with it and no other (docs/decisions/0011-disk-images.md). In there `layers` makes a
medium of the image's files, `tables` and `volumes` find the volumes on it, `filesystems` and `iso` the files on these.
"""
