# Data of your own, one line for each dataset: NAME.folder = DIRECTORY, which holds a folder for each class with PNG or JPEG
# files in it. Then: make table1 DATASETS=NAME
#
#     mydata.folder = data/raw/mydata
#
# NAME.options, where wanted, are more words for prepare-data (see its --help):
#
#     mydata.options = --channels 1 --split-file data/raw/mydata.csv
#
# Both can also be given on the command line: make table1 DATASETS=mydata mydata.folder=/path/to/mydata
