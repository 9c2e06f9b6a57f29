# Target gpubench::shaderc: the run-time GLSL compiler. Distributions package it in ways that do
# not all work: Debian 12's shared library lacks its dependency on glslang, and its "combined"
# archive holds neither glslang nor SPIRV-Tools. So each way is tried by running a compile.
include(CheckCXXSourceRuns)

set(parts "")
foreach(part SPIRV glslang glslang-default-resource-limits MachineIndependent GenericCodeGen
             OSDependent OGLCompiler HLSL SPIRV-Tools-opt SPIRV-Tools)
  find_library(GPUBENCH_${part}_LIBRARY NAMES ${part})
  mark_as_advanced(GPUBENCH_${part}_LIBRARY)
  if(GPUBENCH_${part}_LIBRARY)
    list(APPEND parts "${GPUBENCH_${part}_LIBRARY}")
  endif()
endforeach()

add_library(gpubench_shaderc INTERFACE)
add_library(gpubench::shaderc ALIAS gpubench_shaderc)

set(probe [[
  #include <shaderc/shaderc.hpp>
  int main() {
    const auto module = shaderc::Compiler().CompileGlslToSpv(
        R"(#version 450
        void main() {})", shaderc_compute_shader, "probe");
    return module.GetCompilationStatus() == shaderc_compilation_status_success ? 0 : 1;
  }]])
foreach(way "shaderc_combined;${parts}" "shaderc_combined" "shaderc")
  string(SHA1 digest "${way}")
  set(works "GPUBENCH_SHADERC_${digest}")
  set(CMAKE_REQUIRED_LIBRARIES "${way}" Threads::Threads)
  check_cxx_source_runs("${probe}" ${works})
  unset(CMAKE_REQUIRED_LIBRARIES)
  if(${works})
    target_link_libraries(gpubench_shaderc INTERFACE ${way} Threads::Threads)
    set(GPUBENCH_SHADERC_FOUND TRUE)
    break()
  endif()
  unset(${works} CACHE)  # a package installed later must be seen
endforeach()
if(NOT GPUBENCH_SHADERC_FOUND)
  message(FATAL_ERROR "shaderc was found in no form that links and runs; install libshaderc-dev, "
                      "glslang-dev and spirv-tools")
endif()

# Only for its version, which run.json records.
pkg_check_modules(shaderc QUIET shaderc)
