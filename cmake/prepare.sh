# prepare.sh — what the entry scripts share: install what is missing, configure, build.
# Sourced by ./gpubench, ./run-tests and .ci/; expects $top, the checkout. Talks on stderr only, so
# that stdout stays the program's own. Knows nothing of what is run afterwards.
# shellcheck shell=bash disable=SC2154

readonly kCouldNotRun=4  # the program's own exit code for "no device, no driver, disk full"

say() { printf 'gpubench: %s\n' "$*" >&2; }

give_up() {
  say "$*"
  exit "$kCouldNotRun"
}

# Names of the packages of the given jobs, one a line.
packages_of() {
  local job
  for job in "$@"; do
    sed -n "s/^$job: *//p" "$top/cmake/debian-packages.txt"
  done | tr ' ' '\n' | sort -u
}

missing_packages() {
  # shellcheck disable=SC2016  # the format is dpkg's to expand
  comm -23 <(packages_of "$@") \
    <(packages_of "$@" | xargs dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null |
      sed -n 's/^ii *//p' | sort -u)
}

# Installs what the jobs need. GPUBENCH_NO_INSTALL=1 leaves the system alone: whatever is missing
# then shows up as CMake's own error.
install_packages() {
  [[ -z ${GPUBENCH_NO_INSTALL:-} ]] || return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this is no Debian system, so nothing is installed; the build needs what Debian calls" \
      "$(packages_of "$@" | xargs)"
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local -a as_root=()
  if [[ $EUID -ne 0 ]]; then
    as_root=(sudo)
    may_ask_sudo || give_up "these packages are missing and installing them takes root; run" \
      $'\n  '"apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" \
      $'\n'"as root, then start again"
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  apt_install "${missing[@]}"
}

# sudo is of use when it asks nothing, or when there is a terminal to ask at.
may_ask_sudo() {
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }
}

apt_install() {
  local log="$top/build/packages.log"
  mkdir -p "$top/build" 2>/dev/null || give_up "cannot write to $top; is the checkout another user's?"
  local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600)
  # A list that cannot be refreshed may still do; the install says what is truly missing.
  "${apt[@]}" update >"$log" 2>&1 </dev/null || true
  "${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null && return 0
  tail -n 15 "$log" >&2
  give_up "the packages could not be installed (all of it: $log); the command was" \
    $'\n  '"${as_root[*]} apt-get update && ${as_root[*]} apt-get install -y --no-install-recommends $*"
}

# A GPU node brings its vendor's driver; Mesa is installed only where no driver is registered.
vulkan_driver_is_registered() {
  [[ -z ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} ]] || return 0
  local data_dirs=${XDG_DATA_DIRS:-/usr/local/share:/usr/share} folder
  for folder in /etc /usr/local/etc "${XDG_DATA_HOME:-${HOME:-/root}/.local/share}" \
    /usr/local/share /usr/share ${data_dirs//:/ }; do
    compgen -G "$folder/vulkan/icd.d/*.json" >/dev/null && return 0
  done
  return 1
}

# --- The build --------------------------------------------------------------------------------

# One build of a checkout at a time; the second start waits and then finds the work done.
lock_build() {
  if ! { mkdir -p "$top/build" && : >>"$top/build/.lock"; } 2>/dev/null; then
    give_up "cannot write to $top/build; is the checkout another user's?"
  fi
  exec 9>>"$top/build/.lock"
  flock -n 9 || { say "waiting for another build of this checkout"; flock 9; }
}

unlock_build() { exec 9>&-; }

# True when the program was built here from what the sources say now. The stamp holds the path of
# the checkout, since a build folder that was moved is of no use. Folders count as sources: theirs is
# the time that changes when a file is deleted. A few milliseconds, unlike a ninja that checks everything.
program_is_current() {
  local stamp="$top/build/release/.built" built_for=""
  [[ -x $top/build/release/gpubench && -r $stamp ]] || return 1
  read -r built_for <"$stamp" || return 1
  [[ $built_for == "$top" ]] || return 1
  local newer
  newer=$(find "$top/CMakeLists.txt" "$top/CMakePresets.json" "$top/cmake" "$top/host" \
    "$top/shaders" -newer "$stamp" -print -quit) || return 1
  [[ -z $newer ]]
}

# configure PRESET [CMAKE-ARGUMENT...]
configure() {
  local preset=$1 log="$top/build/build.log" cache="$top/build/$1/CMakeCache.txt"
  shift
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$cache"; then
    rm -rf "$cache" "${cache%/*}/CMakeFiles"
  fi
  (cd "$top" && cmake --preset "$preset" "$@") >"$log" 2>&1 </dev/null && return 0
  tail -n 25 "$log" >&2
  give_up "configuring failed; all of it is in $log"
}

# build PRESET TARGET: the output goes to the log, and one line tells how far it is.
build() {
  local preset=$1 target=$2 log="$top/build/build.log" start=$SECONDS
  [[ -t 2 ]] || say "building $target ($preset)"
  if ! cmake --build "$top/build/$preset" --target "$target" 2>&1 </dev/null |
    tee -a "$log" | show_progress "$target"; then
    sed -n '/^FAILED: /,$p' "$log" | head -n 40 >&2
    give_up "building failed; all of it is in $log"
  fi
  say "built $target ($preset) in $((SECONDS - start)) s"
}

show_progress() {
  local line
  while IFS= read -r line; do
    [[ -t 2 && $line =~ ^\[([0-9]+/[0-9]+)\] ]] &&
      printf '\rgpubench: building %s: %s ' "$1" "${BASH_REMATCH[1]}" >&2
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
}

# Marks the program as built from the sources as they were when the build started.
stamp_start() { printf '%s\n' "$top" >"$top/build/.stamp"; }
stamp_done() { mv "$top/build/.stamp" "$top/build/release/.built"; }
