# root.sh — makes, enters and removes a pristine minimal Debian root.
# Sourced by the scripts beside it; expects $top. The mirror is the one that this machine's apt is
# set up with. The mounts live in a namespace of their own, so they go when the script does.
# shellcheck shell=bash disable=SC2154

readonly kSkipped=77  # what ctest and automake call "skipped"

tell() { printf 'roots: %s\n' "$*"; }

skip() {
  tell "skipped: $*" >&2
  exit "$kSkipped"
}

# Runs the calling script again in a mount namespace; needs root, since chroot does.
enter_namespace() {
  [[ -z ${GPUBENCH_IN_NAMESPACE:-} ]] || return 0
  [[ $EUID -eq 0 ]] || skip "making a root takes root"
  unshare --mount true 2>/dev/null || skip "this machine lets nobody make a mount namespace"
  GPUBENCH_IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"
}

# The first http(s) archive of a Debian release in apt's own configuration.
mirror() {
  # shellcheck disable=SC2016  # the format is apt's to expand
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 ~ /^(bookworm|trixie|forky|sid|stable|testing)$/ && $2 == "main" && $3 ~ /^https?:/ {
      print $3; exit }'
}

# bare_root SUITE: makes build/roots/SUITE.tar, once.
bare_root() {
  local suite=$1 tar="$top/build/roots/$1.tar" from proxy
  [[ ! -s $tar ]] || return 0
  from=$(mirror)
  [[ -n $from ]] || skip "apt's configuration names no Debian archive"
  proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy)
  mkdir -p "${tar%/*}"
  local folder
  folder=$(mktemp -d "$top/build/roots/$suite.XXXXXX")
  chmod 755 "$folder"  # mktemp lets in nobody else, a root must
  if ! http_proxy=${proxy:-${http_proxy:-}} debootstrap --variant=minbase \
    --include=ca-certificates "$suite" "$folder" "$from" >"$tar.log" 2>&1 </dev/null; then
    tail -n 5 "$tar.log" >&2
    rm -rf --one-file-system "$folder"
    tell "debootstrap $suite failed; all of it is in $tar.log" >&2
    return 1
  fi
  copy_network_settings "$folder"
  tar -C "$folder" -cf "$tar.part" . && mv "$tar.part" "$tar"
  rm -rf --one-file-system "$folder"
}

# What apt and pip inside need in order to reach what they reach outside: names, proxies, passwords, roots of
# trust.
copy_network_settings() {
  local folder=$1
  cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
  apt-config dump --format '%f "%v";%n' Acquire::http Acquire::https | grep -v '""' \
    >"$folder/etc/apt/apt.conf.d/99outside" || true
  cp -a /etc/apt/auth.conf /etc/apt/auth.conf.d "$folder/etc/apt/" 2>/dev/null || true
  cp -L /etc/pip.conf "$folder/etc/" 2>/dev/null || true
  cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/" 2>/dev/null || true
}

# open_root SUITE NAME: prints the folder of a fresh root.
open_root() {
  local suite=$1 folder="$top/build/roots/$2"
  close_root "$folder"
  mkdir -p "$folder"
  tar -C "$folder" -xf "$top/build/roots/$suite.tar"
  mount -t proc proc "$folder/proc"
  mount -t sysfs -o ro sysfs "$folder/sys"
  mkdir -p "$folder/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$folder/dev/pts"
  printf '%s\n' "$folder"
}

# install_inside FOLDER PACKAGES...: the log is FOLDER.log. A mirror that was last fed some weeks ago has a
# release file of testing that has expired; what is built of it says which versions it met.
install_inside() {
  local folder=$1
  shift
  inside "$folder" sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get -o Acquire::Check-Valid-Until=false update &&
    apt-get install -y --no-install-recommends "$@"' sh "$@" >"$folder.log" 2>&1 && return 0
  tail -n 5 "$folder.log" >&2
  tell "installing $* failed; all of it is in $folder.log" >&2
  return 1
}

close_root() {
  local folder=$1
  umount "$folder/proc" "$folder/sys" "$folder/dev/pts" 2>/dev/null || true
  rm -rf --one-file-system "$folder"
}

# inside FOLDER COMMAND...: runs with nothing of this machine's environment.
inside() {
  local folder=$1
  shift
  env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${CI:+CI="$CI"} chroot "$folder" "$@" </dev/null
}
