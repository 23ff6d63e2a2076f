"""A column of record ids for pandas: sixteen bytes a row, read as the text of the UUID."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.indexers import check_array_indexer


class RecordIdDtype(ExtensionDtype):
    """The dtype `record_id`; no value is missing."""

    name = "record_id"
    type = str
    na_value = None

    @classmethod
    def construct_array_type(cls) -> builtins.type[RecordIds]:
        return RecordIds


class RecordIds(ExtensionArray):  # noqa: PLW1641  an array has no hash
    """n record ids; `halves` is uint64 (n, 2)."""

    def __init__(self, halves: NDArray[np.uint64]) -> None:
        self._halves = halves

    @classmethod
    def _from_sequence(cls, scalars: Sequence[str], *, dtype: object = None, copy: bool = False) -> Self:  # noqa: ARG003  pandas' signature
        joined = b"".join(UUID(str(text)).bytes for text in scalars)
        return cls(np.frombuffer(joined, ">u8").astype(np.uint64).reshape(-1, 2))

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[Self]) -> Self:
        return cls(np.concatenate([part._halves for part in to_concat]))

    @property
    def dtype(self) -> RecordIdDtype:
        return RecordIdDtype()

    @property
    def nbytes(self) -> int:
        return self._halves.nbytes

    def __len__(self) -> int:
        return len(self._halves)

    def __iter__(self) -> Iterator[str]:
        digits = self._halves.astype(">u8").tobytes().hex()
        for start in range(0, len(digits), 32):
            text = digits[start : start + 32]
            yield f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, int | np.integer):
            return next(iter(type(self)(self._halves[item].reshape(1, 2))))
        return type(self)(self._halves[check_array_indexer(self, item)])

    def __eq__(self, other: object) -> Any:
        if isinstance(other, RecordIds):
            return (self._halves == other._halves).all(axis=1)
        return np.array(self, object) == other

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001  numpy's signature
        texts = np.empty(len(self), object)
        texts[:] = list(self)
        return texts

    def isna(self) -> NDArray[np.bool_]:
        return np.zeros(len(self), bool)

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: object = None) -> Self:  # noqa: ARG002  pandas' signature
        positions = np.asarray(indices, np.intp)
        if allow_fill and len(positions) and positions.min() < 0:
            raise ValueError("a record id is never missing")
        return type(self)(self._halves[positions])

    def copy(self) -> Self:
        return type(self)(self._halves.copy())
