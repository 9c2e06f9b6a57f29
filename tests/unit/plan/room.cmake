# The shipped scenarios, tests/cases and the page of the format are read where they lie.
target_compile_definitions(unit_plan PRIVATE "GPUBENCH_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
