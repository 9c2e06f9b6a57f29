// table_json.cpp — a tuning table as JSON text, and back. Whatever is not as it was written is an
// error: a table that is half understood would tune with half of what was found. Names of kernels
// alone are read as they come: another version of gpubench may have more of them.

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "tuning/table.h"

namespace gpubench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 2;
// No timer tells less; such a time would be an endless rate.
constexpr double kLeastSeconds = 1e-9;

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

/// Drivers' compilers explain themselves in lines, which would be read as damage.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

Json to_json(const TunedDevice& device) {
  return {{"name", device.name},
          {"vendor_id", device.vendor_id},
          {"device_id", device.device_id},
          {"driver_id", device.driver_id},
          {"driver_version", device.driver_version},
          {"driver_info", device.driver_info},
          {"pipeline_cache_uuid", device.pipeline_cache_uuid},
          {"subgroup_size", device.subgroup_size},
          {"max_shared_bytes", device.max_shared_bytes}};
}

Json to_json(const ProblemClass& of) {
  return {{"op", to_string(of.op)},
          {"precision", to_string(of.precision)},
          {"layout", to_string(of.layout)},
          {"log2_m", of.log2_m},
          {"log2_n", of.log2_n},
          {"log2_k", of.log2_k},
          {"log2_batch", of.log2_batch},
          {"alignment", of.alignment},
          {"activation", to_string(of.activation)}};
}

Json to_json(const Shape& shape) {
  return {{"m", shape.m}, {"n", shape.n}, {"k", shape.k}, {"batch", shape.batch}};
}

Json to_json(const TriedTuning& tried) {
  Json json{{"tuning", to_string(tried.tuning)}, {"ending", to_string(tried.trial.ending)}};
  if (!tried.trial.why.empty()) json["why"] = one_line(tried.trial.why);
  if (!tried.trial.samples_s.empty()) json["samples_s"] = tried.trial.samples_s;
  return json;
}

Json to_json(const std::vector<TriedTuning>& tried) {
  Json json = Json::array();
  for (const TriedTuning& one : tried) json.push_back(to_json(one));
  return json;
}

Json to_json(const TunedKernel& kernel) {
  Json json{{"kernel", kernel.kernel},
            {"code_hash", kernel.code_hash},
            {"date", kernel.date},
            {"tool", kernel.tool},
            {"shape", to_json(kernel.shape)},
            {"tried", to_json(kernel.tried)}};
  if (!kernel.probed.empty()) {
    json["probe_shape"] = to_json(kernel.probe_shape);
    json["probed"] = to_json(kernel.probed);
  }
  return json;
}

Json to_json(const TuningEntry& entry) {
  Json kernels = Json::array();
  for (const TunedKernel& kernel : entry.kernels) kernels.push_back(to_json(kernel));
  return {{"device", to_json(entry.device)},
          {"problem_class", to_json(entry.problem_class)},
          {"kernels", kernels}};
}

/// Thrown and caught in this file only, as nlohmann's own exceptions are.
struct BadTable {
  std::string text;
};

/// An object with these members, or with some of them; a misspelt one would go unseen.
void expect_members(const Json& json, std::initializer_list<std::string_view> names) {
  if (!json.is_object()) throw BadTable{"something else stands where an object should"};
  for (const auto& [name, value] : json.items()) {
    if (std::ranges::find(names, name) == names.end()) {
      throw BadTable{fmt::format("\"{}\" is unknown", one_line(name))};
    }
  }
}

template <class T>
T member(const Json& json, const char* name) {
  if (!json.contains(name)) throw BadTable{fmt::format("\"{}\" is missing", name)};
  return json.at(name).get<T>();
}

Json array(const Json& json, const char* name) {
  auto values = member<Json>(json, name);
  if (!values.is_array()) throw BadTable{fmt::format("\"{}\" is no array", name)};
  return values;
}

/// What is printed as it stands; a control character could be a command to a terminal.
std::string line(const Json& json, const char* name) {
  auto text = member<std::string>(json, name);
  if (std::ranges::any_of(text, is_control)) {
    throw BadTable{fmt::format("\"{}\" has a control character", name)};
  }
  return text;
}

template <class T>
T word(const Json& json, const char* name, std::optional<T> (*parse)(std::string_view)) {
  const auto text = member<std::string>(json, name);
  const auto value = parse(text);
  if (!value) throw BadTable{fmt::format("{} \"{}\" is unknown", name, one_line(text))};
  return *value;
}

std::optional<Layout> parse_layout(std::string_view text) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    if (text == to_string(layout)) return layout;
  }
  return std::nullopt;
}

std::uint32_t number(const Json& json, const char* name) {
  const Json& value = json.contains(name) ? json.at(name) : Json();
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX) {
    throw BadTable{fmt::format("\"{}\" is no number from 0 to {}", name, UINT32_MAX)};
  }
  return value.get<std::uint32_t>();
}

TunedDevice read_device(const Json& json) {
  expect_members(json, {"name", "vendor_id", "device_id", "driver_id", "driver_version",
                        "driver_info", "pipeline_cache_uuid", "subgroup_size", "max_shared_bytes"});
  return {line(json, "name"),
          number(json, "vendor_id"),
          number(json, "device_id"),
          line(json, "driver_id"),
          line(json, "driver_version"),
          line(json, "driver_info"),
          line(json, "pipeline_cache_uuid"),
          number(json, "subgroup_size"),
          number(json, "max_shared_bytes")};
}

ProblemClass read_class(const Json& json) {
  expect_members(json, {"op", "precision", "layout", "log2_m", "log2_n", "log2_k", "log2_batch",
                        "alignment", "activation"});
  return {word<Op>(json, "op", parse_op),
          word<Precision>(json, "precision", parse_precision),
          word<Layout>(json, "layout", parse_layout),
          number(json, "log2_m"),
          number(json, "log2_n"),
          number(json, "log2_k"),
          number(json, "log2_batch"),
          number(json, "alignment"),
          word<Activation>(json, "activation", parse_activation)};
}

Shape read_shape(const Json& json) {
  expect_members(json, {"m", "n", "k", "batch"});
  return {number(json, "m"), number(json, "n"), number(json, "k"), number(json, "batch")};
}

std::string extents_of(const Shape& shape) {
  return fmt::format("{}x{}x{} batch {}", shape.m, shape.n, shape.k, shape.batch);
}

/// The rate of a kernel comes from its shape: one of another class would make it any number.
void expect_within(const Shape& shape, const ProblemClass& problem_class) {
  Problem problem;
  problem.op = problem_class.op;
  problem.layout = problem_class.layout;
  problem.activation = problem_class.activation;
  problem.shape = shape;
  const bool has_k = problem.op == Op::softmax || shape.k > 0;
  if (shape.m > 0 && shape.n > 0 && shape.batch > 0 && has_k &&
      class_of(problem, problem_class.precision) == problem_class) {
    return;
  }
  throw BadTable{fmt::format("shape {} is not of its problem_class", extents_of(shape))};
}

std::vector<double> read_samples(const Json& json) {
  std::vector<double> samples_s;
  if (!json.contains("samples_s")) return samples_s;
  for (const Json& sample : array(json, "samples_s")) {
    const double seconds = sample.is_number() ? sample.get<double>() : 0;
    if (!(seconds >= kLeastSeconds)) {
      throw BadTable{fmt::format("samples_s: {} is no time of {} s or more",
                                 one_line(sample.dump()), kLeastSeconds)};
    }
    samples_s.push_back(seconds);
  }
  return samples_s;
}

bool needs_sample(Ending ending) {
  return ending == Ending::won || ending == Ending::slower || ending == Ending::undecided;
}

TriedTuning read_tried(const Json& json) {
  expect_members(json, {"tuning", "ending", "why", "samples_s"});
  auto tuning = parse_tuning(line(json, "tuning"));
  if (!tuning) throw BadTable{"tuning: " + tuning.error().message};
  TriedTuning tried{std::move(tuning).value(), {}};
  tried.trial.ending = word<Ending>(json, "ending", parse_ending);
  if (json.contains("why")) tried.trial.why = line(json, "why");
  tried.trial.samples_s = read_samples(json);
  if (needs_sample(tried.trial.ending) && tried.trial.samples_s.empty()) {
    throw BadTable{fmt::format("a tuning is {} without a sample", to_string(tried.trial.ending))};
  }
  return tried;
}

std::vector<TriedTuning> read_all_tried(const Json& json, const char* name) {
  std::vector<TriedTuning> tried;
  for (const Json& one : array(json, name)) {
    TriedTuning next = read_tried(one);
    if (tried.empty() != next.tuning.empty()) {
      throw BadTable{
          fmt::format("\"{}\": the first, and no other, is the kernel's own choice", name)};
    }
    if (std::ranges::find(tried, next.tuning, &TriedTuning::tuning) != tried.end()) {
      throw BadTable{fmt::format("\"{}\" has {} twice", name, to_string(next.tuning))};
    }
    tried.push_back(std::move(next));
  }
  if (tried.empty()) throw BadTable{fmt::format("\"{}\" is empty", name)};
  const auto won = [](const TriedTuning& one) { return one.trial.ending == Ending::won; };
  if (std::ranges::count_if(tried, won) > 1) {
    throw BadTable{fmt::format("\"{}\" has more than one that won", name)};
  }
  return tried;
}

TunedKernel read_kernel(const Json& json, const ProblemClass& problem_class) {
  expect_members(
      json, {"kernel", "code_hash", "date", "tool", "shape", "tried", "probe_shape", "probed"});
  TunedKernel kernel{line(json, "kernel"),
                     line(json, "code_hash"),
                     line(json, "date"),
                     line(json, "tool"),
                     read_shape(member<Json>(json, "shape")),
                     read_all_tried(json, "tried")};
  expect_within(kernel.shape, problem_class);
  if (!json.contains("probed")) return kernel;
  kernel.probe_shape = read_shape(member<Json>(json, "probe_shape"));
  kernel.probed = read_all_tried(json, "probed");
  return kernel;
}

TuningEntry read_entry(const Json& json) {
  expect_members(json, {"device", "problem_class", "kernels"});
  TuningEntry entry{read_device(member<Json>(json, "device")),
                    read_class(member<Json>(json, "problem_class")),
                    {}};
  for (const Json& one : array(json, "kernels")) {
    TunedKernel kernel = read_kernel(one, entry.problem_class);
    if (std::ranges::find(entry.kernels, kernel.kernel, &TunedKernel::kernel) !=
        entry.kernels.end()) {
      throw BadTable{fmt::format("kernel \"{}\" is there twice", kernel.kernel)};
    }
    entry.kernels.push_back(std::move(kernel));
  }
  return entry;
}

void add_entry(TuningTable& table, TuningEntry entry) {
  const auto is_same = [&](const TuningEntry& known) {
    return known.device == entry.device && known.problem_class == entry.problem_class;
  };
  if (std::ranges::any_of(table.entries, is_same)) {
    throw BadTable{"another is of the same device and problem_class"};
  }
  table.entries.push_back(std::move(entry));
}

TuningTable read_table(const Json& json) {
  if (!json.is_object()) throw BadTable{"no tuning table"};
  const auto version = number(json, "schema_version");
  if (version != kSchemaVersion) {
    throw BadTable{
        fmt::format("schema_version {}, where this gpubench reads {}", version, kSchemaVersion)};
  }
  expect_members(json, {"schema_version", "entries"});
  TuningTable table;
  const auto entries = array(json, "entries");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    try {
      add_entry(table, read_entry(entries.at(i)));
    } catch (const BadTable& bad) {
      throw BadTable{fmt::format("entry {}: {}", i + 1, bad.text)};
    }
  }
  return table;
}

Error damaged(const std::string& file, const std::string& what) {
  return {ErrorKind::input, fmt::format("{}: damaged tuning table: {}", file, what)};
}

}  // namespace

Result<TuningTable> parse_table(const std::string& text, const std::string& file) {
  try {
    return read_table(Json::parse(text));
  } catch (const BadTable& bad) {
    return damaged(file, bad.text);
  } catch (const Json::parse_error& error) {
    return damaged(file, fmt::format("no JSON from byte {} on", error.byte));
  } catch (const Json::exception& error) {
    return damaged(file, error.what());
  }
}

std::string table_json(const TuningTable& table) {
  Json entries = Json::array();
  for (const TuningEntry& entry : table.entries) entries.push_back(to_json(entry));
  return Json{{"schema_version", kSchemaVersion}, {"entries", entries}}.dump(
             1, ' ', false, Json::error_handler_t::replace) +
         '\n';
}

}  // namespace gpubench
