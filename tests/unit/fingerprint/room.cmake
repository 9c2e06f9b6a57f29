target_sources(unit_fingerprint PRIVATE
  "${CMAKE_CURRENT_SOURCE_DIR}/fingerprint/ground_truth.cpp"
  "${CMAKE_CURRENT_SOURCE_DIR}/fingerprint/softmax_ground_truth.cpp")
target_compile_definitions(unit_fingerprint PRIVATE
  GPUBENCH_DOCS_DIR="${PROJECT_SOURCE_DIR}/docs")
