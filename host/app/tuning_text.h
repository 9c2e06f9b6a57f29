// tuning_text.h — what the tuner found for one problem, as text for a person.
#pragma once

#include <span>
#include <string>

#include "report/table.h"
#include "run/tune.h"

namespace gpubench {

/// "gemm fp32 512×512×512"; "gemm fp32 nt 512×512×512" where B is n x k.
std::string target_text(const TuneTarget& target, const Shape& shape);
/// A kernel that could take no part, and the reason.
struct AbsentKernel {
  std::string kernel, why;
};

/// A line for each kernel: the time of its own choice, of the fastest tuning, and which that is;
/// then how the candidates ended, and every one whose output was wrong. Where no kernel took part,
/// why each did not.
std::string entry_text(const TuneTarget& target, const TuningEntry& entry,
                       std::span<const AbsentKernel> absent, const ConsoleStyle& style);

/// Candidates of the entry that ended so, at either shape.
std::size_t count_of(const TuningEntry& entry, Ending ending);
/// Kernels of the entry with a tuning that won at the shape that was asked for.
std::size_t winners_of(const TuningEntry& entry);

}  // namespace gpubench
