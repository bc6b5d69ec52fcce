# The grid as data: which cells there are. Rules are in rules.mk.

PROFILES := sample paper
# Names and order are those of the paper's tables.
CATALOGUE := Sources/Data/Datasets/datasets.tsv
ifeq ($(wildcard $(CATALOGUE)),)
  $(error $(CATALOGUE): missing, which names the datasets)
endif
DATASETS_KNOWN := $(shell awk 'NR > 1 { print $$1 }' $(CATALOGUE))

# What each profile knows.
sample.datasets := $(DATASETS_KNOWN)
paper.datasets := $(DATASETS_KNOWN)
sample.resolutions := 28 224
paper.resolutions := 28 224
sample.models := vit qvit
paper.models := vit qvit

# What is made where nothing else is asked for.
sample.seeds := 1 2
paper.seeds := 1 2 3 4 5

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

check = $(foreach word,$2,$(if $(filter $(word),$3),,$(error $1: unknown name '$(word)'; it can be: $(strip $3))))
empty :=
without-digits = $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(subst 5,,$(subst 6,,$(subst \
  7,,$(subst 8,,$(subst 9,,$1))))))))))
check-integers = $(foreach word,$2,$(if $(call without-digits,$(word)),$(error $1: '$(word)' is not a whole number)))
check-one = $(if $(filter 1,$(words $2)),,$(error $1: expected one value, found '$2'))
check-some = $(if $(strip $2),,$(error $1: is empty))
check-distinct = $(if $(filter $(words $2),$(words $(sort $2))),,$(error $1: a value is there twice in '$2'))

# What can be given on the command line, besides NAME.folder and NAME.options (and TOOLS, by `make status`): a misspelt
# setting is an error.
SETTINGS := PROFILE DATASETS RESOLUTIONS MODELS SEEDS EPOCHS TEACHER_EPOCHS TEACHER_SEED TEACHER_RESOLUTION WEIGHTS RAW \
  OASIS UNOFFICIAL ARTIFACTS CONFIG JOBS THREADS LAUNCH BIN MARCH STRICT BENCHMARK_OPTIONS FUZZ_OPTIONS KILLS
given = $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
$(call check,settings,$(filter-out TOOLS %.folder %.options,$(given)),$(SETTINGS))

$(call check-one,PROFILE,$(PROFILE))
$(call check,PROFILE,$(PROFILE),$(PROFILES))

# Weights the teacher begins with: none in the sample profile, whose tables say so.
sample.weights :=
paper.weights = $(RAW)/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors

DATASETS ?= $($(PROFILE).datasets)
RESOLUTIONS ?= $($(PROFILE).resolutions)
MODELS ?= $($(PROFILE).models)
SEEDS ?= $($(PROFILE).seeds)
WEIGHTS ?= $($(PROFILE).weights)
QUBITS := 4

$(call check,DATASETS,$(DATASETS),$($(PROFILE).datasets) $(if $(filter paper,$(PROFILE)),$(OWN)))
$(call check,RESOLUTIONS,$(RESOLUTIONS),$($(PROFILE).resolutions))
$(call check,MODELS,$(MODELS),$($(PROFILE).models))
$(call check-integers,SEEDS,$(SEEDS))
$(call check,TEACHER_RESOLUTION,$(TEACHER_RESOLUTION),28 224)
$(call check-one,TEACHER_RESOLUTION,$(TEACHER_RESOLUTION))
$(call check-one,TEACHER_SEED,$(TEACHER_SEED))
$(foreach setting,DATASETS RESOLUTIONS MODELS SEEDS,$(call check-some,$(setting),$($(setting))))
$(foreach setting,DATASETS RESOLUTIONS MODELS SEEDS,$(call check-distinct,$(setting),$($(setting))))
$(foreach setting,EPOCHS TEACHER_EPOCHS TEACHER_SEED THREADS JOBS KILLS,$(call check-integers,$(setting),$($(setting))))
$(foreach setting,STRICT UNOFFICIAL,$(call check,$(setting),$($(setting)),1))

# MARK: Derived lists

ROOT := $(ARTIFACTS)/$(PROFILE)
CONFIG := pipeline/config/$(PROFILE)
CELLS := $(foreach d,$(DATASETS),$(foreach r,$(RESOLUTIONS),$d-$r))

DATA := $(CELLS:%=$(ROOT)/data/%.h5)
# The files below a directory such as students/vit-scratch: one per cell and seed.
runs = $(foreach s,$(SEEDS),$(CELLS:%=$(ROOT)/$1/%-s$s.h5))
STUDENTS := $(foreach m,$(MODELS),$(call runs,students/$m-scratch))
EVALUATIONS := $(foreach m,$(MODELS),$(call runs,evaluations/$m-scratch))
TABLE1 := $(addprefix $(ROOT)/tables/table1.,md csv tex)

DATASET_TABLE := $(addprefix $(ROOT)/tables/datasets.,md csv tex)

# The teacher of a dataset, and its evaluation in the place of Table 2's last row.
teacher = $(ROOT)/teachers/$1-q$(QUBITS).h5
teacher-evaluation = $(ROOT)/evaluations/tinyvit-teacher/$1-224-s$(TEACHER_SEED).h5
TEACHERS := $(foreach d,$(DATASETS),$(call teacher,$d))
DISTILLED := $(foreach m,$(MODELS),$(call runs,distilled/$m))
KD_STUDENTS := $(foreach m,$(MODELS),$(call runs,students/$m-kd))
KD_EVALUATIONS := $(foreach m,$(MODELS),$(call runs,evaluations/$m-kd)) \
  $(foreach d,$(DATASETS),$(call teacher-evaluation,$d))
TABLE2 := $(addprefix $(ROOT)/tables/table2.,md csv tex)

RESULTS := $(DATA) $(TEACHERS) $(DISTILLED) $(STUDENTS) $(KD_STUDENTS) $(EVALUATIONS) $(KD_EVALUATIONS) $(TABLE1) $(TABLE2)
DIRECTORIES := $(addprefix $(ROOT)/,data tables settings teachers evaluations/tinyvit-teacher \
  $(foreach m,$(MODELS),distilled/$m $(foreach r,scratch kd,students/$m-$r evaluations/$m-$r)))

# What a cell's images are read from: the official file, or a folder.
raw-file = $(if $(filter $(OWN),$1),$(call folder,$1),$(RAW)/$(if \
  $(filter oasis,$1),oasis,$1$(if $(filter 28,$2),,_$2).npz))
paper.raw := $(sort $(foreach d,$(DATASETS),$(foreach r,$(sort $(RESOLUTIONS) $(TEACHER_RESOLUTION)),$(call raw-file,$d,$r))))
sample.raw :=
