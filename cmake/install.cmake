# What `cmake --install` puts where, in two components: cli (the command line) and dev (the library, its headers,
# the CMake package and the pkg-config file). The build tree is a CMake package too.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/otbridge)

if(OTBRIDGE_TOOLS)
  install(TARGETS otbridge_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
  # As share/ has them: tools/otbridge/CMakeLists.txt.
  if(NOT CMAKE_CROSSCOMPILING)
    install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/ DESTINATION ${CMAKE_INSTALL_DATAROOTDIR} COMPONENT cli)
  endif()
endif()

install(TARGETS otbridge EXPORT otbridgeTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
set(left_out)
if(NOT OTBRIDGE_HAS_MPI)
  set(left_out PATTERN "ranks" EXCLUDE)
endif()
install(DIRECTORY include/otbridge DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
        FILES_MATCHING PATTERN "*.hpp" ${left_out})
install(FILES ${PROJECT_BINARY_DIR}/include/otbridge/core/version.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/otbridge/core COMPONENT dev)

# An export of its own, read where the component mpi is asked for.
if(OTBRIDGE_HAS_MPI)
  install(TARGETS otbridge_mpi EXPORT otbridgeMpiTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
  install(EXPORT otbridgeMpiTargets NAMESPACE otbridge:: DESTINATION ${package_dir} COMPONENT dev)
  export(EXPORT otbridgeMpiTargets NAMESPACE otbridge:: FILE ${PROJECT_BINARY_DIR}/otbridgeMpiTargets.cmake)
endif()

install(EXPORT otbridgeTargets NAMESPACE otbridge:: DESTINATION ${package_dir} COMPONENT dev)
export(EXPORT otbridgeTargets NAMESPACE otbridge:: FILE ${PROJECT_BINARY_DIR}/otbridgeTargets.cmake)
configure_package_config_file(cmake/otbridgeConfig.cmake.in ${PROJECT_BINARY_DIR}/otbridgeConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/otbridgeConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/otbridgeConfig.cmake ${PROJECT_BINARY_DIR}/otbridgeConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT dev)

# The prefix is that of the folder the file is found in, so that an installation can be moved.
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(OTBRIDGE_IMAGE_LIBS "")
if(OTBRIDGE_HAS_IMAGES)
  set(OTBRIDGE_IMAGE_LIBS " -lpng -ljpeg")
endif()
configure_file(cmake/otbridge.pc.in ${PROJECT_BINARY_DIR}/otbridge.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/otbridge.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

# Debian's place for the licence of a package.
if(OTBRIDGE_TOOLS)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/otbridge RENAME copyright COMPONENT cli)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/libotbridge-dev RENAME copyright COMPONENT dev)
