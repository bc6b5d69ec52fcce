# How results are made. `plan` reads the declared tables, the variants' settings and the lists of grid.mk and writes one rule
# for each artifact to $(PLAN), and which of those that are there have to be made again and why. Have a look at it: make reads it
# and does the rest. Whether an artifact is stale follows from what it says it was made with and from,
# not from times: so prerequisites are order-only, and the tools as well, because compiling again must not cost a day of
# training (STRICT=1: it does).

STAGES := prepare-data finetune-teacher distill train evaluate report

# The command line of a stage: $1 its name, $2 its options, $3 its output. $(PLAN) sets LINK where the default run has made
# the same.
LINK :=
# A line of progress for all stages together, where several run at a time; $(PLAN) says then how many there are and how much
# each computes (WORK). It is printed when a stage begins.
WORK :=
BEGUN :=
SINCE := $(if $(strip $(JOBS)),$(shell date +%s))
progress = $(if $(WORK),$(if $(DRY_RUN),,$(eval BEGUN += $(WORK))$(info $(shell \
  awk -v since=$(SINCE) -v now="$$(date +%s)" -v slots=$(JOBS) -v stages=$(STAGES_LEFT) -v work=$(WORK_LEFT) \
  -v begun="$(BEGUN)" -f pipeline/grid-progress.awk))))
stage = $(if $(LINK),,$(progress))$(strip $(if $(LINK),ln -f $(LINK) $3,$(if $(filter report,$1),,$(LAUNCH)) $(BIN)/$1 $2 --output $3))
THREAD_OPTIONS := $(if $(THREADS),--threads $(THREADS))

.PHONY: FORCE
FORCE:

# The fine-tuning with PyTorch and timm: $1 its options, $2 its output.
timm = $(if $(LINK),@:,$(strip $(LAUNCH) $(or $(wildcard .venv/bin/python),python3) pipeline/finetune_timm.py $1 $(TIMM_OPTIONS) \
  --output $2))

# MARK: Tools: one build for all, known by their digests; plan by itself, because its rules are needed first

ifeq ($(BIN),.build/release)
  TOOLS := .build/tools.sha256
  PLANNER := .build/plan.sha256
  # Older than what depends on it for as long as it says the same.
  BUILD_SETTINGS := .build/settings/march.txt
  $(BUILD_SETTINGS): $(if $(filter x$(MARCH),x$(strip $(file <.build/settings/march.txt))),,FORCE)
	@mkdir -p $(dir $@) && printf '%s\n' '$(MARCH)' > $@
else
  TOOLS := $(STAGES:%=$(BIN)/%)
  PLANNER :=
  BUILD_SETTINGS :=
endif
STRICT_TOOLS := $(if $(STRICT),$(TOOLS))
LOOSE_TOOLS := $(if $(STRICT),,$(TOOLS))

SOURCES := Package.swift $(shell find Sources -name "*.swift" -o -name "*.h" -o -name "*.modulemap" -o -name "*.tsv")

# `make setup table1` installs before it builds, also with -j.
SETUP_FIRST := $(filter setup,$(MAKECMDGOALS))

.build/tools.sha256: $(SOURCES) $(BUILD_SETTINGS) | $(SETUP_FIRST)
	QVIT_MARCH=$(MARCH) swift build -c release
	@sha256sum $(STAGES:%=.build/release/%) | pipeline/write-if-changed.sh $@

.build/plan.sha256: $(SOURCES) $(BUILD_SETTINGS) | $(SETUP_FIRST)
	QVIT_MARCH=$(MARCH) swift build -c release --product plan
	@sha256sum .build/release/plan | pipeline/write-if-changed.sh $@

# MARK: The plan

PLAN := $(ROOT)/plan.mk

# These do without it.
VERBS_WITHOUT_PLAN := help setup setup-teacher build test test-sanitized fuzz mutants lint format status estimate verify \
  data benchmark benchmark-scaling benchmark-teacher benchmark-learning benchmark-grid benchmark-data check-bits check-determinism \
  check-interruption check-hostile \
  clean clean-artifacts
VERBS := datasets claims controls multiverse report $(VERBS_WITHOUT_PLAN)
# Goals, the controls among them as their table.
tables_of = $(patsubst controls,ablations,$(1))
# The tables that a verb needs.
TABLES_OF_VERBS := $(call tables_of,$(filter controls,$(MAKECMDGOALS))) $(if $(filter multiverse,$(MAKECMDGOALS)),datasets)

# The declarations of tables.
DECLARED := $(strip $(sort $(wildcard pipeline/tables/*.json)) $(TABLES))
# Claims and readings are written under the names of their files, which must not be those of other results.
JUDGEMENTS := $(basename $(notdir $(CLAIMS)))
READINGS := $(basename $(notdir $(MULTIVERSE)))
check-own-name = $(if $(filter $2,$(basename $(notdir $($1)))),$(error $1: results are named after the file, and '$(basename \
  $(notdir $($1)))' is the name of others))
$(call check-own-name,CLAIMS,datasets controls $(READINGS) $(basename $(notdir $(DECLARED))))
$(call check-own-name,MULTIVERSE,datasets controls $(JUDGEMENTS) $(basename $(notdir $(DECLARED))))
# What the grid is, as options of `plan` and `verify`.
GRID_OPTIONS = --profile $(PROFILE) --root $(ROOT) $(if $(RUN),--default-root $(DEFAULT_ROOT)) \
  --config "$(strip $(CONFIG) pipeline/config/$(PROFILE) pipeline/config)" \
  --tables "$(DECLARED)" \
  --datasets "$(strip $(DATASETS))" $(if $(OWN),--own "$(OWN)") --resolutions "$(strip $(RESOLUTIONS))" \
  $(if $(strip $(VARIANTS)),--variants "$(strip $(VARIANTS))") $(if $(SEED_LIST),--seeds "$(SEED_LIST)") \
  --whole-resolutions "$(RESOLUTIONS_KNOWN)" $(if $($(PROFILE).seeds),--whole-seeds "$($(PROFILE).seeds)") \
  $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(TEACHER_EPOCHS),--teacher-epochs $(TEACHER_EPOCHS)) \
  --teacher-seeds "$(TEACHER_SEED_LIST)" --teacher-resolution $(TEACHER_RESOLUTION) $(if $(TEACHER),--teacher $(TEACHER)) \
  $(if $(strip $(WEIGHTS)),--weights $(WEIGHTS)) $(if $(DATASET_WEIGHTS),--dataset-weights "$(DATASET_WEIGHTS)") \
  --preparations "$(foreach d,$(DATASETS_KNOWN) $(if $(filter paper,$(PROFILE)),$(OWN)),$(foreach \
    r,$(RESOLUTIONS_KNOWN),$d-$r $(call source,$d,$r);))" --make '$(COMMAND)'
DRY_RUN := $(if $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),--dry-run)
COMPILED_FOR := $(filter-out help setup lint format clean clean-artifacts,$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL)))
$(if $(DRY_RUN)$(MAKE_RESTARTS),,$(if $(COMPILED_FOR),$(shell pipeline/header-changes.sh)))

# `make data table1`: what the table needs and lacks is fetched before the plan is made, which refuses to go on without it.
DATA_FIRST := $(and $(filter data,$(MAKECMDGOALS)),$(filter-out sample,$(PROFILE)),$(filter-out \
  $(VERBS_WITHOUT_PLAN) claims report,$(MAKECMDGOALS)))
PLAN_GOALS := $(if $(MAKECMDGOALS),--goals "$(sort $(MAKECMDGOALS) $(TABLES_OF_VERBS))")
# What is wrong with the settings is said below, once.
LACKING = $(patsubst $(RAW)/%,%,$(filter $(RAW)/%,$(shell $(BIN)/plan $(GRID_OPTIONS) $(PLAN_GOALS) --verbs "$(VERBS)" \
  --inputs 2> /dev/null)))

# Where make begins anew because the plan has changed, it has been made already.
$(PLAN): $(PLANNER) $(if $(filter undefined,$(origin MAKE_RESTARTS)),FORCE) | $(SETUP_FIRST)
	@$(if $(DATA_FIRST),$(if $(DRY_RUN),echo )pipeline/download.sh $(RAW) $(LACKING),:)
	@$(BIN)/plan $(GRID_OPTIONS) $(PLAN_GOALS) \
	  $(if $(strip $(JOBS)),--jobs $(JOBS)) --verbs "$(VERBS)" $(DRY_RUN) \
	  --output $@

ifneq ($(filter-out $(VERBS_WITHOUT_PLAN),$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))),)
  # What is not there would be complained of beside what plan says.
  $(if $(wildcard $(PLAN)),,$(shell { mkdir -p $(ROOT) && : > $(PLAN); } 2> /dev/null))
  include $(PLAN)
endif
TABLE_GOALS ?=
PLANNED_TABLES ?=
RESULTS ?=
DIRECTORIES ?=

# What a stage has published is whole: make must not delete it when the stage, or make, is stopped afterwards, nor when
# another make has published it meanwhile.
.PRECIOUS: $(RESULTS)

$(DIRECTORIES):
	@mkdir -p $@

# MARK: Claims and page: of what is there, after the tables that are asked for together with them. They are made anew each time

# What tells results on a part of the grid from those of the whole, which they must not overwrite: as of the table of controls.
PART := $(patsubst ablations%,%,$(basename $(notdir $(filter %/ablations.json $(ROOT)/settings/tables/ablations@%,$(PLANNED_TABLES)))))

ASKED_FOR := $(filter $(TABLE_GOALS),$(MAKECMDGOALS) $(TABLES_OF_VERBS))

.PHONY: claims
claims: | $(TOOLS) $(ASKED_FOR) ## says of every claim of the paper whether the results confirm it: docs/claims.md
	@mkdir -p $(ROOT)/tables
	@$(BIN)/claims --claims $(CLAIMS) --tables "$(DECLARED)" --planned "$(PLANNED_TABLES)" --root $(ROOT) \
	  --profile $(PROFILE) --make '$(WHOLE_COMMAND)' $(if $(UPDATE),--update) --output $(ROOT)/tables/$(JUDGEMENTS)

.PHONY: controls
controls: | $(TOOLS) $(ASKED_FOR) ## does the circuit matter? Trains the controls and judges each: docs/controls.md
	@mkdir -p $(ROOT)/tables
	@$(BIN)/claims --claims pipeline/controls.json --tables "$(DECLARED)" --planned "$(PLANNED_TABLES)" --root $(ROOT) \
	  --profile $(PROFILE) --make '$(COMMAND)' $(if $(UPDATE),--update) --output $(ROOT)/tables/controls$(PART)

.PHONY: report
report: | $(TOOLS) $(ASKED_FOR) ## draws all results as one page, artifacts/PROFILE/report.html: docs/report.md
	@$(BIN)/report --page "$(PLANNED_TABLES)" --config pipeline/config --claims $(CLAIMS) --controls pipeline/controls.json --grid $(MULTIVERSE) \
	  --sweeps "$(SWEEPS)" --declarations "$(DECLARED)" \
	  --figures $(ROOT)/tables/figures $(if $(COMPARE),--compare $(COMPARE)) --output $(ROOT)/report

# MARK: The multiverse: a sweep of each dataset, which knows by itself what of it is there already

SWEEPS := $(DATASETS:%=$(ROOT)/sweeps/$(READINGS)/%-28.h5)
# As many as a reading needs to be told from another; those asked for, where they are.
SWEEP_SEEDS := $(or $(SEED_LIST),1 2 3 4 5)
.PRECIOUS: $(SWEEPS)

$(SWEEPS): $(ROOT)/sweeps/$(READINGS)/%.h5: FORCE | $(TOOLS) $(ROOT)/data/%.h5
	@mkdir -p $(dir $@)
	$(call stage,sweep,--data $(ROOT)/data/$*.h5 --grid $(MULTIVERSE) --config $(ROOT)/settings/qvit.json --seeds \
	  "$(SWEEP_SEEDS)" $(if $(POINTS),--points $(POINTS)) $(THREAD_OPTIONS),$@)

.PHONY: multiverse
multiverse: | $(SWEEPS) ## which reading of the paper moves what, and which fits: docs/controls.md
	@mkdir -p $(ROOT)/tables
	@$(BIN)/multiverse --sweeps "$(SWEEPS)" --grid $(MULTIVERSE) --output $(ROOT)/tables/$(READINGS)$(PART)

# MARK: Raw files: fetched only when asked for, never on the way to a table

RAW_FILES := $(sort $(foreach d,$(DATASETS),$(foreach r,$(sort $(RESOLUTIONS) $(TEACHER_RESOLUTION)),$(call raw-file,$d,$r))))

# Weights of which the address is known, where they are to stand in RAW.
WEIGHTS_KNOWN := $(shell awk 'NR > 1 { print $$1 }' $(WEIGHTS_TABLE))
WEIGHTS_TO_FETCH := $(foreach w,$(WEIGHTS),$(if $(filter $(RAW)/$(notdir $w),$w),$(filter $(WEIGHTS_KNOWN),$(notdir $w))))

DOWNLOADS := $(notdir $(filter-out $(foreach d,$(OWN),$(call folder,$d)),$(RAW_FILES))) $(WEIGHTS_TO_FETCH)

.PHONY: data
data: ## downloads into RAW what is missing: official files and pretrained weights; `make data table1`: that of the table
ifeq ($(PROFILE),sample)
	@echo "data: profile sample draws its images; nothing is needed (PROFILE=paper has real ones)"
else ifneq ($(DATA_FIRST),)
	@:
else
	@pipeline/download.sh $(RAW) $(strip $(DOWNLOADS))
endif
