// epilogue.glsl — what a matrix product does with a finished sum before it is stored.
// gemm: nothing. linear (defined EPILOGUE): adds the bias and applies the activation, in FP32,
// then rounds once to COMPUTE. Include contract.glsl first.

#if defined(EPILOGUE)
const uint kActivationRelu = 1;
const uint kActivationGelu = 2;
const uint kActivationSilu = 3;
const uint kActivationSigmoid = 4;

// erfc for z >= 0 by the Chebyshev fit of Numerical Recipes (section 6.2): relative error below
// 1.2e-7 in exact arithmetic for all z, so that the tail of gelu keeps its digits.
float erfc_positive(float z) {
  const float t = 1.0 / (1.0 + 0.5 * z);
  const float series =
      t * (1.00002368 +
           t * (0.37409196 +
                t * (0.09678418 +
                     t * (-0.18628806 +
                          t * (0.27886807 +
                               t * (-1.13520398 +
                                    t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  return t * exp(-z * z - 1.26551223 + series);
}

float gelu(float x) {
  const float tail = 0.5 * erfc_positive(abs(x) * 0.70710678118654752);  // 1/sqrt(2)
  return x * (x < 0.0 ? tail : 1.0 - tail);
}

float activate(float x) {
  if (kActivation == kActivationRelu) return max(x, 0.0);
  if (kActivation == kActivationGelu) return gelu(x);
  if (kActivation == kActivationSilu) return x / (1.0 + exp(-x));
  if (kActivation == kActivationSigmoid) return 1.0 / (1.0 + exp(-x));
  return x;
}

// `bias` counts only where there is one: a sum of -0 stays that without.
COMPUTE finish_with(COMPUTE sum, float bias) {
  float x = float(sum);
  if (kHasBias != 0) x += bias;
  return COMPUTE(activate(x));
}

COMPUTE finish(COMPUTE sum, uint column) {
  return finish_with(sum, kHasBias != 0 ? float(push.bias.v[column]) : 0.0);
}
#else
COMPUTE finish(COMPUTE sum, uint column) { return sum; }
#endif
