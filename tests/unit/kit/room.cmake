target_sources(unit_kit PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/fingerprint/ground_truth.cpp")
target_compile_definitions(unit_kit PRIVATE
  GPUBENCH_DOCS_DIR="${PROJECT_SOURCE_DIR}/docs"
  GPUBENCH_SCENARIOS_DIR="${PROJECT_SOURCE_DIR}/scenarios")
