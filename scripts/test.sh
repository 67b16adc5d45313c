#!/usr/bin/env bash
# Everything from a bare machine to tested: packages, build, all tests.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
scripts/build.sh release
ctest --preset release -j "$(nproc)"
