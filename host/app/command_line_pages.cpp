#include "app/command_line_pages.h"

#include <CLI/CLI.hpp>
#include <string_view>

namespace gpubench {
namespace {

constexpr const char* kReportExamples =
    "One HTML page that needs no other file and no network, or the same as Markdown. It shows "
    "what\n"
    "the files hold, so it can be made again at any time, without a device.\n"
    "Examples:\n"
    "  ./gpubench report results/20261121T103005Z-matmul-3fa9 -o report.html\n"
    "  ./gpubench report results/node-* -o acceptance.html -o acceptance.md";

std::string check_page(const std::string& file) {
  const std::string_view name = file;
  return name.ends_with(".html") || name.ends_with(".md")
             ? ""
             : "expected a file that ends in .html or .md, not " + file;
}

constexpr const char* kDashboardExamples =
    "One HTML page with a line for each case and device over time; it needs no other file and no\n"
    "network. DIR/annotations.csv (date,text) puts notes on days.\n"
    "Examples:\n"
    "  ./gpubench dashboard results -o dashboard.html\n"
    "  ./gpubench dashboard results --annotations drivers.csv -o dashboard.html\n"
    "  ./gpubench dashboard results --watch --serve 8080";

std::string check_html(const std::string& file) {
  return std::string_view(file).ends_with(".html")
             ? ""
             : "expected a file that ends in .html, not " + file;
}

}  // namespace

void add_report(CLI::App& app, ReportArguments& arguments) {
  CLI::App* report = app.add_subcommand("report", "Write what runs found as one page, or Markdown");
  report->add_option("run", arguments.paths, "Folders of runs, results.csv, or folders of those")
      ->required();
  report->add_option("-o,--out", arguments.files, "The page, .html or .md; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_page, "FILE"));
  report->add_option("--checks", arguments.checks_file,
                     "Of gpubench judge --out; default: checks.csv in the folder named, or of each "
                     "run");
  report->footer(kReportExamples);
}

void add_dashboard(CLI::App& app, DashboardArguments& arguments) {
  CLI::App* dashboard = app.add_subcommand("dashboard", "Write many runs over time as one page");
  dashboard->add_option("dir", arguments.files.paths, "Folders that have runs somewhere below them")
      ->required();
  dashboard->add_option("-o,--out", arguments.page, "The page, .html; needed unless it is served")
      ->check(CLI::Validator(check_html, "FILE"));
  dashboard->add_option("--annotations", arguments.files.annotations,
                        "CSV with columns date and text; default: annotations.csv in DIR");
  dashboard
      ->add_option("--baseline", arguments.files.baseline,
                   "Of gpubench baseline create: what it allows is shown as a band")
      ->check(CLI::ExistingFile);
  dashboard->add_flag("--watch", arguments.watch,
                      "Make the page anew when runs come, until Ctrl-C");
  dashboard
      ->add_option("--serve", arguments.port,
                   "Serve it to browsers on this machine at this port, until Ctrl-C; 0: any")
      ->check(CLI::Range(0, 65535));
  dashboard->footer(kDashboardExamples);
}

}  // namespace gpubench
