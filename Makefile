# The project's one-word commands. script/run and script/test install what
# they need from Debian; CONTRIBUTING.md says what each is for.

JOBS    := $(shell nproc)
PYTEST  := /usr/bin/python3 -m pytest
SOURCES  = $(shell find shared ngx_wac_module worker wacctl sim \
             -name '*.cpp' -o -name '*.hpp')
TIDY     = shared/codec|shared/proto|shared/flow|shared/db|ngx_wac_module|worker|wacctl|sim
FUZZERS  = $(basename $(notdir $(wildcard shared/fuzz/fuzz_*.cpp)))

# seconds that "make fuzz" gives each target
FUZZ_SECONDS ?= 60

ifneq ($(shell command -v ninja),)
export CMAKE_GENERATOR := Ninja
endif
ifneq ($(shell command -v ccache),)
export CMAKE_C_COMPILER_LAUNCHER := ccache
export CMAKE_CXX_COMPILER_LAUNCHER := ccache
endif

.PHONY: build test unit bench fuzz asan lint scripts-check format \
    format-check run clean

# TARGETS="…" builds only these
build:
	cmake -S . -B build
	cmake --build build --parallel $(JOBS) \
	    $(if $(TARGETS),--target $(TARGETS))

test: unit
	$(PYTEST) -n $(JOBS) t

unit: build
	ctest --test-dir build --output-on-failure

bench: build
	t/bench/run
	cmake --build build --target xml_parse
	build/bench/xml_parse

fuzz:
	CC=clang CXX=clang++ cmake -S . -B build-fuzz -DWAC_FUZZ=ON
	cmake --build build-fuzz --parallel $(JOBS) --target $(FUZZERS)
	shared/fuzz/make_corpus.sh build-fuzz/corpus
	set -e; for fuzzer in $(FUZZERS); do \
	    echo "== $$fuzzer, $(FUZZ_SECONDS) s"; \
	    build-fuzz/fuzz/$$fuzzer -max_total_time=$(FUZZ_SECONDS) \
	        -artifact_prefix=build-fuzz/ build-fuzz/corpus/$${fuzzer#fuzz_}; \
	done

asan:
	cmake -S . -B build-asan -DWAC_SANITIZE=ON
	cmake --build build-asan --parallel $(JOBS)
	ctest --test-dir build-asan --output-on-failure
	TEST_WAC_ASAN=1 WAC_BUILD_DIR=$(CURDIR)/build-asan \
	    $(PYTEST) -n $(JOBS) t

lint: build format-check scripts-check
	run-clang-tidy -quiet -p build -j $(JOBS) \
	    '$(CURDIR)/($(TIDY))/\w*\.cpp$$'

# what needs no compiler; clang-tidy takes as long as the tests
scripts-check:
	shellcheck -x script/run script/test script/packages .ci/run \
	    $(wildcard shared/fuzz/*.sh)
	shellcheck -s sh -e SC2006,SC2034,SC2086,SC2154 config config.make
	/usr/bin/python3 -m compileall -q t
	/usr/bin/python3 -m py_compile t/bench/run

format:
	clang-format -i $(SOURCES)

format-check:
	clang-format --dry-run -Werror $(SOURCES)

run:
	script/run

clean:
	rm -rf build build-asan build-fuzz
