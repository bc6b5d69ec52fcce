/// The name of a dataset as the literature writes it: "BreastMNIST" for `breastmnist`; a dataset of the user's own keeps
/// its flag.
public func datasetTitle(_ flag: String) -> String {
  let titles = [
    "breastmnist": "BreastMNIST", "retinamnist": "RetinaMNIST", "pneumoniamnist": "PneumoniaMNIST",
    "dermamnist": "DermaMNIST", "bloodmnist": "BloodMNIST", "organcmnist": "OrganCMNIST", "pathmnist": "PathMNIST",
    "oasis": "OASIS",
  ]
  return titles[flag] ?? flag
}
