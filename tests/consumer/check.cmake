# Builds the consumer in each way a project may find otbridge and runs it: against the build tree, against a fresh
# install prefix, by pkg-config, and with otbridge as a part of the project.
# Arguments: BUILD_DIR, SOURCE_DIR (of this file), WORK_DIR, COMPILER; MPIEXEC, where the library has MPI.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN} failed:\n${out}")
  endif()
  message(STATUS "${out}")
endfunction()

function(build_and_run name source)
  run(${CMAKE_COMMAND} -S ${source} -B ${WORK_DIR}/${name} -DCMAKE_CXX_COMPILER=${COMPILER} ${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK_DIR}/${name} --parallel 2)
  run(${WORK_DIR}/${name}/consumer)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
build_and_run(build ${SOURCE_DIR} -DCMAKE_BUILD_TYPE=Release -Dotbridge_DIR=${BUILD_DIR})
if(MPIEXEC)
  set(ranks ON)
else()
  set(ranks OFF)
endif()
build_and_run(install ${SOURCE_DIR} -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix -DRANKS=${ranks})
if(MPIEXEC)
  execute_process(COMMAND ${MPIEXEC} -n 2 ${WORK_DIR}/install/ranks OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  if(NOT said STREQUAL "2 ranks, stopped: converged\n")
    message(FATAL_ERROR "under mpirun the consumer said: ${said}")
  endif()
endif()

find_program(PKG_CONFIG pkg-config)
if(PKG_CONFIG)
  file(GLOB_RECURSE pc ${WORK_DIR}/prefix/*/otbridge.pc)
  get_filename_component(pc_dir ${pc} DIRECTORY)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc_dir} ${PKG_CONFIG} --cflags --libs otbridge
                  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${COMPILER} -std=c++20 ${SOURCE_DIR}/main.cpp ${flags} -o ${WORK_DIR}/by_pkg_config)
  run(${WORK_DIR}/by_pkg_config)
else()
  message(STATUS "pkg-config is not installed: its file was not tried")
endif()

# Without a build type, as a parent project that sets none. One room of the library is built: all of it would take
# minutes, and is linked above.
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/subproject -B ${WORK_DIR}/subproject -DCMAKE_CXX_COMPILER=${COMPILER}
    -DOTBRIDGE=${SOURCE_DIR}/../..)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/subproject --target otbridge_core)
# Installing what is not built would fail: there is nothing to install.
run(${CMAKE_COMMAND} --install ${WORK_DIR}/subproject --prefix ${WORK_DIR}/nothing)
file(GLOB_RECURSE installed ${WORK_DIR}/nothing/*)
if(installed)
  message(FATAL_ERROR "as part of another project otbridge installs ${installed}")
endif()
