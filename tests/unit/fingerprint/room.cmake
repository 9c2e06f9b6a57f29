target_sources(unit_fingerprint PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/fingerprint/ground_truth.cpp")
