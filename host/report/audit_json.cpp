#include "report/audit_json.h"

#include <nlohmann/json.hpp>

#include "report/audit_words.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

// Version of this document; members are added, never renamed.
constexpr int kSchema = 1;
constexpr int kIndent = 2;

Json window_json(const std::optional<RoundingWindow>& window) {
  if (!window) return nullptr;
  return {{"low", window->low},
          {"low_included", window->holds_low},
          {"high", window->high},
          {"high_included", window->holds_high},
          {"direction", window->direction == FlipDirection::up ? "up" : "down"},
          {"text", to_string(*window)}};
}

Json lattice_json(const LatticeFacts& facts) {
  return {{"informative", facts.informative},     {"survive", facts.on_lattice},
          {"rounded_reference", facts.rounded},   {"distinct", facts.distinct},
          {"chance_log2", facts.chance_log2},     {"max_ulps", facts.max_ulps},
          {"mean_ulps", facts.mean_ulps},         {"above_half_ulp", facts.above_half},
          {"beyond_half_ulp", facts.beyond_half}, {"beyond_one_ulp", facts.beyond_one}};
}

Json metrics_json(const PairFacts& pair) {
  return {{"max_abs_err", pair.max_abs_err},
          {"mean_abs_err", pair.mean_abs_err},
          {"abs_err_quantiles",
           {{"p50", pair.abs_err_quantiles[0]},
            {"p90", pair.abs_err_quantiles[1]},
            {"p99", pair.abs_err_quantiles[2]},
            {"p99_9", pair.abs_err_quantiles[3]}}},
          {"rmse", pair.rmse},
          {"bias", pair.bias},
          {"outward_bias", pair.outward_bias},
          {"max_rel_err", pair.max_rel_err},
          {"rel_fro_err", pair.rel_fro_err},
          {"nmse", pair.nmse},
          {"one_minus_cosine", pair.one_minus_cosine},
          {"max_ulp_fp32", pair.max_ulp_fp32},
          {"mean_ulp_fp32", pair.mean_ulp_fp32},
          {"reference_rms", pair.reference_rms},
          {"reference_mean", pair.reference_mean},
          {"typical_size", pair.typical},
          {"worst",
           {{"index", pair.worst_index},
            {"reference", pair.worst_reference},
            {"output", pair.worst_output}}}};
}

Json counts_json(const PairFacts& pair) {
  const PairSums& counts = pair.counts;
  return {{"elements", pair.elements},
          {"compared", counts.compared},
          {"identical", counts.identical},
          {"outliers", counts.outliers},
          {"reference_infinite", counts.reference_infinite},
          {"nan", counts.nan},
          {"spurious_nan", counts.spurious_nan},
          {"infinite", counts.infinite},
          {"overflowed", counts.overflowed},
          {"spurious_infinite", counts.spurious_infinite},
          {"missed_overflows", counts.missed},
          {"beyond_fp16", counts.beyond_fp16},
          {"clamped", counts.clamped},
          {"saturated", counts.saturated},
          {"underflowed", counts.underflowed},
          {"underflowed_as_fp16", counts.underflowed_fp16},
          {"fp16_subnormal", counts.fp16_subnormal},
          {"visible_errors",
           {{"outwards", counts.outwards},
            {"inwards", counts.inwards},
            {"upwards", counts.upwards},
            {"downwards", counts.downwards}}}};
}

Json confusion_json(const Confusion& confusion) {
  return {{"tp", confusion.true_positive},
          {"fp", confusion.false_positive},
          {"fn", confusion.false_negative},
          {"tn", confusion.true_negative}};
}

Json flip_json(const Flip& flip) {
  Json json = {{"index", flip.index}, {"reference", flip.reference}, {"output", flip.output}};
  json["label"] = nullptr;
  if (flip.label != Label::none) json["label"] = flip.label == Label::yes ? 1 : 0;
  for (const Lattice lattice : kAllLattices) {
    json["explained_by"][std::string(name_of(lattice))] =
        flip.in_window[static_cast<std::size_t>(lattice)];
  }
  return json;
}

Json flips_json(const std::optional<FlipFacts>& facts) {
  if (!facts) return nullptr;
  Json json = {{"threshold", facts->settings.threshold},
               {"rule", to_string(facts->settings.rule)},
               {"decided", facts->decided},
               {"undecided", facts->undecided},
               {"up", facts->up},
               {"down", facts->down}};
  for (const Lattice lattice : kAllLattices) {
    const WindowFacts& window = facts->in(lattice);
    json["windows"][std::string(name_of(lattice))] = {{"window", window_json(window.window)},
                                                      {"at_risk", window.at_risk},
                                                      {"explained", window.explained}};
  }
  if (facts->labelled) {
    json["confusion"] = {{"reference", confusion_json(facts->reference)},
                         {"output", confusion_json(facts->output)}};
    json["broke"] = facts->broke;
    json["repaired"] = facts->repaired;
    json["mcnemar_p"] = facts->mcnemar_p;
  }
  json["listed"] = Json::array();
  for (const Flip& flip : facts->flips) json["listed"].push_back(flip_json(flip));
  return json;
}

Json disagreement_json(const Disagreement& found) {
  Json json = {{"row", found.row},
               {"reference_class", found.reference_class},
               {"output_class", found.output_class},
               {"margin", found.margin}};
  for (const Lattice lattice : kAllLattices) {
    json["excused_by"][std::string(name_of(lattice))] =
        found.excused[static_cast<std::size_t>(lattice)];
  }
  return json;
}

Json ranking_json(const std::optional<RankingFacts>& facts) {
  if (!facts) return nullptr;
  Json json = {{"rows", facts->rows},
               {"columns", facts->columns},
               {"top_k", facts->top_k},
               {"unranked", facts->unranked},
               {"same_argmax", facts->same_first},
               {"same_top_k_set", facts->same_set},
               {"same_top_k_order", facts->same_order},
               {"mean_top_k_overlap", facts->mean_overlap},
               {"reference_ties", facts->reference_ties},
               {"output_ties", facts->output_ties},
               {"smallest_margin", facts->smallest_margin},
               {"largest_disputed_margin", facts->largest_disputed_margin}};
  for (const Lattice lattice : kAllLattices) {
    json["excused_by"][std::string(name_of(lattice))] =
        facts->excused[static_cast<std::size_t>(lattice)];
  }
  json["distributions"] = facts->distributions;
  json["max_sum_error"] = facts->max_sum_error;
  json["max_total_variation"] = facts->max_total_variation;
  json["mean_divergence"] = facts->mean_divergence;
  json["listed"] = Json::array();
  for (const Disagreement& found : facts->disagreements) {
    json["listed"].push_back(disagreement_json(found));
  }
  return json;
}

Json judgement_json(const OutputAudit& output, Declared declared) {
  const PairJudgement& judgement = output.judgement;
  Json storage = {{"finding", to_string(judgement.storage_finding)}};
  storage["format"] = judgement.storage ? Json(name_of(*judgement.storage)) : Json(nullptr);
  storage["tf32_fits_as_well"] = judgement.tf32_fits_as_well;
  storage["text"] = storage_sentence(output);
  const Json internals = {{"finding", to_string(judgement.internals)},
                          {"directed_rounding", judgement.directed_rounding},
                          {"estimated_bits", judgement.estimated_bits},
                          {"hidden_beyond_terms", judgement.hidden_beyond_terms},
                          {"text", internals_sentence(output)}};
  return {{"verdict", to_string(judgement.verdict)},
          {"reason", to_string(judgement.reason)},
          {"text", verdict_words(output, declared)},
          {"reason_text", reason_sentence(output, declared)},
          {"storage", storage},
          {"internals", internals}};
}

Json output_json(const OutputAudit& output, Declared declared) {
  Json json = {{"file", output.name}, {"type", output.type}, {"shape", output.shape}};
  json["judgement"] = judgement_json(output, declared);
  for (const Lattice lattice : kAllLattices) {
    json["round_trip"][std::string(name_of(lattice))] = lattice_json(output.pair.on(lattice));
  }
  json["metrics"] = metrics_json(output.pair);
  json["counts"] = counts_json(output.pair);
  json["flips"] = flips_json(output.flips);
  json["ranking"] = ranking_json(output.ranking);
  return json;
}

Json paths_json(const Audit& audit) {
  if (!audit.paths) return nullptr;
  const PathMatrix& matrix = *audit.paths;
  Json json = {{"names", {audit.reference_name}}, {"groups", matrix.groups}};
  for (const OutputAudit& output : audit.outputs) json["names"].push_back(output.name);
  for (std::size_t a = 0; a < matrix.paths; ++a) {
    Json max_abs = Json::array(), rel_fro = Json::array();
    for (std::size_t b = 0; b < matrix.paths; ++b) {
      max_abs.push_back(matrix.at(a, b).max_abs);
      rel_fro.push_back(matrix.at(a, b).rel_fro);
    }
    json["max_abs_err"].push_back(max_abs);
    json["rel_fro_err"].push_back(rel_fro);
  }
  return json;
}

}  // namespace

std::string audit_json(const Audit& audit) {
  Json json = {
      {"audit_schema", kSchema},
      {"reference",
       {{"file", audit.reference_name}, {"type", audit.reference_type}, {"shape", audit.shape}}},
      {"labels", nullptr},
      {"declared", name_of(audit.declared)}};
  if (!audit.labels_name.empty()) json["labels"] = audit.labels_name;
  for (const OutputAudit& output : audit.outputs) {
    json["outputs"].push_back(output_json(output, audit.declared));
  }
  json["paths"] = paths_json(audit);
  // A file name may be any bytes; JSON is UTF-8.
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gpubench
