# What unit_record needs beyond its sources: a made NVML, and the place of the pages it checks.
add_library(fake_nvml MODULE "${CMAKE_CURRENT_LIST_DIR}/fake_nvml.cpp")
gpubench_compile_options(fake_nvml)
add_dependencies(unit_record fake_nvml)
target_link_libraries(unit_record PRIVATE nlohmann_json::nlohmann_json)
target_compile_definitions(unit_record PRIVATE
  "FAKE_NVML=\"$<TARGET_FILE:fake_nvml>\"" "GPUBENCH_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
