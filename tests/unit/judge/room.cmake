target_compile_definitions(unit_judge PRIVATE "GPUBENCH_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
