# compiled_once.sh — lets two checkouts of one commit share what was compiled, wherever they lie.
# Sourced by .ci/run, and by the shell that a pristine root runs.
# shellcheck shell=bash

# compile_once CHECKOUT CACHE: of this shell's builds from now on. Every header that a source includes is
# part of what a result is found by, so a package that is missing is missed as without this.
compile_once() {
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_DIR=$2 CCACHE_BASEDIR=$1 CCACHE_NOHASHDIR=1
  # That a warning is an error changes no result.
  export CCACHE_IGNOREOPTIONS=-Werror
}
