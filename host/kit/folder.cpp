#include "kit/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "arrays/array_file.h"
#include "arrays/npy_writer.h"
#include "base/hash.h"
#include "kit/files.h"
#include "kit/linear_layer.h"
#include "kit/onnx.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kManifest = "kit.json";
constexpr std::size_t kLinearRows = 512;

std::string in_folder(const std::string& folder, const std::string& name) {
  return (fs::path(folder) / name).string();
}

NpyType npy_type_of(NumberFormat storage) {
  return storage == NumberFormat::fp16 ? NpyType::float16 : NpyType::float32;
}

/// Hashes a long array product by product.
class PartedHash {
 public:
  void add(std::span<const float> part) { parts_ += content_hash(std::as_bytes(part)); }
  [[nodiscard]] std::string text() const { return content_hash(parts_); }

 private:
  std::string parts_;
};

Outcome write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Error{ErrorKind::io, path + ": cannot be written"};
  return Done{};
}

Outcome write_array(const std::string& path, std::span<const std::uint64_t> shape,
                    std::span<const float> values) {
  auto writer = NpyWriter::create(path, NpyType::float32, shape);
  if (!writer) return writer.error();
  if (auto written = writer->write(values); !written) return written.error();
  return writer->finish();
}

struct OperandHashes {
  std::string a;
  std::string b;
};

/// a.npy and b.npy; one product at a time is in memory.
Result<OperandHashes> write_operands(const KitPlan& plan, const std::string& folder) {
  const auto [m, n, k] = plan.settings().shape;
  const NpyType type = npy_type_of(plan.settings().storage);
  const std::array<std::uint64_t, 3> a_shape = {plan.size(), m, k};
  const std::array<std::uint64_t, 3> b_shape = {plan.size(), k, n};
  auto a = NpyWriter::create(in_folder(folder, "a.npy"), type, a_shape);
  if (!a) return a.error();
  auto b = NpyWriter::create(in_folder(folder, "b.npy"), type, b_shape);
  if (!b) return b.error();
  PartedHash a_hash;
  PartedHash b_hash;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const RandomProduct product = plan.operands(i);
    a_hash.add(product.a);
    b_hash.add(product.b);
    if (auto written = a->write(product.a); !written) return written.error();
    if (auto written = b->write(product.b); !written) return written.error();
  }
  if (auto done = a->finish(); !done) return done.error();
  if (auto done = b->finish(); !done) return done.error();
  return OperandHashes{a_hash.text(), b_hash.text()};
}

Outcome write_models(const KitPlan& plan, const std::string& folder) {
  const auto [m, n, k] = plan.settings().shape;
  const OnnxType type =
      plan.settings().storage == NumberFormat::fp16 ? OnnxType::float16 : OnnxType::float32;
  const std::string matmul =
      onnx_matmul({"A", type, {m, k}}, {"B", type, {k, n}}, {"C", type, {m, n}});
  if (auto done = write_text(in_folder(folder, "matmul.onnx"), matmul); !done) return done;
  const LinearCase layer = linear_case(kLinearRows, plan.settings().seed);
  const std::array<std::uint64_t, 2> x_shape = {kLinearRows, kLinearInputs};
  const std::array<std::uint64_t, 2> y_shape = {kLinearRows, kLinearOutputs};
  const std::string linear =
      onnx_matmul({"X", OnnxType::float32, {kLinearRows, kLinearInputs}},
                  {"W", OnnxType::float32, {kLinearInputs, kLinearOutputs}}, layer.weights_t,
                  {"Y", OnnxType::float32, {kLinearRows, kLinearOutputs}});
  if (auto done = write_text(in_folder(folder, "linear.onnx"), linear); !done) return done;
  if (auto done = write_array(in_folder(folder, "linear_x.npy"), x_shape, layer.x); !done) {
    return done;
  }
  return write_array(in_folder(folder, "linear_reference.npy"), y_shape, layer.reference);
}

std::string filled_in(std::string text, const std::map<std::string, std::string>& words) {
  for (const auto& [word, value] : words) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
      text.replace(at, word.size(), value);
    }
  }
  return text;
}

Outcome write_texts(const KitPlan& plan, const std::string& folder) {
  const auto [m, n, k] = plan.settings().shape;
  const std::map<std::string, std::string> words = {
      {"@PRODUCTS@", std::to_string(plan.size())},
      {"@M@", std::to_string(m)},
      {"@N@", std::to_string(n)},
      {"@K@", std::to_string(k)},
      {"@STORAGE@", std::string(traits_of(plan.settings().storage).name)}};
  for (const KitText& text : kit_texts()) {
    auto done = write_text(in_folder(folder, text.name), filled_in(text.text, words));
    if (!done) return done;
  }
  return Done{};
}

Json manifest_of(const KitPlan& plan, const OperandHashes& hashes) {
  const auto [m, n, k] = plan.settings().shape;
  return {{"kit_version", kKitVersion},
          {"id", plan.id()},
          {"shape", {{"m", m}, {"n", n}, {"k", k}}},
          {"storage", traits_of(plan.settings().storage).name},
          {"seed", plan.settings().seed},
          {"products", plan.size()},
          {"a_hash", hashes.a},
          {"b_hash", hashes.b}};
}

Error manifest_error(const std::string& path, const std::string& what) {
  return {ErrorKind::input, fmt::format("{}: {}", path, what)};
}

struct Manifest {
  KitSettings settings;
  std::string id;
  OperandHashes hashes;
};

Result<Manifest> read_manifest(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return manifest_error(path, "is missing or cannot be read: not the folder of a kit");
  std::ostringstream text;
  text << file.rdbuf();
  const Json json = Json::parse(text.str(), nullptr, false);
  if (json.is_discarded()) return manifest_error(path, "is not JSON");
  try {
    const auto version = json.at("kit_version").get<std::uint32_t>();
    if (version != kKitVersion) {
      return manifest_error(path, fmt::format("kit version {}; this gpubench reads version {}: "
                                              "make the kit anew",
                                              version, kKitVersion));
    }
    Manifest manifest;
    const Json& shape = json.at("shape");
    manifest.settings.shape = {shape.at("m").get<std::size_t>(), shape.at("n").get<std::size_t>(),
                               shape.at("k").get<std::size_t>()};
    const auto storage = json.at("storage").get<std::string>();
    if (storage != "fp32" && storage != "fp16") {
      return manifest_error(path, "storage: expected fp32 or fp16, found " + storage);
    }
    manifest.settings.storage = storage == "fp16" ? NumberFormat::fp16 : NumberFormat::fp32;
    manifest.settings.seed = json.at("seed").get<std::uint64_t>();
    manifest.id = json.at("id").get<std::string>();
    manifest.hashes = {json.at("a_hash").get<std::string>(), json.at("b_hash").get<std::string>()};
    return manifest;
  } catch (const Json::exception& error) {
    return manifest_error(path, error.what());
  }
}

/// Values as floats, a product at a time; every value of the file must be one that the kit wrote.
Result<std::string> hash_of_array(const std::string& path, std::span<const std::uint64_t> shape) {
  const auto file = ArrayFile::open(path);
  if (!file) return file.error();
  if (!std::ranges::equal(file->shape(), shape)) {
    return manifest_error(path, fmt::format("expected shape {}, found {}", shape_text(shape),
                                            shape_text(file->shape())));
  }
  const std::size_t each = shape[1] * shape[2];
  std::vector<double> values(each);
  std::vector<float> floats(each);
  PartedHash hash;
  for (std::uint64_t i = 0; i < shape[0]; ++i) {
    if (auto read = file->read(i * each, values); !read) return read.error();
    std::ranges::transform(values, floats.begin(), [](double v) { return static_cast<float>(v); });
    hash.add(floats);
  }
  return hash.text();
}

Outcome check_operands(const KitPlan& plan, const std::string& folder,
                       const OperandHashes& expected) {
  const auto [m, n, k] = plan.settings().shape;
  const std::array<std::uint64_t, 3> a_shape = {plan.size(), m, k};
  const std::array<std::uint64_t, 3> b_shape = {plan.size(), k, n};
  PartedHash a_hash;
  PartedHash b_hash;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const RandomProduct product = plan.operands(i);
    a_hash.add(product.a);
    b_hash.add(product.b);
  }
  for (const auto& [name, shape, hash, made] :
       {std::tuple{"a.npy", std::span(a_shape), expected.a, a_hash.text()},
        std::tuple{"b.npy", std::span(b_shape), expected.b, b_hash.text()}}) {
    const std::string path = in_folder(folder, name);
    const auto found = hash_of_array(path, shape);
    if (!found) return found.error();
    if (*found != hash || *found != made) {
      return manifest_error(path, "is not what this kit's settings make; make the kit anew");
    }
  }
  return Done{};
}

}  // namespace

Outcome write_kit(const KitPlan& plan, const std::string& folder) {
  std::error_code failed;
  if (fs::exists(folder, failed) && !fs::is_empty(folder, failed)) {
    return Error{ErrorKind::usage, fmt::format("--out {}: exists and is not empty", folder)};
  }
  fs::create_directories(folder, failed);
  if (failed) return Error{ErrorKind::io, folder + ": " + failed.message()};
  const auto hashes = write_operands(plan, folder);
  if (!hashes) return hashes.error();
  if (auto models = write_models(plan, folder); !models) return models;
  if (auto texts = write_texts(plan, folder); !texts) return texts;
  // Last, so that a folder without it is known to be no whole kit.
  return write_text(in_folder(folder, kManifest), manifest_of(plan, *hashes).dump(2) + "\n");
}

Result<std::unique_ptr<KitPlan>> read_kit(const std::string& folder) {
  const std::string path = in_folder(folder, kManifest);
  const auto manifest = read_manifest(path);
  if (!manifest) return manifest.error();
  if (auto checked = check_kit_settings(manifest->settings); !checked) {
    return manifest_error(path, checked.error().message);
  }
  auto plan = std::make_unique<KitPlan>(manifest->settings);
  if (plan->id() != manifest->id) return manifest_error(path, "id and settings do not fit");
  if (auto checked = check_operands(*plan, folder, manifest->hashes); !checked) {
    return checked.error();
  }
  return plan;
}

Result<std::vector<float>> read_kit_outputs(const KitPlan& plan, const std::string& path) {
  const auto file = ArrayFile::open(path);
  if (!file) return file.error();
  if (file->type().kind != NumberKind::floating) {
    return manifest_error(path,
                          "expected float16, float32 or float64, found " + to_string(file->type()));
  }
  const auto [m, n, k] = plan.settings().shape;
  const std::array<std::uint64_t, 3> shape = {plan.size(), m, n};
  if (!std::ranges::equal(file->shape(), shape)) {
    return manifest_error(path, fmt::format("expected shape {}, one result for each product of the "
                                            "kit, found {}",
                                            shape_text(shape), shape_text(file->shape())));
  }
  std::vector<float> outputs(file->size());
  std::vector<double> values(m * n);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (auto read = file->read(i * m * n, values); !read) return read.error();
    std::ranges::transform(values, outputs.begin() + static_cast<std::ptrdiff_t>(i * m * n),
                           [](double v) { return static_cast<float>(v); });
  }
  return outputs;
}

}  // namespace gpubench
