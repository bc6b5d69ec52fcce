import Artifacts
public import CommandLineKit
import Datasets
import Files
import Losses
import Metrics
import StageSupport
import Statistics
import Threads

/// `predict`: students or teachers, alone or together, say what images show that they were not trained on.
public enum PredictStage {
  /// The options.
  public static let command = Command(
    name: "predict",
    summary: "Classify images with trained models and write class and scores of each as CSV.",
    discussion: """
      --images is a folder, a PNG or JPEG file, an archive of NumPy arrays (.npz) or a dataset artifact (.h5). An archive is \
      MedMNIST's, or has arrays NAME_images with or without NAME_labels, or one array. Pictures are prepared \
      as `prepare-data` prepares those of a folder: grey or colour as the training data, each axis resized by averaging over \
      areas. Archives and artifacts must have the model's resolution. In a folder, images below a folder that is called as \
      a class have that label, others have none; names of classes are those of the dataset the model was trained on.

      Several models answer together: the scores are the mean of theirs. Where there are labels, AUC and ACC are printed. \
      Pictures that cannot be read are told all at once, and nothing is written unless --skip-unreadable leaves them out.

      --attention writes, for the first images, the attention weights of every block and head of a student as NumPy array \
      [blocks, heads, queries, keys] and a picture of how much attention each patch gets. NOT for clinical use.
      """,
    options: [
      Option(
        "model", .list(of: .path), "Student or teacher artifacts.", placeholder: "\"FILE …\"", presence: .required),
      Option("images", .path, "What to classify.", placeholder: "PATH", presence: .required),
      Option("split", .choice(of: Split.self), "archives and artifacts: only the images of this split."),
      Option(
        "data", .path,
        "Dataset artifact the model was trained on; by default it is looked for beside the model, in ../../data."),
      Option("skip-unreadable", .flag, "Leave out pictures that cannot be read, with a line for each."),
      Option("attention", .path, "Directory for attention maps.", placeholder: "DIR"),
      Option(
        "attention-images", .integer(in: 1...10_000), "So many images get attention maps.", presence: .defaultsTo("8")),
      .threads,
      .quiet,
      Option("output", .path, "CSV file to write.", presence: .required),
    ],
    examples: [
      "predict --model artifacts/paper/students/qvit-kd/breastmnist-28-s1.h5 \\\n"
        + "    --images ultrasound --output predictions.csv",
      "predict --model \"artifacts/paper/students/qvit-scratch/breastmnist-224-s1.h5 \\\n"
        + "    artifacts/paper/students/qvit-scratch/breastmnist-224-s2.h5\" \\\n"
        + "    --images scan.png --attention maps --output scan.csv",
    ])

  /// Predicts.
  public static func run(_ arguments: ParsedArguments) throws {
    let target = try arguments.claimOutput()
    let pool = WorkerPool(threads: arguments.threadCount)
    let paths = arguments.strings("model")
    let classes = try TrainedClasses(of: paths[0], data: arguments.optionalString("data"))
    let models = try paths.map { try Predictor(path: $0, classes, pool: pool) }
    for (path, model) in zip(paths, models).dropFirst() {
      try requireEqual(
        path, "/dataset", expected: models[0].header.dataset, found: model.header.dataset,
        because: "that of \(paths[0])")
      try requireEqual(path, "/classes", expected: models[0].classCount, found: model.classCount)
    }
    let names = try classes.names(count: models[0].classCount, path: paths[0])
    let images = try PredictionImages(
      path: arguments.string("images"), split: arguments.optionalChoice("split", as: Split.self), classNames: names,
      skipsUnreadable: arguments.flag("skip-unreadable"))
    let scores = try scores(of: images, models, paths, style: arguments.progressStyle)
    if let directory = arguments.optionalString("attention") {
      try makeDirectory(directory)
      for (path, model) in zip(paths, models) {
        try AttentionWriter(model, path: path).write(
          images, first: arguments.integer("attention-images"), to: directory)
      }
    }
    let task = classes.task(count: names.count)
    let predicted = predictedClasses(Scores(scores, classCount: names.count), task: task)
    try target.write(table(images.items, scores, predicted, names))
    try writeToStandardOutput(summary(images.items, scores, predicted, names, task))
    try target.publish()
  }

  /// The mean of the models' scores `[N, K]`.
  private static func scores(
    of images: PredictionImages, _ models: [Predictor], _ paths: [String], style: ProgressReporter.Style
  ) throws -> [Float] {
    let progress = ProgressReporter("predict", total: models.count * images.items.count, style: style)
    var sums = [Double](repeating: 0, count: images.items.count * models[0].classCount)
    for (path, model) in zip(paths, models) {
      var done = 0
      try images.read(side: model.header.resolution, channels: model.channels) { pixels, count in
        let logits = try model.logits(pixels, count)
        guard logits.allSatisfy(\.isFinite) else {
          throw ArtifactError.invalidValue(
            path: path, object: "/parameters", expected: "finite logits", found: "others for an image")
        }
        let scores = softmax(logits, classCount: model.classCount)
        for (index, score) in scores.enumerated() { sums[done + index] += Double(score) }
        done += scores.count
        progress.advance(by: count)
        try Interruption.check()
      }
    }
    progress.finish()
    return sums.map { Float($0 / Double(models.count)) }
  }

  /// A line for each image: its name, its label where it has one, the class that it is assigned to, all scores.
  private static func table(
    _ items: [PredictionImages.Item], _ scores: [Float], _ predicted: [Int], _ names: [String]
  ) -> String {
    var text = (["file", "label", "predicted"] + names).map(quoted).joined(separator: ",") + "\n"
    for (index, item) in items.enumerated() {
      let row = Array(scores[index * names.count..<(index + 1) * names.count])
      text +=
        ([item.name, item.label.map { names[$0] } ?? "", names[predicted[index]]].map(quoted) + row.map { "\($0)" })
        .joined(separator: ",") + "\n"
    }
    return text
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }

  /// How many of each class, and the measures where there are labels.
  private static func summary(
    _ items: [PredictionImages.Item], _ scores: [Float], _ predicted: [Int], _ names: [String],
    _ task: ClassificationTask
  ) throws -> String {
    let count = names.count
    func row(_ index: Int) -> [Float] { Array(scores[index * count..<(index + 1) * count]) }
    var text = "\(items.count) image\(items.count == 1 ? "" : "s"): "
    text +=
      names.indices.map { index in "\(names[index]) \(predicted.count { $0 == index })" }.joined(separator: ", ") + "\n"
    let labelled = items.indices.filter { items[$0].label != nil }
    guard !labelled.isEmpty else { return text }
    let evaluation = try SplitEvaluation(
      of: .test, scores: labelled.flatMap(row), labels: labelled.compactMap { items[$0].label }, classCount: count,
      task: task)
    let measures = Metric.allCases.map { metric in
      let value = evaluation[metric]
      guard value.isFinite else { return "\(metric.title) not defined" }
      let interval = evaluation.bootstrap[metric]
      let range = interval.map { $0.low.isFinite ? " (95% bootstrap \(decimals($0.low))–\(decimals($0.high)))" : "" }
      return "\(metric.title) \(decimals(value))\(range ?? "")"
    }
    text += "\(labelled.count) with a label: \(measures.joined(separator: ", "))"
    let reasons = evaluation.undefinedAUC.map(\.description).joined(separator: ", ")
    return text + (reasons.isEmpty ? "" : " (no AUC: \(reasons))") + "\n"
  }
}
