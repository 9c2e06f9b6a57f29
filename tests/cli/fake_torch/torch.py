"""torch.py — as much of PyTorch as torch_gemm.py uses, in plain Python: a GPU that the test describes by
the environment.

FAKE_TORCH_CUDA=0        there is no device
FAKE_TORCH_TF32=on       TF32 is allowed by default, and used where it is allowed
FAKE_TORCH_TF32=always   the library uses TF32 whatever it was told
FAKE_TORCH_WRONG=1       one element of each result is off
FAKE_TORCH_UUIDS=A,B     devices with these UUIDs; "none": one, and a PyTorch too old to tell its UUID
FAKE_TORCH_NAME=NAME     of every device (Fake GPU)
"""

import math
import os
import random
import struct
import time

__version__ = "9.9.9"
float32, float16, float64 = "float32", "float16", "float64"
TF32 = os.environ.get("FAKE_TORCH_TF32", "")
UUIDS = os.environ.get("FAKE_TORCH_UUIDS", "00000000-fa4e-0000-0000-000000000000").split(",")


def rounded(value, dtype):
    if dtype == float16:
        return struct.unpack("e", struct.pack("e", value))[0]
    return struct.unpack("f", struct.pack("f", value))[0] if dtype == float32 else value


def tf32(value):
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(mantissa * 2**11) / 2**11, exponent)


class Tensor:
    def __init__(self, rows, dtype):
        self.rows, self.dtype = rows, dtype
        self.shape = (len(rows), len(rows[0]))

    def to(self, dtype):
        return Tensor([[rounded(value, dtype) for value in row] for row in self.rows], dtype)

    def double(self):
        return Tensor(self.rows, float64)

    def __getitem__(self, places):
        return Tensor([self.rows[place] for place in places], self.dtype)

    def __sub__(self, other):
        return Tensor([[x - y for x, y in zip(a, b)] for a, b in zip(self.rows, other.rows)], float64)

    def __truediv__(self, other):
        return Tensor([[self.item() / other.item()]], float64)

    def _values(self):
        return [value for row in self.rows for value in row]

    def abs(self):
        return Tensor([[abs(value) for value in row] for row in self.rows], self.dtype)

    def max(self):
        return Tensor([[max(self._values())]], self.dtype)

    def norm(self):
        return Tensor([[math.sqrt(sum(value * value for value in self._values()))]], float64)

    def item(self):
        return self.rows[0][0]


def manual_seed(seed):
    random.seed(seed)


def randn(rows, columns, device=None, dtype=float32):
    return Tensor([[rounded(random.gauss(0, 1), dtype) for _ in range(columns)]
                   for _ in range(rows)], dtype)


def zeros(rows, columns, device=None, dtype=float32):
    return Tensor([[0.0] * columns for _ in range(rows)], dtype)


def matmul(a, b, out=None):
    lowered = a.dtype == float32 and (TF32 == "always" or backends.cuda.matmul.allow_tf32)
    change = tf32 if lowered else lambda value: value
    columns = [[change(value) for value in column] for column in zip(*b.rows)]
    rows = [[rounded(sum(change(x) * y for x, y in zip(row, column)), a.dtype) for column in columns]
            for row in a.rows]
    if os.environ.get("FAKE_TORCH_WRONG") and a.dtype != float64:
        rows[0][0] += 1
    if out is None:
        return Tensor(rows, a.dtype)
    out.rows = rows
    return out


class Named:
    def __init__(self, **members):
        self.__dict__.update(members)


class Event:
    def __init__(self, enable_timing=False):
        self.when = None

    def record(self):
        self.when = time.perf_counter()

    def elapsed_time(self, end):
        return (end.when - self.when) * 1e3


def device_properties(index):
    uuid = {} if UUIDS[index] == "none" else {"uuid": UUIDS[index]}
    return Named(name=os.environ.get("FAKE_TORCH_NAME", "Fake GPU"), **uuid)


backends = Named(cuda=Named(matmul=Named(allow_tf32=TF32 == "on",
                                         allow_fp16_reduced_precision_reduction=True)))
version = Named(cuda="99.0")
cuda = Named(is_available=lambda: os.environ.get("FAKE_TORCH_CUDA") != "0",
             device_count=lambda: len(UUIDS), set_device=lambda index: None, Event=Event,
             synchronize=lambda: None,
             get_device_properties=device_properties)
