#include "pages/case_facts.h"

#include <fmt/format.h>

#include <cmath>

#include "kernels/problem.h"
#include "record/row.h"
#include "report/case_label.h"

namespace gpubench {
namespace {

std::uint32_t extent(double value) {
  return std::isfinite(value) && value >= 0 && value < 4294967296.0
             ? static_cast<std::uint32_t>(value)
             : 0;
}

}  // namespace

std::string CaseFacts::text(std::string_view column) const {
  return std::string(history_->text(column)[row_]);
}

double CaseFacts::number(std::string_view column) const {
  return history_->number(column)[row_];
}

bool CaseFacts::is(std::string_view column, std::string_view word) const {
  return history_->text(column)[row_] == word;
}

bool CaseFacts::is_timed() const {
  return std::isfinite(number("time_median_s"));
}

bool CaseFacts::was_run() const {
  return !is("status", "skipped") && !is("status", "unsupported");
}

bool CaseFacts::has_failed() const {
  return was_run() && (!is("status", "ok") || is("check_status", "failed"));
}

bool CaseFacts::computes_less() const {
  const bool declares_less =
      !is("declared_evidence", "") && !is("declared_evidence", "as_declared");
  return declares_less ||
         accuses(history_->text("precision_verdict")[row_], history_->text("precision")[row_]);
}

std::string CaseFacts::shape() const {
  Problem problem;
  problem.op = parse_op(text("op")).value_or(Op::gemm);
  problem.shape = {extent(number("m")), extent(number("n")), extent(number("k")),
                   extent(number("batch"))};
  return shape_text(problem);
}

std::string CaseFacts::label() const {
  return fmt::format("{} {} {}", text("op"), shape(), text("precision"));
}

double CaseFacts::size() const {
  const double m = number("m"), n = number("n"), k = number("k"), batch = number("batch");
  return k > 0 ? std::cbrt(m * n * k * batch) : std::sqrt(m * n * batch);
}

double CaseFacts::share_of_peak() const {
  const double of_flops = number("fraction_of_peak");
  return std::isfinite(of_flops) ? of_flops : number("fraction_of_bandwidth");
}

std::vector<CaseFacts> all_cases(const History& history) {
  std::vector<CaseFacts> cases;
  cases.reserve(history.size());
  for (std::size_t row = 0; row < history.size(); ++row) cases.emplace_back(history, row);
  return cases;
}

}  // namespace gpubench
