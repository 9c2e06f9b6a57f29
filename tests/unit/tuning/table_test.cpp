#include "tuning/table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "unit/kernels/traits.h"

namespace gpubench {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTiles =
    "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8";

Problem square(std::uint32_t side) {
  Problem problem;
  problem.shape = {side, side, side, 1};
  return problem;
}

const Kernel& tiled() {
  return *find_kernel(Op::gemm, "tiled");
}

TunedKernel tuned(const Kernel& kernel, const char* tiles, double own_s, double best_s) {
  TunedKernel tuned{std::string(kernel.name),
                    code_hash(kernel, square(1024), Precision::fp32, desktop_gpu()),
                    "2026-11-22T00:00:00Z",
                    "0.1.0",
                    {1024, 1024, 1024, 1},
                    {{{}, {Ending::slower, "", {own_s}}},
                     {parse_tuning(tiles).value(), {Ending::won, "", {best_s, best_s}}}}};
  return tuned;
}

TuningTable table_of(std::vector<TunedKernel> kernels) {
  return {
      {{tuned_device(desktop_gpu()), class_of(square(1024), Precision::fp32), std::move(kernels)}}};
}

TunedChoice ask(const TuningTable& table, const Problem& problem, std::string* why,
                const DeviceTraits& device = desktop_gpu()) {
  return tuned_choice(table, tiled(), problem, Precision::fp32, device, why);
}

TEST(TuningTable, ServesProblemsOfItsClass) {
  const auto table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  for (const std::uint32_t side : {1024U, 1504U, 2040U}) {
    std::string why;
    const auto choice = ask(table, square(side), &why);
    ASSERT_EQ(choice.kernel, &tiled()) << side << why;
    EXPECT_EQ(to_string(choice.tuning), kTiles);
    EXPECT_DOUBLE_EQ(choice.gain, 2);
  }
  for (const std::uint32_t side : {512U, 1023U, 2048U, 1025U, 1500U}) {
    std::string why;
    EXPECT_EQ(ask(table, square(side), &why).kernel, nullptr) << side;
    EXPECT_EQ(why, "") << "nothing is known, and nothing is wrong";
  }
}

TEST(TuningTable, ServesTheLayoutThatItWasTunedForAlone) {
  for (const Layout layout : {Layout::nn, Layout::nt}) {
    auto table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
    table.entries[0].problem_class.layout = layout;
    for (const Layout asked : {Layout::nn, Layout::nt}) {
      Problem problem = square(1024);
      problem.layout = asked;
      std::string why;
      EXPECT_EQ(ask(table, problem, &why).kernel != nullptr, asked == layout)
          << to_string(layout) << " asked for " << to_string(asked) << why;
    }
  }
}

TEST(TuningTable, ServesTheActivationThatItWasTunedForAlone) {
  Problem linear = square(1024);
  linear.op = Op::linear;
  linear.layout = Layout::nt;
  linear.bias = true;
  const Kernel& kernel = *find_kernel(Op::linear, "tiled");
  for (const Activation activation : {Activation::none, Activation::gelu}) {
    linear.activation = activation;
    auto table = table_of({tuned(kernel, kTiles, 0.02, 0.01)});
    table.entries[0].problem_class = class_of(linear, Precision::fp32);
    table.entries[0].kernels[0].code_hash =
        code_hash(kernel, linear, Precision::fp32, desktop_gpu());
    const auto read = parse_table(table_json(table), "t.json");
    ASSERT_TRUE(read) << read.error().message;
    for (const Activation asked : {Activation::none, Activation::gelu}) {
      Problem problem = linear;
      problem.activation = asked;
      std::string why;
      const auto choice =
          tuned_choice(*read, kernel, problem, Precision::fp32, desktop_gpu(), &why);
      EXPECT_EQ(choice.kernel != nullptr, asked == activation)
          << to_string(activation) << " asked for " << to_string(asked) << why;
    }
  }
}

TEST(TuningTable, OfAnotherDriverIsNotUsedAndSaysSo) {
  const auto table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  for (const auto change : {+[](DeviceTraits& d) { d.driver_version = "2.0"; },
                            +[](DeviceTraits& d) { d.driver_info = "another build"; },
                            +[](DeviceTraits& d) { d.pipeline_cache_uuid = "11"; },
                            +[](DeviceTraits& d) { d.max_shared_bytes += 1024; },
                            +[](DeviceTraits& d) { d.subgroup_size = 64; }}) {
    DeviceTraits device = desktop_gpu();
    change(device);
    std::string why;
    EXPECT_EQ(ask(table, square(1024), &why, device).kernel, nullptr);
    EXPECT_THAT(why, HasSubstr("not tuned for this driver"));
  }
}

TuningTable shipped(std::vector<TunedKernel> kernels) {
  TuningTable table = table_of(std::move(kernels));
  table.origin = TableOrigin::shipped;
  table.entries[0].device.driver_info = "Mesa 1.0";
  return table;
}

TEST(TuningTable, ShippedHoldsForOtherDriversAndCodeOfTheKindAndSaysWhichItWas) {
  auto table = shipped({tuned(tiled(), kTiles, 0.02, 0.01)});
  table.entries[0].kernels[0].code_hash = "0123";
  table.entries[0].device.pipeline_cache_uuid = "11";
  std::string why;
  const auto choice = ask(table, square(1024), &why);
  EXPECT_EQ(choice.kernel, &tiled()) << why;
  EXPECT_EQ(choice.driver, "Mesa 1.0");
}

TEST(TuningTable, ShippedDoesNotHoldForAnotherKindOfDeviceAndIsSilent) {
  const auto table = shipped({tuned(tiled(), kTiles, 0.02, 0.01)});
  for (const auto change :
       {+[](DeviceTraits& d) { d.name = "another"; }, +[](DeviceTraits& d) { d.device_id += 1; },
        +[](DeviceTraits& d) { d.driver_id = "another"; },
        +[](DeviceTraits& d) { d.max_shared_bytes += 1024; },
        +[](DeviceTraits& d) { d.subgroup_size = 64; }}) {
    DeviceTraits device = desktop_gpu();
    change(device);
    std::string why;
    EXPECT_EQ(ask(table, square(1024), &why, device).kernel, nullptr);
    EXPECT_EQ(why, "");
  }
}

TEST(TuningTable, OfSeveralShippedThatOfThisDriverIsTaken) {
  auto table = shipped({tuned(tiled(), kTiles, 0.02, 0.01)});
  merge(table, table_of({tuned(tiled(), kTiles, 0.02, 0.005)}).entries[0]);
  auto older = table.entries[0];
  older.device.driver_info = "Mesa 0.9";
  merge(table, older);
  std::string why;
  EXPECT_DOUBLE_EQ(ask(table, square(1024), &why).gain, 4);
}

TEST(TuningTable, ShippedIllegalTilesAreNotUsed) {
  std::string why;
  EXPECT_EQ(ask(shipped({tuned(tiled(), "tile_m=64", 0.02, 0.01)}), square(1024), &why).kernel,
            nullptr);
  EXPECT_EQ(why, "tuned tiled is refused: tile_n is missing");
}

TEST(TuningTable, OfOtherCodeIsNotUsed) {
  auto table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  table.entries[0].kernels[0].code_hash = "0123";
  std::string why;
  EXPECT_EQ(ask(table, square(1024), &why).kernel, nullptr);
  EXPECT_EQ(why, "tiled was tuned with other code");
}

TEST(TuningTable, EditedToIllegalTilesIsNotUsed) {
  const auto why_of = [](const char* tiles) {
    std::string why;
    EXPECT_EQ(ask(table_of({tuned(tiled(), tiles, 0.02, 0.01)}), square(1024), &why).kernel,
              nullptr);
    return why;
  };
  EXPECT_EQ(why_of("tile_m=100 tile_n=64 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=8"),
            "tuned tiled is refused: tile_m=100: expected one of 32, 64, 128, 256");
  EXPECT_EQ(why_of("tile_m=256 tile_n=256 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"),
            "tuned tiled is refused: 256 sums an invocation, more than 128");
  EXPECT_EQ(why_of("tile_m=64"), "tuned tiled is refused: tile_n is missing");
}

TEST(TuningTable, FastestKernelIsTheOneWithTheHighestRate) {
  TunedKernel naive = tuned(*find_kernel(Op::gemm, "naive"), "", 0.5, 0.5);
  naive.tried.pop_back();
  naive.tried[0].trial.ending = Ending::won;
  auto table = table_of({naive, tuned(tiled(), kTiles, 0.02, 0.01)});
  EXPECT_EQ(fastest_choice(table, square(1024), Precision::fp32, desktop_gpu()).kernel, &tiled());
  // A larger shape of the class took longer, at a higher rate.
  table.entries[0].kernels[0].shape = {2000, 2000, 2000, 1};
  table.entries[0].kernels[0].tried[0].trial.samples_s = {0.05};
  EXPECT_EQ(fastest_choice(table, square(1024), Precision::fp32, desktop_gpu()).kernel->name,
            "naive");
}

TEST(TuningTable, AKernelThatWasWrongIsToldFromOneThatHadNoTime) {
  TunedKernel kernel = tuned(tiled(), kTiles, 0.02, 0.01);
  kernel.tried = {{{}, {Ending::wrong, "row 3 is off", {}}}};
  const auto is_wrong = [&] {
    return found_wrong(table_of({kernel}), tiled(), square(1024), Precision::fp32, desktop_gpu());
  };
  std::string why;
  EXPECT_TRUE(is_wrong());
  EXPECT_EQ(ask(table_of({kernel}), square(1024), &why).kernel, nullptr);
  EXPECT_EQ(why, "the tuner found tiled wrong: row 3 is off");
  kernel.code_hash = "other code";
  EXPECT_FALSE(is_wrong());
  kernel = tuned(tiled(), kTiles, 0.02, 0.01);
  kernel.tried = {{{}, {Ending::refused, "too slow", {}}}};
  EXPECT_FALSE(is_wrong());
  ask(table_of({kernel}), square(1024), &why);
  EXPECT_EQ(why, "no tuning of tiled could be timed");
  kernel.tried = {{{}, {Ending::not_tried, "its own tiles take 4 times as long", {}}}};
  EXPECT_FALSE(is_wrong());
  ask(table_of({kernel}), square(1024), &why);
  EXPECT_EQ(why, "tiled was not tuned: its own tiles take 4 times as long");
}

TEST(TuningTable, MergeTakesTheKernelsOfTheLaterSession) {
  TuningTable table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  TunedKernel direct = tuned(*find_kernel(Op::gemm, "direct"), "", 0.5, 0.5);
  merge(table, {tuned_device(desktop_gpu()), class_of(square(1024), Precision::fp32), {direct}});
  merge(table, {tuned_device(desktop_gpu()),
                class_of(square(1024), Precision::fp32),
                {tuned(tiled(), kTiles, 0.02, 0.005)}});
  ASSERT_EQ(table.entries.size(), 1U);
  ASSERT_EQ(table.entries[0].kernels.size(), 2U);
  std::string why;
  EXPECT_DOUBLE_EQ(ask(table, square(1024), &why).gain, 4);

  merge(table, {tuned_device(software_device()), class_of(square(1024), Precision::fp32), {}});
  EXPECT_EQ(table.entries.size(), 2U);
}

TunedKernel undecided(const Kernel& kernel) {
  TunedKernel tuned_in_haste = tuned(kernel, kTiles, 0.02, 0.01);
  for (TriedTuning& one : tuned_in_haste.tried) one.trial.ending = Ending::undecided;
  return tuned_in_haste;
}

TEST(TuningTable, UndecidedOneTellsNothingButThatTheBudgetWasTooShort) {
  const auto table = table_of({undecided(tiled())});
  std::string why;
  EXPECT_EQ(ask(table, square(1024), &why).kernel, nullptr);
  EXPECT_EQ(why, "the budget was too short to tune tiled");
  EXPECT_FALSE(found_wrong(table, tiled(), square(1024), Precision::fp32, desktop_gpu()));
  EXPECT_EQ(fastest_choice(table, square(1024), Precision::fp32, desktop_gpu()).kernel, nullptr);
  const auto read = parse_table(table_json(table), "t.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->entries[0].kernels[0].is_undecided());
}

TEST(TuningTable, UndecidedOneLeavesWhatWonWithTheSameCode) {
  TuningTable table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  merge(table, table_of({undecided(tiled())}).entries[0]);
  std::string why;
  EXPECT_DOUBLE_EQ(ask(table, square(1024), &why).gain, 2) << why;

  table.entries[0].kernels[0].code_hash = "0123";
  merge(table, table_of({undecided(tiled())}).entries[0]);
  ASSERT_EQ(table.entries[0].kernels.size(), 1U);
  EXPECT_TRUE(table.entries[0].kernels[0].is_undecided());
}

TunedKernel sampled(std::size_t samples_of_own, std::size_t samples_of_best, double best_s) {
  TunedKernel kernel = tuned(tiled(), kTiles, 0.02, best_s);
  kernel.tried[0].trial.samples_s.assign(samples_of_own, 0.02);
  kernel.tried[1].trial.samples_s.assign(samples_of_best, best_s);
  return kernel;
}

/// What the table says of the gain after a search that found 2 and then this one.
double gain_after(TunedKernel later, const std::vector<std::string>& expected_stay) {
  TuningTable table = table_of({sampled(5, 9, 0.01)});
  EXPECT_EQ(merge(table, table_of({std::move(later)}).entries[0]), expected_stay);
  EXPECT_EQ(table.entries.at(0).kernels.size(), 1U);
  std::string why;
  return ask(table, square(1024), &why).gain;
}

TEST(TuningTable, WhatWonStaysBeforeASearchOfFewerSamples) {
  EXPECT_DOUBLE_EQ(gain_after(sampled(4, 15, 0.005), {"tiled"}), 2);
  EXPECT_DOUBLE_EQ(gain_after(sampled(15, 4, 0.005), {"tiled"}), 2);
  EXPECT_DOUBLE_EQ(gain_after(sampled(5, 5, 0.005), {}), 4);
  TunedKernel of_other_code = sampled(3, 3, 0.005);
  of_other_code.code_hash = "0123";
  EXPECT_DOUBLE_EQ(gain_after(of_other_code, {}), 1) << "the earlier code is gone";
}

TEST(TuningTable, WhatWonStaysBeforeASearchWithoutAWinner) {
  TunedKernel refused = sampled(3, 3, 0.005);
  refused.tried = {{{}, {Ending::refused, "one launch takes about 624 ms", {}}}};
  EXPECT_DOUBLE_EQ(gain_after(refused, {"tiled"}), 2);
}

TEST(TuningTable, WhatWonGoesWhenItsTuningFailsNow) {
  for (const Ending ending : {Ending::wrong, Ending::lost}) {
    TunedKernel later = sampled(3, 3, 0.02);
    later.tried[0].trial.ending = Ending::won;
    later.tried[1].trial = {ending, "row 3 is off", {}};
    EXPECT_DOUBLE_EQ(gain_after(later, {}), 1) << to_string(ending);
    TunedKernel at_a_smaller_shape = later;
    at_a_smaller_shape.tried.pop_back();
    at_a_smaller_shape.probed = later.tried;
    EXPECT_DOUBLE_EQ(gain_after(at_a_smaller_shape, {}), 1) << to_string(ending);
  }
}

TEST(TuningTable, JsonReadsBack) {
  TunedKernel kernel = tuned(tiled(), kTiles, 0.02, 0.01);
  kernel.probe_shape = {256, 256, 256, 1};
  kernel.probed = {{{}, {Ending::wrong, "row 3 \"is\" off", {}}}};
  const TuningTable table = table_of({kernel});
  const std::string text = table_json(table);
  const auto read = parse_table(text, "t.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(table_json(*read), text);
  EXPECT_EQ(read->entries[0].kernels[0].probed[0].trial.why, "row 3 \"is\" off");
}

std::string damage(std::string_view what, std::string_view by) {
  std::string text = table_json(table_of({tuned(tiled(), kTiles, 0.02, 0.01)}));
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), by);
  const auto read = parse_table(text, "t.json");
  return read ? "it was read" : read.error().message;
}

TEST(TuningTable, WhereAnArrayShouldStandNothingElseIsRead) {
  const std::string text = table_json(table_of({tuned(tiled(), kTiles, 0.02, 0.01)}));
  for (const char* name : {"entries", "kernels", "tried", "samples_s"}) {
    for (const char* other : {"null", "{}", "3", "\"text\""}) {
      auto json = nlohmann::ordered_json::parse(text);
      auto& entry = json["entries"][0];
      auto& kernel = entry["kernels"][0];
      const auto value = nlohmann::ordered_json::parse(other);
      if (std::string_view(name) == "entries") json[name] = value;
      if (std::string_view(name) == "kernels") entry[name] = value;
      if (std::string_view(name) == "tried") kernel[name] = value;
      if (std::string_view(name) == "samples_s") kernel["tried"][0][name] = value;
      const auto read = parse_table(json.dump(), "t.json");
      ASSERT_FALSE(read) << name << " " << other;
      EXPECT_THAT(read.error().message, HasSubstr(fmt::format("\"{}\" is no array", name)));
    }
  }
}

/// What is said of a table with one kernel after a change to its first entry.
std::string changed(const std::function<void(nlohmann::ordered_json& entry)>& change) {
  auto json =
      nlohmann::ordered_json::parse(table_json(table_of({tuned(tiled(), kTiles, 0.02, 0.01)})));
  change(json["entries"][0]);
  const auto read = parse_table(json.dump(), "t.json");
  return read ? "it was read" : read.error().message;
}

TEST(TuningTable, WhatContradictsItselfIsDamaged) {
  using Json = nlohmann::ordered_json;
  EXPECT_THAT(changed([](Json&) {}), "it was read");
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"][0]["tried"][0]["ending"] = "won"; }),
              HasSubstr("more than one that won"));
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"].push_back(entry["kernels"][0]); }),
              HasSubstr("kernel \"tiled\" is there twice"));
  EXPECT_THAT(changed([](Json& entry) {
                auto& tried = entry["kernels"][0]["tried"];
                tried.push_back(tried[1]);
                tried[2]["ending"] = "slower";
              }),
              HasSubstr("twice"));
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"][0]["tried"].erase(0); }),
              HasSubstr("the first, and no other, is the kernel's own choice"));
  for (const auto& [name, extent] :
       std::map<std::string, int>{{"m", 2048}, {"k", 0}, {"batch", 0}}) {
    const Json shape{{name, extent}};
    EXPECT_THAT(changed([&](Json& entry) { entry["kernels"][0]["shape"].update(shape); }),
                HasSubstr("is not of its problem_class"))
        << name;
  }
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"][0]["shape"]["n"] = 1025; }),
              HasSubstr("1024x1025x1024 batch 1 is not of its problem_class"));
  for (const int which : {0, 1}) {
    EXPECT_THAT(
        changed([&](Json& entry) { entry["kernels"][0]["tried"][which].erase("samples_s"); }),
        HasSubstr("without a sample"));
  }
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"][0]["shapes"] = 1; }),
              HasSubstr("\"shapes\" is unknown"));
  EXPECT_THAT(changed([](Json& entry) { entry["kernels"][0] = 3; }), HasSubstr("an object"));
}

TEST(TuningTable, TheSameEntryTwiceIsDamaged) {
  TuningTable table = table_of({tuned(tiled(), kTiles, 0.02, 0.01)});
  table.entries.push_back(table.entries[0]);
  const auto read = parse_table(table_json(table), "t.json");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message,
              HasSubstr("entry 2: another is of the same device and problem_class"));
}

TEST(TuningTable, WhyIsOneLineWrittenAndRead) {
  EXPECT_THAT(changed([](auto& entry) { entry["kernels"][0]["tried"][0]["why"] = "\x1b[2J"; }),
              HasSubstr("\"why\" has a control character"));

  TunedKernel kernel = tuned(tiled(), kTiles, 0.02, 0.01);
  kernel.tried.push_back({parse_tuning("tile_m=32").value(), {Ending::refused, "a\nb\xff", {}}});
  const auto read = parse_table(table_json(table_of({kernel})), "t.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->entries[0].kernels[0].tried[2].trial.why, "a b\uFFFD");
}

TEST(TuningTable, KernelsOfAnotherVersionAreKeptAndServeNothing) {
  const auto text = table_json(table_of({tuned(tiled(), kTiles, 0.02, 0.01)}));
  auto json = nlohmann::ordered_json::parse(text);
  json["entries"][0]["kernels"][0]["kernel"] = "of_tomorrow";
  const auto read = parse_table(json.dump(), "t.json");
  ASSERT_TRUE(read) << read.error().message;
  std::string why;
  EXPECT_EQ(ask(*read, square(1024), &why).kernel, nullptr);
  EXPECT_EQ(why, "");
  EXPECT_EQ(fastest_choice(*read, square(1024), Precision::fp32, desktop_gpu()).kernel, nullptr);
  EXPECT_THAT(table_json(*read), HasSubstr("of_tomorrow"));
}

TEST(TuningTable, DamagedOneSaysWhere) {
  EXPECT_THAT(damage("{", "["), HasSubstr("t.json: damaged tuning table: no JSON from byte"));
  EXPECT_THAT(damage("\"schema_version\": 2", "\"schema_version\": 1"),
              HasSubstr("schema_version 1, where this gpubench reads 2"));
  EXPECT_THAT(damage("\"fp32\"", "\"fp31\""), HasSubstr("entry 1: precision \"fp31\" is unknown"));
  EXPECT_THAT(damage("\"won\"", "\"best\""), HasSubstr("ending \"best\" is unknown"));
  EXPECT_THAT(damage("\"log2_m\": 10", "\"log2_m\": -1"), HasSubstr("\"log2_m\" is no number"));
  EXPECT_THAT(damage("\"log2_m\"", "\"log_m\""), HasSubstr("\"log_m\" is unknown"));
  EXPECT_THAT(damage("\"alignment\": 8", "\"alignment\": 4"),
              HasSubstr("is not of its problem_class"));
  EXPECT_THAT(damage("\"activation\": \"none\"", "\"activation\": \"tanh\""),
              HasSubstr("activation \"tanh\" is unknown"));
  EXPECT_THAT(damage("tile_m=64", "tile_m"), HasSubstr("tuning: \"tile_m\": expected NAME=NUMBER"));
  EXPECT_THAT(damage("\"date\": \"2026", "\"date\": \"\\u001b[2J2026"),
              HasSubstr("\"date\" has a control character"));
  EXPECT_THAT(damage("0.02", "-0.02"), HasSubstr("-0.02 is no time"));
  EXPECT_THAT(damage("0.02", "1e-320"), HasSubstr("is no time of 1e-09 s or more"));
  EXPECT_THAT(damage("0.02", "9e-10"), HasSubstr("is no time"));
  EXPECT_THAT(damage("0.02", "true"), HasSubstr("true is no time"));
  EXPECT_THAT(damage("0.02", "1e999"), HasSubstr("damaged tuning table"));
  EXPECT_THAT(parse_table("", "t.json").error().message, HasSubstr("no JSON"));
  EXPECT_THAT(parse_table("[]", "t.json").error().message, HasSubstr("no tuning table"));
  EXPECT_THAT(parse_table("{}", "t.json").error().message, HasSubstr("\"schema_version\""));
}

}  // namespace
}  // namespace gpubench
