# shellcheck shell=bash disable=SC2034  # read by the scripts that source it
# The Debian and Ubuntu packages that loam is built, run and tested with: the one list of them. Of a|b the first that
# the system has is taken.

build_packages=(
  g++ cmake ninja-build ccache pkg-config git
  libfmt-dev libcli11-dev nlohmann-json3-dev libtomlplusplus-dev libcurl4-openssl-dev libutf8proc-dev libpcre2-dev
  libedit-dev libmd4c-dev libsodium-dev zlib1g-dev ca-certificates
  libboost1.81-dev\|libboost1.83-dev\|libboost1.88-dev\|libboost1.90-dev libssl-dev libspdlog-dev libsqlite3-dev
  python3 python3-pip # models that come as wheels are fetched by pip
)
test_packages=(libgtest-dev python3-venv poppler-utils) # pdftotext reads PDF for `loam memory add`
full_test_packages=(
  clang libclang-rt-dev llvm clang-format # libFuzzer, symbols for its reports, the format check
  g++-aarch64-linux-gnu qemu-user         # tests for ARM
)
bench_packages=(libbenchmark-dev) # cmake -DLOAM_BENCH=ON
