# Builds the consumer against the build tree, then against a fresh install prefix, and runs both.
# Arguments: BUILD_DIR, SOURCE_DIR (of this file), WORK_DIR, COMPILER.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN} failed:\n${out}")
  endif()
  message(STATUS "${out}")
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
foreach(from build install)
  if(from STREQUAL build)
    set(where -Dotbridge_DIR=${BUILD_DIR})
  else()
    set(where -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix)
  endif()
  run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${WORK_DIR}/${from} ${where} -DCMAKE_CXX_COMPILER=${COMPILER}
      -DCMAKE_BUILD_TYPE=Release)
  run(${CMAKE_COMMAND} --build ${WORK_DIR}/${from})
  run(${WORK_DIR}/${from}/consumer)
endforeach()
