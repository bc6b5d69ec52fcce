# The paper's tables, from images to Markdown. `make` alone explains itself.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# MARK: Settings, to be given on the command line: make table1 PROFILE=paper SEEDS="1 2 3"

# sample: generated images, works offline. paper: real images, in RAW or in folders of your own (pipeline/datasets.mk).
PROFILE ?= sample
# Where the official files are.
RAW ?= data/raw
# Where results go; each profile has its own directory in it.
ARTIFACTS ?= artifacts
# A name that keeps settings, artifacts and tables of a variation apart; what the default run has made the same is linked.
RUN ?=
# Parts of the tables' rows: variants of students, the names of settings files; empty: all.
VARIANTS ?=
# A directory of settings files of your own, which hold what differs from pipeline/config.
CONFIG ?=
# Declarations of tables of your own, besides those of pipeline/tables.
TABLES ?=
# The claims that `make claims` judges.
CLAIMS ?= pipeline/claims.json
# The choices of `make multiverse`, and how many readings it trains; empty: as declared.
MULTIVERSE ?= pipeline/multiverse.json
POINTS ?=
# 1: `make claims` and `make controls` may change verdicts that are recorded.
UPDATE ?=
# Overrides the epochs of the settings files; empty: as configured.
EPOCHS ?=
# What fine-tunes the teachers: qvit, our own kernels, or timm, PyTorch and timm on the device there is (make setup-teacher).
TEACHER ?=
# The teacher's epochs, where not as configured.
TEACHER_EPOCHS ?=
# The teachers' seeds: the students of a dataset go round so many teachers; with one, what another would give is in no interval.
TEACHER_SEEDS ?= 1
# What the teacher sees: the 224-pixel images, or the 28-pixel ones enlarged.
TEACHER_RESOLUTION ?= 224
# How OASIS is divided, as options of prepare-data; as the paper's numbers imply, by slice.
OASIS ?= --split slice --per-class-cap 488 --ratios 65/10/25
# 1: accepts input files that are not the official ones; every table says so.
UNOFFICIAL ?=
# A directory of another run's artifacts (artifacts/sample), which `make report` sets beside this one.
COMPARE ?=
# The tables that `make estimate` is asked about; controls: those of `make controls`.
FOR ?= table1 table2
# How many stages run at the same time (as -j).
JOBS ?=
# How many threads each stage uses; no result depends on it.
THREADS ?=
# A prefix for every stage, for example LAUNCH="srun -n1 -c8 --exact".
LAUNCH ?=
# Options of pipeline/finetune_timm.py, for example TIMM_OPTIONS="--precision bfloat16 --compile".
TIMM_OPTIONS ?=
# The instruction set to build for; fix it for mixed machines, for example x86-64-v3.
MARCH ?= native
# 1: a changed tool makes its results stale.
STRICT ?=

# MARK: Settings for developers

# Options of `make benchmark`, for example --quick, --python PATH; see Benchmarks/run.py --help.
BENCHMARK_OPTIONS ?=
# How often `make check-interruption` kills a stage.
KILLS ?= 240
# Options of `make mutants`, for example --list, --only Adam, --sample 20 --seed 3; see Tests/Mutants/mutants.py --help.
MUTANTS_OPTIONS ?=
# Options of `make check-hostile`, for example --only paths, --seed 3; see Tests/Hostile/hostile.py --help.
HOSTILE_OPTIONS ?=
# Options of `make fuzz`: EXECUTIONS, SECONDS of each target at most, SEED.
FUZZ_OPTIONS ?= 1000000 600 1
# Where the tools are; anything but the default is taken as it is, without building.
BIN ?= .build/release

include pipeline/datasets.mk
include pipeline/grid.mk
include pipeline/rules.mk

ifneq ($(strip $(JOBS)),)
  MAKEFLAGS += --jobs=$(JOBS)
  # Stages that share a terminal write lines, each whole and at once, in place of bars.
  export QVIT_PROGRESS := lines
endif

# MARK: Verbs

.PHONY: $(VERBS)

help: ## this text
	@awk -f pipeline/help.awk $(DECLARED) Makefile pipeline/rules.mk
	@printf '\nNow: PROFILE=%s, %s datasets, RESOLUTIONS="%s", %s\n' \
	  '$(PROFILE)' '$(words $(DATASETS))' '$(RESOLUTIONS)' \
	  '$(if $(strip $(SEEDS)),SEEDS="$(SEEDS)",as many seeds as each dataset needs)'

# Where make reads the plan anew after it, it has run already.
setup: ## installs the C libraries where they are missing (needs Swift 6.2 or later)
	@$(if $(filter-out undefined,$(origin MAKE_RESTARTS)),:,pipeline/setup.sh)

setup-teacher: ## installs PyTorch and timm into .venv, for TEACHER=timm (some gigabytes)
	python3 -m venv .venv
	.venv/bin/python -m pip install -q -r pipeline/finetune_timm.txt
	.venv/bin/python pipeline/finetune_timm.py --version

build: $(TOOLS) ## builds the tools

# Tests need other flags than tools, and fuzz and benchmarks are packages beside this one; a scratch directory for each keeps
# all builds incremental.
FUZZ_PACKAGE := --package-path Tests/Fuzz --scratch-path .build/fuzz-tests
BENCHMARK_PACKAGE := --package-path Benchmarks --scratch-path .build/benchmarks

test: | $(SETUP_FIRST) ### runs all tests
	QVIT_MARCH=$(MARCH) swift test -c release -Xswiftc -enable-testing --scratch-path .build/tests
	QVIT_MARCH=$(MARCH) swift test -c release $(FUZZ_PACKAGE)

# Both sanitizers see what the optimised build does; each has a scratch directory of its own.
test-sanitized: | $(SETUP_FIRST) ### runs the tests under the thread and the address sanitizer: docs/hostile-input.md
	for sanitizer in thread address; do \
	  QVIT_MARCH=$(MARCH) pipeline/sanitized.sh $$sanitizer; \
	done

fuzz: | $(SETUP_FIRST) ### feeds millions of damaged files to the readers, address sanitizer on: docs/hostile-input.md
	QVIT_MARCH=$(MARCH) pipeline/fuzz.sh $(FUZZ_OPTIONS)

mutants: | $(SETUP_FIRST) ### puts faults into the sources, one at a time, and says which no test finds: CONTRIBUTING.md
	QVIT_MARCH=$(MARCH) Tests/Mutants/mutants.py $(MUTANTS_OPTIONS)

lint: ### checks the format of the sources, the direction of imports, and that unchecked promises have their invariant
	swift format lint --strict -r Sources Tests Benchmarks Package.swift
	find Sources Tests Benchmarks -name '*.swift' -print0 | xargs -0 awk -f pipeline/unchecked.awk
	find Sources -name '*.swift' -print0 -o -name module.modulemap -print0 | xargs -0 awk -f pipeline/layers.awk

format: ### formats the sources
	swift format -i -r Sources Tests Benchmarks Package.swift

status: $(PLANNER) ## what is there, what is stale, what is missing and why
	@$(BIN)/plan $(GRID_OPTIONS) --status

verify: $(TOOLS) ## checks all artifacts of PROFILE: undamaged, made from the inputs there are now, with the settings in effect
	@$(BIN)/verify $(GRID_OPTIONS) --raw $(RAW) \
	  $(if $(OWN),--folders "$(foreach name,$(OWN),$(call folder,$(name)))")

estimate: $(PLANNER) ## measures briefly how long FOR takes on this machine, and what memory and disk it needs
	@$(BIN)/plan $(GRID_OPTIONS) --estimate "$(call tables_of,$(FOR))" $(if $(strip $(JOBS)),--jobs $(JOBS)) $(THREAD_OPTIONS)

benchmark: | $(SETUP_FIRST) ### measures the students against PyTorch, JAX and PennyLane: docs/benchmarks.md
	QVIT_MARCH=$(MARCH) swift build -c release $(BENCHMARK_PACKAGE) --product student-benchmark
	QVIT_MARCH=$(MARCH) Benchmarks/run.py $(BENCHMARK_OPTIONS)

benchmark-scaling: | $(SETUP_FIRST) ### measures QViTs of 4 to 64 qubits against PyTorch, JAX and PennyLane: docs/benchmarks-scaling.md
	QVIT_MARCH=$(MARCH) swift build -c release $(BENCHMARK_PACKAGE) --product student-benchmark
	QVIT_MARCH=$(MARCH) Benchmarks/scaling.py $(BENCHMARK_OPTIONS)

benchmark-teacher: | $(SETUP_FIRST) ### measures the teacher against PyTorch + timm and OpenBLAS: docs/benchmarks-teacher.md
	QVIT_MARCH=$(MARCH) swift build -c release $(BENCHMARK_PACKAGE) --product teacher-benchmark
	QVIT_MARCH=$(MARCH) Benchmarks/teacher.py $(BENCHMARK_OPTIONS)

benchmark-learning: | $(SETUP_FIRST) ### measures how long the teacher and timm's take to a validation AUC: docs/benchmarks-learning.md
	QVIT_MARCH=$(MARCH) swift build -c release
	QVIT_MARCH=$(MARCH) Benchmarks/learning.py $(BENCHMARK_OPTIONS)

benchmark-grid: | $(SETUP_FIRST) ### measures time and memory of the students of both tables: docs/benchmarks-grid.md
	QVIT_MARCH=$(MARCH) swift build -c release
	QVIT_MARCH=$(MARCH) swift build -c release $(BENCHMARK_PACKAGE) --product student-benchmark
	QVIT_MARCH=$(MARCH) Benchmarks/grid.py

benchmark-data: | $(SETUP_FIRST) ### measures prepare-data on files of the real sizes (11 GB of disk): docs/benchmarks-data.md
	QVIT_MARCH=$(MARCH) swift build -c release --product prepare-data
	Benchmarks/data.py

check-bits: | $(SETUP_FIRST) ### proves that results have the same bits for two instruction sets
	Benchmarks/bits.sh

check-determinism: | $(SETUP_FIRST) ### proves that the sample tables do not depend on directory, threads, locale, interruptions …
	Benchmarks/determinism.sh

check-interruption: | $(SETUP_FIRST) ### kills all stages KILLS times, at any moment, and compares what they make in the end
	QVIT_KILLS=$(KILLS) QVIT_MARCH=$(MARCH) swift test -c release -Xswiftc -enable-testing --scratch-path .build/tests \
	  --filter KillTests

check-hostile: $(TOOLS) ### attacks the programs from outside: environments, limits, paths, failing system calls, forged files
	Tests/Hostile/hostile.py --bin $(BIN) $(HOSTILE_OPTIONS)

clean: ## removes what was built, keeps the results
	rm -rf .build

clean-artifacts: ## removes the results of PROFILE
	rm -rf $(ROOT)
