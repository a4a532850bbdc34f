"""Sixty-four bytes at a time: what compiled loops ask of vectors and of words, as LLVM has it for every processor.

A mask holds a bit for each of the 64 bytes from an address on, the lowest for the first. Whoever asks for one sees
to it that 64 bytes (8 for a word) can be read there. Only compiled loops may call these; numba is needed.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN202  numba calls them, and infers types

from __future__ import annotations

from importlib import import_module
from typing import Any

from numba import types
from numba.extending import intrinsic

ir: Any = import_module("llvmlite.ir")  # not typed

WIDTH = 64
_BYTES = ir.VectorType(ir.IntType(8), WIDTH)
_WORD = ir.IntType(64)
_FIRST = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)


def _all(code: int) -> Any:
    return ir.Constant(_BYTES, [code] * WIDTH)


def _load(builder: Any, address: Any, kind: Any) -> Any:
    loaded = builder.load(builder.inttoptr(address, kind.as_pointer()))
    loaded.align = 1
    return loaded


def _within(builder: Any, vector: Any, first: str, last: str) -> Any:
    low, high = ord(first), ord(last)
    return builder.icmp_unsigned("<=", builder.sub(vector, _all(low)), _all(high - low))


def _is(builder: Any, vector: Any, code: str) -> Any:
    return builder.icmp_unsigned("==", vector, _all(ord(code)))


def _mask(made: Any) -> Any:
    """Make an intrinsic of a function that compares the vector at an address."""

    def codegen(context, builder, signature, args):
        return builder.bitcast(made(builder, _load(builder, args[0], _BYTES)), _WORD)

    return lambda typing, address: (types.uint64(types.int64), codegen)


def _named(builder: Any, vector: Any) -> Any:
    letter = _within(builder, builder.or_(vector, _all(0x20)), "a", "z")
    return builder.or_(letter, builder.or_(_is(builder, vector, "_"), _is(builder, vector, "-")))


def _numbered(builder: Any, vector: Any) -> Any:
    return _within(builder, vector, "0", "9")


def _dotted(builder: Any, vector: Any) -> Any:
    return _is(builder, vector, ".")


def _marked(builder: Any, vector: Any) -> Any:
    return _within(builder, vector, "-", ".")


names: Any = intrinsic(_mask(_named))
"""Letters, `_` and `-`."""
digits: Any = intrinsic(_mask(_numbered))
dots: Any = intrinsic(_mask(_dotted))
marks: Any = intrinsic(_mask(_marked))
"""Hyphens and dots."""


def _splat(builder: Any, code: Any) -> Any:
    one = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), code, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(_BYTES, ir.Undefined), _FIRST)


def _equal(typing, address, code):
    def codegen(context, builder, signature, args):
        found = builder.icmp_unsigned("==", _load(builder, args[0], _BYTES), _splat(builder, args[1]))
        return builder.bitcast(found, _WORD)

    return types.uint64(types.int64, types.uint8), codegen


equal: Any = intrinsic(_equal)
"""This byte."""


def _ranged(typing, address, lowest, widths):
    def codegen(context, builder, signature, args):
        vector, low, wide = (_load(builder, each, _BYTES) for each in args)
        return builder.bitcast(builder.icmp_unsigned("<=", builder.sub(vector, low), wide), _WORD)

    return types.uint64(types.int64, types.int64, types.int64), codegen


ranged: Any = intrinsic(_ranged)
"""Bytes that are no further than their width above their own lowest; both stand in 64 bytes at an address."""


def _moved(typing, source, target):
    def codegen(context, builder, signature, args):
        stored = builder.store(_load(builder, args[0], _BYTES), builder.inttoptr(args[1], _BYTES.as_pointer()))
        stored.align = 1
        return ir.Constant(_WORD, WIDTH)

    return types.int64(types.int64, types.int64), codegen


moved: Any = intrinsic(_moved)
"""Copy 64 bytes from one address to another; gives how many that are."""


def _of_word(make: Any) -> Any:
    def codegen(context, builder, signature, args):
        return make(builder, args[0])

    return lambda typing, word: (types.uint64(types.uint64), codegen)


no = ir.Constant(ir.IntType(1), 0)
trailing: Any = intrinsic(_of_word(lambda builder, word: builder.cttz(word, no)))
"""How many zeros stand below the lowest bit; 64 of none."""
leading: Any = intrinsic(_of_word(lambda builder, word: builder.ctlz(word, no)))
"""How many zeros stand above the highest bit; 64 of none."""
count: Any = intrinsic(_of_word(lambda builder, word: builder.ctpop(word)))


def _loaded(typing, address):
    def codegen(context, builder, signature, args):
        return _load(builder, args[0], _WORD)

    return types.uint64(types.int64), codegen


word: Any = intrinsic(_loaded)
"""Give eight bytes as a number, the first of them lowest."""
