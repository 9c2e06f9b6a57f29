# What unit_report needs beyond its sources: the place of the golden texts. Not __FILE__, which
# compiler caches make relative to a folder of their own.
target_compile_definitions(unit_report PRIVATE
  "GPUBENCH_GOLDEN_DIR=\"${PROJECT_SOURCE_DIR}/tests/golden\"")
