# gpubench_room(NAME SOURCES ... LINKS ... [PRIVATE_LINKS ...])
# One static library for each room of host/. LINKS names the rooms whose headers this room may
# include; tests/arrows checks the includes against the same picture in docs/design.md.
function(gpubench_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(gpubench_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(gpubench_${name} PUBLIC "${PROJECT_SOURCE_DIR}/host")
  target_link_libraries(gpubench_${name} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  gpubench_compile_options(gpubench_${name})
endfunction()

function(gpubench_compile_options target)
  # Vulkan structures are meant to be started with their type alone, hence missing-field.
  # Contraction is off so that inputs, references and metrics have the same bits on any machine.
  # Constants that nobody uses are g++'s to find: clang-tidy reads files together, and does not see them there.
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wno-missing-field-initializers -ffp-contract=off
    $<$<CXX_COMPILER_ID:GNU>:-Wunused-const-variable=1>)
  if(GPUBENCH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(GPUBENCH_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${GPUBENCH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${GPUBENCH_SANITIZE})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE" AND GPUBENCH_SANITIZE MATCHES "address")
      target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/sanitizer_hooks.cpp")
    endif()
  endif()
endfunction()
