#!/usr/bin/env bash
# Installs the packages that loam needs and this machine lacks; does nothing where all are there.
#
# usage: scripts/install.sh [--full]      --full adds what ./test --full needs (clang, clang-format)
#
# LOAM_SKIP_INSTALL=1 skips it, for machines where the libraries come from elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/packages.sh
source scripts/packages.sh

[ "${LOAM_SKIP_INSTALL:-}" = 1 ] && exit 0

wanted=("${build_packages[@]}" "${test_packages[@]}")
case "${1:-}" in
  "") ;;
  --full) wanted+=("${full_test_packages[@]}") ;;
  *) echo "usage: scripts/install.sh [--full]" >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  cat >&2 <<EOF
loam installs its packages on Debian and Ubuntu only. On this system please install what matches these:
  ${wanted[*]}
and then run the command again with LOAM_SKIP_INSTALL=1 before it.
EOF
  exit 1
fi

installed=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' ${wanted[@]//|/ } 2>/dev/null || true)"
is_installed() { [[ $installed == *" $1=installed "* ]]; }

missing=()
for alternatives in "${wanted[@]}"; do
  for package in ${alternatives//|/ }; do
    ! is_installed "$package" || continue 2
  done
  missing+=("$alternatives")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "These packages are missing, and there is no sudo to install them with. As root, run:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

# The first of each missing package's alternatives that the lists on this machine know.
choose() {
  chosen=()
  local alternatives package
  for alternatives in "${missing[@]}"; do
    for package in ${alternatives//|/ }; do
      if apt-cache show "$package" >/dev/null 2>&1; then break; fi
    done
    chosen+=("$package")
  done
}

install_chosen() {
  choose
  apt_get install -y --no-install-recommends "${chosen[@]}" >/dev/null
}

echo "installing ${#missing[@]} packages: ${missing[*]}"
# The lists on this machine may be absent or old; they are only fetched where the packages cannot be had without.
if ! install_chosen 2>/dev/null; then
  apt_get update
  install_chosen
fi
