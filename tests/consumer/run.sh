#!/usr/bin/env bash
# Builds and runs the host program of this folder the way a stranger would:
#   run.sh find_package|add_subdirectory|pkg_config SOURCE_TREE BUILD_TREE
# The compiler comes in CXX, its flags in CXXFLAGS, and ccache, if there is one, in CMAKE_CXX_COMPILER_LAUNCHER:
# the environment variables that CMake reads, too.
set -euo pipefail

how=$1 source=$2 build=$3
here=$source/tests/consumer
work=$build/consumer/$how  # the same in every run, so that ccache knows it
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

install_package() {
  cmake --install "$build" --prefix "$work/prefix" >"$work/log" || { cat "$work/log"; exit 1; }
  "$work/prefix/bin/kintsugi" --version >/dev/null  # the command comes with the library
}

# Says nothing unless it fails.
make_consumer() {
  { cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" && cmake --build "$work/build"; } \
    >"$work/log" 2>&1 || { tail -n 60 "$work/log"; exit 1; }
  consumer=$(find "$work/build" -maxdepth 2 -name consumer -type f)
}

case $how in
  find_package)
    install_package
    make_consumer -DCMAKE_PREFIX_PATH="$work/prefix"
    ;;
  add_subdirectory)
    # All of the library is compiled again, so as quickly as can be.
    make_consumer -DKINTSUGI_SOURCE="$source" -DCMAKE_CXX_FLAGS_RELEASE="$CXXFLAGS -O0" -DCMAKE_UNITY_BUILD=ON
    ;;
  pkg_config)
    install_package
    libraries=$(find "$work/prefix" -name 'libkintsugi.*' -printf '%h\n' -quit)
    export PKG_CONFIG_PATH=$libraries/pkgconfig LD_LIBRARY_PATH=$libraries
    static=()
    [[ -e $libraries/libkintsugi.a ]] && static=(--static)
    consumer=$work/consumer
    # shellcheck disable=SC2046  # each word is an argument
    "${CXX:-c++}" -std=c++20 -O2 "$here/main.cc" -o "$consumer" $(pkg-config "${static[@]}" --cflags --libs kintsugi)
    ;;
  *)
    printf 'run.sh: unknown way "%s"\n' "$how" >&2
    exit 2
    ;;
esac

printed=$("$consumer")
[[ $printed == Jane ]] || { printf 'The host program printed "%s", not "Jane".\n' "$printed"; exit 1; }
