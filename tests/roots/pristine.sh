#!/usr/bin/env bash
# pristine.sh — do the README's two commands work where nothing is installed?
# Makes minimal Debian 12 and 13 roots, clones this checkout's HEAD into each, and runs them there.
# usage: tests/roots/pristine.sh [--gpu] [--compiled CACHE] [SUITE...]      (default: bookworm trixie)
#   --gpu       of the tests, only those that meet the driver, and matmul.yaml with four seconds for each case:
#               all of it takes a quarter of an hour more
#   --compiled  what ccache keeps in CACHE of a build of this commit on this release is not compiled again in
#               its root
set -euo pipefail

top=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
# shellcheck source=cmake/prepare.sh
source "$top/cmake/prepare.sh"
# shellcheck source=tests/roots/root.sh
source "$top/tests/roots/root.sh"
enter_namespace "$@"

tests="" compiled=""
while [[ ${1-} == --* ]]; do
  case $1 in
    --gpu) tests="-L gpu" ;;
    --compiled)
      compiled=${2-}
      shift
      ;;
    *) tell "unknown option $1" >&2 && exit 2 ;;
  esac
  shift
done

folder=""
trap '[[ -z $folder ]] || close_root "$folder"' EXIT

# timed WHAT COMMAND...: prints how long it took, and keeps its exit status.
timed() {
  local what=$1 start=$SECONDS status=0
  shift
  "$@" || status=$?
  tell "$suite: $what: exit $status after $((SECONDS - start)) s"
  return "$status"
}

# A person without root or sudo must be told the exact command, with the exit code for "could not run".
refuses_without_root() {
  local said status=0
  said=$(inside "$folder" su -s /bin/bash -c 'cd /home/gpubench && ./gpubench version' nobody 2>&1) ||
    status=$?
  [[ $status -eq 4 && $said == *"apt-get install -y"*g++* ]] && return 0
  printf '%s\n' "$said"
  return 1
}

is_of_this_release() { [[ $suite == "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" ]]; }

# As the README has it, or with less time for each case.
runs_matmul() {
  local budget=""
  [[ -z $tests ]] || budget="--budget 4s"
  inside "$folder" bash -c "cd /home/gpubench && $compile
    exec ./gpubench run scenarios/matmul.yaml $budget"
}

# What the root's builds begin with: nothing, or what this release's were made of before.
share_compiled() {
  compile=""
  [[ -n $compiled ]] && is_of_this_release || return 0
  install_inside "$folder" ccache || return
  cp -a "$compiled" "$folder/var/ccache" || return
  compile="source tests/roots/compiled_once.sh && compile_once /home/gpubench /var/ccache &&"
}

# The rows that the run left: each size measured or skipped by budget, none wrong. With little time for each
# case, a slow machine may measure no more than 512.
left_good_rows() {
  local largest=()
  [[ -z $tests ]] || largest=(512)
  inside "$folder" python3 /home/gpubench/tests/roots/check_matmul_rows.py /home/gpubench/results \
    "${largest[@]}"
}

run_tests_pass() { inside "$folder" bash -c "cd /home/gpubench && exec ./run-tests $tests"; }

# PyTorch on a CPU is a package of Debian 13, but not of all the others.
torch_is_named() {
  [[ $suite == trixie ]] || return 0
  inside "$folder" sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends python3-torch' >"$top/build/roots/$suite-torch.log" 2>&1 ||
    return
  inside "$folder" bash -c 'cd /home/gpubench/tests/integration &&
    GPUBENCH_PROGRAM=/home/gpubench/build/release/gpubench exec python3 -B -m unittest -v pytorch_test'
}

try_suite() {
  timed "bare root" bare_root "$suite" || return
  folder=$(open_root "$suite" "$suite-pristine") || return
  git clone -q --depth 1 "file://$top" "$folder/home/gpubench" || return
  chmod -R go+w "$folder/home/gpubench"
  timed "./gpubench as a user without sudo" refuses_without_root || return
  rm -rf "$folder/home/gpubench/build"
  timed "what was compiled outside" share_compiled || return
  timed "./gpubench run scenarios/matmul.yaml" runs_matmul || return
  timed "second start" inside "$folder" /home/gpubench/gpubench version || return
  if is_of_this_release; then
    tell "$suite: ./run-tests: left out, it has run outside, on the same release"
  else
    timed "./run-tests" run_tests_pass || return
  fi
  timed "rows of matmul" left_good_rows || return
  timed "PyTorch through the probe kit" torch_is_named || return
}

install_packages roots
[[ $# -gt 0 ]] || set -- bookworm trixie
failed=()
for suite in "$@"; do
  try_suite || failed+=("$suite")
  [[ -z $folder ]] || close_root "$folder"
  folder=""
done
if [[ ${#failed[@]} -gt 0 ]]; then
  tell "FAILED in ${failed[*]}"
  exit 1
fi
tell "both commands work in $*"
