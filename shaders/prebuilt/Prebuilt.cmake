# Embeds the SPIR-V that is kept here, once it is sure that it was made from the GLSL as it is now.
include("${CMAKE_CURRENT_LIST_DIR}/Modules.cmake")

set(prebuilt_remedy "tests/roots/rebuild-spirv.sh --write makes it again, in a root of Debian testing")

# prebuilt_check(MODULE FILES TARGET DEFINES) — ends the configuration unless manifest.txt says that
# MODULE.spv was made from these files, and the file is the one that was made.
function(prebuilt_check module files target defines)
  set(spirv "${prebuilt_folder}/${module}.spv")
  file(STRINGS "${prebuilt_folder}/manifest.txt" line REGEX "^${module} ")
  if(NOT line MATCHES "^${module} +([0-9a-f]+) +([0-9a-f]+)$" OR NOT EXISTS "${spirv}")
    message(FATAL_ERROR "shaders/prebuilt has no SPIR-V of ${module}: ${prebuilt_remedy}")
  endif()
  set(source_then "${CMAKE_MATCH_1}")
  set(spirv_then "${CMAKE_MATCH_2}")
  prebuilt_hash(source_now "${files}" ${target} "${defines}")
  if(NOT source_now STREQUAL source_then)
    message(FATAL_ERROR "shaders/prebuilt/${module}.spv is older than its GLSL: ${prebuilt_remedy}; "
                        "-DGPUBENCH_PREBUILT_SPIRV=OFF does without")
  endif()
  file(SHA256 "${spirv}" spirv_now)
  if(NOT spirv_now STREQUAL spirv_then)
    message(FATAL_ERROR "shaders/prebuilt/${module}.spv is not the file that manifest.txt names: "
                        "${prebuilt_remedy}")
  endif()
endfunction()

# prebuilt_compile(MODULE SOURCE TARGET DEFINES) — as for any other shader, if this compiler can.
function(prebuilt_compile module source spirv_target defines)
  separate_arguments(defines)
  list(TRANSFORM defines PREPEND -D OUTPUT_VARIABLE flags)
  execute_process(
    COMMAND "${GLSLANG}" --quiet --target-env ${spirv_target} ${flags} -o "${CMAKE_CURRENT_BINARY_DIR}/try.spv"
            "${prebuilt_shaders}/${source}"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    message(STATUS "Left out: ${module}, which ${GLSLANG} cannot compile")
  else()
    gpubench_spirv(${module} ${source} ${defines})
  endif()
endfunction()

function(gpubench_prebuilt_shaders)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${prebuilt_folder}/modules.txt" "${prebuilt_folder}/manifest.txt")
  prebuilt_modules(modules)
  foreach(entry IN LISTS modules)
    string(REPLACE "|" ";" entry "${entry}")
    list(GET entry 0 module)
    list(GET entry 1 source)
    list(GET entry 2 target)
    list(GET entry 3 defines)
    prebuilt_files(files "${prebuilt_shaders}/${source}")
    set(spirv "${prebuilt_folder}/${module}.spv")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files} "${spirv}")
    if(GPUBENCH_PREBUILT_SPIRV)
      prebuilt_check(${module} "${files}" ${target} "${defines}")
      gpubench_embed(${module} "${spirv}")
    else()
      prebuilt_compile(${module} ${source} ${target} "${defines}")
    endif()
  endforeach()
endfunction()
