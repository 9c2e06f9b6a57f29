// Every class of error: its place and its exact words.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "test_words.h"

namespace gpubench {
namespace {

struct BadScenario {
  const char* test_name;
  std::string text;
  std::string message;
};

/// kOneCase with one more line in its only case: line 5, value from column 5.
std::string with_line(const std::string& line) {
  return std::string(kOneCase) + "    " + line + "\n";
}

/// A case of the given op and keys in flow form, on line 2 from column 9.
std::string with_case(const std::string& keys) {
  return "name: one\ncases: [{" + keys + "}]\n";
}

/// How ctest lists it.
void PrintTo(const BadScenario& bad, std::ostream* out) {
  *out << bad.test_name;
}

class ScenarioErrors : public testing::TestWithParam<BadScenario> {};

TEST_P(ScenarioErrors, NameThePlaceAndTheRemedy) {
  SCOPED_TRACE(GetParam().text.substr(0, 200));

  const auto result = read(GetParam().text);

  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::input);
  EXPECT_EQ(result.error().message, "t.yaml" + GetParam().message);
}

std::string nested_lists(std::size_t levels) {
  return "name: x\ncases: " + std::string(levels, '[') + std::string(levels, ']') + "\n";
}

std::vector<BadScenario> syntax_errors() {
  return {
      {"BrokenFlow", "name: [1, 2\ncases: 3\n",
       ":2:6: not valid YAML: end of sequence flow not found"},
      {"BrokenMap", "name: x\n  cases: y\n", ":2:8: not valid YAML: illegal map value"},
      {"Tab", "name: x\ncases:\n\t- op: gemm\n", ":3:1: a tab indents this line; use spaces"},
      {"ControlByte", std::string("name: x\0y\n", 10),
       ":1:8: byte 0x00 has no place in a scenario"},
      {"Binary",
       "\x7f"
       "ELF\x02",
       ":1:1: byte 0x7f has no place in a scenario"},
      {"NotUtf8", "name: \xff\xfe\n", ":1:7: the bytes here are not UTF-8 text"},
      {"Overlong", "name: \xc0\xaf\n", ":1:7: the bytes here are not UTF-8 text"},
      {"Surrogate", "name: \xed\xa0\x80\n", ":1:7: the bytes here are not UTF-8 text"},
      {"CutUtf8", "# \xe2\x82", ":1:3: the bytes here are not UTF-8 text"},
      {"TwoDocuments", "name: x\n---\nname: y\n",
       ":2:1: a second document begins here; a scenario is one document"},
      {"Alias", "name: &a x\ncases: *a\n",
       ":1:7: anchors and aliases are not supported; write the value out"},
      {"AliasBomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
       ":1:4: anchors and aliases are not supported; write the value out"},
      {"Tag", "name: !!binary eA==\n", ":1:7: tag \"tag:yaml.org,2002:binary\" is not supported"},
      {"DeepLists", nested_lists(40), ":2:23: nested deeper than 16 levels"},
      {"RepeatedKey", "name: x\nseed: 1\nname: y\n",
       ":3:1: key \"name\" stands here a second time; first in line 1"},
      {"ListAsKey", "[1, 2]: x\n", ":1:1: a key must be text, not a list; is a bracket left open?"},
      {"LongText", "name: " + std::string(5000, 'x') + "\n",
       ":1:7: this text has more than 4096 bytes"},
      {"ScenarioIsAList", "- a\n- b\n", ":1:1: a scenario must be a map of keys, not a list"},
      {"ScenarioIsText", "hello\n", ":1:1: a scenario must be a map of keys, not a single value"},
  };
}

std::vector<BadScenario> key_errors() {
  return {
      {"UnknownTopKey", "naem: x\n" + std::string(kOneCase),
       ":1:1: key \"naem\" is unknown; did you mean \"name\"?"},
      {"UnknownCaseKey", with_line("precison: fp32"),
       ":5:5: key \"precison\" is unknown; did you mean \"precision\"?"},
      {"MergeKey", "<<: {seed: 1}\n" + std::string(kOneCase),
       ":1:1: key \"<<\" is unknown; expected one of name, description, seed, budget, cache, "
       "levels, level, "
       "labels, "
       "cases, compare, expect"},
      {"NoName", "cases: [{op: gemm, size: 8}]\n", ":1:1: a scenario needs the key \"name\""},
      {"NoCases", "name: x\n", ":1:1: a scenario needs the key \"cases\""},
      {"EmptyCases", "name: x\ncases: []\n", ":2:8: cases is an empty list"},
      {"CasesIsText", "name: x\ncases: all\n",
       ":2:8: a case must be a map of keys, not a single value"},
      {"NoOp", with_case("size: 8"), ":2:9: a case needs the key \"op\""},
      {"MisspeltSize", with_case("op: gemm, sizze: 8"),
       ":2:20: key \"sizze\" is unknown; did you mean \"size\"?"},
      {"NoSize", with_case("op: gemm"), ":2:9: a case needs the key \"size\" or \"shape\""},
      {"SizeAndShape", with_line("shape: {m: 1, n: 1, k: 1}"),
       ":5:12: a case has \"size\" or \"shape\", not both"},
      {"ForeignKey", with_line("activation: relu"),
       ":5:5: key \"activation\" does not belong to op gemm"},
      {"MissingDimension", with_case("op: gemm, shape: {m: 1, n: 2}"),
       ":2:27: shape needs the key \"k\""},
      {"ForeignDimension", with_case("op: softmax, shape: {m: 1, n: 2, k: 3}"),
       ":2:43: key \"k\" is no dimension of op softmax"},
      {"UnknownDimension", with_case("op: softmax, shape: {m: 1, n: 2, rows: 3}"),
       ":2:43: key \"rows\" is unknown; expected one of m, n"},
      // The seed is read before the cases, and unknown keys last.
      {"FirstErrorInTheFile", "name: x\ncases: []\nseed: -1\nbuget: 1\n",
       ":2:8: cases is an empty list"},
      {"FirstErrorIsAnUnknownKey", "buget: 1\nname: x\nseed: -1\ncases: []\n",
       ":1:1: key \"buget\" is unknown; did you mean \"budget\"?"},
  };
}

std::vector<BadScenario> word_errors() {
  return {
      {"Op", with_case("op: gem, size: 8"), ":2:14: op \"gem\" is unknown; did you mean \"gemm\"?"},
      {"Precision", with_line("precision: [fp32, fp61]"),
       ":5:23: precision \"fp61\" is unknown; did you mean \"fp16\"?"},
      {"Fill", with_line("fill: nromal"),
       ":5:11: fill \"nromal\" is unknown; did you mean \"normal\"?"},
      {"FileFillWithoutPath", with_line("fill: file"),
       ":5:11: fill \"file\" needs a path, as in {file: x.npy}"},
      {"FillMapWithoutFile", with_line("fill: {}"),
       ":5:11: fill needs the key \"file\" or \"file_b\""},
      {"FileForNoInput", with_case("op: softmax, size: 8, fill: {file_b: w.npy}"),
       ":2:47: op softmax has no second input for file_b"},
      {"Kernel", with_line("kernel: tield"),
       ":5:13: kernel \"tield\" is unknown; did you mean \"tiled\"?"},
      {"KernelOfAnotherOp", with_case("op: softmax, size: 8, kernel: tiled"),
       ":2:40: kernel \"tiled\" is unknown; expected one of auto, naive"},
      {"KernelWithoutFile", with_line("kernel: {tile_m: 4}"),
       ":5:13: kernel needs the key \"glsl\" or \"spirv\", and not both"},
      {"KernelFileMissing", with_line("kernel: {glsl: gone.comp}"),
       ":5:20: glsl \"gone.comp\" is not a file (looked for \"gone.comp\")"},
      {"Activation", with_case("op: linear, size: 8, activation: rulu"),
       ":2:43: activation \"rulu\" is unknown; did you mean \"relu\"?"},
      {"Bias", with_case("op: linear, size: 8, bias: yes"),
       ":2:37: bias must be true or false, not \"yes\""},
      {"Cache", "cache: cold\n" + std::string(kOneCase),
       ":1:8: cache \"cold\" is unknown; expected one of warm, rotate"},
      {"Compare", std::string(kOneCase) + "compare: [{speedup: {of: fp16, over: fp23}}]\n",
       ":5:38: precision \"fp23\" is unknown; did you mean \"fp32\"?"},
      {"CompareWithItself",
       std::string(kOneCase) + "compare: [{speedup: {of: fp16, over: fp16}}]\n",
       ":5:38: \"fp16\" is compared with itself"},
      {"CompareKind", std::string(kOneCase) + "compare: [{slowdown: {of: fp16, over: fp32}}]\n",
       ":5:12: key \"slowdown\" is unknown; expected one of speedup, outputs, growth"},
      {"CompareTwoInOne",
       std::string(kOneCase) +
           "compare: [{speedup: {of: fp16, over: fp32}, outputs: {first: 3}}]\n",
       ":5:11: an entry of compare names one table: speedup, outputs or growth"},
      {"OutputsTooMany", std::string(kOneCase) + "compare: [{outputs: {first: 5}}]\n",
       ":5:29: first must be a whole number from 1 to 4, not \"5\""},
      {"GrowthOverNoDimension", std::string(kOneCase) + "compare: [{growth: {over: size}}]\n",
       ":5:27: over \"size\" is unknown; expected one of m, n, k"},
      {"DecideKey", with_line("decide: {treshold: 0.5}"),
       ":5:14: key \"treshold\" is unknown; did you mean \"threshold\"?"},
      {"DecideRule", with_line("decide: {rule: \">>\"}"),
       ":5:20: rule \">>\" is unknown; did you mean \">=\"?"},
      {"DecideThreshold", with_line("decide: {threshold: high}"),
       ":5:25: threshold must be a number, not \"high\""},
      {"DecideBeyondFp16", with_line("decide: {threshold: 1e6}"),
       ":5:25: threshold must be from -60000 to 60000"},
      {"DecideLabels", with_line("decide: {labels: draw}"),
       ":5:22: labels \"draw\" is unknown; did you mean \"drawn\"?"},
      {"DecideLabelsMissing", with_line("decide: {labels: {file: gone.npy}}"),
       ":5:29: file \"gone.npy\" is not a file (looked for \"gone.npy\")"},
      {"DecideLabelsUnnamed", with_line("decide: {labels: {}}"),
       ":5:22: labels needs the key \"file\""},
      {"DecideList", with_line("decide: [{threshold: 1}, {threshold: 2}]"),
       ":5:13: decide must be a map of keys, not a list"},
      {"ExpectStatus",
       std::string(kOneCase) + "expect: [{where: {op: gemm}, check_status: filed}]\n",
       ":5:44: check_status \"filed\" is unknown; did you mean \"failed\"?"},
      {"ExpectStatusAndMetric",
       std::string(kOneCase) + "expect: [{check_status: failed, metric: rel_fro_err}]\n",
       ":5:33: key \"metric\" is unknown; expected one of where, check_status"},
      {"ExpectMetric", std::string(kOneCase) + "expect: [{metric: rel_fro_er, at_most: 1}]\n",
       ":5:19: metric \"rel_fro_er\" is unknown; did you mean \"rel_fro_err\"?"},
      {"ExpectColumn",
       std::string(kOneCase) +
           "expect: [{where: {precison: fp32}, metric: rel_fro_err, at_most: 1}]\n",
       ":5:19: key \"precison\" is unknown; did you mean \"precision\"?"},
      {"ExpectWord",
       std::string(kOneCase) +
           "expect: [{where: {precision: fp61}, metric: rel_fro_err, at_most: 1}]\n",
       ":5:30: precision \"fp61\" is unknown; did you mean \"fp16\"?"},
      {"ExpectNoBound", std::string(kOneCase) + "expect: [{metric: rel_fro_err}]\n",
       ":5:10: an expect rule needs \"at_most\" or \"at_least\""},
      {"ExpectImpossible",
       std::string(kOneCase) + "expect: [{metric: rel_fro_err, at_most: 1, at_least: 2}]\n",
       ":5:54: at_least is above at_most: no value can meet both"},
      {"Name", "name: ../x\ncases: [{op: gemm, size: 8}]\n",
       ":1:7: name must be 1 to 64 letters, digits, '_', '-' or '.', not \"../x\""},
      {"Label", "labels: {a: 'x;y'}\n" + std::string(kOneCase),
       ":1:13: a label must be one line of at most 256 bytes without ';'"},
      {"LabelKey", "labels: {a b: x}\n" + std::string(kOneCase),
       ":1:10: label \"a b\" may have letters, digits, '_', '-' and '.' only"},
  };
}

std::vector<BadScenario> number_errors() {
  const std::string wanted = ":2:26: size must be a whole number from 1 to 2147483647, not ";
  const auto sized = [](const std::string& size) { return with_case("op: gemm, size: " + size); };
  return {
      {"Zero", sized("0"), wanted + "\"0\""},
      {"Negative", sized("-4"), wanted + "\"-4\""},
      {"Fraction", sized("0.5"), wanted + "\"0.5\""},
      {"Exponent", sized("1e3"), wanted + "\"1e3\""},
      {"Hexadecimal", sized("0x10"), wanted + "\"0x10\""},
      {"LeadingZero", sized("010"), wanted + "\"010\""},
      {"QuotedNumber", sized("\"8\""), wanted + "\"8\""},
      {"Word", sized("large"), wanted + "\"large\""},
      {"TwoToThe31", sized("2147483648"), wanted + "\"2147483648\""},
      {"Beyond64Bit", sized("99999999999999999999999"), wanted + "\"99999999999999999999999\""},
      {"Nothing", sized(""), ":2:26: size has no value"},
      {"EmptyList", sized("[]"), ":2:26: size is an empty list"},
      {"NestedList", sized("[[8]]"), ":2:27: size must be a single value, not a list"},
      {"Map", sized("{m: 8}"), ":2:26: size must be a single value, not a map"},
      // 46341² = 2147488281 is the first square above 2³¹-1 elements.
      {"TooManyElements", sized("46341"),
       ":2:26: 46341x46341x46341 is too large: the first input would have more than 2147483647 "
       "elements"},
      {"OutputTooLarge", with_case("op: softmax, shape: {m: 65536, n: 32768}"),
       ":2:30: 65536x32768 is too large: the output would have more than 2147483647 elements"},
      // (2³¹-1)³ overflows 64 bit; the product must saturate and not wrap.
      {"Overflow",
       with_case("op: gemm, shape: {m: 2147483647, n: 2147483647, k: 1, batch: 2147483647}"),
       ":2:27: 2147483647x2147483647x1 with batch 2147483647 is too large: the first input would "
       "have more than 2147483647 elements"},
      // Each operand has 2⁶⁶ elements, which is 0 in 64 bits.
      {"OverflowToZero",
       with_case("op: gemm, shape: {m: 4194304, n: 4194304, k: 4194304, batch: 4194304}"),
       ":2:27: 4194304x4194304x4194304 with batch 4194304 is too large: the first input would have "
       "more than 2147483647 elements"},
      {"BudgetZero", with_line("budget: 0"),
       ":5:13: budget must be a time above 0, such as 30s, 250ms or 2min, or \"unlimited\", not "
       "\"0\""},
      {"BudgetUnit", with_line("budget: 3 weeks"),
       ":5:13: budget must be a time above 0, such as 30s, 250ms or 2min, or \"unlimited\", not "
       "\"3 weeks\""},
      {"HoldZero", with_line("hold: 0"),
       ":5:11: hold must be a time above 0 and up to 1h, such as 10s or 2min, not \"0\""},
      {"HoldTooLong", with_line("hold: 2h"),
       ":5:11: hold must be a time above 0 and up to 1h, such as 10s or 2min, not \"2h\""},
      {"RepeatsZero", with_line("repeats: 0"),
       ":5:14: repeats must be a whole number from 1 to 100000, not \"0\""},
      {"LevelWithoutLevels", with_line("level: quick"),
       ":5:12: level needs the key \"levels\" of the scenario, which names them all"},
      {"LevelUnknown", std::string(kOneCase) + "levels: {quick: 25s}\nlevel: quik\n",
       ":6:8: level \"quik\" is unknown; did you mean \"quick\"?"},
      {"LevelsNoMap", std::string(kOneCase) + "levels: [quick]\n",
       ":5:9: levels must be a map of names to times, such as {quick: 25s}"},
      {"LevelsTime", std::string(kOneCase) + "levels: {quick: soon}\n",
       ":5:17: the time of a level must be a time above 0 and up to 168h, such as 25s or 15min, "
       "not "
       "\"soon\""},
      {"LevelsOrder", std::string(kOneCase) + "levels: {medium: 2min, quick: 25s}\n",
       ":5:31: level quick must have more time than medium before it"},
      {"LevelLabel", std::string(kOneCase) + "levels: {quick: 25s}\nlabels: {level: high}\n",
       ":6:10: label \"level\" is written by gpubench where a scenario has levels"},
      {"BudgetList", with_line("budget: [1s]"), ":5:13: budget must be a single value, not a list"},
      {"ExpectNumber", std::string(kOneCase) + "expect: [{metric: rel_fro_err, at_most: nan}]\n",
       ":5:41: at_most must be a number, not \"nan\""},
  };
}

std::string list_of(int count) {
  std::string list = "[";
  for (int i = 1; i <= count; ++i) list += (i > 1 ? "," : "") + std::to_string(i);
  return list + "]";
}

std::vector<BadScenario> count_errors() {
  const std::string thousand = list_of(1000);
  return {
      {"BillionShapes",
       with_case("op: gemm, shape: {m: " + thousand + ", n: " + thousand + ", k: " + thousand +
                 "}"),
       ":2:27: more than 10000 shapes"},
      {"BillionCases",
       with_case("op: gemm, size: " + thousand + ", seed: " + thousand +
                 ", precision: [fp32,fp16]"),
       ":2:9: this block brings the scenario to more than 10000 cases"},
      {"SumOfBlocks",
       "name: x\ncases:\n- {op: gemm, size: 8, seed: " + list_of(6000) +
           "}\n- {op: gemm, size: 8, seed: " + list_of(4001) + "}\n",
       ":4:3: this block brings the scenario to more than 10000 cases"},
      {"ManyKeys",
       [] {
         std::string text;
         for (int i = 0; i < 300; ++i) text += "k" + std::to_string(i) + ": 1\n";
         return text;
       }(),
       ":257:1: a map may have 256 keys at most"},
  };
}

std::string test_name(const testing::TestParamInfo<BadScenario>& info) {
  return info.param.test_name;
}

INSTANTIATE_TEST_SUITE_P(Syntax, ScenarioErrors, testing::ValuesIn(syntax_errors()), test_name);
INSTANTIATE_TEST_SUITE_P(Keys, ScenarioErrors, testing::ValuesIn(key_errors()), test_name);
INSTANTIATE_TEST_SUITE_P(Words, ScenarioErrors, testing::ValuesIn(word_errors()), test_name);
INSTANTIATE_TEST_SUITE_P(Numbers, ScenarioErrors, testing::ValuesIn(number_errors()), test_name);
INSTANTIATE_TEST_SUITE_P(Counts, ScenarioErrors, testing::ValuesIn(count_errors()), test_name);

TEST(ScenarioLimits, ExactlyTheMostCasesAreTaken) {
  EXPECT_TRUE(read(with_case("op: gemm, size: 8, seed: " + list_of(10000))).ok());
  EXPECT_TRUE(read(with_case("op: gemm, size: 46340")).ok());
}

}  // namespace
}  // namespace gpubench
