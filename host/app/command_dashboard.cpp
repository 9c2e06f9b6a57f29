// command_dashboard.cpp — `dashboard`: many runs over time as one page, which may be kept up to
// date and served to this machine.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "app/commands.h"
#include "app/errors.h"
#include "app/interrupt.h"
#include "app/run_sets.h"
#include "pages/dashboard.h"
#include "pages/page_server.h"
#include "pages/run_watch.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

// Ten thousand files take a tenth of a second to look at.
constexpr std::chrono::seconds kBetweenLooks{2};
constexpr std::chrono::milliseconds kBetweenInterruptChecks{100};

std::vector<std::string> watched_files(const DashboardFiles& files) {
  const auto beside = std::filesystem::path(files.paths.front()) / "annotations.csv";
  return {files.annotations.empty() ? beside.string() : files.annotations, files.baseline};
}

/// The page may not be written over what it is made from.
Outcome check_page(const DashboardArguments& arguments, const History& history) {
  if (arguments.page.empty()) return Done{};
  std::vector<std::string> files = watched_files(arguments.files);
  files.insert(files.end(), arguments.files.paths.begin(), arguments.files.paths.end());
  for (const HistoryRun& run : history.runs()) files.push_back(run.file);
  return check_output(arguments.page, files);
}

Result<std::string> made_page(const DashboardArguments& arguments) {
  const auto input = read_dashboard_input(arguments.files);
  if (!input) return input.error();
  if (auto checked = check_page(arguments, input->history); !checked) return checked.error();
  warn_of_half_lines(input->history);
  std::string page = dashboard_page(*input);
  if (!arguments.page.empty()) {
    if (const auto written = replace_file(arguments.page, page); !written) return written.error();
  }
  fmt::print("{}{} rows of {} runs\n", arguments.page.empty() ? "" : arguments.page + ": ",
             input->history.size(), input->history.runs().size());
  std::fflush(stdout);
  return page;
}

/// False when a signal came first.
bool wait_for_next_look() {
  const auto end = std::chrono::steady_clock::now() + kBetweenLooks;
  while (std::chrono::steady_clock::now() < end) {
    if (interrupt_signal() != 0) return false;
    std::this_thread::sleep_for(kBetweenInterruptChecks);
  }
  return true;
}

/// Until a signal comes. A page that cannot be made leaves the last one in its place.
ExitCode keep_up(const DashboardArguments& arguments, PageServer* server) {
  RunWatch watch(arguments.files.paths, watched_files(arguments.files));
  while (wait_for_next_look()) {
    if (!arguments.watch || !watch.has_changed()) continue;
    auto page = made_page(arguments);
    if (!page) {
      report_error(page.error());
    } else if (server != nullptr) {
      server->replace(std::move(*page));
    }
  }
  return static_cast<ExitCode>(128 + interrupt_signal());
}

}  // namespace

ExitCode dashboard_command(const DashboardArguments& arguments) {
  if (arguments.port || arguments.watch) catch_interrupts();
  auto page = made_page(arguments);
  if (!page) return report_error(page.error());
  if (!arguments.port) return arguments.watch ? keep_up(arguments, nullptr) : ExitCode::good;
  auto server = PageServer::start(*arguments.port, std::move(*page));
  if (!server) return report_error(server.error());
  fmt::print("http://127.0.0.1:{}/ (this machine alone; Ctrl-C ends it)\n", server->port());
  std::fflush(stdout);
  return keep_up(arguments, &*server);
}

}  // namespace gpubench
