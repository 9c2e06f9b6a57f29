// infer.h — from the answers of probes to an arithmetic: each group of probes picks, from every
// choice there is for what it is about, the one whose emulation gives the most of its answers.
// A guess to be confirmed on random data; it claims nothing by itself.
#pragma once

#include <vector>

#include "fingerprint/order.h"

namespace gpubench {

struct ProbeAnswer {
  GroupedProbe asked;
  float answer = 0;
};

/// Probes that no choice is made by, but that an arithmetic must answer; any may be missing.
struct Checks {
  std::vector<Probe> special_probes;
  std::vector<float> special_answers;
  std::vector<Probe> place_probes;
  std::vector<float> place_answers;
};

/// Everything that was asked of one region, with the answers.
struct Evidence {
  OrderProfile profile;
  std::vector<ProbeAnswer> answers;  ///< Of core_probes.
  std::vector<Probe> far_probes;     ///< Between 0 and a k whose sum meets that of 0 last.
  std::vector<float> far_answers;
  Checks checks;
};

struct Inference {
  MatmulArithmetic arithmetic;
  std::vector<SummationOrder> orders;  ///< All that the masks allow; the first is arithmetic's.
  std::vector<ProbeAnswer> answers;
  std::vector<std::string> unexplained;  ///< Probes that the arithmetic answers otherwise.
  /// Largest p with 1 + 2^-p unchanged by the operand, in steps from 1: the fraction bits kept.
  int kept_bits_a = 0;
  int kept_bits_b = 0;
  OrderProfile profile;
};

Result<Evidence> collect_evidence(Launcher& launcher, const Region& region);
Inference infer_arithmetic(const Evidence& evidence, NumberFormat storage, std::size_t k);

/// The core probes that the storage format holds, lifted as far as its output needs.
std::vector<GroupedProbe> storable_probes(NumberFormat storage, const Anchors& anchors);

/// Ways in which two parts or three are used; the first is none.
std::vector<MatmulArithmetic> split_choices(const MatmulArithmetic& arithmetic);
/// Operand formats, roundings and overflows, the storage format's own first.
std::vector<NumberRule> operand_choices(NumberFormat storage);

}  // namespace gpubench
