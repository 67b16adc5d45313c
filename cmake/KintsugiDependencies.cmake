# What the library itself links. Shared with the installed package, so that both find the same things.
include(CMakeFindDependencyMacro)

find_dependency(Threads)
find_dependency(absl)
find_dependency(RocksDB)
find_dependency(Protobuf)
find_dependency(fmt)
find_dependency(simdjson)
find_dependency(ICU COMPONENTS uc i18n)
find_dependency(ZLIB)

# These come without a CMake package on Debian 12.
find_package(PkgConfig QUIET)
foreach(library "re2;re2;re2/re2.h" "zstd;zstd;zstd.h" "phonenumber;phonenumber;phonenumbers/phonenumberutil.h")
  list(GET library 0 name)
  list(GET library 1 file)
  list(GET library 2 header)
  if(NOT TARGET kintsugi_${name})
    find_library(KINTSUGI_${name}_LIBRARY ${file})
    find_path(KINTSUGI_${name}_INCLUDE ${header})
    if(NOT KINTSUGI_${name}_LIBRARY OR NOT KINTSUGI_${name}_INCLUDE)
      message(FATAL_ERROR "kintsugi needs lib${file} and ${header}; scripts/setup.sh installs them")
    endif()
    add_library(kintsugi_${name} UNKNOWN IMPORTED)
    set_target_properties(kintsugi_${name} PROPERTIES
      IMPORTED_LOCATION ${KINTSUGI_${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${KINTSUGI_${name}_INCLUDE})
  endif()
endforeach()
