# The everyday commands. `make demo` on a fresh Debian or Ubuntu machine installs what is missing,
# builds, and runs the main job; `make test` builds and runs every test.

BUILD ?= build
PYTHON ?= python3
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: all deps configure build demo test quick bench install format tidy asan clean

all: build

deps:
	@tools/install_deps.sh

configure: deps
	@cmake -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=Release > $(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

demo: configure
	@cmake --build $(BUILD) -j $(JOBS) --target otbridge_cli
	@tools/demo.sh $(BUILD)/otbridge demo

test: build
	@ctest --test-dir $(BUILD) --output-on-failure

quick: build
	@ctest --test-dir $(BUILD) --output-on-failure -L quick

# Every default case with what PYTHON has installed; tools/bench/bench.py says how to get the peers.
bench: configure
	@cmake --build $(BUILD) -j $(JOBS) --target bench_solve bench_batch bench_roofline
	@$(PYTHON) -B tools/bench/bench.py --build $(BUILD) $(BENCH)

install: build
	@cmake --install $(BUILD)

format:
	@git ls-files '*.cpp' '*.hpp' '*.inl' | xargs clang-format-14 -i

tidy:
	@cmake --preset tidy && cmake --build --preset tidy

asan:
	@cmake --preset asan-ubsan && cmake --build --preset asan-ubsan && ctest --preset asan-ubsan

clean:
	@rm -rf $(BUILD) demo
