# Installs the headers, the library, and what CMake and pkg-config need to find them.
include(CMakePackageConfigHelpers)

set(KINTSUGI_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/kintsugi)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/kintsugi DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS kintsugi EXPORT kintsugi-targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The command, if it was built. With a shared library it looks for that where this puts it.
if(TARGET kintsugi_command)
  file(RELATIVE_PATH KINTSUGI_BIN_TO_LIB ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(kintsugi_command PROPERTIES INSTALL_RPATH "$ORIGIN/${KINTSUGI_BIN_TO_LIB}")
  install(TARGETS kintsugi_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
endif()
install(EXPORT kintsugi-targets NAMESPACE kintsugi:: DESTINATION ${KINTSUGI_PACKAGE_DIR})

# A static library's host links all that the library is made with. A shared library brings its own, and its host
# needs only what stands in the headers.
get_target_property(KINTSUGI_TYPE kintsugi TYPE)
set(KINTSUGI_PC_REQUIRES_PRIVATE "")
set(KINTSUGI_PC_LIBS_PRIVATE "")
if(KINTSUGI_TYPE STREQUAL "STATIC_LIBRARY")
  set(KINTSUGI_PC_REQUIRES_PRIVATE "absl_flat_hash_map absl_flat_hash_set absl_hash absl_inlined_vector absl_synchronization \
rocksdb protobuf fmt simdjson icu-i18n icu-uc zlib re2 libzstd")
  set(KINTSUGI_PC_LIBS_PRIVATE "-lphonenumber -pthread")
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/KintsugiDependencies.cmake DESTINATION ${KINTSUGI_PACKAGE_DIR})
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/kintsugi-config.cmake.in
  ${PROJECT_BINARY_DIR}/kintsugi-config.cmake INSTALL_DESTINATION ${KINTSUGI_PACKAGE_DIR})
# Until 1.0 every minor release may change the promise.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kintsugi-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/kintsugi-config.cmake ${PROJECT_BINARY_DIR}/kintsugi-config-version.cmake
  DESTINATION ${KINTSUGI_PACKAGE_DIR})

# Paths from the file's own place, so that a prefix may be unpacked anywhere.
file(RELATIVE_PATH KINTSUGI_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(KINTSUGI_PC_LIBDIR "\${prefix}")
set(KINTSUGI_PC_INCLUDEDIR "\${prefix}")
cmake_path(APPEND KINTSUGI_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})  # an absolute path replaces
cmake_path(APPEND KINTSUGI_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(${CMAKE_CURRENT_LIST_DIR}/kintsugi.pc.in ${PROJECT_BINARY_DIR}/kintsugi.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/kintsugi.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
