# How results are made. `plan` reads the declared tables, the variants' settings and the lists of grid.mk and writes one rule
# for each artifact to $(PLAN), which make reads; have a look at it. A stage's prerequisites are the artifacts it reads and its
# settings in effect, files below $(ROOT)/settings that are rewritten only when their content changes. Tools are order-only,
# because compiling again must not cost a day of training (STRICT=1: it does).

STAGES := prepare-data finetune-teacher distill train evaluate report

# The command line of a stage: $1 its name, $2 its options, $3 its output.
stage = $(strip $(if $(filter report,$1),,$(LAUNCH)) $(BIN)/$1 $2 --output $3)
THREAD_OPTIONS := $(if $(THREADS),--threads $(THREADS))

# MARK: Settings that no file of the plan holds: texts that are rewritten only when they change

.PHONY: FORCE
FORCE:

# $(eval $(call keep,FILE,TEXT)): FILE is older than what depends on it for as long as it says TEXT.
define keep
$1: $(if $(filter x-$(subst $(empty) ,-,$(strip $2)),x-$(subst $(empty) ,-,$(strip $(file <$1)))),,FORCE)
	@mkdir -p $(dir $1) && printf '%s\n' '$(strip $2)' > $1
endef

# What the teachers begin with and see.
TEACHING := $(ROOT)/settings/teaching.txt
$(eval $(call keep,$(TEACHING),seed: $(TEACHER_SEED); images: $(TEACHER_RESOLUTION); weights: \
  $(if $(WEIGHTS),$(WEIGHTS),random)))
# The datasets of the dataset section.
DATASET_SECTION := $(ROOT)/settings/datasets.txt
$(eval $(call keep,$(DATASET_SECTION),$(DATASETS); $(RESOLUTIONS)))
# The run that the page sets beside this one.
COMPARISON := $(ROOT)/settings/comparison.txt
$(eval $(call keep,$(COMPARISON),$(if $(COMPARE),$(COMPARE),none)))
# How a folder is divided, where there is one.
division = $(if $(filter paper,$(PROFILE)),$(if $(filter oasis $(OWN),$1),$(ROOT)/settings/data-$1.txt))
$(foreach d,$(if $(filter paper,$(PROFILE)),$(sort oasis $(OWN))),$(eval $(call keep,$(call division,$d),options: \
  $(if $(filter oasis,$d),$(OASIS),$(call options,$d)))))

# MARK: Tools: one build for all, known by their digests; plan by itself, because its rules are needed first

ifeq ($(BIN),.build/release)
  TOOLS := .build/tools.sha256
  PLANNER := .build/plan.sha256
  BUILD_SETTINGS := .build/settings/march.txt
  $(eval $(call keep,$(BUILD_SETTINGS),$(MARCH)))
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
VERBS_WITHOUT_PLAN := help setup build test test-sanitized fuzz mutants lint format verify data benchmark \
  benchmark-teacher benchmark-grid benchmark-data check-bits check-determinism check-interruption check-hostile \
  clean clean-artifacts
VERBS := status datasets claims report $(VERBS_WITHOUT_PLAN)

$(PLAN): $(PLANNER) FORCE | $(SETUP_FIRST)
	@$(BIN)/plan --profile $(PROFILE) --root $(ROOT) \
	  --config "$(strip $(CONFIG) pipeline/config/$(PROFILE) pipeline/config)" \
	  --tables "$(strip $(sort $(wildcard pipeline/tables/*.json)) $(TABLES))" \
	  --datasets "$(strip $(DATASETS))" $(if $(OWN),--own "$(OWN)") --resolutions "$(strip $(RESOLUTIONS))" \
	  $(if $(strip $(VARIANTS)),--variants "$(strip $(VARIANTS))") \
	  $(if $(strip $(SEEDS)),--seeds "$(strip $(SEEDS))") \
	  $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(TEACHER_EPOCHS),--teacher-epochs $(TEACHER_EPOCHS)) \
	  --teacher-seed $(TEACHER_SEED) --teacher-resolution $(TEACHER_RESOLUTION) --make '$(COMMAND)' \
	  $(if $(MAKECMDGOALS),--goals "$(sort $(MAKECMDGOALS))") --verbs "$(VERBS)" --output $@

ifneq ($(filter-out $(VERBS_WITHOUT_PLAN),$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))),)
  # What is not there would be complained of beside what plan says.
  $(if $(wildcard $(PLAN)),,$(shell { mkdir -p $(ROOT) && : > $(PLAN); } 2> /dev/null))
  include $(PLAN)
endif
TABLE_FILES ?=
TABLE_GOALS ?=
RESULTS ?=
DIRECTORIES ?=

.PHONY: report
report: ## the page of what is there: artifacts/PROFILE/report.html; after a table's name, also of that table

# What a stage has published is whole: make must not delete it when the stage, or make, is stopped afterwards, nor when
# another make has published it meanwhile.
.PRECIOUS: $(RESULTS)

$(DIRECTORIES):
	@mkdir -p $@

# MARK: Claims: judged by the results there are, after those that are asked for together with them

.PHONY: claims
claims: | $(TOOLS) $(filter $(TABLE_GOALS),$(MAKECMDGOALS)) ## says of every claim of the paper whether the results at hand confirm it: docs/claims.md
	@mkdir -p $(ROOT)/tables
	@$(BIN)/claims --claims $(CLAIMS) --tables "$(strip $(sort $(wildcard pipeline/tables/*.json)) $(TABLES))" \
	  --root $(ROOT) --profile $(PROFILE) --make '$(WHOLE_COMMAND)' $(if $(UPDATE),--update) \
	  --output $(ROOT)/tables/claims

# MARK: Raw files: fetched only when asked for, never on the way to a table

RAW_FILES := $(sort $(foreach d,$(DATASETS),$(foreach r,$(sort $(RESOLUTIONS) $(TEACHER_RESOLUTION)),$(call raw-file,$d,$r))))

.PHONY: data
data: ## downloads what is missing of the official files of DATASETS and RESOLUTIONS into RAW
	@pipeline/download.sh $(RAW) $(notdir $(filter-out $(foreach d,$(OWN),$(call folder,$d)),$(RAW_FILES)))

ifeq ($(PROFILE),paper)
$(RAW_FILES):
	@pipeline/missing-input.sh $@
endif

ifneq ($(strip $(WEIGHTS)),)
$(WEIGHTS):
	@pipeline/missing-input.sh $@
endif
