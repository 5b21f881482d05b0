#!/usr/bin/env bash
# Unpacks the libraries that loam needs, as Debian builds them for 64-bit ARM, into build/aarch64-root: what
# `cmake --preset aarch64` links with. Nothing is installed, and no setting of the system changes.
#
# usage: scripts/make_aarch64_root.sh      exits with 77 where this system's mirror has no packages for ARM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/packages.sh
source scripts/packages.sh

root=$PWD/build/aarch64-root
[ ! -f "$root/complete" ] || [ scripts/packages.sh -nt "$root/complete" ] || exit 0
rm -rf "$root"
mkdir -p "$root/apt/state/lists/partial" "$root/apt/cache/archives/partial"

# apt's lists and downloads for another architecture, beside the system's own.
cat >"$root/apt/conf" <<EOF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "$(id -un)";
Dir::State "$root/apt/state";
Dir::State::status "/dev/null";
Dir::Cache "$root/apt/cache";
EOF
export APT_CONFIG=$root/apt/conf
apt-get -qq update || true # some of the system's sources may have nothing for ARM

libraries=()
for alternatives in "${build_packages[@]}" "${test_packages[@]}"; do
  [[ $alternatives == *-dev ]] || continue
  for package in ${alternatives//|/ }; do
    if apt-cache show "$package" >/dev/null 2>&1; then libraries+=("$package"); continue 2; fi
  done
  echo "this system's mirror has no $alternatives for ARM"
  exit 77
done
apt-get -qq install --yes --no-install-recommends --download-only "${libraries[@]}"
for package in "$root"/apt/cache/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
rm -r "$root/apt"
touch "$root/complete"
