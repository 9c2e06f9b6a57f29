# Target bundle: build/<preset>/gpubench-<version>-linux-x86_64.tar.gz, which runs on a node that has
# no compiler and no package manager at hand. docs/running-on-a-gpu-node.md says how to use it.
add_custom_target(bundle
  COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/bundle.sh" $<TARGET_FILE:gpubench>
          "${PROJECT_BINARY_DIR}/gpubench-${PROJECT_VERSION}-linux-x86_64"
  DEPENDS gpubench
  USES_TERMINAL
  COMMENT "Packing the portable bundle")
