target_compile_definitions(unit_kit PRIVATE GPUBENCH_SCENARIOS_DIR="${PROJECT_SOURCE_DIR}/scenarios")
