# build_info.cmake — writes OUTPUT, one line of C++ that names the commit of SOURCE_DIR; touches it
# only when the commit changed. Run at every build. Without git, or when SOURCE_DIR is not the top
# of a checkout (an unpacked tarball), the commit is "unknown".
set(commit "unknown")
find_program(GIT git)
if(GIT)
  # Root may build a checkout that another user owns; git would refuse to answer.
  set(git ${GIT} --no-optional-locks -c safe.directory=* -C ${SOURCE_DIR})
  execute_process(COMMAND ${git} rev-parse --show-prefix
    RESULT_VARIABLE failed OUTPUT_VARIABLE prefix ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND prefix STREQUAL "")
    execute_process(COMMAND ${git} rev-parse --short=12 HEAD
      RESULT_VARIABLE failed OUTPUT_VARIABLE head ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed)
      set(commit "${head}")
    endif()
    execute_process(COMMAND ${git} status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed AND changes)
      string(APPEND commit "-dirty")
    endif()
  endif()
endif()
set(text "namespace gpubench {\nextern const char* const kBuildCommit;\n")
string(APPEND text "const char* const kBuildCommit = \"${commit}\";\n}\n")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL text)
  file(WRITE "${OUTPUT}" "${text}")
endif()
