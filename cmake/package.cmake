# Debian packages of the two components: `cpack` in a build folder, or `make package`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME otbridge)
set(CPACK_PACKAGE_VENDOR "The otbridge authors")
set(CPACK_PACKAGE_CONTACT "The otbridge authors <maintainers@otbridge.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL dev)
if(OTBRIDGE_TOOLS)
  list(APPEND CPACK_COMPONENTS_ALL cli)
endif()
# Neither tests nor benchmarks are built to make a package.
set(CPACK_CMAKE_GENERATOR "${CMAKE_GENERATOR}")
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION math)
set(CPACK_DEBIAN_CLI_PACKAGE_NAME otbridge)
set(CPACK_DEBIAN_CLI_PACKAGE_SHLIBDEPS ON)  # what the program is linked with
set(CPACK_COMPONENT_CLI_DESCRIPTION "${PROJECT_DESCRIPTION} (program)
 Moves point clouds between distributions specified in JSON: by Sinkhorn,
 exact transport, closed forms or neural diffusion bridges.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libotbridge-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
# What the headers and the static library need of others.
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libeigen3-dev (>= 3.4), nlohmann-json3-dev (>= 3.10), libzip-dev, libgomp1")
if(OTBRIDGE_HAS_IMAGES)
  string(APPEND CPACK_DEBIAN_DEV_PACKAGE_DEPENDS ", libpng-dev, libjpeg-dev")
endif()
set(CPACK_COMPONENT_DEV_DESCRIPTION "${PROJECT_DESCRIPTION} (library)
 Headers and a static library, for programs that solve transport problems
 themselves; found by CMake and pkg-config.")
include(CPack)
