#!/usr/bin/env bash
# bundle.sh — packs the program with its libraries, the scenarios, the scripts for a session on a GPU
# and the licences into one tar.gz.
# usage: bundle.sh PROGRAM OUTPUT          makes OUTPUT.tar.gz, which unpacks to OUTPUT's last part
#
# The C library is the node's own. The C++ runtime and the Vulkan loader are cases between: a driver in the
# same process may need newer ones than ours, so the node's are used unless missing, or too old a runtime.
set -euo pipefail

program=$1 output=$2
top=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=cmake/prepare.sh
source "$top/cmake/prepare.sh"

# Libraries of glibc: they must match the node's dynamic loader.
readonly kGlibc='^(linux-vdso|ld-linux-x86-64|libc|libm|libpthread|libdl|librt|libresolv|libutil|libmvec)\.so'
readonly kCxxRuntime='^(libstdc\+\+|libgcc_s)\.so'

# "name path" of each shared library of the program, one a line.
libraries() {
  local found
  found=$(ldd "$program")
  if grep 'not found' <<<"$found" >&2; then give_up "the program misses libraries"; fi
  awk '$2 == "=>" { print $1, $3 }' <<<"$found" | grep -vE "$kGlibc"
}

# "name path" of the Vulkan loader, which the program opens only when it runs.
loader() { dpkg-query -L libvulkan1 | awk '/\/libvulkan\.so\.1$/ { print "libvulkan.so.1", $0 }'; }

copy_libraries() {
  local name path folder
  while read -r name path; do
    folder=$output/lib
    [[ ! $name =~ $kCxxRuntime ]] || folder=$output/lib/c++
    [[ $name != libvulkan.so.1 ]] || folder=$output/lib/loader
    install -m 644 "$(readlink -f "$path")" "$folder/$name"
    # shellcheck disable=SC2016  # $ORIGIN is the dynamic loader's to expand
    patchelf --set-rpath '$ORIGIN' "$folder/$name"
    copy_notice "$path"
  done
}

# The copyright notice of the package that a library is from.
copy_notice() {
  local file package
  file=$(readlink -f "$1")
  # On a merged /usr the package may have listed the file under /lib.
  package=$(dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "${file#/usr}")
  package=${package%%:*}
  cp "/usr/share/doc/$package/copyright" "$output/licenses/$package"
}

# What is compiled in leaves no file in lib/, but its notice is owed as well.
copy_notices_of_compiled_in() {
  local package
  for package in $(packages_of build | grep -E '^(lib|glslang-dev|spirv-tools|nlohmann)'); do
    cp "/usr/share/doc/$package/copyright" "$output/licenses/$package" 2>/dev/null || true
  done
}

# The newest glibc symbol version that anything in the bundle asks for, such as 2.36.
needed_glibc() {
  find "$output/bin" "$output/lib" -type f -exec readelf -W --version-info {} + |
    grep -oE 'Name: GLIBC_[0-9.]+' | sed 's/.*_//' | sort -uV | tail -n 1
}

write_launcher() {
  cat >"$output/gpubench" <<'END'
#!/bin/sh
# Starts the program; with the bundled C++ runtime if this system's is missing or too old, and with the bundled
# Vulkan loader if this system has none.
here=$(dirname "$(readlink -f "$0")")
found=$(LD_PRELOAD=libvulkan.so.1 LD_TRACE_LOADED_OBJECTS=1 LD_WARN=yes "$here/bin/gpubench" 2>&1)
case $found in
  *'not found'*) export LD_LIBRARY_PATH="$here/lib/c++${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
esac
case $found in
  *'libvulkan.so.1 => '*) ;;
  *) export LD_LIBRARY_PATH="$here/lib/loader${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
esac
exec "$here/bin/gpubench" "$@"
END
  chmod 755 "$output/gpubench"
}

# Scripts of the peers and of a session; Python runs them where they lie.
copy_tools() {
  local folder
  for folder in peers session; do
    mkdir -p "$output/tools/$folder"
    install -m 755 "$top/tools/$folder"/*.py "$output/tools/$folder"
  done
  cat >"$output/gpu-session" <<'END'
#!/bin/sh
# Measures everything that is worth measuring on this node's GPU; see --help.
here=$(dirname "$(readlink -f "$0")")
if ! command -v python3 >/dev/null; then
  echo "gpu-session: needs python3 (3.9 or newer), and none is on PATH" >&2
  exit 4
fi
exec python3 -B "$here/tools/session/gpu_session.py" "$@"
END
  chmod 755 "$output/gpu-session"
}

write_readme() {
  cat >"$output/README.txt" <<END
$(basename "$output")

Runs on x86-64 Linux with glibc $(needed_glibc) or newer; the GPU's own driver brings the rest. Nothing needs to
be installed. lib/loader has a Vulkan loader for a node that has none.

  ./gpubench devices
  ./gpubench run scenarios/smoke.yaml
  ./gpubench run scenarios/matmul.yaml
  ./gpu-session                     (nine minutes of a GPU, in one command; takes python3)

Results land in results/ where you are. Exit codes: 0 good, 1 judged bad, 2 bad input,
3 inconclusive, 4 could not run. licenses/ holds the notices of the bundled libraries.
END
}

install_packages bundle
rm -rf "$output" "$output.tar.gz"
mkdir -p "$output/bin" "$output/lib/c++" "$output/lib/loader" "$output/licenses"
install -m 755 "$program" "$output/bin/gpubench"
strip --strip-debug "$output/bin/gpubench"
# shellcheck disable=SC2016
patchelf --set-rpath '$ORIGIN/../lib' "$output/bin/gpubench"
{ libraries && loader; } | copy_libraries
[[ -s $output/lib/loader/libvulkan.so.1 ]] || give_up "libvulkan1 is not installed; the bundle carries its loader"
copy_notices_of_compiled_in
cp -r "$top/scenarios" "$output/scenarios"
cp "$top/LICENSE" "$output/LICENSE"
write_launcher
copy_tools
write_readme
tar -C "${output%/*}" --sort=name --owner=0 --group=0 --numeric-owner -czf "$output.tar.gz" \
  "${output##*/}"
rm -rf "$output"
say "$output.tar.gz, $(du -m "$output.tar.gz" | cut -f 1) MiB"
