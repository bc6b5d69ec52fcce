import Architectures

/// Where the parameters outside the blocks are in the flat vector, looked up once: kernels need them for every image.
struct TransformerRanges {
  let patchWeight, patchBias, position, ln3Weight, ln3Bias, headWeight, headBias: Range<Int>
  /// Empty unless tokens are pooled by a class token.
  let classToken: Range<Int>

  init(_ layout: ParameterLayout) {
    patchWeight = layout.range("patch.weight")
    patchBias = layout.range("patch.bias")
    position = layout.range("pos")
    ln3Weight = layout.range("ln3.weight")
    ln3Bias = layout.range("ln3.bias")
    headWeight = layout.range("head.weight")
    headBias = layout.range("head.bias")
    classToken = layout.parameter(named: "class_token")?.range ?? 0..<0
  }
}

/// Where a block's parameters are in the flat vector.
struct BlockRanges {
  let ln1Weight, ln1Bias, ln2Weight, ln2Bias, fc1Weight, fc1Bias, fc2Weight, fc2Bias: Range<Int>

  init(_ layout: ParameterLayout, block: Int) {
    let name = "blocks.\(block)"
    func range(_ suffix: String) -> Range<Int> { layout.range("\(name).\(suffix)") }
    ln1Weight = range("ln1.weight")
    ln1Bias = range("ln1.bias")
    ln2Weight = range("ln2.weight")
    ln2Bias = range("ln2.bias")
    fc1Weight = range("fc1.weight")
    fc1Bias = range("fc1.bias")
    fc2Weight = range("fc2.weight")
    fc2Bias = range("fc2.bias")
  }
}
