# One rule per stage. A stage's prerequisites are the artifacts it reads, its configuration and the settings that were
# given on the command line; tools and directories are order-only, because compiling again must not cost a day of
# training (STRICT=1: it does).

STAGES := prepare-data train evaluate report

# The command line of a stage that makes the target.
stage = $(strip $(LAUNCH) $(BIN)/$1 $2 --output $@)

# MARK: Settings that results depend on: files that are rewritten only when their content changes

.PHONY: FORCE
FORCE:

# $(eval $(call keep,FILE,TEXT)): FILE is older than what depends on it for as long as it says TEXT.
define keep
$1: $(if $(filter x-$(subst $(empty) ,-,$(strip $2)),x-$(subst $(empty) ,-,$(strip $(file <$1)))),,FORCE)
	@mkdir -p $(dir $1) && printf '%s\n' '$(strip $2)' > $1
endef

TRAINING := $(ROOT)/settings/training.txt
REPORT := $(ROOT)/settings/report.txt
GRID_OPTIONS := --datasets "$(strip $(DATASETS))" --resolutions "$(strip $(RESOLUTIONS))" \
  --models "$(strip $(MODELS))" --seeds "$(strip $(SEEDS))"
$(eval $(call keep,$(TRAINING),epochs: $(if $(EPOCHS),$(EPOCHS),as configured)))
$(eval $(call keep,$(REPORT),$(GRID_OPTIONS)))

# MARK: Tools: one build for all, known by their digests

ifeq ($(BIN),.build/release)
  TOOLS := .build/tools.sha256
  BUILD_SETTINGS := .build/settings/march.txt
  $(eval $(call keep,$(BUILD_SETTINGS),$(MARCH)))
else
  TOOLS := $(STAGES:%=$(BIN)/%)
  BUILD_SETTINGS :=
endif
STRICT_TOOLS := $(if $(STRICT),$(TOOLS))
LOOSE_TOOLS := $(if $(STRICT),,$(TOOLS))

SOURCES := Package.swift $(wildcard Sources/*/*.swift Sources/*/*/*.swift Sources/*/*.h Sources/*/*.modulemap)

# `make setup table1` installs before it builds, also with -j.
SETUP_FIRST := $(filter setup,$(MAKECMDGOALS))

.build/tools.sha256: $(SOURCES) $(BUILD_SETTINGS) | $(SETUP_FIRST)
	QVIT_MARCH=$(MARCH) swift build -c release
	@sha256sum $(STAGES:%=.build/release/%) | pipeline/write-if-changed.sh $@

$(DIRECTORIES):
	@mkdir -p $@

# MARK: prepare-data

$($(PROFILE).raw):
	@pipeline/missing-input.sh $@

source.sample = --source sample
source.paper = --source npz --input $< $(if $(UNOFFICIAL),--allow-unofficial)
# The raw file of a cell is a prerequisite for as long as it is there or there is no artifact: an archive of many
# gigabytes may be removed once it is read.
raw.sample =
raw.paper = $(if $(wildcard $(ROOT)/data/$1-$2.h5),$(wildcard $(call raw-file,$1,$2)),$(call raw-file,$1,$2))

define data-rule
$(ROOT)/data/$1-$2.h5: $(call raw.$(PROFILE),$1,$2) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/data
	$$(call stage,prepare-data,--dataset $1 --resolution $2 $$(source.$(PROFILE)) --profile $(PROFILE))
endef
$(foreach d,$(DATASETS),$(foreach r,$(RESOLUTIONS),$(eval $(call data-rule,$d,$r))))

# MARK: train, evaluate: one rule per model and seed, whose stem is the cell

TRAIN_OPTIONS := $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(THREADS),--threads $(THREADS))

# $1 model, $2 seed, $3 the students' directory, $4 the evaluations' directory
define student-rules
$(CELLS:%=$3/%-s$2.h5): $3/%-s$2.h5: $(ROOT)/data/%.h5 $(CONFIG)/$1.json $(TRAINING) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $3
	$$(call stage,train,--data $$< --model $1 --config $(CONFIG)/$1.json --seed $2 $(TRAIN_OPTIONS))

$(CELLS:%=$4/%-s$2.h5): $4/%-s$2.h5: $(ROOT)/data/%.h5 $3/%-s$2.h5 $(STRICT_TOOLS) | $(LOOSE_TOOLS) $4
	$$(call stage,evaluate,--data $$< --model $3/$$*-s$2.h5)
endef
$(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(eval \
  $(call student-rules,$m,$s,$(ROOT)/students/$m-scratch,$(ROOT)/evaluations/$m-scratch))))

# MARK: report

.PHONY: table1 table2
table1: $(TABLE1) ## Table 1: the students trained from scratch

table2: ## Table 2: the distilled students and their teacher
	@echo "table2: needs the stages finetune-teacher and distill, which are not part of this version"

$(TABLE1) &: $(EVALUATIONS) $(REPORT) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/tables
	$(BIN)/report --table table1 --root $(ROOT) --profile $(PROFILE) $(GRID_OPTIONS) --output $(basename $@)
