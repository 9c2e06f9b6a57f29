#include <fmt/format.h>

#include "app/commands.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "base/text.h"
#include "kit/folder.h"
#include "report/width.h"

namespace gpubench {

ExitCode audit_kit_command(const KitArguments& arguments) {
  if (auto checked = check_kit_settings(arguments.settings); !checked) {
    return report_error(checked.error());
  }
  const KitPlan plan(arguments.settings);
  if (auto written = write_kit(plan, arguments.folder); !written) {
    return report_error(written.error());
  }
  const auto [m, n, k] = arguments.settings.shape;
  const std::uint64_t values = plan.size() * (m * k + k * n);
  const std::uint64_t bytes = values * (arguments.settings.storage == NumberFormat::fp16 ? 2 : 4);
  const WrapBox box{.width = console_style().width, .first_column = 0, .indent = 0};
  const std::string folder = printable(arguments.folder);
  fmt::print("{}\n",
             wrap(fmt::format("{}: {} products of {}x{} by {}x{} in {}, {}. README.txt says how to "
                              "run them; then",
                              folder, plan.size(), m, k, k, n,
                              traits_of(arguments.settings.storage).name, format_bytes(bytes)),
                  box));
  fmt::print("  ./gpubench audit identify {0} {0}/output.npy\n", folder);
  return ExitCode::good;
}

}  // namespace gpubench
