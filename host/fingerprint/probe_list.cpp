#include "fingerprint/probe_list.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

namespace gpubench {
namespace {

// Beyond fp32's 24 and the 2 or 3 extra bits of matrix units: what keeps 2^-30 is wider.
constexpr int kDeepestTerm = 30;
// Significands of the formats that a running sum may have: bf16, fp16, fp32; and one and two more
// than fp32, the places that matrix units keep below it.
constexpr auto kSumBits = {8, 11, 24, 25, 26};
// Fraction bits of e5m2, e4m3, bf16, fp16 and tf32: where operands may be cut.
constexpr auto kOperandBits = {2, 3, 7, 10};

float two_to(int exponent) {
  return std::ldexp(1.0F, exponent);
}

class List {
 public:
  List(const Anchors& anchors, int lift) : anchors_(anchors), lift_(lift) {}

  void add_accumulator() {
    for (int t = 1; t <= kDeepestTerm; ++t) {
      const auto [a, b] = halves(lift_ - t);
      add(fmt::format("A1({})", t), {{x(), two_to(lift_)}, {y(), a, b}, {z(), -two_to(lift_)}});
      add(fmt::format("A1'({})", t), {{x(), two_to(lift_)}, {y(), -two_to(lift_)}, {z(), a, b}});
    }
    for (const int bits : kSumBits) add_rounding(bits);
    add("A3+", {{x(), 2}, {y(), 3 * two_to(-12), two_to(-12)}});
    add("A3-", {{x(), -2}, {y(), -3 * two_to(-12), two_to(-12)}});
    // 4.5 plus three quarters or half of its last place: an aligned sum holds it before it rounds,
    // for 1.5 times 1.5 is aligned as if it were below 2.
    for (const float sign : {1.0F, -1.0F}) {
      for (const float quarters : {3.0F, 2.0F}) {
        add(fmt::format("A5({}){}", quarters, sign < 0 ? "-" : "+"),
            {{x(), sign * 1.5F, 1.5F},
             {y(), sign * 1.5F, 1.5F},
             {z(), sign * quarters * two_to(-12), two_to(-11)}});
      }
    }
  }

  void add_operand(ProbeGroup group, bool of_b) {
    group_ = group;
    const char* side = of_b ? "b" : "a";
    for (int p = 1; p <= 23; ++p) kept(fmt::format("M1{}({})", side, p), of_b, 1 + two_to(-p));
    for (const int f : kOperandBits) {
      const float step = two_to(-f);
      kept(fmt::format("M2{}({}) 3/4", side, f), of_b, 1 + step * 0.75F);
      kept(fmt::format("M2{}({}) -3/4", side, f), of_b, -(1 + step * 0.75F));
      kept(fmt::format("M2{}({}) 1/2", side, f), of_b, 1 + step * 0.5F);
      kept(fmt::format("M2{}({}) 3/2", side, f), of_b, 1 + step * 1.5F);
    }
  }

  void add_split() {
    group_ = ProbeGroup::split;
    for (const bool of_b : {false, true}) {
      const char* side = of_b ? "b" : "a";
      kept(fmt::format("M3{} 1.1", side), of_b, 1.1F);
      kept(fmt::format("M3{} 1.4", side), of_b, 1.4F);
      kept(fmt::format("M3{} 4/3", side), of_b, 4.0F / 3);
    }
    const float nine = 1 + two_to(-9);
    const float thirteen = 1 + 3 * two_to(-13);
    add("M4(9)", {{x(), nine, nine}, {y(), -1}});
    add("M4(13)", {{x(), thirteen, thirteen}, {y(), -1}});
    add("M5", {{x(), two_to(-12) * (1 + two_to(-13)), two_to(12)}, {y(), -1}});
  }

  // (1 + 2^-h)² = 1 + 2^(1-h) + 2^-2h needs one bit more than a sum of 2h bits has.
  void add_multiply_add() {
    group_ = ProbeGroup::multiply_add;
    for (const auto& [bits, h] : {std::pair{8, 4}, {11, 6}, {24, 12}}) {
      const float root = 1 + two_to(-h);
      const float minus = -(1 + two_to(1 - h));
      add(fmt::format("F({}) a", bits), {{x(), minus}, {y(), root, root}});
      add(fmt::format("F({}) b", bits), {{x(), root, root}, {y(), minus}});
    }
  }

  void add_range() {
    group_ = ProbeGroup::range;
    add("E1", {{x(), two_to(-30), two_to(30)}});
    add("E2a", {{x(), two_to(16), two_to(-16)}});
    add("E2b", {{x(), two_to(-16), two_to(16)}});
    add("E3", {{x(), two_to(100), two_to(-100)}});
    add("E4", {{x(), two_to(15)}, {y(), two_to(15)}, {z(), -two_to(15)}});
    add("E5", {{x(), two_to(15), 2}});
    add("Z1a", {{x(), two_to(-130), two_to(20)}});
    add("Z1b", {{x(), two_to(20), two_to(-130)}});
    add("Z2", {{x(), two_to(-100), two_to(-30)}});
    add("Z3", {{x(), 1.5F * two_to(-126)}, {y(), -two_to(-126)}});
    add("Z3'", {{x(), 1.5F * two_to(-126)}, {y(), -two_to(-126)}, {z(), two_to(-126)}});
    add("Z4a", {{x(), two_to(-24), 4}});
    add("Z4b", {{x(), 4, two_to(-24)}});
    add("Z4c", {{x(), two_to(-14), two_to(-1)}});
    add("Z4d", {{x(), 1.5F * two_to(-14)}, {y(), -two_to(-14)}});
    add("Z4d'", {{x(), 1.5F * two_to(-14)}, {y(), -two_to(-14)}, {z(), two_to(-14)}});
    add("Z6", {{x(), two_to(127), 2}});
  }

  void add_output() {
    group_ = ProbeGroup::output;
    for (int t = 1; t <= 24; ++t) add(fmt::format("D({})", t), {{x(), 1}, {y(), two_to(-t)}});
    for (const int f : {7, 10}) {
      for (const float sign : {1.0F, -1.0F}) {
        add(fmt::format("D({}) {}3/4", f, sign < 0 ? "-" : ""),
            {{x(), sign}, {y(), sign * two_to(-f) * 0.75F}});
      }
      add(fmt::format("D({}) 3/2", f), {{x(), 1}, {y(), two_to(-f) * 1.5F}});
    }
  }

  std::vector<GroupedProbe> take() { return std::move(probes_); }

 private:
  [[nodiscard]] std::size_t x() const { return anchors_[0]; }
  [[nodiscard]] std::size_t y() const { return anchors_[1]; }
  [[nodiscard]] std::size_t z() const { return anchors_[2]; }

  void add(std::string name, std::vector<ProbeTerm> terms) {
    probes_.push_back({group_, {std::move(name), std::move(terms)}});
  }

  /// `value` of one operand, less the 1 that it holds.
  void kept(std::string name, bool of_b, float value) {
    const float one = value < 0 ? 1.0F : -1.0F;
    const ProbeTerm term = of_b ? ProbeTerm{x(), 1, value} : ProbeTerm{x(), value, 1};
    add(std::move(name), {term, {y(), one, 1}});
  }

  /// 2^e as a product of numbers with about half the exponent.
  static std::pair<float, float> halves(int exponent) {
    const int first = exponent / 2;
    return {two_to(exponent - first), two_to(first)};
  }

  /// Three quarters of the last place of 1, and half of it, between 1 and -1.
  void add_rounding(int bits) {
    const auto [a, b] = halves(lift_ - bits - 1);
    for (const float sign : {1.0F, -1.0F}) {
      const float one = sign * two_to(lift_);
      const char* mark = sign < 0 ? "-" : "+";
      add(fmt::format("A2({}){}", bits, mark), {{x(), one}, {y(), sign * 3 * a, b}, {z(), -one}});
      add(fmt::format("A2({}){} tie", bits, mark),
          {{x(), one}, {y(), sign * 2 * a, b}, {z(), -one}});
    }
  }

  Anchors anchors_;
  int lift_;
  ProbeGroup group_ = ProbeGroup::accumulator;
  std::vector<GroupedProbe> probes_;
};

}  // namespace

std::vector<GroupedProbe> core_probes(const Anchors& anchors, int lift) {
  List list(anchors, lift);
  list.add_accumulator();
  list.add_operand(ProbeGroup::operand_a, false);
  list.add_operand(ProbeGroup::operand_b, true);
  list.add_split();
  list.add_multiply_add();
  list.add_range();
  list.add_output();
  return list.take();
}

std::vector<Probe> special_probes(const Anchors& anchors) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto [x, y, z] = anchors;
  return {{"Inf · 1", {{x, kInfinity, 1}}},
          {"1 · Inf", {{x, 1, kInfinity}}},
          {"Inf · 0", {{x, kInfinity, 0}}},
          {"0 · Inf", {{x, 0, kInfinity}}},
          {"Inf - Inf", {{x, kInfinity, 1}, {y, -kInfinity, 1}}},
          {"NaN · 1", {{x, kNan, 1}}},
          {"1 · NaN", {{x, 1, kNan}}}};
}

std::vector<std::size_t> some_places(std::size_t k) {
  std::set<std::size_t> places = {0, k / 4, k / 2, k - k / 4, k - 1};
  places.erase(k);
  return {places.begin(), places.end()};
}

std::vector<Probe> place_probes(NumberFormat storage, std::size_t k, const Places& places) {
  const auto dense = static_cast<float>(rounded({storage}, 4.0 / 3));
  std::vector<Probe> probes;
  for (const std::size_t p : places.in_a) {
    probes.push_back({fmt::format("4/3 · 1 at k = {}", p), {{p, dense, 1}}});
  }
  for (const std::size_t p : places.in_b) {
    probes.push_back({fmt::format("1 · 4/3 at k = {}", p), {{p, 1, dense}}});
  }
  Probe ones = {"ones at every k", {}};
  for (std::size_t p = 0; p < k; ++p) ones.terms.push_back({p, 1, 1});
  probes.push_back(std::move(ones));
  return probes;
}

std::vector<Probe> far_probes(std::size_t near, std::size_t far) {
  std::vector<Probe> probes;
  for (int t = 1; t <= 24; ++t) {
    probes.push_back({fmt::format("D'({})", t), {{near, 1}, {far, two_to(-t)}}});
  }
  return probes;
}

}  // namespace gpubench
