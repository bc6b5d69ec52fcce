# The lists that span the grid, and what they may be. What a table shows is declared in pipeline/tables/NAME.json, what a
# variant of a student is in pipeline/config/NAME.json; `plan` makes rules of them (rules.mk).

PROFILES := sample paper
# Names and order are those of the paper's tables.
CATALOGUE := Sources/Data/Datasets/datasets.tsv
ifeq ($(wildcard $(CATALOGUE)),)
  $(error $(CATALOGUE): missing, which names the datasets)
endif
DATASETS_KNOWN := $(shell awk 'NR > 1 { print $$1 }' $(CATALOGUE))
WEIGHTS_TABLE := Sources/Data/Datasets/weights.tsv
RESOLUTIONS_KNOWN := 28 224

# The seeds where none are asked for; none: as many as each dataset needs, which the catalogue says.
sample.seeds := 1 2 3 4 5
paper.seeds :=

# Weights the teacher begins with: none in the sample profile, whose tables say so.
weights.sample :=
weights.paper = $(RAW)/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors

# MARK: Data of one's own: pipeline/datasets.mk; its profile is the one of real images

OWN := $(patsubst %.folder,%,$(filter %.folder,$(.VARIABLES)))
ifeq ($(origin PROFILE),file)
  ifneq ($(filter $(OWN),$(value DATASETS)),)
    PROFILE := paper
  endif
endif
folder = $(patsubst %/,%,$($1.folder))
options = $(if $(filter undefined,$(origin $1.options)),,$($1.options))

# MARK: Settings and what they may be

# The name of those in $2 that $1 most probably means, in words.
suggestion = $(shell printf '%s\n' '$1' $2 | awk -f pipeline/nearest.awk)
check = $(foreach word,$2,$(if $(filter $(word),$3),,$(error $1: unknown name '$(word)'$(call \
  suggestion,$(word),$3); it can be: $(strip $3)$4)))
empty :=
without-digits = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst \
  7,,$(subst 8,,$(subst 9,,$1))))))))))
check-integers = $(foreach word,$2,$(if $(call without-digits,$(word)),$(error $1: '$(word)' is not a whole number))$(if \
  $(filter-out 0,$(filter 0%,$(word))),$(error $1: '$(word)' begins with 0; names of files have it without)))
check-positive = $(call check-integers,$1,$2)$(if $(filter 0,$2),$(error $1: expected at least 1, found '$2'))
check-one = $(if $(filter 1,$(words $2)),,$(error $1: expected one value, found '$2'))
check-some = $(if $(strip $2),,$(error $1: is empty))
check-distinct = $(if $(filter $(words $2),$(words $(sort $2))),,$(error $1: a value is there twice in '$2'))

# What make, or the shell that runs a stage, takes for more than a letter of a path; make takes blanks for the end of one.
hash := \#
unusable := : $(hash) % ; ' " \ * ? [ ] ( ) { } < > | & ! = ~ , ` $$
check-path = $(foreach character,$(unusable),$(if $(findstring $(character),$2),$(error $1: make cannot take \
  '$(character)' in a path, found '$2')))
check-one-path = $(call check-some,$1,$2)$(if $(filter 1,$(words $2)),,$(error $1: make cannot take blanks in a path, \
  found '$2'))$(call check-path,$1,$2)
# What stands behind a dollar sign is a name to make: of a path that was meant literally a part would be missing.
opening-parenthesis := (
opening-brace := {
without-calls = $(subst $$$$,,$(subst $$$(opening-brace),,$(subst $$$(opening-parenthesis),,$(value $1))))
check-dollars = $(if $(findstring $$,$(without-calls)),$(error $1: make cannot take '$$' in a path, found '$(value $1)'))

# What results depend on, and what only says how they are made. Either can be given on the command line, besides NAME.folder,
# NAME.options and NAME.weights: a misspelt setting is an error.
GRID_SETTINGS := PROFILE DATASETS RESOLUTIONS VARIANTS SEEDS TABLES EPOCHS TEACHER TEACHER_EPOCHS TEACHER_SEEDS \
  TEACHER_RESOLUTION WEIGHTS RAW OASIS UNOFFICIAL ARTIFACTS CONFIG RUN
SETTINGS := $(GRID_SETTINGS) CLAIMS MULTIVERSE POINTS UPDATE COMPARE FOR JOBS THREADS LAUNCH TIMM_OPTIONS BIN MARCH STRICT \
  BENCHMARK_OPTIONS FUZZ_OPTIONS KILLS \
  MUTANTS_OPTIONS HOSTILE_OPTIONS
DATASET_SETTINGS := %.folder %.options %.weights
given = $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
$(call check,settings,$(filter-out $(DATASET_SETTINGS),$(given)),$(SETTINGS))

$(call check-one,PROFILE,$(PROFILE))
$(call check,PROFILE,$(PROFILE),$(PROFILES))

DATASETS ?= $(DATASETS_KNOWN)
RESOLUTIONS ?= $(RESOLUTIONS_KNOWN)
SEEDS ?= $($(PROFILE).seeds)
WEIGHTS ?= $(weights.$(PROFILE))

$(call check,DATASETS,$(DATASETS),$(DATASETS_KNOWN) $(if $(filter paper,$(PROFILE)),$(OWN)),; data of your own need a line \
  NAME.folder = DIRECTORY in pipeline/datasets.mk and PROFILE=paper)
$(call check,RESOLUTIONS,$(RESOLUTIONS),$(RESOLUTIONS_KNOWN))
# A setting's seeds with ranges written out: 1-5 is 1 2 3 4 5.
check-range = $(if $(filter 2,$(words $(subst -, ,$2))),$(call check-integers,$1,$(subst -, ,$2)),$(error $1: '$2' is \
  neither a whole number nor a range like 1-5))$(or $(shell seq $(subst -, ,$2)),$(error $1: '$2' is empty))
seed-list = $(strip $(foreach word,$($1),$(if $(findstring -,$(word)),$(call check-range,$1,$(word)),$(word))))
SEED_LIST := $(call seed-list,SEEDS)
TEACHER_SEED_LIST := $(call seed-list,TEACHER_SEEDS)
$(call check-integers,SEEDS,$(SEED_LIST))
$(call check-integers,TEACHER_SEEDS,$(TEACHER_SEED_LIST))
$(call check,TEACHER_RESOLUTION,$(TEACHER_RESOLUTION),$(RESOLUTIONS_KNOWN))
$(call check-one,TEACHER_RESOLUTION,$(TEACHER_RESOLUTION))
$(foreach setting,DATASETS RESOLUTIONS TEACHER_SEEDS,$(call check-some,$(setting),$($(setting))))
$(foreach setting,DATASETS RESOLUTIONS VARIANTS,$(call check-distinct,$(setting),$($(setting))))
$(call check-distinct,SEEDS,$(SEED_LIST))
$(call check-distinct,TEACHER_SEEDS,$(TEACHER_SEED_LIST))
$(foreach setting,TEACHER_EPOCHS KILLS,$(call check-integers,$(setting),$($(setting))))
$(foreach setting,EPOCHS THREADS JOBS POINTS,$(call check-positive,$(setting),$($(setting))))
$(call check,TEACHER,$(TEACHER),qvit timm)
$(foreach setting,STRICT UNOFFICIAL UPDATE,$(call check,$(setting),$($(setting)),1))

$(foreach setting,ARTIFACTS RAW BIN WEIGHTS CONFIG TABLES CLAIMS MULTIVERSE,$(call check-dollars,$(setting)))
$(foreach setting,ARTIFACTS RAW BIN CLAIMS MULTIVERSE,$(call check-one-path,$(setting),$($(setting))))
$(foreach setting,WEIGHTS CONFIG RUN $(filter %.weights,$(.VARIABLES)),$(if $(strip $($(setting))),$(call check-one-path,$(setting),$($(setting)))))
$(foreach path,$(TABLES),$(call check-path,TABLES,$(path)))
$(foreach name,$(OWN),$(call check-one-path,$(name).folder,$(call folder,$(name))))

$(if $(CONFIG),$(if $(wildcard $(CONFIG)/*.json),,$(error CONFIG: no settings files (NAME.json) in '$(CONFIG)')))

DEFAULT_ROOT := $(ARTIFACTS)/$(PROFILE)
ROOT := $(DEFAULT_ROOT)$(if $(RUN),+$(RUN))
$(if $(findstring /,$(RUN)),$(error RUN: expected a name, found '$(RUN)'))

# Weights that single datasets have of their own: NAME.weights.
DATASET_WEIGHTS := $(foreach name,$(patsubst %.weights,%,$(filter %.weights,$(.VARIABLES))),$(name)=$($(name).weights))

# The command that makes an artifact with the settings of this one, for what is to be run later.
quoted = $(if $(findstring $(empty) ,$1),"$1",$1)
settings-given = $(foreach name,$(GRID_SETTINGS),$(if $(filter command environment,$(origin $(name))),$(name)))
command-of = $(strip make $(foreach name,PROFILE $(filter-out PROFILE,$1),$(name)=$(call quoted,$(strip $($(name))))))
COMMAND := $(call command-of,$(settings-given) $(filter $(DATASET_SETTINGS),$(given)))
# The same for the whole grid: claims are about all of the paper's datasets and resolutions.
WHOLE_COMMAND := $(call command-of,$(filter-out DATASETS RESOLUTIONS VARIANTS,$(settings-given)))

# MARK: What images are read from: the official file, or a folder

raw-file = $(if $(filter $(OWN),$1),$(call folder,$1),$(RAW)/$(if \
  $(filter oasis,$1),oasis,$1$(if $(filter 28,$2),,_$2).npz))
# How prepare-data is told.
source = $(if $(filter sample,$(PROFILE)),--source sample,$(if $(filter $(OWN),$1),--source folder --input \
  $(call raw-file,$1,$2) $(call options,$1),$(if $(filter oasis,$1),--source oasis --input $(call raw-file,$1,$2) \
  $(OASIS),--source npz --input $(call raw-file,$1,$2) $(if $(UNOFFICIAL),--allow-unofficial))))
