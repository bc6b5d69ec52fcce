/// The eight datasets of the paper.
///
/// Source: MedMNIST `info.py`, version 3.0.2 (tasks, labels, sizes, licences, digests); OASIS-1's data use terms.
public enum Catalogue {
  /// All datasets, in the order of the paper's tables.
  public static let all: [DatasetDescription] = [
    breastMNIST, retinaMNIST, pneumoniaMNIST, dermaMNIST, bloodMNIST, organCMNIST, pathMNIST, oasis,
  ]

  /// The dataset called `name`.
  /// - Throws: `DatasetError.unknownName`, which suggests the nearest name.
  public static func dataset(named name: String) throws(DatasetError) -> DatasetDescription {
    guard let found = all.first(where: { $0.name == name }) else {
      throw DatasetError.unknownName(name, known: all.map(\.name))
    }
    return found
  }

  /// Whether a dataset of this name was published as files that ours can be compared with.
  public static func hasOfficialFiles(_ name: String) -> Bool {
    all.contains { $0.name == name && !$0.officialFiles.isEmpty }
  }

  static let breastMNIST = DatasetDescription(
    name: "breastmnist", title: "BreastMNIST", task: .binary, channels: 1,
    classNames: [
      "malignant",
      "normal, benign",
    ],
    officialCounts: [.train: 546, .val: 78, .test: 156],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      Al-Dhabyani et al., "Dataset of breast ultrasound images", Data in Brief 28:104863, 2020.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "breastmnist.npz",
        url: "https://zenodo.org/records/10519652/files/breastmnist.npz?download=1",
        md5: "750601b1f35ba3300ea97c75c52ff8f6"),
      224: OfficialFile(
        name: "breastmnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/breastmnist_224.npz?download=1",
        md5: "b56378a6eefa9fed602bb16d192d4c8b"),
    ])

  static let retinaMNIST = DatasetDescription(
    name: "retinamnist", title: "RetinaMNIST", task: .ordinal, channels: 3,
    classNames: [
      "0",
      "1",
      "2",
      "3",
      "4",
    ],
    officialCounts: [.train: 1080, .val: 120, .test: 400],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      DeepDRiD: Liu et al., "DeepDRiD: diabetic retinopathy grading and image quality estimation challenge", \
      Patterns 3:100512, 2022.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "retinamnist.npz",
        url: "https://zenodo.org/records/10519652/files/retinamnist.npz?download=1",
        md5: "bd4c0672f1bba3e3a89f0e4e876791e4"),
      224: OfficialFile(
        name: "retinamnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/retinamnist_224.npz?download=1",
        md5: "eae7e3b6f3fcbda4ae613ebdcbe35348"),
    ])

  static let pneumoniaMNIST = DatasetDescription(
    name: "pneumoniamnist", title: "PneumoniaMNIST", task: .binary, channels: 1,
    classNames: [
      "normal",
      "pneumonia",
    ],
    officialCounts: [.train: 4708, .val: 524, .test: 624],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      Kermany et al., "Identifying medical diagnoses and treatable diseases by image-based deep learning", Cell \
      172:1122-1131, 2018.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "pneumoniamnist.npz",
        url: "https://zenodo.org/records/10519652/files/pneumoniamnist.npz?download=1",
        md5: "28209eda62fecd6e6a2d98b1501bb15f"),
      224: OfficialFile(
        name: "pneumoniamnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/pneumoniamnist_224.npz?download=1",
        md5: "d6a3c71de1b945ea11211b03746c1fe1"),
    ])

  static let dermaMNIST = DatasetDescription(
    name: "dermamnist", title: "DermaMNIST", task: .multiClass, channels: 3,
    classNames: [
      "actinic keratoses and intraepithelial carcinoma",
      "basal cell carcinoma",
      "benign keratosis-like lesions",
      "dermatofibroma",
      "melanoma",
      "melanocytic nevi",
      "vascular lesions",
    ],
    officialCounts: [.train: 7007, .val: 1003, .test: 2005],
    licence: "CC BY-NC 4.0",
    citation: medMNIST + " " + """
      Tschandl et al., "The HAM10000 dataset", Scientific Data 5:180161, 2018; Codella et al., arXiv:1902.03368, \
      2019.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "dermamnist.npz",
        url: "https://zenodo.org/records/10519652/files/dermamnist.npz?download=1",
        md5: "0744692d530f8e62ec473284d019b0c7"),
      224: OfficialFile(
        name: "dermamnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/dermamnist_224.npz?download=1",
        md5: "8974907d8e169bef5f5b96bc506ae45d"),
    ])

  static let bloodMNIST = DatasetDescription(
    name: "bloodmnist", title: "BloodMNIST", task: .multiClass, channels: 3,
    classNames: [
      "basophil",
      "eosinophil",
      "erythroblast",
      "immature granulocytes(myelocytes, metamyelocytes and promyelocytes)",
      "lymphocyte",
      "monocyte",
      "neutrophil",
      "platelet",
    ],
    officialCounts: [.train: 11959, .val: 1712, .test: 3421],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      Acevedo et al., "A dataset of microscopic peripheral blood cell images", Data in Brief 30:105474, 2020.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "bloodmnist.npz",
        url: "https://zenodo.org/records/10519652/files/bloodmnist.npz?download=1",
        md5: "7053d0359d879ad8a5505303e11de1dc"),
      224: OfficialFile(
        name: "bloodmnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/bloodmnist_224.npz?download=1",
        md5: "b718ff6835fcbdb22ba9eacccd7b2601"),
    ])

  static let organCMNIST = DatasetDescription(
    name: "organcmnist", title: "OrganCMNIST", task: .multiClass, channels: 1,
    classNames: [
      "bladder",
      "femur-left",
      "femur-right",
      "heart",
      "kidney-left",
      "kidney-right",
      "liver",
      "lung-left",
      "lung-right",
      "pancreas",
      "spleen",
    ],
    officialCounts: [.train: 12975, .val: 2392, .test: 8216],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      Bilic et al., "The liver tumor segmentation benchmark (LiTS)", Medical Image Analysis 84:102680, 2023; Xu et al., \
      "Efficient multiple organ localization in CT image using 3D region proposal network", IEEE Transactions on \
      Medical Imaging 38:1885-1898, 2019.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "organcmnist.npz",
        url: "https://zenodo.org/records/10519652/files/organcmnist.npz?download=1",
        md5: "b9ceb9546e10131b32923c5bbeaea2b1"),
      224: OfficialFile(
        name: "organcmnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/organcmnist_224.npz?download=1",
        md5: "050f5e875dc056f6768abf94ec9995d1"),
    ])

  static let pathMNIST = DatasetDescription(
    name: "pathmnist", title: "PathMNIST", task: .multiClass, channels: 3,
    classNames: [
      "adipose",
      "background",
      "debris",
      "lymphocytes",
      "mucus",
      "smooth muscle",
      "normal colon mucosa",
      "cancer-associated stroma",
      "colorectal adenocarcinoma epithelium",
    ],
    officialCounts: [.train: 89996, .val: 10004, .test: 7180],
    licence: "CC BY 4.0",
    citation: medMNIST + " " + """
      Kather et al., "Predicting survival from colorectal cancer histology slides using deep learning", PLOS \
      Medicine 16:e1002730, 2019.
      """,
    officialFiles: [
      28: OfficialFile(
        name: "pathmnist.npz",
        url: "https://zenodo.org/records/10519652/files/pathmnist.npz?download=1",
        md5: "a8b06965200029087d5bd730944a56c1"),
      224: OfficialFile(
        name: "pathmnist_224.npz",
        url: "https://zenodo.org/records/10519652/files/pathmnist_224.npz?download=1",
        md5: "2c51a510bcdc9cf8ddb2af93af1eadec"),
    ])

  /// OASIS-1, as slices of the public copy.
  public static let oasis = DatasetDescription(
    name: "oasis", title: "OASIS", task: .multiClass, channels: 1,
    classNames: ["Non Demented", "Very mild Dementia", "Mild Dementia", "Moderate Dementia"],
    officialCounts: nil,
    licence: "OASIS data use terms",
    citation: """
      Marcus et al., "Open Access Series of Imaging Studies (OASIS): cross-sectional MRI data in young, middle aged, \
      nondemented, and demented older adults", Journal of Cognitive Neuroscience 19:1498-1507, 2007. Grants P50 AG05681, \
      P01 AG03991, P01 AG026276, R01 AG021910, P20 MH071616, U24 RR021382.
      """,
    officialFiles: [:])

  private static let medMNIST = """
    Yang et al., "MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image classification", \
    Scientific Data 10:41, 2023.
    """
}
