#include "pages/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

WrittenRow timed(const std::string& precision, const std::string& size,
                 const std::string& seconds) {
  return {{"case_id", "gemm/auto/" + precision + "/nn/" + size + "/normal/s42"},
          {"op", "gemm"},
          {"kernel", "tiled"},
          {"precision", precision},
          {"m", size},
          {"n", size},
          {"k", size},
          {"batch", "1"},
          {"layout", "nn"},
          {"fill", "normal"},
          {"seed", "42"},
          {"device_name", "Card"},
          {"device_uuid", "u"},
          {"scenario", "made"},
          {"status", "ok"},
          {"check_status", "passed"},
          {"time_median_s", seconds},
          {"time_p05_s", seconds},
          {"time_p25_s", seconds},
          {"time_p75_s", seconds},
          {"time_p95_s", seconds},
          {"throughput_flops", "1e9"},
          {"rel_fro_err", "1e-6"}};
}

WrittenRow with(WrittenRow row, const WrittenRow& other) {
  for (const auto& [column, value] : other) row[column] = value;
  return row;
}

WrittenRow wrong() {
  return with(timed("fp32", "64", ""), {{"status", "failed"},
                                        {"check_status", "failed"},
                                        {"reason", "wrong_result: element 3"},
                                        {"throughput_flops", ""}});
}

PageDocument document_of(const WrittenRuns& runs) {
  const auto input = read_report_input({runs.path()});
  EXPECT_TRUE(input.ok()) << input.error().message;
  return report_document(*input);
}

const PageSection& section_of(const PageDocument& document, const std::string& id) {
  const auto found = std::find_if(document.sections.begin(), document.sections.end(),
                                  [&](const PageSection& section) { return section.id == id; });
  EXPECT_NE(found, document.sections.end()) << id;
  return *found;
}

template <class Block>
std::vector<Block> blocks_of(const PageSection& section) {
  std::vector<Block> blocks;
  for (const PageBlock& block : section.blocks) {
    if (const auto* one = std::get_if<Block>(&block)) blocks.push_back(*one);
  }
  return blocks;
}

TEST(Report, HasEverySectionInItsOrder) {
  const WrittenRuns runs;
  runs.add_run("a", {timed("fp32", "64", "0.25")});

  const PageDocument document = document_of(runs);

  std::vector<std::string> ids;
  for (const PageSection& section : document.sections) ids.push_back(section.id);
  EXPECT_THAT(ids, ElementsAre("decided", "coverage", "system", "drift", "precision", "performance",
                               "sustained", "peers", "waivers", "method", "files"));
  EXPECT_EQ(document.title, "made on Card");
}

TEST(Report, AWrongCaseIsInTheFirstSentence) {
  const WrittenRuns runs;
  runs.add_run("a", {timed("fp32", "32", "0.25"), wrong()});

  const PageDocument document = document_of(runs);

  EXPECT_EQ(document.verdict_tone, Tone::bad);
  EXPECT_THAT(document.sentence,
              HasSubstr("1 of 2 cases went wrong, first gemm/auto/fp32/nn/64/normal/s42: "
                        "wrong_result: element 3"));
  const auto tables = blocks_of<PageTable>(section_of(document, "decided"));
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].rows.size(), 1U);
}

TEST(Report, WhatWasLeftOutIsCountedByReason) {
  const WrittenRuns runs;
  runs.add_run(
      "a",
      {with(timed("fp32", "64", ""), {{"status", "skipped"}, {"reason", "budget: needs 40 s"}}),
       with(timed("fp16", "64", ""), {{"status", "skipped"}, {"reason", "budget: needs 30 s"}})});

  const PageDocument document = document_of(runs);

  const auto facts = blocks_of<PageFacts>(section_of(document, "coverage"));
  ASSERT_EQ(facts.size(), 1U);
  EXPECT_EQ(facts[0].facts.front().first, "budget");
  EXPECT_EQ(facts[0].facts.front().second.text, "2 cases");
}

TEST(Report, SpeedUpIsThatOfTheMediansOverRuns) {
  const WrittenRuns runs;
  // Medians of three runs: FP32 0.4 s, FP16 0.1 s; so 4 times as fast.
  runs.add_run("a", {timed("fp32", "64", "0.3"), timed("fp16", "64", "0.1")});
  runs.add_run("b", {timed("fp32", "64", "0.4"), timed("fp16", "64", "0.2")});
  runs.add_run("c", {timed("fp32", "64", "0.9"), timed("fp16", "64", "0.05")});

  const PageDocument document = document_of(runs);

  const auto tables = blocks_of<PageTable>(section_of(document, "performance"));
  ASSERT_EQ(tables.size(), 2U);
  ASSERT_EQ(tables[1].rows.size(), 1U);
  EXPECT_EQ(tables[1].rows[0][1].text, "400 ms");
  EXPECT_EQ(tables[1].rows[0][2].text, "4.00×");
}

TEST(Report, ARunThatWasCutOffSaysSo) {
  const WrittenRuns runs;
  const std::string table = WrittenRuns::table("a", {timed("fp32", "64", "0.25")});
  runs.write("a/results.csv", table + "3,a,2026");

  const PageDocument document = document_of(runs);

  const auto tables = blocks_of<PageTable>(section_of(document, "coverage"));
  EXPECT_EQ(tables[0].rows[0][1].text, "no: its last row is cut off");
}

TEST(Report, PeersAreThoseOfTheSameProblemAndPrecision) {
  const WrittenRuns runs;
  runs.add_run("a", {timed("fp32", "64", "0.25"), timed("fp16", "64", "0.25")});
  runs.add_run("b", {with(timed("fp32", "64", "0.125"), {{"device_name", "Other"}})});

  const auto tables = blocks_of<PageTable>(section_of(document_of(runs), "peers"));

  ASSERT_EQ(tables.size(), 1U);
  ASSERT_EQ(tables[0].rows.size(), 2U);
  EXPECT_EQ(tables[0].rows[0][1].text, "Card, tiled");
  EXPECT_EQ(tables[0].rows[0][4].text, "0.50");
}

TEST(Report, AFailedOutputHasItsMapAndNobodyElses) {
  const WrittenRuns runs;
  runs.add_run("a", {wrong(), timed("fp16", "64", "0.25")});
  runs.write("a/errors.csv",
             "run_id,case_id,device_uuid,row_begin,row_end,column_begin,column_end,max_abs_err,"
             "bound_ratio,nonfinite\n"
             "a,gemm/auto/fp32/nn/64/normal/s42,u,0,32,0,64,0.5,7,0\n"
             "a,gemm/auto/fp32/nn/64/normal/s42,u,32,64,0,64,0.1,0.5,0\n"
             "a,gemm/auto/fp16/nn/64/normal/s42,another device,0,64,0,64,0.5,7,0\n");

  const auto figures = blocks_of<PageFigure>(section_of(document_of(runs), "drift"));

  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].title, "Where the errors are: gemm 64² fp32");
  EXPECT_THAT(figures[0].caption, HasSubstr("Pattern: whole rows: 0 to 31. Worst: rows 0 to 31, "
                                            "columns 0 to 63: 7.000 times the tolerance"));
  EXPECT_EQ(figures[1].id, "error-against-k");
}

TEST(Report, SamplesFarFromTheMedianGetALogarithmicAxis) {
  const auto is_log = [](const std::string& last) {
    const WrittenRuns runs;
    runs.add_run("a", {with(timed("fp32", "64", "0.25"), {{"samples", "2"}})});
    const std::string line = "a,gemm/auto/fp32/nn/64/normal/s42,";
    runs.write("a/samples.csv", "run_id,case_id,sample,gpu_s,host_s\n" + line + "0,0.25,0.25\n" +
                                    line + "1," + last + ",0.3\n");
    const auto figures = blocks_of<PageFigure>(section_of(document_of(runs), "performance"));
    return figures.back().chart.find("\"log\":true") != std::string::npos;
  };

  EXPECT_FALSE(is_log("0.5"));
  EXPECT_TRUE(is_log("0.9"));
}

TEST(Report, PrecisionIsLostWhereJudgeSaysSo) {
  const auto sentence_with = [](const WrittenRow& changed) {
    const WrittenRuns runs;
    runs.add_run("a", {with(timed("fp32", "64", "0.25"), changed)});
    return document_of(runs).sentence;
  };

  EXPECT_THAT(sentence_with({{"precision_verdict", "nondeterministic"}}),
              HasSubstr("1 of 1 cases went wrong, first gemm/auto/fp32/nn/64/normal/s42: precision "
                        "nondeterministic"));
  EXPECT_THAT(sentence_with({{"declared_evidence", "relaxed"}}),
              HasSubstr("its shader declares relaxed"));
  // It computes in FP16, and says so.
  EXPECT_THAT(sentence_with({{"precision", "fp32_via_fp16"}, {"precision_verdict", "downgraded"}}),
              HasSubstr("1 of 1 cases agree with the reference"));
}

TEST(Report, RowsThatARunWasToHaveAndHasNotAreCounted) {
  const WrittenRuns runs;
  runs.add_run("a", {with(timed("fp32", "64", "0.25"), {{"planned_rows", "3"}})});
  runs.add_run("b", {timed("fp32", "64", "0.25")});

  const PageSection coverage = section_of(document_of(runs), "coverage");

  const PageTable table = blocks_of<PageTable>(coverage).front();
  EXPECT_EQ(table.columns[2].head, "Expected");
  EXPECT_EQ(table.rows[0][2].text, "3");
  EXPECT_EQ(table.rows[0][3].text, "1");
  EXPECT_EQ(table.rows[0][3].tone, Tone::bad);
  EXPECT_EQ(table.rows[1][2].text, "not known");
  EXPECT_EQ(table.rows[1][3].tone, Tone::plain);
  EXPECT_EQ(blocks_of<PageText>(coverage).front().text,
            "2 of 3 expected rows are missing: nothing is known of those cases, not even why.");
}

TEST(Report, ASampleThatNoAxisHoldsIsNamedAndNotDrawn) {
  const auto figure_with = [](const std::string& last) {
    const WrittenRuns runs;
    runs.add_run("a", {with(timed("fp32", "64", "1e-300"), {{"samples", "2"}})});
    const std::string line = "a,gemm/auto/fp32/nn/64/normal/s42,";
    runs.write("a/samples.csv", "run_id,case_id,sample,gpu_s,host_s\n" + line +
                                    "0,1e-300,1e-300\n" + line + "1," + last + ",0.3\n");
    return blocks_of<PageFigure>(section_of(document_of(runs), "performance")).back();
  };

  const PageFigure beyond = figure_with("1e300");
  EXPECT_THAT(beyond.chart, HasSubstr("\"dots\":[1.0]"));
  EXPECT_THAT(beyond.caption, HasSubstr("Too far from the median to be drawn: 1."));
  EXPECT_THAT(figure_with("1e-295").chart, HasSubstr("\"dots\":[1.0,100000.0]"));
}

TEST(Report, IsTheSameForTheSameFiles) {
  const WrittenRuns runs;
  runs.add_run("a", {timed("fp32", "64", "0.25"), wrong()});

  const auto first = document_of(runs), again = document_of(runs);

  EXPECT_EQ(first.sentence, again.sentence);
  EXPECT_EQ(blocks_of<PageTable>(first.sections.back())[0].rows[0][2].text,
            blocks_of<PageTable>(again.sections.back())[0].rows[0][2].text);
}

}  // namespace
}  // namespace gpubench
