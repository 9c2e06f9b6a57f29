#!/usr/bin/env bash
# coop.sh — are the kernels for matrix units right on a driver that has cooperative matrices?
# Takes the bundle and the tests that were built here into a minimal root of Debian testing, whose lavapipe
# has them, and runs them there. A test that is skipped there has failed.
# usage: tests/roots/coop.sh [--all] BUNDLE.tar.gz      (build/release holds the tests)
#   --all   every test of every kernel, and not only those for matrix units and each on awkward shapes: some
#           minutes more
set -euo pipefail

top=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
# shellcheck source=cmake/prepare.sh
source "$top/cmake/prepare.sh"
# shellcheck source=tests/roots/root.sh
source "$top/tests/roots/root.sh"

enter_namespace "$@"

# Each with the tests of it that are about matrix units, and every kernel, path and feed once on awkward shapes:
# lavapipe changes with Mesa.
readonly tests="$top/build/release/tests/gpu"
declare -A filters=([gpu_kernels]='*oop*:*AwkwardShapes*:*DirectSoftmax*' [gpu_tunings]='*coop*' [gpu_peak]='*MatrixUnits*'
  [gpu_operand_tiles]='*' [gpu_arrangements]='*Of128Sums*coop*:*Auto*NVIDIA*')
if [[ ${1:-} == --all ]]; then
  for program in "${!filters[@]}"; do filters[$program]='*'; done
  shift
fi
for program in "${!filters[@]}"; do
  [[ -f ${1:-} && -x $tests/$program ]] && continue
  tell "usage: tests/roots/coop.sh [--all] BUNDLE.tar.gz, with $tests/$program built" >&2
  exit 2
done

folder=""
trap '[[ -z $folder ]] || close_root "$folder"' EXIT
name=$(basename "$1" .tar.gz)

# Everything on the one path; the bundle's libraries are those of the tests too.
in_root() { inside "$folder" env "LD_LIBRARY_PATH=/opt/$name/lib" "$@"; }
gpubench() { inside "$folder" "/opt/$name/gpubench" "$@"; }

# layers_are_silent LOG: they were there, and reported nothing.
layers_are_silent() {
  grep -q 'Insert instance layer "VK_LAYER_KHRONOS_validation"' "$1" && ! grep -E 'Validation Error|VUID-' "$1" >&2
}

# tests_pass PROGRAM: with the validation layers silent, at least one passed, and none failed or was skipped.
# Those of bf16 are left out where the driver has none, as only_bf16_is_absent has then said.
tests_pass() {
  local log="$top/build/roots/coop-$1.log" status=0
  in_root VK_LOADER_DEBUG=layer VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation "/opt/$1" \
    --gtest_filter="${filters[$1]}$left_out" >"$log" 2>&1 || status=$?
  grep -E '^\[ +(PASSED|FAILED|SKIPPED)' "$log" || true
  [[ $status -eq 0 ]] && grep -q '^\[  PASSED  \] [1-9]' "$log" && ! grep -q SKIPPED "$log" &&
    layers_are_silent "$log" && return 0
  tail -n 40 "$log" >&2
  return 1
}

kernels_are_right() { tests_pass gpu_kernels; }
tunings_are_right() { tests_pass gpu_tunings; }
ceilings_are_measured() { tests_pass gpu_peak; }
tiles_are_right() { tests_pass gpu_operand_tiles; }
arrangements_are_right() { tests_pass gpu_arrangements; }

# Nothing, or coop and coop_split on path bf16 for want of the driver: lavapipe up to Mesa 26.1.6 has no bf16.
left_out=""
only_bf16_is_absent() {
  local absent
  absent=$(gpubench list kernels --json | grep -E '"(precision|absent)":' | paste - - |
    sed -n 's/.*"precision": "\(.*\)",.*"absent": "\(..*\)".*/\1: \2/p' | sort -u) || return
  tell "absent: ${absent:-nothing}"
  [[ -n $absent ]] || return 0
  left_out="-*coop_bf16*:*coop_split_bf16*"
  [[ $absent == "bf16: driver: "*" does not list VK_KHR_shader_bfloat16" && $absent != *$'\n'* ]]
}

# What the matrices of this driver compute, bit for bit, is what their paths declare.
precision_is_confirmed() {
  gpubench audit --device 0 --kernel coop --op gemm --shape 64x64x64 &&
    gpubench audit --device 0 --kernel coop_split --op gemm --shape 64x64x64 &&
    gpubench audit --device 0 --kernel coop2 --op gemm --shape 64x64x64
}

# Through the whole of a run, with the validation layers silent: hard data, a batch, bias and activation.
scenario_passes() {
  local scenario="/opt/$name/scenarios/matrix_units.yaml"
  gpubench run "$scenario" --budget 500ms --validate-api --case '*/coop/*' --quiet &&
    gpubench run "$scenario" --budget 500ms --validate-api --case '*/coop_split/*' --quiet &&
    gpubench run "$scenario" --budget 100ms --validate-api --case '*/coop2/*' --quiet
}

install_packages roots
bare_root testing
folder=$(open_root testing testing-coop)
install_inside "$folder" libvulkan1 mesa-vulkan-drivers vulkan-validationlayers
tar -C "$folder/opt" -xzf "$1"
for program in "${!filters[@]}"; do install -m 755 "$tests/$program" "$folder/opt/"; done

failed=()
for what in only_bf16_is_absent precision_is_confirmed kernels_are_right tunings_are_right \
  ceilings_are_measured tiles_are_right arrangements_are_right scenario_passes; do
  "$what" || failed+=("$what")
done
# shellcheck disable=SC2016  # the format is dpkg's to expand
driver=$(inside "$folder" dpkg-query -W -f '${Version}' mesa-vulkan-drivers)
if [[ ${#failed[@]} -gt 0 ]]; then
  tell "FAILED on Mesa $driver: ${failed[*]}"
  exit 1
fi
tell "the kernels for matrix units are right on Mesa $driver"
