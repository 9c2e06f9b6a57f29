// fingerprint_text.h — fingerprints of kernels as text for a person and as JSON for a program.
// Here and not in report/, which knows nothing but records.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/device_traits.h"
#include "kernels/kernel.h"
#include "kernels/problem.h"
#include "report/table.h"
#include "run/fingerprint_kernel.h"

namespace gpubench {

struct KernelFinding {
  Op op = Op::gemm;
  std::string kernel;
  Precision precision = Precision::fp32;
  Build build = Build::as_is;
  std::optional<KernelFingerprint> fingerprint;
  std::string why_not_probed;  ///< Where there is no fingerprint.
  double seconds = 0;
};
/// "gemm/tiled/fp32", "gemm/tiled+strict/fp32"
std::string name_of(const KernelFinding& finding);
/// What two builds of a kernel on one path compute, where that differs: the driver uses the freedom
/// that the default leaves it. Empty where it does not, or where either is not known.
std::string difference_text(const KernelFinding& as_is, const KernelFinding& strict);
/// The finding whose strict build this one is; null: it is none, or that one was not audited.
const KernelFinding* default_of(const KernelFinding& strict,
                                const std::vector<KernelFinding>& findings);
bool is_accused(const KernelFinding& finding);

enum class FingerprintDetail : unsigned char { verdict, everything };
std::string finding_text(const KernelFinding& finding, FingerprintDetail detail,
                         const ConsoleStyle& style);

/// Everything that was seen in one region; the same words whatever was probed.
nlohmann::ordered_json region_json(const RegionFingerprint& region);

struct DeviceAuditFacts {
  DeviceTraits device;
  MatmulShape shape;
  std::uint64_t seed = 0;
  const std::vector<KernelFinding>& findings;
};
std::string device_audit_json(const DeviceAuditFacts& facts);

}  // namespace gpubench
