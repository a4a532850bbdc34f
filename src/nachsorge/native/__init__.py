r"""Loops as machine code: compiled once a machine, and from then on loaded without the compiler.

A module holds plain functions over addresses and numbers. numba compiles them, which takes seconds; importing numba and
loading its own cache still take more than half a second, in which a gigabyte of logs can be read. So the object code is
kept in a folder and loaded through LLVM's linker alone, in a twentieth of that. It is known by the digest of the
module's text and of `bits`, of the compiler's version and of the processor, and checked by its own digest.

Functions are called with integers only, and release the interpreter's lock. They must not raise: what Python would need
for that is not linked in.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

if find_spec("numba") is None:
    raise ImportError("numba is not installed", name="numba")
if sys.byteorder != "little":
    raise ImportError("compiled loops are written for processors that keep the lowest byte first", name="numba")

llvm: Any = import_module("llvmlite.binding")  # not typed

_DECLARED = re.compile(r'^declare [^@]*@"?([\w.$]+)"?\(', re.MULTILINE)
_DIGEST = 32
_LOADED: list[Any] = []
"""Code lives as long as its engine, and that as long as the process."""


class _Object(NamedTuple):
    """Object code: the symbol of each function, what it must be linked with, and the code."""

    symbols: dict[str, str]
    wants: list[str]
    code: bytes


def loops(
    module: str, arguments: Mapping[str, str], folder: str | None, beside: Sequence[str] = ()
) -> dict[str, Callable[..., int]]:
    """Give a module's functions, compiled. `folder` keeps the code for all later processes.

    `beside` are other modules whose constants it takes, so that what was kept is of the same.

    `arguments` names for every function what it takes, a letter each: `b` the address of bytes, `n` a number, `l` and
    `u` the address of signed and unsigned 64-bit numbers. It returns a signed 64-bit number.

    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    kept = None if folder is None else _path(module, arguments, folder, beside)
    made = _read(kept)
    if made is None:
        made = _compiled(module, arguments)
        _write(kept, made)
    return _linked(made, arguments)


def is_kept(module: str, arguments: Mapping[str, str], folder: str, beside: Sequence[str] = ()) -> bool:
    """Tell whether a module's functions were compiled on this machine before."""
    return _path(module, arguments, folder, beside).is_file()


def _path(module: str, arguments: Mapping[str, str], folder: str, beside: Sequence[str]) -> Path:
    return Path(folder) / f"{_name(module, arguments, beside)}.o"


def _name(module: str, arguments: Mapping[str, str], beside: Sequence[str] = ()) -> str:
    found = [find_spec(each) for each in (module, *beside)]
    origins = [Path(each.origin) for each in found if each and each.origin]
    text = b"".join(origin.read_bytes() for origin in (*origins, Path(__file__).with_name("bits.py")))
    processor = f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    of = repr((sorted(arguments.items()), import_module("llvmlite").__version__, processor)).encode()
    return f"{module.rpartition('.')[2]}-{hashlib.sha256(text + of).hexdigest()[:24]}"


def _read(path: Path | None) -> _Object | None:
    """Read what was kept; None where there is nothing, or not what was written."""
    try:
        data = path.read_bytes() if path is not None else b""
    except OSError:
        return None
    body = data[_DIGEST:]
    if not body or hashlib.sha256(body).digest() != data[:_DIGEST]:
        return None
    return msgspec.msgpack.decode(body, type=_Object)


def _write(path: Path | None, made: _Object) -> None:
    """Keep it, whole or not at all; a folder that cannot be written costs the next start two seconds, nothing else."""
    if path is None:
        return
    body = msgspec.msgpack.encode(made)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        Path(name).replace(path)
    except OSError:
        return


def _compiled(module: str, arguments: Mapping[str, str]) -> _Object:
    numba: Any = import_module("numba")  # half a second: only where there is something to compile
    types = numba.types
    kinds = {"b": types.uint8, "l": types.int64, "u": types.uint64}
    typed = {letter: types.CPointer(of) for letter, of in kinds.items()} | {"n": types.int64}
    plain = import_module(module)
    whole, symbols = llvm.parse_assembly(""), {}
    for name, letters in arguments.items():
        function = numba.cfunc(types.int64(*(typed[letter] for letter in letters)), nopython=True)(getattr(plain, name))
        symbols[name] = function.native_name
        whole.link_in(llvm.parse_assembly(function.inspect_llvm()))
    return _Object(symbols, _DECLARED.findall(str(whole)), _machine().emit_object(whole))


def _linked(made: _Object, arguments: Mapping[str, str]) -> dict[str, Callable[..., int]]:
    library = ctypes.CDLL(None)
    for name in made.wants:
        # What is not in the process belongs to numba's raising of errors, to which no loop comes: it would end here.
        if not name.startswith("llvm."):
            function = getattr(library, name, library.abort)
            llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    machine = _machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(made.code))
    engine.finalize_object()
    _LOADED.append((engine, machine))
    return {
        name: ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * len(letters))(
            engine.get_function_address(made.symbols[name])
        )
        for name, letters in arguments.items()
    }


def _machine() -> Any:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
