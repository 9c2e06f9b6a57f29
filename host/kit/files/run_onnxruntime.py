"""run_onnxruntime.py — runs the kit's models in ONNX Runtime.

Usage: python3 run_onnxruntime.py [PROVIDER [MODEL]], in the kit's folder, for instance
    python3 run_onnxruntime.py CPUExecutionProvider
    python3 run_onnxruntime.py CoreMLExecutionProvider
    python3 run_onnxruntime.py CUDAExecutionProvider matmul_fp16.onnx
Leaves output.npy there, and linear_output.npy where linear.onnx is a model of float32.
"""

import sys

import numpy as np
import onnxruntime

provider = sys.argv[1] if len(sys.argv) > 1 else "CPUExecutionProvider"
model = sys.argv[2] if len(sys.argv) > 2 else "matmul.onnx"


def session(path):
    # Options of a provider go in as ("CUDAExecutionProvider", {"use_tf32": 0}).
    made = onnxruntime.InferenceSession(path, providers=[provider])
    # ONNX Runtime falls back to the CPU without failing: look before you believe.
    if provider not in made.get_providers():
        sys.exit(f"{provider} is not available; there are {made.get_providers()}")
    return made


np.seterr(over="ignore")  # Some inputs are beyond float16: that tells formats apart.

products = session(model)
dtype = np.float16 if products.get_inputs()[0].type == "tensor(float16)" else np.float32
a = np.load("a.npy").astype(dtype)  # (products, m, k)
b = np.load("b.npy").astype(dtype)  # (products, k, n)
output = np.stack([products.run(None, {"A": a[i], "B": b[i]})[0] for i in range(len(a))])
np.save("output.npy", output)

layer = session("linear.onnx")
np.save("linear_output.npy", layer.run(None, {"X": np.load("linear_x.npy")})[0])
