#!/usr/bin/env bash
# rebuild-spirv.sh — is the SPIR-V of shaders/prebuilt what Debian testing's compiler makes of the GLSL?
# Compiles every module of shaders/prebuilt/modules.txt in a minimal root of Debian testing, and
# validates it there.
# usage: tests/roots/rebuild-spirv.sh --check     compares, bit for bit; exit code 1 where one differs
#        tests/roots/rebuild-spirv.sh --write     replaces the modules and manifest.txt
set -euo pipefail

top=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
# shellcheck source=cmake/prepare.sh
source "$top/cmake/prepare.sh"
# shellcheck source=tests/roots/root.sh
source "$top/tests/roots/root.sh"

case ${1:-} in
  --check | --write) action=${1#--} ;;
  *)
    tell "usage: tests/roots/rebuild-spirv.sh --check | --write" >&2
    exit 2
    ;;
esac
enter_namespace "$@"

readonly kept="$top/shaders/prebuilt"
made=$(mktemp -d)
folder=""
trap 'rm -rf "$made"; [[ -z $folder ]] || close_root "$folder"' EXIT

# "glslang-tools 16.6.0-1", of the compiler in the root.
compiler() {
  # shellcheck disable=SC2016  # the format is dpkg's to expand
  inside "$folder" dpkg-query -W -f '${Package} ${Version}' glslang-tools
}

# compile MODULE SOURCE TARGET FLAGS...
compile() {
  local spirv="/opt/$1.spv" source="/opt/shaders/$2" target=$3
  shift 3
  inside "$folder" glslang --quiet --target-env "$target" "$@" -o "$spirv" "$source" >&2 &&
    inside "$folder" spirv-val --target-env "$target" "$spirv" >&2 &&
    cp "$folder$spirv" "$made/"
}

# Compiles all that Modules.cmake prints, and writes the manifest beside it.
compile_all() {
  local module hash source target flags list
  list=$(cmake -P "$kept/Modules.cmake") || return
  {
    printf '# Made by tests/roots/rebuild-spirv.sh --write: module, SHA-256 of its GLSL with includes and\n'
    printf '# defines (Modules.cmake), SHA-256 of its SPIR-V.\n'
    printf 'compiler %s\n' "$(compiler)"
  } >"$made/manifest.txt"
  while read -r module hash source target flags; do
    # shellcheck disable=SC2086  # flags are words
    compile "$module" "$source" "$target" $flags || return
    printf '%s %s %s\n' "$module" "$hash" "$(sha256sum "$made/$module.spv" | cut -d ' ' -f 1)" \
      >>"$made/manifest.txt"
  done <<<"$list"
}

made_by() { sed -n 's/^compiler //p' "$kept/manifest.txt"; }

# The same compiler must write the same bits. Debian testing moves on: what a newer one writes
# differently is told, and is no fault of what is kept here.
check() {
  local file differs=0
  for file in "$made"/*.spv; do
    cmp "$file" "$kept/${file##*/}" || differs=1
  done
  diff <(grep -v ^compiler "$kept/manifest.txt") <(grep -v ^compiler "$made/manifest.txt") || differs=1
  [[ $differs -eq 1 ]] || return 0
  tell "shaders/prebuilt was made by $(made_by), here is $(compiler);" \
    "tests/roots/rebuild-spirv.sh --write makes it again" >&2
  [[ $(made_by) != "$(compiler)" ]]
}

write() {
  rm -f "$kept"/*.spv
  cp "$made"/*.spv "$made/manifest.txt" "$kept/"
  chmod 644 "$kept"/*.spv "$kept/manifest.txt"
}

install_packages build roots
bare_root testing
folder=$(open_root testing testing-spirv)
install_inside "$folder" glslang-tools spirv-tools
cp -r "$top/shaders" "$folder/opt/shaders"
compile_all
"$action"
tell "$action of $(find "$made" -name '*.spv' | wc -l) modules with $(compiler): passed"
