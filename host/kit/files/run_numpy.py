"""run_numpy.py — multiplies the kit's matrices in NumPy; copy it for a runtime of your own.

Usage: python3 run_numpy.py, in the kit's folder. Leaves output.npy there.
"""

import numpy as np

a = np.load("a.npy")  # (products, m, k)
b = np.load("b.npy")  # (products, k, n)

np.seterr(over="ignore", invalid="ignore")  # Some products overflow: that tells formats apart.

# One product after the other: a batch may take another path than a single product does.
output = np.stack([a[i] @ b[i] for i in range(len(a))])

np.save("output.npy", output)
