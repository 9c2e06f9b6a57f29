# What unit_compare needs beyond its tests: rates that calibration/compare_power prints, too.
target_sources(unit_compare PRIVATE "${CMAKE_CURRENT_LIST_DIR}/synthetic_rates.cpp")
