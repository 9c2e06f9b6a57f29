// product_coop.cpp — launches shaders/gemm/coop.comp.

#include "kernels/contract.h"
#include "kernels/coop_tiling.h"
#include "kernels/launches.h"

namespace gpubench {

std::span<const ParameterSpace> parameters_of_product_coop() {
  return kTilingSpaces;
}

Result<Launch> launch_product_coop(const Problem& problem, Precision precision,
                                   const DeviceTraits& device, ParameterValues values) {
  const std::string module = module_name(to_string(problem.op), "coop", precision);
  const Outcome there = check_units("coop", module, problem, precision, device);
  if (!there) return there.error();
  const Tiling tiling = tiling_for(values, problem, precision, device, 1);
  const Tile tile = tiling.tile;
  const Outcome fits =
      first_failure({check_tiling(tiling, problem, precision, problem.shape.k, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline = coop_pipeline(module, problem, tiling);
  Launch launch;
  launch.params = tiling.params();
  launch.tuning = tuning_of(kTilingSpaces, tiling.values());
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
