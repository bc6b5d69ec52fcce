import Architectures
import Failures
import Glibc
import VectorMath
import SafeTensors
import Testing

@testable import TinyViT

/// A path of its own for one test, removed afterwards.
private func withTemporaryFile(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/tinyvit-test-XXXXXX".utf8CString)
  let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
  defer {
    unlink(directory + "/weights.safetensors")
    rmdir(directory)
  }
  try body(directory + "/weights.safetensors")
}

@Suite struct WeightsTests {
  private let model = SmallModel.make()

  private func fresh() -> TinyViTModel { TinyViTModel(SmallModel.configuration, seed: 1) }

  @Test func roundTrip() throws {
    try withTemporaryFile { path in
      model.batchesSeen[3] = 17
      try model.save(weights: path)
      let other = fresh()
      #expect(other.parameterValues != model.parameterValues)
      let report = try other.load(weights: path)
      #expect(report.isComplete && report.lines.isEmpty)
      #expect(other.parameterValues == model.parameterValues)
      #expect(other.statisticValues == model.statisticValues)
      #expect(other.batchesSeen == model.batchesSeen)
    }
  }

  /// timm's name back to the official one, by the table in docs: mergings belong to the stage before.
  private func officialName(_ name: String) -> String {
    var name = name.replacing(".conv.weight", with: ".c.weight")
    for stage in 1...3 { name = name.replacing("stages.\(stage).downsample", with: "layers.\(stage - 1).downsample") }
    return
      name
      .replacing("stages.", with: "layers.")
      .replacing("patch_embed.conv1", with: "patch_embed.seq.0")
      .replacing("patch_embed.conv2", with: "patch_embed.seq.2")
      .replacing("head.norm", with: "norm_head")
  }

  @Test func officialNamesAreUnderstood() throws {
    try withTemporaryFile { path in
      var tensors = model.tensors.filter { !$0.name.hasPrefix("head.fc") }
      let own = Set(tensors.map(\.name))
      for index in tensors.indices { tensors[index].name = officialName(tensors[index].name) }
      #expect(Set(tensors.map { timmName(ofOfficial: $0.name) }) == own)
      #expect(tensors.contains { $0.name == "layers.0.downsample.conv1.c.weight" })
      #expect(timmName(ofOfficial: "layers.\(Int.max).downsample.x") == "layers.\(Int.max).downsample.x")
      #expect(timmName(ofOfficial: "layers.2.blocks.1.attn.qkv.weight") == "stages.2.blocks.1.attn.qkv.weight")
      tensors.append(
        NamedTensor(name: "head.weight", shape: [2, 96], elements: .floats(Array(repeating: 0, count: 192))))
      tensors.append(
        NamedTensor(
          name: "layers.1.blocks.0.attn.attention_bias_idxs", shape: [1], elements: .integers([0])))
      try writeSafeTensors(tensors, to: path)
      let other = fresh()
      let head = other.classifier.weight
      let report = try other.load(weights: path)
      #expect(report.unexpected == ["head.fc.weight"])
      #expect(report.missing == ["head.fc.0.weight", "head.fc.0.bias", "head.fc.2.weight", "head.fc.2.bias"])
      let body = other.parameterPlaces.filter { !$0.name.hasPrefix("head.fc") }
      for place in body {
        #expect(other.parameterValues[place.range] == model.parameterValues[place.range], "\(place.name)")
      }
      #expect(other.classifier.weight == head)
    }
  }

  @Test func anotherHeadKeepsItsOwnValues() throws {
    try withTemporaryFile { path in
      try model.save(weights: path)
      var configuration = SmallModel.configuration
      configuration.penultimate = 8
      let other = TinyViTModel(configuration, seed: 1)
      let report = try other.load(weights: path)
      #expect(report.mismatched.count == 3)
      #expect(report.mismatched[0] == "head.fc.0.weight: expected [8, 96], found [4, 96]")
      #expect(!report.isComplete)
    }
  }

  @Test func anythingElseIsRefusedAndNothingChanges() throws {
    let wrong: [(String, (inout [NamedTensor]) -> Void)] = [
      ("missing", { $0.removeAll { $0.name == "stages.1.blocks.0.attn.qkv.weight" } }),
      ("unexpected", { $0.append(NamedTensor(name: "extra", shape: [1], elements: .floats([1]))) }),
      (
        "shape",
        { tensors in
          for index in tensors.indices where tensors[index].name == "head.norm.weight" {
            tensors[index] = NamedTensor(
              name: "head.norm.weight", shape: [1, 96], elements: tensors[index].elements)
          }
        }
      ),
    ]
    for (word, change) in wrong {
      try withTemporaryFile { path in
        var tensors = model.tensors
        change(&tensors)
        try writeSafeTensors(tensors, to: path)
        let other = fresh()
        let before = other.parameterValues
        let failure = #expect(throws: WeightMismatch.self) { try other.load(weights: path) }
        #expect(failure?.kind == .badData)
        #expect(failure?.description.contains("1 tensors do not fit this TinyViT, the first: \(word)") == true)
        #expect(other.parameterValues == before)
      }
    }
  }

  @Test(arguments: [
    ("head.norm.weight", Float.nan), ("patch_embed.conv1.bn.running_var", -1), ("head.fc.0.bias", .infinity),
  ])
  func numbersThatCannotBeAreRefused(name: String, value: Float) throws {
    try withTemporaryFile { path in
      var tensors = model.tensors
      for index in tensors.indices where tensors[index].name == name {
        let count = tensors[index].elements.count
        tensors[index].elements = .floats(Array(repeating: value, count: count))
      }
      try writeSafeTensors(tensors, to: path)
      let other = fresh()
      let before = other.parameterValues
      #expect(throws: WeightValueError(path: path, tensor: name, found: value)) { try other.load(weights: path) }
      #expect(other.parameterValues == before)
    }
  }

  @Test func randomWeightsFollowTheRules() throws {
    let model = TinyViTModel(.fiveMillion(penultimate: 4, classes: 2), seed: 5)
    let values = model.parameterValues
    for place in model.parameterPlaces {
      let own = values[place.range].map(Double.init)
      let deviation = (own.reduce(0) { $0 + $1 * $1 } / Double(own.count)).squareRoot()
      if place.name.hasSuffix("conv3.bn.weight") && place.name.hasPrefix("stages.0") {
        #expect(own.allSatisfy { $0 == 0 })
      } else if place.shape.count == 4 {
        let bound = 1 / Double(place.shape[1...].reduce(1, *)).squareRoot()
        #expect(own.allSatisfy { abs($0) <= bound })
        #expect(abs(deviation / bound * 3.0.squareRoot() - 1) < 0.15, "\(place.name)")
      } else if place.shape.count == 2 && !place.name.hasSuffix("biases") {
        #expect(abs(deviation / 0.02 - 1) < 0.5, "\(place.name)")
      } else {
        #expect(own.allSatisfy { $0 == (place.name.hasSuffix("weight") ? 1 : 0) }, "\(place.name)")
      }
    }
    #expect(TinyViTModel(.fiveMillion(penultimate: 4, classes: 2), seed: 5).parameterValues == values)
    #expect(TinyViTModel(.fiveMillion(penultimate: 4, classes: 2), seed: 6).parameterValues != values)
  }
}
