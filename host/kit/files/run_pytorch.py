"""run_pytorch.py — multiplies the kit's matrices in PyTorch.

Usage: python3 run_pytorch.py [DTYPE [DEVICE]], in the kit's folder, for instance
    python3 run_pytorch.py float32 cpu
    python3 run_pytorch.py bfloat16 cpu
    python3 run_pytorch.py float32 cuda
Leaves output.npy there, as float32, which holds bfloat16 and float16 exactly.
"""

import sys

import numpy as np
import torch

dtype = getattr(torch, sys.argv[1] if len(sys.argv) > 1 else "float32")
device = sys.argv[2] if len(sys.argv) > 2 else "cpu"

# The switch that decides about TF32 on a GPU; try both values.
# torch.backends.cuda.matmul.allow_tf32 = True


def tensor(array):
    return torch.from_numpy(array).to(device=device, dtype=dtype)


a = np.load("a.npy")  # (products, m, k)
b = np.load("b.npy")  # (products, k, n)
products = [tensor(a[i]) @ tensor(b[i]) for i in range(len(a))]
output = np.stack([c.to(device="cpu", dtype=torch.float32).numpy() for c in products])
np.save("output.npy", output)
