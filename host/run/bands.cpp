#include "run/bands.h"

namespace gpubench {

std::vector<Band> bands_for(const Problem& problem, const Launch& launch, const Rate& rate) {
  BandRequest request;
  request.rows = problem.shape.m;
  request.granule = launch.row_granule;
  request.flop = flop(problem);
  request.evidence = rate.evidence;
  request.rate_flops = rate.flops;
  return row_bands(request);
}

}  // namespace gpubench
