# One rule per stage. A stage's prerequisites are the artifacts it reads, its configuration and the settings that were
# given on the command line; tools and directories are order-only, because compiling again must not cost a day of
# training (STRICT=1: it does).

# What a stage has published is whole: make must not delete it when the stage, or make, is stopped afterwards, nor when
# another make has published it meanwhile.
.PRECIOUS: $(RESULTS)

STAGES := prepare-data finetune-teacher distill train evaluate report

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
TEACHING := $(ROOT)/settings/teaching.txt
$(eval $(call keep,$(TRAINING),epochs: $(if $(EPOCHS),$(EPOCHS),as configured)))
$(eval $(call keep,$(TEACHING),epochs: $(if $(TEACHER_EPOCHS),$(TEACHER_EPOCHS),as configured); seed: \
  $(TEACHER_SEED); images: $(TEACHER_RESOLUTION); weights: $(if $(WEIGHTS),$(WEIGHTS),random)))
$(eval $(call keep,$(REPORT),$(GRID_OPTIONS)))
DATASET_OPTIONS := --datasets "$(strip $(DATASETS))" --resolutions "$(strip $(RESOLUTIONS))"
DATASET_REPORT := $(ROOT)/settings/report-datasets.txt
$(eval $(call keep,$(DATASET_REPORT),$(DATASET_OPTIONS)))

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

SOURCES := Package.swift $(shell find Sources -name "*.swift" -o -name "*.h" -o -name "*.modulemap" -o -name "*.tsv")

# `make setup table1` installs before it builds, also with -j.
SETUP_FIRST := $(filter setup,$(MAKECMDGOALS))

.build/tools.sha256: $(SOURCES) $(BUILD_SETTINGS) | $(SETUP_FIRST)
	QVIT_MARCH=$(MARCH) swift build -c release
	@sha256sum $(STAGES:%=.build/release/%) | pipeline/write-if-changed.sh $@

$(DIRECTORIES):
	@mkdir -p $@

# MARK: data: only when asked for, never on the way to a table

DOWNLOADS := $(sort $(foreach d,$(filter-out $(OWN),$(DATASETS)),$(foreach \
  r,$(sort $(RESOLUTIONS) $(TEACHER_RESOLUTION)),$(call raw-file,$d,$r))))

.PHONY: data
data: ## downloads what is missing of the official files of DATASETS and RESOLUTIONS into RAW
	@pipeline/download.sh $(RAW) $(notdir $(DOWNLOADS))

# MARK: prepare-data

$($(PROFILE).raw):
	@pipeline/missing-input.sh $@

source.sample = --source sample
source.paper = $(if $(filter $(OWN),$1),--source folder --input $< $(call options,$1),$(if \
  $(filter oasis,$1),--source oasis --input $< $(OASIS),--source npz --input $< $(if $(UNOFFICIAL),--allow-unofficial)))
# The raw file of a cell is a prerequisite for as long as it is there or there is no artifact: an archive of many
# gigabytes may be removed once it is read.
raw.sample =
raw.paper = $(if $(wildcard $(ROOT)/data/$1-$2.h5),$(wildcard $(call raw-file,$1,$2)),$(call raw-file,$1,$2))

# How a folder is divided, where there is one.
division = $(if $(filter paper,$(PROFILE)),$(if $(filter oasis $(OWN),$1),$(ROOT)/settings/data-$1.txt))
$(foreach d,$(DATASETS),$(if $(call division,$d),$(eval $(call keep,$(call division,$d),options: $(if \
  $(filter oasis,$d),$(OASIS),$(call options,$d))))))

define data-rule
$(ROOT)/data/$1-$2.h5: $(call raw.$(PROFILE),$1,$2) $(call division,$1) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/data
	$$(call stage,prepare-data,--dataset $1 --resolution $2 $$(call source.$(PROFILE),$1) --profile $(PROFILE))
endef
$(foreach d,$(DATASETS),$(foreach r,$(sort $(RESOLUTIONS) $(TEACHER_RESOLUTION)),$(eval $(call data-rule,$d,$r))))

# MARK: finetune-teacher: one teacher per dataset and number of qubits, for all resolutions and seeds

ifneq ($(strip $(WEIGHTS)),)
$(WEIGHTS):
	@pipeline/missing-input.sh $@
endif

TEACHER_OPTIONS := $(if $(WEIGHTS),--weights $(WEIGHTS)) --seed $(TEACHER_SEED) \
  $(if $(TEACHER_EPOCHS),--epochs $(TEACHER_EPOCHS)) $(if $(THREADS),--threads $(THREADS))

# $1 dataset
define teacher-rules
$(call teacher,$1): $(ROOT)/data/$1-$(TEACHER_RESOLUTION).h5 $(CONFIG)/teacher.json $(WEIGHTS) $(TEACHING) $(STRICT_TOOLS) \
  | $(LOOSE_TOOLS) $(ROOT)/teachers
	$$(call stage,finetune-teacher,--data $$< --config $(CONFIG)/teacher.json $(TEACHER_OPTIONS))

$(call teacher-evaluation,$1): $(ROOT)/data/$1-$(TEACHER_RESOLUTION).h5 $(call teacher,$1) $(STRICT_TOOLS) \
  | $(LOOSE_TOOLS) $(ROOT)/evaluations/tinyvit-teacher
	$$(call stage,evaluate,--data $$< --model $(call teacher,$1))
endef
$(foreach d,$(DATASETS),$(eval $(call teacher-rules,$d)))

# MARK: distill, train, evaluate: one rule per model and seed, whose stem is the cell

TRAIN_OPTIONS := $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(THREADS),--threads $(THREADS))

# $1 model, $2 seed, $3 dataset; the stem is the resolution
define distill-rule
$(RESOLUTIONS:%=$(ROOT)/distilled/$1/$3-%-s$2.h5): $(ROOT)/distilled/$1/$3-%-s$2.h5: $(ROOT)/data/$3-%.h5 \
  $(call teacher,$3) $(CONFIG)/$1.json $(CONFIG)/distillation.json $(TRAINING) $(STRICT_TOOLS) \
  | $(LOOSE_TOOLS) $(ROOT)/distilled/$1
	$$(call stage,distill,--data $$< --teacher $(call teacher,$3) --model $1 --config $(CONFIG)/$1.json \
	  --distillation $(CONFIG)/distillation.json --seed $2 $(TRAIN_OPTIONS))
endef
$(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(foreach d,$(DATASETS),$(eval $(call distill-rule,$m,$s,$d)))))

# $1 model, $2 seed, $3 the students' directory, $4 the evaluations' directory, $5 the directory of the students to go on
# from, empty for training from scratch
define student-rules
$(CELLS:%=$3/%-s$2.h5): $3/%-s$2.h5: $(ROOT)/data/%.h5 $(if $5,$5/%-s$2.h5) $(CONFIG)/$1.json $(TRAINING) $(STRICT_TOOLS) \
  | $(LOOSE_TOOLS) $3
	$$(call stage,train,--data $$< $(if $5,--init $5/$$*-s$2.h5) --model $1 --config $(CONFIG)/$1.json --seed $2 \
	  $(TRAIN_OPTIONS))

$(CELLS:%=$4/%-s$2.h5): $4/%-s$2.h5: $(ROOT)/data/%.h5 $3/%-s$2.h5 $(STRICT_TOOLS) | $(LOOSE_TOOLS) $4
	$$(call stage,evaluate,--data $$< --model $3/$$*-s$2.h5)
endef
$(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(eval \
  $(call student-rules,$m,$s,$(ROOT)/students/$m-scratch,$(ROOT)/evaluations/$m-scratch,))))
$(foreach m,$(MODELS),$(foreach s,$(SEEDS),$(eval \
  $(call student-rules,$m,$s,$(ROOT)/students/$m-kd,$(ROOT)/evaluations/$m-kd,$(ROOT)/distilled/$m))))

# MARK: report

.PHONY: table1 table2 datasets
table1: $(TABLE1) ## Table 1: the students trained from scratch
table2: $(TABLE2) ## Table 2: the distilled students and their teacher

datasets: $(DATASET_TABLE) ## sizes, class balance, baselines, licences and citations of DATASETS

report-options = --root $(ROOT) --profile $(PROFILE) $(GRID_OPTIONS) --output $(basename $@)

$(TABLE1) &: $(EVALUATIONS) $(REPORT) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/tables
	$(BIN)/report --table table1 $(report-options)

$(TABLE2) &: $(KD_EVALUATIONS) $(REPORT) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/tables
	$(BIN)/report --table table2 --teacher-seed $(TEACHER_SEED) $(report-options)

# By itself: it needs the datasets, and no training.
$(DATASET_TABLE) &: $(DATA) $(DATASET_REPORT) $(STRICT_TOOLS) | $(LOOSE_TOOLS) $(ROOT)/tables
	$(BIN)/report --table datasets --root $(ROOT) --profile $(PROFILE) $(DATASET_OPTIONS) --output $(basename $@)
