# Reads modules.txt and hashes the sources of each module. Included by shaders/CMakeLists.txt; as a
# script (cmake -P) it prints what rebuild-spirv.sh needs, one module a line: name, hash, source, flags.

cmake_policy(VERSION 3.22)
set(prebuilt_folder "${CMAKE_CURRENT_LIST_DIR}")
get_filename_component(prebuilt_shaders "${prebuilt_folder}" DIRECTORY)

# What every module is compiled with; a part of the hash.
set(prebuilt_options --target-env vulkan1.2)

# prebuilt_files(OUT FILE) — FILE and what it includes, however deep, each once, in the order met.
function(prebuilt_files out file)
  set(waiting "${file}")
  set(files)
  while(waiting)
    list(POP_FRONT waiting next)
    if(next IN_LIST files)
      continue()
    endif()
    list(APPEND files "${next}")
    get_filename_component(folder "${next}" DIRECTORY)
    file(STRINGS "${next}" includes REGEX "^#include \"")
    foreach(line IN LISTS includes)
      string(REGEX REPLACE "^#include \"(.*)\".*" "\\1" name "${line}")
      get_filename_component(path "${folder}/${name}" ABSOLUTE)
      list(APPEND waiting "${path}")
    endforeach()
  endwhile()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# prebuilt_hash(OUT FILES DEFINES) — of options, defines and the content of the files.
function(prebuilt_hash out files defines)
  set(text "${prebuilt_options}\n${defines}\n")
  foreach(file IN LISTS files)
    file(SHA256 "${file}" hash)
    file(RELATIVE_PATH path "${prebuilt_shaders}" "${file}")
    string(APPEND text "${path} ${hash}\n")
  endforeach()
  string(SHA256 hash "${text}")
  set(${out} "${hash}" PARENT_SCOPE)
endfunction()

# prebuilt_modules(OUT) — the lines of modules.txt, each as "name|source|define define".
function(prebuilt_modules out)
  file(STRINGS "${prebuilt_folder}/modules.txt" lines REGEX "^[a-z]")
  set(modules)
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^([a-z0-9_]+) +([^ ]+) +(.+)$")
      message(FATAL_ERROR "shaders/prebuilt/modules.txt: \"${line}\" is not: name, source, defines")
    endif()
    list(APPEND modules "${CMAKE_MATCH_1}|${CMAKE_MATCH_2}|${CMAKE_MATCH_3}")
  endforeach()
  set(${out} "${modules}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  prebuilt_modules(modules)
  foreach(module IN LISTS modules)
    string(REPLACE "|" ";" module "${module}")
    list(GET module 0 name)
    list(GET module 1 source)
    list(GET module 2 defines)
    prebuilt_files(files "${prebuilt_shaders}/${source}")
    prebuilt_hash(hash "${files}" "${defines}")
    separate_arguments(defines)
    list(TRANSFORM defines PREPEND -D OUTPUT_VARIABLE flags)
    # On stdout, unlike message().
    execute_process(
      COMMAND "${CMAKE_COMMAND}" -E echo ${name} ${hash} ${source} ${prebuilt_options} ${flags})
  endforeach()
endif()
