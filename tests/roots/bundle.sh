#!/usr/bin/env bash
# bundle.sh — does the portable bundle run where there is only a driver?
# Unpacks it in minimal Debian roots, with Mesa's lavapipe as the driver, and runs smoke.yaml there.
# usage: tests/roots/bundle.sh BUNDLE.tar.gz [SUITE...]      (default: bookworm trixie)
set -euo pipefail

top=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
# shellcheck source=cmake/prepare.sh
source "$top/cmake/prepare.sh"
# shellcheck source=tests/roots/root.sh
source "$top/tests/roots/root.sh"

if [[ ! -f ${1:-} ]]; then
  tell "usage: tests/roots/bundle.sh BUNDLE.tar.gz [SUITE...]" >&2
  exit 2
fi
enter_namespace "$@"
bundle=$1
shift

folder=""
trap '[[ -z $folder ]] || close_root "$folder"' EXIT

gpubench() { inside "$folder" "/opt/$name/gpubench" "$@"; }

# expect STATUS COMMAND...
expect() {
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  tell "$suite: $*: exit $status, expected $wanted"
  [[ $status -eq $wanted ]]
}

every_library_is_found() {
  # shellcheck disable=SC2016  # for the shell inside
  inside "$folder" bash -c 'out=$(ldd "$0"/bin/gpubench "$0"/lib/*.so* "$0"/lib/loader/*) || exit
    ! grep "not found" <<<"$out"' "/opt/$name"
}

try_suite() {
  bare_root "$suite" || return
  folder=$(open_root "$suite" "$suite-bundle") || return
  tar -C "$folder/opt" -xzf "$bundle" || return
  name=$(basename "$bundle" .tar.gz)
  expect 0 every_library_is_found || return
  expect 0 gpubench version || return
  expect 4 gpubench devices || return  # no driver: said, not crashed
  expect 4 inside "$folder" "/opt/$name/gpu-session" || return  # no Python: likewise
  hide_cxx_runtime || return
  expect 0 gpubench version || return
  restore_cxx_runtime || return
  inside "$folder" sh -c 'export DEBIAN_FRONTEND=noninteractive; apt-get update &&
    apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers python3' \
    >"$top/build/roots/$suite-bundle.log" 2>&1 || return
  expect 0 gpubench devices || return
  hide_loader || return
  expect 0 gpubench devices || return
  restore_loader || return
  spoil_bundled_loader || return
  expect 0 gpubench devices || return  # the node's own comes first
  expect 0 inside "$folder" sh -c "cd /opt/$name && exec ./gpubench run scenarios/smoke.yaml" || return
  # 3: cuBLAS is not there, and that step says so.
  expect 3 inside "$folder" sh -c "cd /tmp && exec /opt/$name/gpu-session --quick --minutes 3 --out session"
}

# A node may have no C++ runtime at all; the bundle's own must step in.
hide_cxx_runtime() { mv "$folder"/usr/lib/x86_64-linux-gnu/libstdc++.so.6* "$folder/mnt/"; }
restore_cxx_runtime() { mv "$folder"/mnt/libstdc++.so.6* "$folder/usr/lib/x86_64-linux-gnu/"; }

# A container may have the GPU's driver and no loader; the bundle's own must step in.
hide_loader() { mv "$folder"/usr/lib/x86_64-linux-gnu/libvulkan.so.1* "$folder/mnt/"; }
restore_loader() { mv "$folder"/mnt/libvulkan.so.1* "$folder/usr/lib/x86_64-linux-gnu/"; }
spoil_bundled_loader() { : >"$folder/opt/$name/lib/loader/libvulkan.so.1"; }

[[ $# -gt 0 ]] || set -- bookworm trixie
install_packages roots
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
tell "the bundle runs in $*"
