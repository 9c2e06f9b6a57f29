#include "app/fingerprint_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "record/row.h"
#include "report/width.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

// Version of the JSON; members are added, never renamed.
constexpr int kSchema = 1;

constexpr std::size_t kNameWidth = 30;
constexpr std::size_t kVerdictWidth = 17;
constexpr std::size_t kIndent = 4;
constexpr std::size_t kKeyWidth = 11;

std::string_view word(Overflow overflow) {
  return overflow == Overflow::clamp ? "clamp" : "ieee";
}
std::string_view word(Subnormals subnormals) {
  return subnormals == Subnormals::flush ? "flush" : "keep";
}
std::string_view word(MultiplyAdd unit) {
  switch (unit) {
    case MultiplyAdd::fused:
      return "fused";
    case MultiplyAdd::block:
      return "block";
    case MultiplyAdd::separate:
      break;
  }
  return "separate";
}

std::string rule_text(const NumberRule& rule) {
  return fmt::format("{} ({} bits) {}, subnormals {}, overflow {}", traits_of(rule.format).name,
                     traits_of(rule.format).significand_bits, short_name(rule.rounding),
                     rule.subnormals == Subnormals::flush ? "flushed" : "kept",
                     rule.overflow == Overflow::clamp ? "clamped" : "as IEEE 754");
}

std::string unit_text(const MatmulArithmetic& arithmetic) {
  if (arithmetic.multiply_add != MultiplyAdd::block) {
    return std::string(word(arithmetic.multiply_add));
  }
  return fmt::format("adder of {} products, {} bits below the sum's last place, aligned {}",
                     arithmetic.block.width, arithmetic.block.extra_bits,
                     short_name(arithmetic.block.alignment));
}

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string join_or(const std::vector<std::string>& parts, const char* none) {
  return parts.empty() ? none : join(parts, "; ");
}

Facts facts_of(const RegionFingerprint& region) {
  const MatmulArithmetic& arithmetic = region.inference.arithmetic;
  const std::string hash = profile_hash(region.inference.profile);
  return {{"rows", fmt::format("{} by {} columns, from [{}, {}] on", region.region.rows.size(),
                               region.region.columns.size(), region.region.rows.front(),
                               region.region.columns.front())},
          {"input A", fmt::format("{} of 23 fraction bits kept; {}", region.inference.kept_bits_a,
                                  rule_text(arithmetic.a))},
          {"input B", fmt::format("{} of 23 fraction bits kept; {}", region.inference.kept_bits_b,
                                  rule_text(arithmetic.b))},
          {"multiply", unit_text(arithmetic)},
          {"sums", rule_text(arithmetic.accumulator)},
          {"order", fmt::format("{}, profile {}", order_name(arithmetic),
                                hash.empty() ? "without counts" : hash)},
          {"output", rule_text(arithmetic.output)},
          {"Inf, NaN", join_or(region.odd_specials, "as that arithmetic has them")},
          {"every k", join_or(region.odd_places, "alike, as far as tried")},
          {"agreement",
           fmt::format("{} of {} random outputs differ ({:.2g})", region.agreement.mismatches,
                       region.agreement.outputs, region.agreement.mismatch_rate())},
          {"nearest", fmt::format("{}, then {}", region.nearest, region.runner_up)}};
}

std::string range_text(const SoftmaxSeen& seen) {
  std::string text = seen.shifted ? "the row's maximum is taken out" : "logits of 100 overflow";
  if (seen.wide_range) {
    text += fmt::format("; x of 2^17 {}", *seen.wide_range ? "is held" : "overflows");
  }
  return text;
}

Facts facts_of(const SoftmaxFingerprint& said) {
  return {
      {"inputs", fmt::format("{} of 23 fraction bits kept", said.seen.input)},
      {"exp", fmt::format("{} bits seen near 1", said.seen.exp)},
      {"sums",
       fmt::format("{} bits seen; a row of ones sums to {:.6g}", said.seen.sum, said.seen.ones)},
      {"range", range_text(said.seen)},
      {"agreement", fmt::format("{} random outputs, off by up to {:.2g} where {:.2g} is allowed",
                                said.outputs, said.largest_error, said.allowed_error)},
      {"nearest",
       fmt::format("{} (rms {:.2g}), then {} (rms {:.2g})",
                   softmax_name(said.nearest, said.open_sums), said.distance,
                   softmax_name(said.runner_up, {said.runner_up.sum}), said.runner_up_distance)}};
}

/// One list for each region of a product, one for a softmax.
std::vector<Facts> facts_of(const KernelFingerprint& said) {
  std::vector<Facts> lists;
  if (const auto* product = std::get_if<Fingerprint>(&said.facts)) {
    for (const RegionFingerprint& region : product->regions) lists.push_back(facts_of(region));
    return lists;
  }
  const auto& softmax = std::get<SoftmaxFingerprint>(said.facts);
  if (softmax.outputs > 0) lists.push_back(facts_of(softmax));
  return lists;
}

std::string detail_text(const KernelFinding& finding, const ConsoleStyle& style) {
  std::string text;
  for (const Facts& facts : facts_of(*finding.fingerprint)) {
    for (const auto& [key, value] : facts) {
      const WrapBox box{style.width, kIndent + kKeyWidth, kIndent + kKeyWidth};
      text += std::string(kIndent, ' ') + pad_right(key, kKeyWidth) + wrap(value, box) + '\n';
    }
    text += '\n';
  }
  return text;
}

Json rule_json(const NumberRule& rule) {
  return {{"format", traits_of(rule.format).name},
          {"significand_bits", traits_of(rule.format).significand_bits},
          {"rounding", short_name(rule.rounding)},
          {"overflow", word(rule.overflow)},
          {"subnormals", word(rule.subnormals)}};
}

Json operand_json(const NumberRule& rule, int kept_bits) {
  Json json = rule_json(rule);
  json["kept_fraction_bits"] = kept_bits;
  return json;
}

Json unit_json(const MatmulArithmetic& arithmetic) {
  Json json = {{"kind", word(arithmetic.multiply_add)}};
  if (arithmetic.multiply_add == MultiplyAdd::block) {
    json["width"] = arithmetic.block.width;
    json["extra_bits"] = arithmetic.block.extra_bits;
    json["alignment"] = short_name(arithmetic.block.alignment);
  }
  return json;
}

/// Null where a build is missing or was not named.
Json differs_json(const KernelFinding& finding, const std::vector<KernelFinding>& findings) {
  const KernelFinding* as_is = default_of(finding, findings);
  const auto named = [](const KernelFinding& each) {
    return each.fingerprint && !each.fingerprint->name.empty();
  };
  if (as_is == nullptr || !named(*as_is) || !named(finding)) return nullptr;
  return !difference_text(*as_is, finding).empty();
}

Json softmax_json(const SoftmaxFingerprint& said) {
  const SoftmaxSeen& seen = said.seen;
  Json json = {{"input_fraction_bits", seen.input},
               {"exp_bits", seen.exp},
               {"sum_bits", seen.sum},
               {"sum_of_ones", seen.ones},
               {"shifted", seen.shifted},
               {"wide_range", nullptr},
               {"outputs_compared", said.outputs},
               {"largest_relative_error", said.largest_error},
               {"allowed_relative_error", said.allowed_error},
               {"nearest", softmax_name(said.nearest, said.open_sums)},
               {"nearest_rms", said.distance},
               {"runner_up", softmax_name(said.runner_up, {said.runner_up.sum})},
               {"runner_up_rms", said.runner_up_distance}};
  if (seen.wide_range) json["wide_range"] = *seen.wide_range;
  return json;
}

void add_facts(Json& json, const KernelFingerprint& said) {
  if (const auto* product = std::get_if<Fingerprint>(&said.facts)) {
    json["regions"] = Json::array();
    for (const RegionFingerprint& region : product->regions) {
      json["regions"].push_back(region_json(region));
    }
    return;
  }
  const auto& softmax = std::get<SoftmaxFingerprint>(said.facts);
  json["softmax"] = softmax.outputs > 0 ? softmax_json(softmax) : Json(nullptr);
}

/// Whether the name is all that there is to say in a line.
bool is_said_by_name(const KernelFingerprint& said) {
  if (said.name.empty()) return false;
  const auto* product = std::get_if<Fingerprint>(&said.facts);
  return product == nullptr ||
         (product->regions.size() == 1 && product->regions.front().odd_specials.empty());
}

Json finding_json(const KernelFinding& finding, const std::vector<KernelFinding>& findings) {
  Json json = {{"op", to_string(finding.op)},
               {"kernel", finding.kernel},
               {"build", to_string(finding.build)},
               {"declared", to_string(finding.precision)}};
  if (finding.build == Build::strict) {
    json["differs_from_default"] = differs_json(finding, findings);
  }
  if (!finding.fingerprint) {
    json["verdict"] = "not_probed";
    json["reason"] = finding.why_not_probed;
    return json;
  }
  const KernelFingerprint& said = *finding.fingerprint;
  json["verdict"] = to_string(said.verdict);
  json["reason"] = said.reason;
  json["observed"] = said.name;
  json["launches"] = said.launches;
  json["seconds"] = finding.seconds;
  add_facts(json, said);
  return json;
}

}  // namespace

std::string name_of(const KernelFinding& finding) {
  const bool strict = finding.build == Build::strict;
  return fmt::format("{}/{}{}/{}", to_string(finding.op), finding.kernel, strict ? "+strict" : "",
                     to_string(finding.precision));
}

const KernelFinding* default_of(const KernelFinding& strict,
                                const std::vector<KernelFinding>& findings) {
  if (strict.build != Build::strict) return nullptr;
  const auto found = std::ranges::find_if(findings, [&](const KernelFinding& finding) {
    return finding.build == Build::as_is && finding.op == strict.op &&
           finding.kernel == strict.kernel && finding.precision == strict.precision;
  });
  return found == findings.end() ? nullptr : &*found;
}

std::string difference_text(const KernelFinding& as_is, const KernelFinding& strict) {
  if (!as_is.fingerprint || !strict.fingerprint) return "";
  const std::string default_name = as_is.fingerprint->name;
  const std::string strict_name = strict.fingerprint->name;
  if (default_name.empty() || strict_name.empty() || default_name == strict_name) return "";
  return fmt::format("the default build computes otherwise: {}", default_name);
}

bool is_accused(const KernelFinding& finding) {
  return finding.fingerprint &&
         accuses(to_string(finding.fingerprint->verdict), to_string(finding.precision));
}

std::string finding_text(const KernelFinding& finding, FingerprintDetail detail,
                         const ConsoleStyle& style) {
  std::string verdict = "not probed";
  std::string reason = finding.why_not_probed;
  if (finding.fingerprint) {
    verdict = to_string(finding.fingerprint->verdict);
    // The reason also says which of several regions it speaks of, and what else is odd.
    const KernelFingerprint& said = *finding.fingerprint;
    reason = is_said_by_name(said) ? said.name : said.reason;
  }
  if (is_accused(finding)) verdict = uppercase(verdict);
  const Tint tint = is_accused(finding) ? Tint::bad : Tint::plain;
  const std::string head = pad_right(name_of(finding), kNameWidth) + ' ';
  const WrapBox box{style.width, kNameWidth + 1 + kVerdictWidth, kNameWidth + 2};
  std::string text = head + paint(pad_right(verdict, kVerdictWidth), tint, style.colour) +
                     wrap(printable(reason), box) + '\n';
  const bool more = detail == FingerprintDetail::everything && finding.fingerprint;
  return more ? text + detail_text(finding, style) : text;
}

Json region_json(const RegionFingerprint& region) {
  const Inference& inference = region.inference;
  const MatmulArithmetic& arithmetic = inference.arithmetic;
  return {{"rows", region.region.rows.size()},
          {"columns", region.region.columns.size()},
          {"first", {region.region.rows.front(), region.region.columns.front()}},
          {"verdict", to_string(region.verdict)},
          {"name", region.name},
          {"input_a", operand_json(arithmetic.a, inference.kept_bits_a)},
          {"input_b", operand_json(arithmetic.b, inference.kept_bits_b)},
          {"split", {{"parts", arithmetic.split.parts}, {"products", arithmetic.split.products}}},
          {"multiply_add", unit_json(arithmetic)},
          {"accumulator", rule_json(arithmetic.accumulator)},
          {"order", order_name(arithmetic)},
          {"across", rule_json(arithmetic.across)},
          {"order_profile", inference.profile.leaves},
          {"order_profile_hash", profile_hash(inference.profile)},
          {"output", rule_json(arithmetic.output)},
          {"outputs_compared", region.agreement.outputs},
          {"outputs_mismatched", region.agreement.mismatches},
          {"mismatch_rate", region.agreement.mismatch_rate()},
          {"nearest", region.nearest},
          {"runner_up", region.runner_up},
          {"unexplained_probes", inference.unexplained},
          {"odd_specials", region.odd_specials},
          {"odd_places", region.odd_places},
          {"proven", region.proven}};
}

std::string device_audit_json(const DeviceAuditFacts& facts) {
  Json json = {{"schema", kSchema},
               {"device",
                {{"name", facts.device.name},
                 {"type", to_string(facts.device.type)},
                 {"uuid", facts.device.uuid},
                 {"driver_id", facts.device.driver_id},
                 {"driver_version", facts.device.driver_version},
                 {"driver_info", facts.device.driver_info},
                 {"software", facts.device.is_software()}}},
               {"m", facts.shape.m},
               {"n", facts.shape.n},
               {"k", facts.shape.k},
               {"seed", facts.seed},
               {"kernels", Json::array()}};
  for (const KernelFinding& finding : facts.findings) {
    json["kernels"].push_back(finding_json(finding, facts.findings));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gpubench
