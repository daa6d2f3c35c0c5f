# The everyday commands. `make demo` on a fresh Debian or Ubuntu machine installs what is missing,
# builds, and runs the main job; `make test` builds and runs every test.

BUILD ?= build
PYTHON ?= python3
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
CMAKE_FLAGS ?=
# The files of a room compiled together: a whole build takes half the time, one after a small change longer (OFF).
UNITY ?= ON
# Tests beside each other: most have parts on one thread, in which the other cores would wait.
TEST_JOBS ?= 2
FUZZ_SECONDS ?= 12
# Of `make asan`: what to build, all if empty, and options of ctest, which tests to run.
ASAN_TARGETS ?=
ASAN_CTEST ?=
# The Python package is built and tested where there is a Python for it, in an environment of its own; else ctest shows
# its test as skipped. PY=no leaves it out.
PYENV ?= $(CURDIR)/build-env
PY ?= $(shell $(PYTHON) -c 'import sys; print("yes" if sys.version_info >= (3, 10) else "no")' 2>/dev/null || echo no)
DEPS := build
ifneq ($(filter test quick python docs,$(MAKECMDGOALS)),)
ifeq ($(PY),yes)
DEPS += python
# Asked after deps has made it.
PY_FLAGS = $$([ ! -f $(PYENV)/requirements.txt ] || echo -DOTBRIDGE_PYTHON=ON -DPython_EXECUTABLE=$(PYENV)/bin/python)
endif
endif

.PHONY: all deps configure build demo test python docs quick bench tables install package page page-tools wasm format checkers tidy asan tsan fuzz clean

all: build

deps:
	@PYENV=$(PYENV) PYTHON=$(PYTHON) tools/install_deps.sh $(DEPS)

configure: deps
	@cmake -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=$(UNITY) $(CMAKE_FLAGS) $(PY_FLAGS) > $(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

demo: configure
	@cmake --build $(BUILD) -j $(JOBS) --target otbridge_cli
	@tools/demo.sh $(BUILD)/otbridge demo

# The package alone, in $(BUILD)/python: PYTHONPATH=build/python $(PYENV)/bin/python
python: configure
	@cmake --build $(BUILD) -j $(JOBS) --target otbridge_python_stub

# The site of the documentation, with its tutorials as they run: $(BUILD)/site/html.
docs: python
	@tools/docs_site.sh $(PYENV)/bin/python $(BUILD)

test: build page-tools
	@ctest --test-dir $(BUILD) -j $(TEST_JOBS) --output-on-failure

quick: build
	@ctest --test-dir $(BUILD) -j $(TEST_JOBS) --output-on-failure -L quick

# Every default case with what PYTHON has installed; tools/bench/bench.py says how to get the peers.
bench: configure
	@cmake --build $(BUILD) -j $(JOBS) --target bench_solve bench_batch bench_roofline bench_neural
	@$(PYTHON) -B tools/bench/bench.py --build $(BUILD) $(BENCH)

# docs/tables.md, with every solver and seed of it: an hour or more; cells are kept in tables/.
tables: build
	@tools/tables.sh $(BUILD)/otbridge

install: build
	@cmake --install $(BUILD)

# Two .deb files in the build folder: otbridge (the command line) and libotbridge-dev. Without MPI, of which there are several
# that do not go together; the build folder has it again with the next `make`.
package: override CMAKE_FLAGS += -DOTBRIDGE_MPI=OFF
package: configure
	@tools/install_deps.sh package
	@cmake --build $(BUILD) -j $(JOBS) --target otbridge otbridge_cli
	@cd $(BUILD) && cpack > package.log 2>&1 || { cat package.log; exit 1; }
	@cmake -S . -B $(BUILD) -DOTBRIDGE_MPI=AUTO > /dev/null
	@ls $(BUILD)/*.deb

# The script and style of the report page, and the playground, from page/src; the results are committed.
page: page-tools
	@npm run --silent --prefix page build

# The solvers of the playground, from src/ and wasm/, and the page around them.
wasm: page-tools
	@tools/install_deps.sh build wasm
	@tools/build_wasm.sh $(JOBS)
	@node page/build.mjs --module build-wasm/playground.wasm

page-tools:
	@tools/install_browser.sh

format:
	@git ls-files '*.cpp' '*.hpp' '*.inl' | xargs clang-format-14 -i

# The same tree through clang's eyes: its warnings and clang-tidy's, the quick tests under its address and
# undefined-behaviour sanitizers (but for two checks that add half to the time to compile, of what the address sanitizer
# finds), plans used from several threads under its thread sanitizer.
tidy asan tsan fuzz: checkers
checkers:
	@tools/install_deps.sh build check

tidy:
	@cmake --preset tidy > /dev/null && cmake --build --preset tidy -j $(JOBS)

asan:
	@cmake --preset asan-ubsan > /dev/null && cmake --build --preset asan-ubsan -j $(JOBS) $(addprefix --target ,$(ASAN_TARGETS))
	@ctest --preset asan-ubsan -j $(TEST_JOBS) $(ASAN_CTEST)

tsan:
	@cmake --preset tsan > /dev/null && cmake --build --preset tsan -j $(JOBS) && ctest --preset tsan

# The readers under bytes of any kind, FUZZ_SECONDS each, with the objects of `make asan`.
fuzz:
	@cmake --preset asan-ubsan > /dev/null && cmake --build --preset asan-ubsan -j $(JOBS) --target fuzz
	@tests/fuzz/run.sh build-asan $(FUZZ_SECONDS) $(JOBS)

clean:
	@rm -rf $(BUILD) demo
