// audit_words.h — the findings of an audit as sentences, each with the figures that carry it.
// Knows nothing of layout. Says only what judgement.h found.
#pragma once

#include <string>
#include <string_view>

#include "audit/audit.h"

namespace gpubench {

/// "FP16", "bf16", "TF32".
std::string_view display_name(Lattice lattice);
std::string_view display_name(Declared declared);

/// "DOWNGRADED to FP16", "confirmed FP32", …
std::string verdict_words(const OutputAudit& output, Declared declared);
/// Where the output was stored, and how sure that is.
std::string storage_sentence(const OutputAudit& output);
/// What its arithmetic shows.
std::string internals_sentence(const OutputAudit& output);
/// Why the verdict is no better, or what else a reader should know; may be empty.
std::string reason_sentence(const OutputAudit& output, Declared declared);

/// "2^-39", "1" for what is certain, "under 2^-1000000".
std::string chance_text(double chance_log2);
/// "1 value", "12 values".
std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural);

}  // namespace gpubench
