# Runs the tests of the benchmark's Python parts, or says that it skips them where NumPy is missing.
#
# usage: cmake -DPYTHON=INTERPRETER -P bench.cmake, in tools/bench. A CMake script cannot choose its
# exit code, so that "skipped" is a line that ctest looks for, not a code.
# The system's Python comes second: one of the user's own may hide it and have no NumPy.
foreach(python ${PYTHON} /usr/bin/python3)
  execute_process(COMMAND ${python} -c "import numpy" RESULT_VARIABLE without_numpy OUTPUT_QUIET ERROR_QUIET)
  if(without_numpy EQUAL 0)
    execute_process(COMMAND ${python} -B -m unittest -q test_bench RESULT_VARIABLE failed)
    if(NOT failed EQUAL 0)
      message(FATAL_ERROR "test_bench failed")
    endif()
    return()
  endif()
endforeach()
message(STATUS "skipped: no Python with NumPy")
