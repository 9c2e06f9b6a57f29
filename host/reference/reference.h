// reference.h — the right answer to a problem, computed on the CPU: fp32 results of the whole
// output, fp64 results of sampled rows, and probes of the whole. Inputs are rounded to the storage
// format first, so one reference serves every precision path that stores the same format.
// Knows nothing of devices or of how results are judged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/problem.h"
#include "reference/float_array.h"
#include "reference/inputs.h"
#include "reference/oracle.h"
#include "reference/probes.h"
#include "reference/scales.h"

namespace gpubench {

/// `sampled` leaves `values` of a matrix product empty: O(n²) work for an O(n³) problem. The
/// oracle's rows and the probes are there all the same.
enum class Coverage : std::uint8_t { whole, sampled };

struct ReferenceOptions {
  Coverage coverage = Coverage::whole;
  std::uint32_t oracle_rows = 64;
  /// The estimate of the whole error has a relative standard deviation of √(2/(rows·vectors)).
  std::uint32_t probe_vectors = 4;
};

struct Reference {
  std::uint64_t rows = 0;  ///< batch·m
  std::uint64_t columns = 0;
  std::uint64_t rows_per_batch = 0;  ///< Rows that share column scales; softmax: all of them.
  FloatArray values;                 ///< rows x columns, fp32.
  ErrorScales scales;
  OracleSample oracle;
  GaussianProbe freivalds;  ///< For products without activation.
  ExactProbe exact;         ///< For int_exact products without activation.
  InputFacts inputs;
  std::string description;  ///< "onednn 2.6.3, fp32 strict"
};

/// Peak memory: the inputs and the output in fp32, and some tens of MiB. Afterwards the output
/// alone. Fails with `input` if a file is at fault, `out_of_memory`, or `internal`.
Result<Reference> compute_reference(const Problem& problem, Format storage,
                                    const ReferenceOptions& options = {});

}  // namespace gpubench
