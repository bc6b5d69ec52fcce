"""The faults that `make mutants` puts into the sources, as data: see mutants.py.

A fault replaces an expression (`original`, which stands once in its file, or once in the part `at` of it) by another, or
a statement where `statement` is set. `tests` are the modules of tests that could notice, or suites of them, cheapest
first. `equivalent` says why no test can notice.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    file: str
    tests: tuple
    name: str
    original: str
    replacement: str
    at: str = ""
    statement: bool = False
    equivalent: str = ""


FAULTS = []

# The tools' tests that look at what comes out. Those that kill, attack and stop the tools take minutes for each fault.
TOOL = " ".join("Tool/" + suite for suite in (
    "ScoresTests", "EvaluationTests", "ChainTests", "DescentTests", "WeightsTests", "PredictTests", "TableTests", "VerifyTests",
    "ReportPageTests", "BadInputTests", "MakeTests"))


def faults(file, tests, *table):
    """Adds faults of one file: (name, original, replacement), and a dictionary with more of a fault's fields."""
    for name, original, replacement, *more in table:
        FAULTS.append(Fault(file, tuple(tests.split()), name, original, replacement, **(more[0] if more else {})))


# MARK: Base

faults(
    "Sources/Base/VectorMath/RandomStream.swift", "VectorMath Metrics",
    ("the last element keeps no place in a permutation", "index(below: last + 1)", "index(below: last)"),
    ("no word is drawn again", "word < accepted", "true"),
    ("uniform numbers reach 2", "0x1p-53", "0x1p-52"),
    ("the normal distribution is too narrow", "-2", "-1", {"at": "(-2 * Elementary.log"}),
    ("a block's first word is left out", "return words.0", "return words.1", {"statement": True}),
)
faults(
    "Sources/Base/VectorMath/RandomStream.swift", "VectorMath VisionTransformers/DropoutTests",
    ("sixteen blocks are counted as one", "UInt64(lanes_philox_blocks)", "1"),
)
faults(
    "Sources/Base/VectorMath/Elementary.swift", "VectorMath",
    ("the error function's terms grow by half", "2 * square / (2 * n + 1)", "square / (2 * n + 1)"),
    ("the sine has the wrong sign in the third quadrant", "(-sine, -cosine)", "(sine, -cosine)"),
    ("the logarithm forgets the exponent's second part", "k * 1.908_214_929_270_587_7e-10", "0.0"),
)
faults(
    "Sources/Base/VectorMath/Lanes.swift", "VectorMath VisionTransformers/StudentTests",
    ("the normal distribution is not mirrored", "splat(1) - halfTail", "halfTail"),
    ("the density is half as high", "splat(0.398_942_280_401_432_7)", "splat(0.199_471_140_200_716_3)"),
)

# MARK: Data

faults(
    "Sources/Data/Datasets/Statistics/DatasetStatistics.swift", "Datasets",
    ("the mean is that of the largest value", "Double($0.sum) / Double($0.pixels)", "Double($0.maximum)"),
    ("classes are counted one lower",
     "found.classCounts[label] += 1",
     "found.classCounts[max(label - 1, 0)] += 1",
     {"statement": True}),
    ("a duplicate is only looked for in its own split", "earlier.order <= split.order", "earlier == split"),
    ("images are blank if one channel is", "isBlank && minimum == maximum", "isBlank || minimum == maximum"),
)
faults(
    "Sources/Data/Datasets/Preparation/AreaResize.swift", "Datasets",
    ("rounds down", "(2 * sum + area) / (2 * area)", "sum / area"),
    ("a pixel covered in part counts whole", "min(end, ($0 + 1) * newSize) - max(start, $0 * newSize)", "newSize"),
)
faults(
    "Sources/Data/Datasets/Preparation/PixelRepetition.swift", "Datasets",
    ("enlarged images are mirrored at the diagonal",
     "row / factor * side + column / factor",
     "column / factor * side + row / factor"),
)
faults(
    "Sources/Data/DatasetSources/Folders/SplitRatios.swift", "DatasetSources",
    ("val and test change places",
     "[.train: count - val - test, .val: val, .test: test]",
     "[.train: count - val - test, .val: test, .test: val]"),
    ("shares are rounded down",
     "(2 * count * parts[split, default: 0] + sum) / (2 * sum)",
     "count * parts[split, default: 0] / sum"),
    ("groups are divided in their order", "order.map { groups[$0] }", "groups"),
)
faults(
    "Sources/Data/DatasetSources/Folders/OASISSource.swift", "DatasetSources",
    ("the last slice is left out", "100...160", "100...159"),
    ("people are torn apart where they should not be", "slice.participant", "slice.volume"),
    ("the first slices are taken instead of some by chance",
     "stream.permutation(of: slices.count)",
     "Array(0..<slices.count)"),
    ("the cap is one higher", "cap", "cap + 1", {"at": ".prefix(cap)"}),
    ("every division leaks", "level != .participant", "true"),
    ("all classes are divided by the same stream",
     r'RandomStream(seed: division.seed, purpose: "oasis split \(name)")',
     'RandomStream(seed: division.seed, purpose: "oasis split")'),
)
faults(
    "Sources/Data/DatasetSources/Folders/ClinicalTable.swift", "DatasetSources",
    ("very mild and mild change places", "[0, 0.5, 1, 2]", "[0, 1, 0.5, 2]"),
)
faults(
    "Sources/Data/DatasetSources/Folders/FolderSource.swift", "DatasetSources",
    ("labels begin at the second class",
     "classNames.firstIndex(of: group.className) ?? 0",
     "((classNames.firstIndex(of: group.className) ?? 0) + 1) % classNames.count"),
    ("all classes are divided by the same stream", r'"split \(group.className)"', '"split"'),
    ("two classes are a task of several", "classNames.count == 2", "classNames.count == 3"),
)
faults(
    "Sources/Data/DatasetSources/Folders/FolderSource.swift", "DataStages/PrepareDataTests",
    ("a division by folders is forgotten", "group.split ?? splits[file] ?? .train", "splits[file] ?? .train"),
    ("validation counts as train", ".val", ".train", {"at": '"valid": .val'}),
)
faults(
    "Sources/Data/DatasetSources/Folders/FolderImages.swift", "DatasetSources DataStages",
    ("slices come from the volume's bottom", "volume.axialSlice(slice)", "volume.axialSlice(0)"),
    ("labels are those of train", r"rows[split, default: []].map(\.label)", r"rows[.train, default: []].map(\.label)"),
)
faults(
    "Sources/Data/DatasetSources/MedMNIST/MedMNISTFile.swift", "DatasetSources",
    ("labels are those of train", "parts[split]?.labels ?? []", "parts[.train]?.labels ?? []"),
    ("another file counts as official", "isOfficial = md5 == official?.md5", "isOfficial = true", {"statement": True}),
)
faults(
    "Sources/Data/DatasetSources/MedMNIST/ImageMember.swift", "DatasetSources",
    ("images in Fortran order are mirrored at the diagonal",
     "row + height * (column + width * channel)",
     "column + height * (row + width * channel)"),
    ("a label may be the number of classes", "(0..<classes).contains(label)", "(0...classes).contains(label)"),
)
faults(
    "Sources/Data/DatasetSources/MedMNIST/ImageArchive.swift", "DatasetSources",
    ("splits come in the order of the archive",
     "splits.flatMap { split in parts.filter { $0.name == split } } + parts.filter { !splits.contains($0.name) }",
     "parts"),
)
faults(
    "Sources/Data/Images/PixelImage.swift", "Images",
    ("red and blue change places in the luma",
     "19595 * red + 38470 * green + 7471 * blue",
     "19595 * blue + 38470 * green + 7471 * red"),
)
faults(
    "Sources/Data/Images/AnalyzeVolume.swift", "Images",
    ("a head is never turned round", "towardsFront ? column : width - 1 - column", "column"),
    ("the bytes of a voxel change places",
     "isBigEndian ? first << 8 | second : second << 8 | first",
     "first << 8 | second"),
    ("the darkest voxel is not black", "510 * ($0 - low) + span", "510 * max($0, 0) + span"),
)

# MARK: Losses

faults(
    "Sources/Model/Losses/Losses.swift", "Metrics VisionTransformers/StudentTests Training",
    ("cross-entropy forgets the peak", "(logits[label] - largest)", "logits[label]"),
    ("the gradient is not shared by the batch",
     "(value / total - (index == label ? 1 : 0)) / S(batch)",
     "value / total - (index == label ? 1 : 0)"),
    ("the squared error is a mean over images only", "S(batch * x.count)", "S(batch)"),
    ("the squared error's gradient is half of it", "2 * difference / count", "difference / count"),
)
faults(
    "Sources/Model/Losses/Softmax.swift", "Metrics",
    ("the peak is the first logit", "row.reduce(row[0], max)", "row[0]"),
)

# MARK: Circuits

faults(
    "Sources/Model/QuantumCircuits/Circuit.swift", "CircuitKernels VisionTransformers/StudentTests",
    ("the closing pair points the other way", "QubitPair(n - 1, 0)", "QubitPair(0, n - 1)"),
    ("shared parameters are those of another layer",
     "sharing == .shared ? pair / pairsPerLayer : pair",
     "sharing == .shared ? 0 : pair"),
    ("the convolution of Hur et al. begins the other way", "QubitPair(0, n - 1)", "QubitPair(n - 1, 0)"),
)
faults(
    "Sources/Model/QuantumCircuits/Circuit+MultiplyAdds.swift", "CircuitKernels/MultiplyAddTests",
    ("a pair of qubits that are there costs as much as one that joins", "4 * amplitudes", "2 * amplitudes"),
    ("idle qubits are read out for nothing", "idle * (4 * (uploads - 1) + 2)", "idle"),
    ("a closing pair is one of independent qubits", "closes ? correlations : entangles ? products : 0", "entangles ? products : 0"),
)
faults(
    "Sources/Model/QuantumCircuits/Routing/QubitLattice.swift", "CircuitKernels/RoutingTests",
    ("bridges stand above each other", "(site.column - (site.row - 1))", "site.column"),
    ("squares have no column", "beside + [below, above]", "beside", {"at": "return beside + [below, above]\n"}),
)
faults(
    "Sources/Model/QuantumCircuits/Routing/Embedding.swift", "CircuitKernels/RoutingTests",
    ("two qubits share a site", "!taken.contains(site)", "true"),
    ("partners need not be neighbours", "around.allSatisfy(neighbours.contains)", "true"),
    ("nothing is tried again", "if place(index + 1) { return true }", "return place(index + 1)", {"statement": True}),
)
faults(
    "Sources/Model/QuantumCircuits/Routing/Router.swift", "CircuitKernels/RoutingTests",
    ("the first attempt is taken", "other.swaps < best.swaps", "false"),
    ("where qubits meet is of no matter", "costs[$0] < costs[$1]", "$0 < $1"),
)
faults(
    "Sources/Model/QuantumCircuits/Routing/RoutedCircuit.swift", "CircuitKernels/RoutingTests",
    ("a SWAP is one gate", "Self.gatesPerSwap * swaps", "swaps"),
)
faults(
    "Sources/Model/Architectures/VisionTransformerArchitecture+Operations.swift", "VisionTransformers/OperationTests",
    ("attention is one product", "uniformAttention ? 1 : 2", "1"),
    ("blocks are counted once", "blocks * $0.1", "$0.1"),
)
faults(
    "Sources/Model/Architectures/TinyViTConfiguration+Operations.swift", "TinyViT/OperationTests",
    ("a merging's last convolution has the size of its first", "side / step", "side", {"at": "side: side / step, isActivated: false"}),
    ("heads have as many channels as the block", "c / Self.headWidth * visible", "visible"),
)
faults(
    "Sources/Model/CircuitKernels/Reference/StateVector.swift", "CircuitKernels",
    ("the target controls",
     "(step(of: pair.control), step(of: pair.target))",
     "(step(of: pair.target), step(of: pair.control))"),
    ("RY turns the other way", "multiplyAdd(-s, one, c * zero)", "multiplyAdd(s, one, c * zero)"),
    ("Z is the identity", "-a[index + step]", "a[index + step]", {"at": "multiplyAdd(-a[index + step]"}),
    ("the rotation's derivative has one sign", "-l[index]", "l[index]", {"at": "multiplyAdd(-l[index]"}),
    ("the observable's weights have one sign", "partial - weight", "partial + weight"),
    ("qubit 0 is the least significant", "1 << (qubits - 1 - qubit)", "1 << qubit"),
)
faults(
    "Sources/Model/CircuitKernels/CircuitEvaluator.swift", "CircuitKernels",
    ("amplitudes turn by whole angles", "method == .stateVector ? 0.5 : 1", "1"),
)
faults(
    "Sources/Model/CircuitKernels/Rotations.swift", "CircuitKernels",
    ("a pair's two angles change places", "theta(2 * row + which)", "theta(2 * row + 1 - which)"),
)
faults(
    "Sources/Model/CircuitKernels/Reference/GateByGateCircuit.swift", "CircuitKernels",
    ("a layer does not upload again",
     "circuit.uploads(beforePair: index)",
     "false",
     {"at": "circuit.uploads(beforePair: index) { upload() }"}),
    ("the control's derivative is taken back first",
     "takeBack(pair.control, rotations.cos[2 * index], rotations.sin[2 * index])",
     "takeBack(pair.target, rotations.cos[2 * index], rotations.sin[2 * index])"),
)
faults(
    "Sources/Model/CircuitKernels/Reference/Circuit+Reference.swift", "CircuitKernels",
    ("only the first of a shared parameter's pairs is shifted",
     "theta[2 * parameterRow(ofPair: pair) + $0]",
     "theta[2 * parameterRow(ofPair: 0) + $0]"),
)
faults(
    "Sources/Model/CircuitKernels/Reference/ForestCircuit.swift", "CircuitKernels",
    ("the control's X is left alone by CNOT", "entangles ? xa * xb : xa", "xa"),
    ("the inputs' gradient forgets the sine", "dz[$0] * inputs.x[$0]", "dz[$0]"),
    ("the target's gradient passes CNOT as it is", "gz * za", "gz", {"at": "gz * zb, gz * za)"}),
)
faults(
    "Sources/Model/CircuitKernels/RegisterSimulation.swift", "CircuitKernels",
    ("the amplitudes of 10 and 11 change places", "a[i &+ at10] = x10", "a[i &+ at10] = x11", {"statement": True}),
    ("a sign in the first angle's derivative", "-(l01 * a11)", "l01 * a11"),
    ("a sign in the second angle's derivative", "-(l10 * a11)", "l10 * a11"),
    ("a qubit that leaves has the wrong sign", "multiplyAdd(-s, l00, c * l01)", "multiplyAdd(s, l00, c * l01)"),
    ("idle qubits stay as they were prepared", "multiplyAdd(-s, s, c * c)", "Value.one"),
)
faults(
    "Sources/Model/CircuitKernels/BlochForm.swift", "CircuitKernels",
    ("the control's X is left alone by CNOT", "rxa * rxb", "rxa"),
    ("the target's gradient passes CNOT as it is", "g.zb * rotated[0]", "g.zb"),
    ("gradients are turned the wrong way", "rotate(g.za, g.xa, ca, -sa)", "rotate(g.za, g.xa, ca, sa)"),
    ("the inputs' gradient forgets the sine", "-(dz[v] * s[v])", "-dz[v]"),
)
faults(
    "Sources/Model/CircuitKernels/BlochForm+Correlations.swift", "CircuitKernels",
    ("a moved correlation forgets the other qubit", "xb[v] * o[v]", "xb[v]", {"at": "newX[v] = xb[v] * o[v]"}),
    ("the target's correlation is not multiplied by the control",
     "newZ[v] = rz * za[v]",
     "newZ[v] = rz",
     {"statement": True}),
    ("joined qubits have a correlation between X and Z",
     "new[own + v] = .zero",
     "new[own + v] = xa[v]",
     {"statement": True}),
)

# MARK: Students

faults(
    "Sources/Model/Architectures/PixelNormalisation.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests TinyViT",
    ("pixels are not halved", "(0.5, 0.5)", "(0.5, 0.25)"),
    ("red and blue change places",
     "[(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]",
     "[(0.406, 0.225), (0.456, 0.224), (0.485, 0.229)]"),
)
faults(
    "Sources/Model/Architectures/ParameterLayout+Initial.swift", "VisionTransformers/BatchTests VisionTransformers/ReferenceStudentTests Training",
    ("weights begin too small", "1 / Double(fanIn).squareRoot()", "1 / Double(fanIn)"),
    ("angles begin in half a turn", "2 * Double.pi * stream.uniform()", "Double.pi * stream.uniform()"),
    ("positions have no deviation of their own", "Float(deviation * stream.normal())", "Float(stream.normal())"),
)
faults(
    "Sources/Model/Architectures/VisionTransformerArchitecture.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests Training",
    ("the MLP is as wide as the tokens", "Int(mlpRatio * Double(qubits))", "qubits"),
)
faults(
    "Sources/Model/QuantumCircuits/CircuitMethod.swift", "CircuitKernels Configuration",
    ("state vectors of any length are tried", "count <= most", "true"),
)
faults(
    "Sources/Results/HTMLReport/ReportPage+Scaling.swift", "HTMLReport",
    ("two widths make a curve", "$0.rows.count > 2", "$0.rows.count > 1"),
    ("widths are plotted against themselves as parameters", "cell.evaluation.parameterCount", "cell.width",
     {"at": "cell.width : cell.evaluation.parameterCount"}),
    ("families are named after the widest", "width($0) < width($1)", "width($0) > width($1)"),
)
faults(
    "Sources/Model/TransformerKernels/CircuitLayer.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("inputs are not halved", "x.base[index] * scale", "x.base[index]"),
)
faults(
    "Sources/Model/TransformerKernels/Linear.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("the residual is overwritten",
     "place.pointee + sums[n]",
     "sums[n]",
     {"at": "accumulating ? place.pointee + sums[n]"}),
    ("the bias counts from the second output on", "splat(bias[o + n])", "splat(bias[o])"),
    ("gradients of an input are overwritten",
     "place.pointee + gradients[n]",
     "gradients[n]",
     {"at": "accumulating ? place.pointee + gradients[n]"}),
    ("the second sixteen inputs' weights have no gradient", "min(first + 16, inputs)", "min(16, inputs)"),
    ("two weights' gradients change places", "row[1] = s01", "row[1] = s10", {"statement": True}),
)
faults(
    "Sources/Model/TransformerKernels/LayerNorm.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("epsilon is a tenth", "splat(1e-5)", "splat(1e-6)"),
    ("the gradient forgets the variance", "multiplySubtract(x, slope, from: gradient)", "gradient"),
    ("the gradient forgets the mean", "splat(0) - mean", "splat(0)"),
)
faults(
    "Sources/Model/TransformerKernels/GELU.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("the derivative is the distribution alone", "multiplyAdd(value, density, cumulative)", "cumulative"),
)
faults(
    "Sources/Model/TransformerKernels/Attention.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("scores are not divided by the root of the dimension", "log2e / Float(D).squareRoot()", "log2e"),
    ("softmax's gradient forgets the row", "splat(0) - b[vector]", "splat(0)"),
    ("gradients are divided by the dimension", "1 / Float(dOut.channels).squareRoot()", "1 / Float(dOut.channels)"),
    ("a key's gradient is a value's",
     "multiplyAdd(ds, q.channel(d)[vector], keySums[n][d])",
     "multiplyAdd(e, q.channel(d)[vector], keySums[n][d])"),
    ("the largest score is never taken off", "scoreBound(q: q, k: k) > directBound", "false"),
    ("NaN counts as bounded", "bound.isNaN ? .infinity : bound", "bound.isNaN ? 0 : bound"),
    # Only where 16 lanes take more than one register, as the one above of keySums[n] elsewhere.
    ("of half lanes, softmax's gradient forgets the row", "HalfLanes.inside(b)[at]", "HalfLanes()"),
    ("of half lanes, a key's gradient is a value's", "HalfLanes.multiplyAdd(ds, HalfLanes.inside(q.channel(d))[at], keyHalves[n][d])",
     "HalfLanes.multiplyAdd(e, HalfLanes.inside(q.channel(d))[at], keyHalves[n][d])"),
    ("the upper half of a value's gradient is lost", "valueSums[first + n][d].highHalf = valueHalves[n][d]", "_ = first",
     {"statement": True}),
    ("every quarter of the keys is the first", "first", "0", {"at": "var j = first\n  while j < blocks"}),
    ("keys behind the last four are left out", "blocks..<tokens", "tokens..<tokens", {"at": "for j in blocks..<tokens"}),
)
faults(
    "Sources/Model/TransformerKernels/PlanePolynomials.swift", "VisionTransformers/AttentionTests VisionTransformers/StudentTests",
    ("a row's later columns begin with its first monomial", "isFirst ? rowPower : power", "rowPower"),
    ("moments of both halves go to the lower", "Group.parts &* (3 &* w &+ m) &+ part", "Group.parts &* (3 &* w &+ m)"),
    ("the derivative in x₁ is not multiplied by x₀", "Group.multiplyAdd(d1[u], x0[u], dRow[u])", "dRow[u]"),
)
faults(
    "Sources/Model/TransformerKernels/ProductTiles.swift", "VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests",
    ("all results of a tile have the first's factors", "factors[n &* nStep]", "factors[0]"),
)
faults(
    "Sources/Model/TransformerKernels/TiledAttention.swift", "VisionTransformers/AttentionTests VisionTransformers/StudentTests",
    ("scores are not divided by the root of the dimension", "log2e / Float(dimension).squareRoot()", "log2e"),
    ("the largest score is never taken off", "scoreBound(q: q, k: k) > directBound", "false"),
    ("the last keys of an odd number are left out of the sum", "blocks..<tokens", "tokens..<tokens",
     {"at": "for j in blocks..<tokens"}),
    ("softmax's gradient forgets the row", "splat(0) - b", "splat(0)", {"at": "repeating: splat(0) - b)"}),
    ("a key's gradient is transposed into a value's place", "transposeBlock(block, to: dScores + vector * laneCount)",
     "transposeBlock(weights, to: dScores + vector * laneCount)", {"statement": True}),
    ("keys' gradients are not divided by the root", "[dq, dk]", "[dq]"),
    ("queries' gradients are those of the last keys alone", "true", "false", {"at": "accumulating: true"}),
)
faults(
    "Sources/Model/TransformerKernels/PolynomialAttention.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("padding counts as tokens", "paddingMask(vector, tokens)", "splat(1)", {"at": "* paddingMask(vector, tokens)"}),
    ("the tilt is left out of a key's gradient",
     "multiplyAdd(product, tilt.1, dk.channel(1)[vector])",
     "dk.channel(1)[vector]"),
    ("the series is cut one term earlier", "1...24", "1...2"),
)
faults(
    "Sources/Model/TransformerKernels/PatchEmbedding.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests Training",
    ("patches of 2 are mirrored at the diagonal",
     "(c * patch + row % patch) * patch + column",
     "(c * patch + column) * patch + row % patch"),
    ("patches of 16 are mirrored at the diagonal",
     "i * patch * channels + j * channels + stored",
     "j * patch * channels + i * channels + stored"),
    ("the weight's gradient forgets the shift", "factors[c] * products + shifts[c] * total", "factors[c] * products"),
    ("the bias forgets the shift", "Double(weight[index]) * Double(shifts[c])", "0.0"),
    ("grey images have one weight of three", "channels == 1 ? 0 : c", "channels == 1 ? 0 : 2 - c"),
)
faults(
    "Sources/Model/TransformerKernels/PatchRows.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("the patches of a row change places",
     "token / side * patch * side + token % side",
     "token / side * patch * side + (side - 1 - token % side)"),
    ("the bias is left out", "totals[n * tokensPerGroup + u] + bias[o + n]", "totals[n * tokensPerGroup + u]"),
    ("the upper half of the lanes has the lower one's weights", "Group.inside(weights + o) + part", "Group.inside(weights + o)"),
)
faults(
    "Sources/Model/VisionTransformers/TransformerWorkspace.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests Training",
    ("the class token is the first",
     "pooled[c] = last[c, architecture.tokens - 1]",
     "pooled[c] = last[c, 0]",
     {"statement": True}),
    ("no ReLU", "max(pooled[c], 0)", "pooled[c]"),
    ("ReLU lets all gradients pass", "pooled[c] > 0", "true"),
    ("the mean is over the patches' vectors",
     "tokenSum(last, c, tokens: architecture.tokens) / Float(architecture.tokens)",
     "tokenSum(last, c, tokens: architecture.tokens) / Float(last.vectors * laneCount)"),
    ("the penultimate vector's gradient is left out", "dPenultimate[c]", "0", {"at": "var gradient = dPenultimate[c]"}),
    ("the positions' gradient is that of the last image",
     "positionSums.add(dx)",
     "positionSums.clear(); positionSums.add(dx)",
     {"statement": True}),
)
faults(
    "Sources/Model/VisionTransformers/TransformerBlock.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests",
    ("keys and values change places", '["q", "k", "v"]', '["q", "v", "k"]'),
)
faults(
    "Sources/Model/VisionTransformers/VisionTransformer.swift", "VisionTransformers/StudentTests VisionTransformers/TiledKernelTests VisionTransformers/AttentionTests VisionTransformers/BatchTests Training",
    ("the smallest logit counts as the answer",
     "workspace.logits[$0] < workspace.logits[$1]",
     "workspace.logits[$0] > workspace.logits[$1]"),
    ("the first target serves all images", "targets[index * q..<(index + 1) * q]", "targets[0..<q]"),
    ("the first target serves all images, logits", "targets[index * k..<(index + 1) * k]", "targets[0..<k]"),
    ("only the last chunk counts",
     "gradient[index] += part[index]",
     "gradient[index] = part[index]",
     {"statement": True}),
)

# MARK: Variations of students

VARIATIONS = "VisionTransformers/VariationTests VisionTransformers/DropoutTests VisionTransformers Training"

faults(
    "Sources/Model/TransformerKernels/Dropout.swift", VARIATIONS,
    ("the masks of all epochs are one", "UInt64(epoch)", "UInt64(0)"),
    ("the masks of all images are one", "UInt64(image)", "UInt64(0)"),
    ("both branches have one mask", '"\\(purpose): mlp branch"', '"\\(purpose): attention branch"'),
    ("what is kept is not made larger", "1 / (1 - rate)", "1.0",
     {"at": "Float(1 / (1 - rate)))\n  mask.clear()"}),
    ("kept attention weights are not made larger", "1 / (1 - rate)", "1.0",
     {"at": "Float(1 / (1 - rate)))\n  // A row of keys"}),
    ("the last keys have the mask of the first query", "rows[lane * tokens + token]", "rows[token]"),
    ("keys are drawn for queries that there are not", "tokens * (tokens - vector * laneCount)", "count"),
    ("the rate is that of keeping", "rate * 0x1p32", "(1 - rate) * 0x1p32"),
)
faults(
    "Sources/Model/TransformerKernels/DropoutAttention.swift", VARIATIONS,
    ("the weights are not scaled by the head's dimension", "log2e / Float(q.channels).squareRoot()", "log2e"),
    ("values get gradients of weights that were dropped", "e * m * a.channel(d)[vector]", "e * a.channel(d)[vector]"),
    ("queries get gradients of weights that were dropped", "m", "splat(1)",
     {"at": "dWeight, m, splat"}),
    ("the gradient forgets the sum", "splat(0) - b[vector]", "splat(0)"),
)
faults(
    "Sources/Model/TransformerKernels/UniformAttention.swift", VARIATIONS,
    ("the mean is over one token less", "tokenSum(v, c, tokens: tokens) / Float(tokens)",
     "tokenSum(v, c, tokens: tokens) / Float(tokens - 1)"),
    ("values get the sum of gradients", "tokenSum(dOut, c, tokens: tokens) / Float(tokens)",
     "tokenSum(dOut, c, tokens: tokens)"),
)
faults(
    "Sources/Model/TransformerKernels/Elementwise.swift", VARIATIONS,
    ("the cosine's derivative is the sine", "-s", "s", {"at": "derivative.base[index] = -s"}),
    ("the hyperbolic tangent's derivative is 1", "multiplySubtract(y, y, from: splat(1))", "splat(1)"),
    ("the diagonal has no bias", "splat(bias[c])", "splat(0)"),
    ("the diagonal's gradient replaces those before", "accumulating ? place.pointee : splat(0)", "splat(0)"),
    ("the diagonal's bias has the weight's gradient", "b += gradient", "b += gradient * x.channel(c)[v]",
     {"statement": True}),
)
faults(
    "Sources/Model/VisionTransformers/TransformerWorkspace+Attention.swift", VARIATIONS,
    ("the identity's gradient is left out", "dx.add(dy)", "()", {"statement": True}),
    ("the output's circuits see the encoded input", "block.outputCos", "block.cos",
     {"at": "cos: block.outputCos, sin: block.outputSin, into: direct"}),
    ("heads that go straight on are not dropped", "applyMask(block.branchMasks[0], block.attended, into: branch)",
     "branch.clear(); branch.add(block.attended)", {"statement": True}),
    ("the attention branch is not dropped", "applyMask(block.branchMasks[0], to: branch)", "()", {"statement": True}),
)
faults(
    "Sources/Model/Architectures/ParameterLayout.swift", VARIATIONS + " Configuration",
    ("frozen angles are trained", "design.trainsAngles", "true"),
    ("a diagonal's weights begin as those of a wide layer", ".uniform(fanIn: 1)", ".uniform(fanIn: 16)",
     {"at": 'add("\\(name).weight", [channels], .uniform(fanIn: 1))'}),
    ("angles are always uniform", ".normal(deviation: deviation)", ".angle",
     {"at": "(let deviation): .normal(deviation: deviation)"}),
)
faults(
    "Sources/Model/QuantumCircuits/Circuit.swift", "CircuitKernels VisionTransformers",
    ("the input is uploaded once", "reuploading ? layers : 1", "1"),
    ("layers share their angles", "layers * rowsPerLayer", "rowsPerLayer"),
)

# MARK: TinyViT

faults(
    "Sources/Model/TinyViTKernels/LayerNorm.swift", "TinyViTKernels TinyViT",
    ("the gradient forgets the variance",
     "multiplySubtract(normalised, splat(productMean), from: g - splat(gMean))",
     "g - splat(gMean)"),
    ("the variance is unbiased", "sum(squares) / Float(channels)", "sum(squares) / Float(channels - 1)"),
)
faults(
    "Sources/Model/TinyViTKernels/GELU.swift", "TinyViTKernels TinyViT",
    ("the function is shifted", "x * multiplyAdd(p, bounded, splat(0.5))", "x * multiplyAdd(p, bounded, splat(0.499))"),
)
faults(
    "Sources/Model/TinyViTKernels/BatchNorm.swift", "TinyViTKernels TinyViT",
    ("chunks are averaged as if they were equal", "difference * (count / all)", "difference / 2"),
    ("the variance between chunks is left out",
     "otherSquares + difference * difference * (rows * count / all)",
     "otherSquares"),
    ("the gradient forgets the mean", "Float(Double(normalisation.scale[$0]) * sums.dy[$0] / sums.rows)", "Float(0)"),
    ("the shift forgets gamma", "mean[$0] * deviations[$0] * Double(gamma[$0])", "mean[$0] * deviations[$0]"),
)
faults(
    "Sources/Model/TinyViTKernels/WindowAttention.swift", "TinyViTKernels TinyViT",
    ("rows and columns of the bias change places",
     "abs(rowI - rowJ) * side + abs(columnI - columnJ)",
     "abs(columnI - columnJ) * side + abs(rowI - rowJ)"),
    ("softmax's gradient forgets the row", "(loadLanes(g + j) - total)", "loadLanes(g + j)"),
    ("keys behind the last are not masked",
     "expanded.update(repeating: maskedScore, count: shape.biasSize)",
     "expanded.update(repeating: 0, count: shape.biasSize)",
     {"statement": True}),
    ("a query's gradient is not scaled", "loadLanes(at) * splat(queryScale)", "loadLanes(at)"),
)
faults(
    "Sources/Model/TinyViTKernels/DepthwiseConvolution.swift", "TinyViTKernels TinyViT",
    ("taps are not turned round", "(8 - tap) * channels", "tap * channels"),
)
faults(
    "Sources/Model/TinyViTKernels/StridedConvolution.swift", "TinyViTKernels TinyViT",
    ("the row above is left out of the gradient", "to[k] += from[k]", "to[k] = from[k]", {"statement": True}),
)
faults(
    "Sources/Base/VectorMath/BFloat16.swift", "VectorMath/BFloat16Tests",
    ("ties are rounded up", "(bits >> 16) & 1", "1"),
    ("denormal numbers stay", "magnitude < 0x80_0000", "magnitude < 0"),
)
faults(
    "Sources/Model/TinyViTKernels/RoundedOperands.swift", "TinyViTKernels/RoundedProductTests",
    ("the even step comes first", "bfloat16Pairs(even: even, odd: odd)", "bfloat16Pairs(even: odd, odd: even)"),
    ("a last single row has a neighbour", "step + 1 < steps", "true", {"at": "let isWhole = step + 1 < steps"}),
    ("operands are not rounded",
     "swapNeighbours(roundToBFloat16(loadLanes(from + step)))",
     "swapNeighbours(loadLanes(from + step))"),
)
faults(
    "Sources/Model/TinyViTKernels/RoundedProduct.swift", "TinyViTKernels/RoundedProductTests",
    ("the weight gradient goes by an odd number of rows", "128", "127", {"at": "roundedGradientRows = 128"}),
)
faults(
    "Sources/Model/TinyViTKernels/BFloat16Method+Choice.swift", "TinyViTKernels/RoundedProductTests",
    ("an instruction that rounds otherwise is used", "agrees()", "true"),
    ("the check is of large numbers only", "[-2...2, -65 ... -61, -30...30]", "[-2...2, -1...1, -30...30]"),
)
faults(
    "Sources/Model/TinyViT/Network+Backward.swift", "TinyViT/PrecisionTests",
    ("operands of a convolution's weight gradient are not rounded", "arithmetic", ".float32",
     {"at": "arithmetic, rows: count, outputs: outputs"}),
    ("operands of a linear layer's weight gradient are not rounded", "arithmetic", ".float32",
     {"at": "arithmetic, rows: rows, outputs: outputs"}),
    ("operands of a strided convolution's weight gradient are not rounded", "arithmetic", ".float32",
     {"at": "layer.shape, arithmetic, dy: UnsafePointer(dy.image(image)), scratch: memory"}),
)
faults(
    "Sources/Model/TinyViT/PackedWeights.swift", "TinyViT/PrecisionTests",
    ("pixels are rounded", "layer.index == architecture.stem1.product.index ? nil : rounding", "rounding"),
)
faults(
    "Sources/Model/TinyViTKernels/MeanPool.swift", "TinyViTKernels",
    ("the gradient is not shared", "loadLanes(dy + c) * splat(1 / Float(tokens))", "loadLanes(dy + c)"),
)
faults(
    "Sources/Model/TinyViT/Network.swift", "TinyViT",
    ("windows run down the columns",
     "(windowRow * window + row) * block.side + windowColumn * window",
     "(windowColumn * window + row) * block.side + windowRow * window",
     {"equivalent": "the windows come in another order, and each is computed by itself"}),
    ("frozen batch norms take the batch's statistics", "!frozen", "true", {"at": "guard !frozen else"}),
)
faults(
    "Sources/Model/TinyViT/Network+Forward.swift", "TinyViT",
    ("the MLP has no residual", "loadLanes(output + i) + loadLanes(rows + i)", "loadLanes(rows + i)"),
    ("attention has no residual", "loadLanes(input + at) + loadLanes(from + i)", "loadLanes(from + i)"),
    ("the MLP's norm is attention's", "block.mlpNorm.gamma", "block.attentionNorm.gamma"),
)
faults(
    "Sources/Model/TinyViT/Head.swift", "TinyViT",
    ("no ReLU", "preactivation.map { max($0, 0) }", "preactivation"),
    ("ReLU lets all gradients pass", "$1 > 0 ? $0 : 0", "$0"),
)
faults(
    "Sources/Model/TinyViT/TinyViTBackpropagation.swift", "TinyViT",
    ("the running variance is biased", "moments.rows / max(moments.rows - 1, 1)", "1.0"),
    ("running means move nine times too fast", "0.9 * oldMean + 0.1 * mean[c]", "0.1 * oldMean + 0.9 * mean[c]"),
    ("the gradient is not shared by the batch", "labels.count", "1", {"at": "batch: labels.count"}),
    ("the loss is a sum", "loss / Double(labels.count)", "loss"),
    ("frozen batch norms are trained", "mode == .frozen", "false"),
)

# MARK: Statistics

faults(
    "Sources/Base/Statistics/Interval.swift", "Statistics",
    ("percentiles lie too high",
     "fraction * Double(sorted.count - 1)",
     "min(fraction * Double(sorted.count), Double(sorted.count - 1))"),
    ("the interval is one of 92.5%", "percentile(0.975)", "percentile(0.95)"),
)
faults(
    "Sources/Base/Statistics/Moments.swift", "Statistics Metrics",
    ("the variance has n in its denominator", "values.count - 1", "values.count", {"at": "/ Double(values.count - 1)"}),
    ("NaN among the values is left out",
     "values.reduce(0, +) / Double(values.count)",
     "values.filter { !$0.isNaN }.reduce(0, +) / Double(values.count { !$0.isNaN })"),
)
faults(
    "Sources/Base/Statistics/StudentT.swift", "Statistics",
    ("the tail is one-sided", "1 - incompleteBeta(share, 0.5, degreesOfFreedom / 2)",
     "(1 - incompleteBeta(share, 0.5, degreesOfFreedom / 2)) / 2"),
    ("the quantile is one-sided", "1 - twoSidedTail(middle) < confidence", "1 - twoSidedTail(middle) / 2 < confidence"),
    ("the one-sided tail is the two-sided", "twoSidedTail(t) / 2", "twoSidedTail(t)", {"at": "? twoSidedTail(t) / 2 :"}),
)
faults(
    "Sources/Base/Statistics/WilcoxonSignedRank.swift", "Statistics",
    ("ranks of ties are too high", "start + 1 + end", "2 * end", {"at": "doubledRanks[order[place]] = start + 1 + end"}),
    ("zeros count", "differences.filter { $0 != 0 }", "differences"),
    ("the test is one-sided", "2 * tail", "tail"),
)
faults(
    "Sources/Base/Statistics/HolmCorrection.swift", "Statistics",
    ("each is corrected by the whole family", "Double(order.count - place)", "Double(order.count)"),
    ("corrected values may fall", "largest", "0", {"at": "max(largest, min("}),
)
faults(
    "Sources/Base/Statistics/RankingError.swift", "Statistics",
    ("the prior is missing", "Double(onlyFirst) + 1", "Double(max(1, onlyFirst))"),
)
faults(
    "Sources/Base/Statistics/MultipleRuns.swift", "Statistics Metrics",
    ("images are left out", "max(0, shared / Double(pairs))", "0"),
    ("a negative covariance counts", "max(0, shared / Double(pairs))", "shared / Double(pairs)"),
    ("runs of a group are pairs", "indices[second] != indices[first]", "second != first"),
    ("groups have equal shares", "Double(runs.count) / Double(values.count)", "1 / count"),
    ("runs of a group do not differ", "values.count > groups.count ? within / Double(values.count - groups.count) : 0", "0"),
    ("runs are the repetitions", "between * count / (count - 1)", "sampleVariance(values) / Double(values.count)"),
    ("seeds are not averaged", "sampleVariance(values) / Double(count)", "sampleVariance(values)"),
)
faults(
    "Sources/Base/Statistics/RunUncertainty.swift", "Statistics Metrics",
    ("another run is one of ours", "prediction(images: 2)", "prediction(images: 0)"),
    ("degrees of freedom are those of the seeds", "variance * variance / seeds", "1 / seeds"),
    ("a prediction is the mean's interval", "seedVariance * Double(count + 1)", "seedVariance"),
    ("another run is of these teachers", "groupedRunVariance.map { $0 + seedVariance }", "groupedRunVariance.map { _ in seedVariance }"),
)
faults(
    "Sources/Base/Statistics/RunAggregates.swift", "Statistics",
    ("ties win", "value == other ? 1 : 0", "value == other ? 2 : 0"),
    ("a tenth is trimmed", "sorted.count / 4", "sorted.count / 10"),
)
faults(
    "Sources/Base/Statistics/SeedsNeeded.swift", "Statistics",
    ("the power is 50%", "distribution.twoSidedQuantile(0.6)", "0.0"),
    ("images do not matter", "both * both * imageVariance < distance * distance", "true",
     {"equivalent": "the search finds no number of seeds either, it only takes longer"}),
)

# MARK: Metrics

faults(
    "Sources/Training/Metrics/Accuracy.swift", "Metrics",
    ("a score of one half is class 1", "$0 > 0.5", "$0 >= 0.5"),
    ("equal scores go to the highest class",
     "scores.values[row + index] > scores.values[row + best]",
     "scores.values[row + index] >= scores.values[row + best]"),
    ("accuracy is the largest class's share",
     "share(zip(predictions, labels).count { $0 == $1 }, of: labels.count)",
     "share(labels.map { label in labels.count { $0 == label } }.max() ?? 0, of: labels.count)"),
)
faults(
    "Sources/Training/Metrics/AreaUnderROC+Classes.swift", "Metrics",
    ("the binary area is class 0's", "perClass[1]", "perClass[0]"),
    ("binary tasks have a mean over both classes", "task == .binary", "false", {"at": "task == .binary ? perClass[1]"}),
    ("an absent class is left out of the mean",
     "perClass.reduce(0, +) / Double(scores.classCount)",
     "perClass.filter { !$0.isNaN }.reduce(0, +) / Double(perClass.count { !$0.isNaN })"),
    ("the reasons for no area change places",
     "UndefinedAUC(classIndex: index, reason: .absent)",
     "UndefinedAUC(classIndex: index, reason: .fillsTheSplit)"),
)
faults(
    "Sources/Training/Metrics/AreaUnderROC.swift", "Metrics",
    ("ties count whole", "(trueRates[point] + trueRates[point - 1]) / 2", "trueRates[point]"),
    ("no point of the curve is dropped",
     "counts[point + 1] - counts[point] != counts[point] - counts[point - 1]",
     "true"),
    ("trapezoids are summed in their order", "pairwiseSum(trapezoids[...])", "trapezoids.reduce(0, +)"),
)
faults(
    "Sources/Training/Metrics/Ranking.swift", "Metrics",
    ("positives and negatives change places",
     "positives[Int(order[position])]",
     "!positives[Int(order[position])]"),
    ("equal scores are told apart", "scores[Int(order[next])] != scores[Int(order[position])]", "true"),
)
faults(
    "Sources/Training/Metrics/ConfusionMatrix.swift", "Metrics",
    ("rows and columns change places",
     "label * classCount + prediction",
     "prediction * classCount + label",
     {"at": "counts[label * classCount + prediction] += 1"}),
    ("recall is precision",
     "support(of: index)",
     "assigned(to: index)",
     {"at": "Double { share(self[index, index], of: support(of: index))"}),
    ("precision is recall",
     "assigned(to: index)",
     "support(of: index)",
     {"at": "share(self[index, index], of: assigned(to: index))"}),
    ("F1 is halved", "2 * self[index, index]", "self[index, index]"),
    ("of equally large classes the highest", "$0 > $1", "$0 < $1"),
    ("the majority's share is the first class's", "supports[best]", "supports[0]"),
)
faults(
    "Sources/Training/Metrics/FixedPoint.swift", "Metrics Reporting",
    ("ties are rounded up", "rest == 0 && !thousandths.isMultiple(of: 2)", "rest == 0"),
    ("the sign is lost", 'value.sign == .minus ? "-" : ""', '""'),
)
faults(
    "Sources/Training/Metrics/Metric.swift", "Metrics Reporting",
    ("accuracy is the largest class's share",
     "Metrics.accuracy(of: predictions, labels: labels)",
     "Double(labels.map { label in labels.count { $0 == label } }.max() ?? 0) / Double(labels.count)"),
    ("accuracy is the area",
     "Metrics.accuracy(of: predictions, labels: labels)",
     "auc.value"),
    ("ties count nothing", "2 * negatives + misses", "2 * negatives"),
    ("guessing is right half the time", "majorityShare", "0.5", {"at": "case .accuracy: majorityShare"}),
    ("images that occur twice count once",
     "hits += Int(count)",
     "hits += min(Int(count), 1)",
     {"at": "if isCorrect { hits += Int(count) }", "statement": True}),
    ("the titles change places", '"AUC"', '"ACC"'),
)
faults(
    "Sources/Training/Metrics/SplitEvaluation.swift", "Metrics Reporting Artifacts",
    ("equal images are forgotten", "duplicatesOfTrain", "0", {"at": '= duplicatesOfTrain\n'}),
    ("recall is precision", "confusion.recall(of: index)", "confusion.precision(of: index)"),
    ("precision is recall", "confusion.precision(of: index)", "confusion.recall(of: index)"),
    ("every class has the mean area", "auc.perClass[index]", "auc.value"),
    ("the majority is class 0",
     "confusion.majority",
     "(0, confusion.majority.share)",
     {"at": "(majorityClass, majorityBaseline) = confusion.majority"}),
    ("support counts the answers", "confusion.support(of: index)", "confusion.assigned(to: index)"),
    ("logits count as scores", "softmax(logits, classCount: classCount)", "logits"),
)
faults(
    "Sources/Training/Metrics/Influence.swift", "Metrics",
    ("ties count nothing", "2 * negativesBelow + misses", "2 * negativesBelow"),
    ("negatives are placed among negatives", "2 * positivesBelow + hits", "2 * negativesBelow + misses"),
    ("variances are those of the population", "Double(count) * Double(count - 1)", "Double(count) * Double(count)",
     {"at": "1 / (Double(count) * Double(count - 1))"}),
    ("one class stands for all", "evaluation.task == .binary ? 1..<2 : 0..<evaluation.classCount", "1..<2"),
)
faults(
    "Sources/Training/Metrics/RunIntervals.swift", "Metrics Reporting",
    ("the logit's slope is left out", "value * (1 - value)", "1.0"),
    ("as many runs are drawn as there are", "1..<groupCount", "0..<groupCount", {"at": "for _ in 1..<groupCount"}),
    ("images are drawn from all classes", "ofClass[stream.index(below: ofClass.count)]",
     "stream.index(below: labels.count)"),
    ("other images do not matter", "$0.labels == first.labels", "true",
     {"at": "first = runs.first, runs.allSatisfy({ $0.labels == first.labels && "}),
    ("the average's variance is the sum", "1 / Double(analyses.count)", "1.0"),
)

faults(
    "Sources/Training/Metrics/Bootstrap.swift", "Metrics",
    ("all resamples are the first", "UInt64(replicate)", "UInt64(0)"),
    ("defined resamples are counted",
     "settings.replicates - values[.auc, default: []].count",
     "values[.auc, default: []].count"),
    ("images are drawn once too rarely", "scores.count", "scores.count - 1", {"at": "for _ in 0..<scores.count"}),
    ("accuracy's interval is the area's",
     "values.mapValues(centralInterval)",
     "values.mapValues { centralInterval(values[.auc] ?? $0) }"),
)
faults(
    "Sources/Training/Metrics/MedMNISTPredictions.swift", "Metrics " + TOOL,
    ("the file's name has accuracy for the area", "result[.auc]", "result[.accuracy]"),
    ("columns of scores are rows",
     "result.scores[image * result.classCount + index]",
     "result.scores[index * result.imageCount + image]"),
    ("the area and the accuracy of a name change places",
     "[.auc: String(match.3), .accuracy: String(match.4)]",
     "[.auc: String(match.4), .accuracy: String(match.3)]"),
    ("a score alone is class 0's", "1 - score", "score"),
    ("all names are of test", "self.split = split", "self.split = .test", {"statement": True}),
)

# MARK: Training

faults(
    "Sources/Training/Training/Adam.swift", "Training",
    ("beta 2 is beta 1", "(S(settings.beta1), S(settings.beta2))", "(S(settings.beta1), S(settings.beta1))"),
    ("the second moment's rest is the first's", "S(1 - settings.beta2)", "S(1 - settings.beta1)"),
    ("epsilon is under the root", "v.squareRoot() / correction + epsilon", "(v + epsilon).squareRoot() / correction"),
    ("the first moment is not corrected", "learningRate / (1 - power1)", "learningRate"),
    ("the second moment is not corrected", "S((1 - power2).squareRoot())", "S(1)"),
    ("a resumed optimiser counts from 0", "0..<steps", "0..<0"),
    ("the second moment is of the gradient", "rest2 * g * g", "rest2 * g"),
)
faults(
    "Sources/Training/Training/TrainingSettings.swift", "Training",
    ("the rate falls an epoch late", "Double(epoch) >= $1 * Double(epochs)", "Double(epoch) > $1 * Double(epochs)"),
    ("the rate falls once", "$0 * decay", "learningRate * decay"),
)
faults(
    "Sources/Training/Training/Learner.swift", "Training",
    ("the validation loss is a sum",
     "crossEntropyLoss(row, label: label) / Double(labels.count)",
     "crossEntropyLoss(row, label: label)"),
    ("accuracy is measured as in several classes",
     "Metrics.accuracy(scores, labels: labels, task: task)",
     "Metrics.accuracy(scores, labels: labels, task: .multiClass)",
     {"equivalent": "with two softmax scores p and 1 - p the larger is the one above 0.5; they differ at 0.5 exactly, where both answer class 0"}),
)
faults(
    "Sources/Training/Training/Trainer.swift", "Training",
    ("all epochs have the same order", "UInt64(state.epoch)", "UInt64(0)"),
    ("the order's purpose is forgotten", "orderPurpose", '"shuffle"', {"at": "purpose: orderPurpose,"}),
    ("the last, shorter batch is left out",
     "(learner.trainingCount + settings.batchSize - 1) / settings.batchSize",
     "learner.trainingCount / settings.batchSize"),
    ("the rate is that of the next epoch",
     "settings.learningRate(epoch: state.epoch)",
     "settings.learningRate(epoch: state.epoch + 1)"),
    ("a batch's loss counts once", "result.loss * Double(images.count)", "result.loss"),
    ("the validation loss is the training loss",
     "found.loss",
     "state.lossSum / Double(count)",
     {"at": "validationLoss: found.loss"}),
    ("the validation accuracy is the area", "found.accuracy", "auc"),
    ("training accuracy counts steps",
     "Double(state.correct) / Double(count)",
     "Double(state.correct) / Double(stepsPerEpoch)"),
    ("of equal epochs the last is taken", "auc > $0.auc", "auc >= $0.auc"),
    ("the worst epoch is taken", "auc > $0.auc", "auc < $0.auc"),
    ("the loss goes on from epoch to epoch", "state.lossSum = 0", "state.lossSum += 0", {"statement": True}),
    ("hits go on from epoch to epoch", "state.correct = 0", "state.correct += 0", {"statement": True}),
    ("the statistics of a step are dropped",
     "(state.parameters, state.optimizer, state.statistics) = (parameters, optimizer, statistics)",
     "(state.parameters, state.optimizer) = (parameters, optimizer)",
     {"statement": True}),
)
faults(
    "Sources/Training/Training/TrainingState.swift", "Training",
    ("the selected statistics are dropped", "state.statistics", "[]", {"at": "statistics: state.statistics)"}),
)
faults(
    "Sources/Training/Learners/VisionTransformerLearner.swift", "Training " + TOOL,
    ("all images have the first one's target", "all[$0 * width..<($0 + 1) * width]", "all[0..<width]"),
    ("all images have the first one's label", "training.labels[$0]", "training.labels[0]"),
    ("the validation loss is the distance to oneself",
     "Self.meanSquare(penultimate, wanted)",
     "Self.meanSquare(penultimate, penultimate)"),
    ("the training images' target serves in validation", "Self.meanSquare(logits, wanted)", "0"),
    ("images of a piece begin with the first", "start + place", "place"),
)
faults(
    "Sources/Training/Learners/TinyViTLearner.swift", "Training " + TOOL,
    ("the smallest logit counts as the answer", "logits[$0] < logits[$1]", "logits[$0] > logits[$1]"),
    ("images of a piece begin with the first",
     "piece",
     "0..<piece.count",
     {"at": "split.images(piece, side: imageSide"}),
)

# MARK: Artifacts

faults(
    "Sources/Results/Artifacts/Schemas/EvaluationArtifact.swift", "Artifacts " + TOOL,
    ("equal images are not read", "duplicates", "0", {"at": ": duplicates,"}),
    ("the attribute of accuracy is the area", ".number(self[metric])", ".number(self[.auc])"),
    ("the upper end is the lower", "bootstrap[metric]?.high ?? .nan", "bootstrap[metric]?.low ?? .nan"),
    ("accuracy's interval is the area's", "bootstrap[metric]?.low ?? .nan", "bootstrap[.auc]?.low ?? .nan"),
    ("the column recall is precision", r"\.recall", r"\.precision"),
    ("the column precision is recall", r"\.precision", r"\.recall"),
    ("the column F1 is the area", r"\.f1", r"\.auc"),
    ("an interval is read as its lower end",
     "Interval(low: ends[0], high: ends[1])",
     "Interval(low: ends[0], high: ends[0])"),
    ("predictions are written as labels", "results.labels.map { UInt8($0) }", "results.predictions.map { UInt8($0) }"),
    ("the confusion is written as it is read by columns",
     "results.confusion.counts.map(Int64.init)",
     "(0..<classes * classes).map { Int64(results.confusion[$0 % classes, $0 / classes]) }",
     {"at": 'EvaluationSchema.confusion, results.confusion.counts.map(Int64.init), shape: [classes, classes],\n      axes'}),
    ("the selected epoch is lost", "history.selectedEpoch", "0"),
    ("the number of parameters is the number of classes", ".integer(parameterCount)", ".integer(classes)"),
    ("stored numbers are not compared", "same", "true", {"at": "guard same else"}),
    ("metrics' values are the area",
     "metrics.map { self[$0] }",
     "metrics.map { _ in self[.auc] }",
     {"at": 'metrics.map { self[$0] }, "values of the metrics"'}),
)
faults(
    "Sources/Results/Artifacts/Schemas/TrainingHistory.swift", "Artifacts " + TOOL,
    ("the column of the area is accuracy",
     r"\.validationAUC",
     r"\.validationAccuracy",
     {"at": r"value: \.validationAUC"}),
    ("the column of the training loss is that of validation", r"\.trainingLoss", r"\.validationLoss"),
    ("epochs count from 0", "1", "0", {"at": "first: 1"}),
    ("the learning rate is lost", r"\.learningRate", r"\.trainingLoss"),
    ("images are not read", "Int(images)", "0"),
)
faults(
    "Sources/Results/Artifacts/Schemas/CheckpointArtifact.swift", "Artifacts " + TOOL,
    ("the first moment is written twice", "optimizer.secondMoment", "optimizer.firstMoment"),
    ("the second moment is read twice",
     "CheckpointSchema.firstMoment",
     "CheckpointSchema.secondMoment",
     {"at": "vector(CheckpointSchema.firstMoment, parameters)"}),
    ("the best epoch is one later", "history.selectedEpoch - 1", "history.selectedEpoch"),
    ("hits are steps", ".integer(state.correct)", ".integer(state.step)"),
    ("the best parameters are the last", "state.best?.parameters ?? zeros(state.parameters.count)", "state.parameters"),
    ("the optimiser counts from 0", "try count(CheckpointSchema.optimizerSteps)", "0"),
    ("the best area is lost", ".number(state.best?.auc ?? 0)", ".number(0)"),
)
faults(
    "Sources/Results/Artifacts/Schemas/StudentArtifact.swift", "Artifacts " + TOOL,
    ("shapes are turned round",
     "NamedArray(name: name, shape: shape, values: values)",
     "NamedArray(name: name, shape: shape.reversed(), values: values)"),
    ("the selected epoch is lost", "history.selectedEpoch", "0"),
)
faults(
    "Sources/Results/Artifacts/Schemas/TeacherArtifact.swift", "Artifacts " + TOOL,
    ("the targets of train serve in validation",
     "root.group(TeacherSchema.targets).group(split.rawValue)",
     'root.group(TeacherSchema.targets).group("train")'),
    ("statistics are read as parameters",
     "root.group(TeacherSchema.statistics)",
     "root.group(StudentSchema.parameters)"),
    ("labels are not kept", "found.labels", "found.labels.map { _ in 0 }", {"at": "found.labels, shape: [count]"}),
)
faults(
    "Sources/Results/Artifacts/Schemas/DatasetArtifact.swift", "Artifacts " + TOOL,
    ("the smallest and the largest value change places", "minima[$0]", "maxima[$0]", {"at": "minimum: minima[$0]"}),
    ("both images of a pair are the second", "Int(first[$0])", "Int(second[$0])"),
    ("labels are those of train",
     "reader.root.group(split.rawValue)",
     'reader.root.group("train")',
     {"at": 'let group = try reader.root.group(split.rawValue)\n    let labels'}),
)
faults(
    "Sources/Results/Artifacts/Container/ArtifactWriter+Header.swift", "Artifacts " + TOOL,
    ("official is comparable", "header.isOfficial ? 1 : 0", "header.isComparable ? 1 : 0"),
    ("nothing leaks", "header.isLeaking ? 1 : 0", "0"),
    ("digests are file names", r"header.inputs.map(\.contentSHA256)", r"header.inputs.map(\.fileName)"),
)
faults(
    "Sources/Results/Artifacts/Container/ArtifactReader+Header.swift", "Artifacts " + TOOL,
    ("generated is leaking", "HeaderSchema.generated", "HeaderSchema.leaking"),
)

# MARK: Configuration

faults(
    "Sources/Results/Configuration/TrainingSettings+Settings.swift", "Configuration",
    ("beta 2 sets beta 1",
     'adam.beta2 = try reader.number("beta2", in: 0...0.999_999_9)',
     'adam.beta1 = try reader.number("beta2", in: 0...0.999_999_9)',
     {"statement": True}),
    ("epsilon is read and not used",
     'adam.epsilon = try reader.number("epsilon", in: 0...1)',
     '_ = try reader.number("epsilon", in: 0...1)',
     {"statement": True}),
    ("the decay sets the rate",
     'decay = try reader.number("decay", in: 0...1)',
     'learningRate = try reader.number("decay", in: 0...1)',
     {"statement": True}),
    ("the batch size is read and not used",
     'batchSize = try reader.integer("batch_size", in: 1...65_536)',
     '_ = try reader.integer("batch_size", in: 1...65_536)',
     {"statement": True}),
    ("milestones are read and not used",
     'milestones = try reader.numbers("milestones", in: 0...1)',
     '_ = try reader.numbers("milestones", in: 0...1)',
     {"statement": True}),
)
faults(
    "Sources/Results/Configuration/VisionTransformerArchitecture+Settings.swift", "Configuration",
    ("blocks are read and not used",
     'blocks = try reader.integer("blocks", in: 1...8)',
     '_ = try reader.integer("blocks", in: 1...8)',
     {"statement": True}),
    ("control and target change places", "QubitPair(control, target)", "QubitPair(target, control)"),
)
faults(
    "Sources/Results/Configuration/PaperSettings.swift", "Configuration",
    ("the paper trained for 50 epochs", ".number(100)", ".number(50)"),
    ("students that were distilled are not looked at", "student + distillation", "student"),
    ("a setting that is missing is the paper's", "found != value", "found != nil && found != value"),
)
faults(
    "Sources/Results/Configuration/TeacherSeeds.swift", "Configuration Pipeline",
    ("the second is the first student's", "(seed % count + count - 1) % count", "seed % count"),
)
faults(
    "Sources/Results/Claims/Evidence.swift", "Claims",
    ("students of a teacher are independent", "here.groups(of: cells.map(\\.key.row))", "nil"),
)
faults(
    "Sources/Stages/PlanStages/PageInputs.swift", TOOL,
    ("pictures of this page are removed", "pictures[path] == nil", "true"),
    ("other artifacts are the same", "now[$0.key] != $0.value", "now[$0.key] == nil"),
)
faults(
    "Sources/Results/Configuration/ArtifactTree.swift", "Configuration",
    ("a teacher's row is that of its images",
     "model.regime == .teacher ? TinyViTConfiguration.side : resolution",
     "resolution"),
    ("teachers have the students' name",
     r'"\(root)/\(Self.teachers)/\(dataset)-q\(width)-s\(seed).h5"',
     r'"\(root)/\(Self.teachers)/\(dataset)-s\(seed).h5"'),
    ("teachers of all seeds are one",
     r'"\(root)/\(Self.teachers)/\(dataset)-q\(width)-s\(seed).h5"',
     r'"\(root)/\(Self.teachers)/\(dataset)-q\(width).h5"'),
)

# MARK: Claims

faults(
    "Sources/Results/Claims/Judgement.swift", "Claims",
    ("a small effect is confirmed", "value >= target + margin", "true"),
    ("what would matter need not be excluded", "interval.high < target + margin", "interval.high < target"),
    ("near is judged by the estimate", "narrow.low >= target - margin", "value >= target - margin"),
    ("equivalence looks at one tail", "(value - (test.target - test.margin)) / deviation", "Double.infinity"),
    ("seeds are counted as if one were known", "$1.seedVariance * Double($1.count)", "$1.seedVariance"),
)
faults(
    "Sources/Results/Claims/DualNumber.swift", "Claims",
    ("a quotient's denominator has no uncertainty", "-a.value / (b.value * b.value)", "0"),
    ("subtraction adds in the derivatives", "combined(a.value - b.value, a, 1, b, -1)", "combined(a.value - b.value, a, 1, b, 1)"),
    ("means are sums in the derivatives", "1 / Double(wanted.count)", "1.0"),
)
faults(
    "Sources/Results/Claims/Evidence.swift", "Claims",
    ("seeds need not be shared", "$0.seed == seed", "true", {"at": "contains { $0.seed == seed }"}),
    ("images are not paired", "combined[index][image] += slope * found[image]", "combined[index][image] = slope * found[image]"),
)
faults(
    "Sources/Results/Claims/ClaimJudge.swift", "Claims",
    ("the best test decides", "verdicts.contains(.contradicted)", "false"),
    ("a single run has an interval", "$0.parts.allSatisfy { $0.count > 1 } ? $0 : nil", "$0"),
    ("the paper is always consistent", "isConsistent ? reproduction : .inconsistent", "reproduction"),
    ("the tables' rounding is forgotten", "$1.magnitude * 0.0005", "0"),
    ("P values are not corrected", "results[claim].tests[test].correctedP = value", "_ = value"),
)

# MARK: Reporting

faults(
    "Sources/Results/Reporting/ResultTable.swift", "Reporting " + TOOL,
    ("all columns show the area", "$0.test[metric]", "$0.test[.auc]"),
    ("accuracy's interval is the area's",
     "Metrics.interval(of: runs, metric, groups: groups)", "Metrics.interval(of: runs, .auc, groups: groups)"),
    ("one more run is predicted for the area", "RunPrediction(runs, metric, groups: groups)", "RunPrediction(runs, .auc, groups: groups)"),
    ("teachers are in no interval", "RunGroups(ofTeachersOf: cells)", "nil as RunGroups?"),
    ("a tie is none by rounding", "best - $0 < tie", "best == $0"),
    ("the average's interval is that of one dataset",
     r"cells.map { $0.map(\.test) }", r"[cells[0].map(\.test)]"),
    ("the paper's value is its area",
     "PaperResults.entry(table: table, model: row.model, resolution: row.resolution, dataset: dataset)?[metric]",
     "PaperResults.entry(table: table, model: row.model, resolution: row.resolution, dataset: dataset)?[.auc]"),
    ("the difference has the wrong sign", "mean - paper", "paper - mean"),
    ("a sample is compared with the paper", "!isSample", "true", {"at": "let isComparable = !isSample"}),
    ("what is not comparable is compared", r"cells.allSatisfy(\.header.isComparable)", "true"),
    ("NaN has a difference", "mean.isFinite", "true"),
    ("the lowest mean is the best", "means.filter { !$0.isNaN }.max()", "means.filter { !$0.isNaN }.min()"),
    ("NaN beside a mean leaves no best",
     "means.filter { !$0.isNaN }.max()",
     "means.contains { $0.isNaN } ? nil : means.max()"),
    ("the teacher competes", "rows.filter { !$0.row.isReference }", "rows"),
    ("all seeds are there", "!missing.isEmpty", "false"),
    ("seeds are put in falling order", "$0.header.seed < $1.header.seed", "$0.header.seed > $1.header.seed"),
    ("models that deviate are the paper's", "row.isPapers && deviations.isEmpty", "row.isPapers"),
)
faults(
    "Sources/Results/Reporting/PaperResults.swift", "Reporting",
    ("the QViT stands beside the ViT", r'"ViT_\(resolution)"', r'"QViT_\(resolution)"'),
    ("the distilled stand beside those from scratch", r'"ViT-KD_\(resolution)"', r'"ViT_\(resolution)"'),
    ("area and accuracy change places",
     "Entry(auc: numbers[0], accuracy: numbers[1])",
     "Entry(auc: numbers[1], accuracy: numbers[0])"),
)
faults(
    "Sources/Results/Reporting/TableCell.swift", "Reporting " + TOOL,
    ("equal images are not told", "test.duplicatesOfTrain > 0", "false"),
    ("a random teacher is not told", "header.descent?.beginning == .random", "false"),
)
faults(
    "Sources/Results/Reporting/ResultTable+CSV.swift", "Reporting",
    ("paper and difference change places", "csvNumber(entry.paper)", "csvNumber(entry.difference)"),
    ("the lower end is the upper", "entry.interval?.low", "entry.interval?.high"),
    ("the deviation is the mean", "entry.summary?.standardDeviation", "entry.summary?.mean"),
    ("a missing number is NaN", "value.isNaN", "false"),
    ("the metric is always the area", "metric.title", '"AUC"'),
    ("every entry is the best", "entry.isBest", "true"),
    ("quotes are not doubled", r'$0 == "\"" ? "\"\"" : String($0)', "String($0)"),
)
faults(
    "Sources/Results/Reporting/ResultTable+Markdown.swift", "Reporting",
    ("the titles of the metrics change places",
     "Metric.allCases",
     "Array(Metric.allCases.reversed())",
     {"at": 'block.flatMap { index in\n        Metric.allCases'}),
    ("no entry is bold", "entry.isBest", "false"),
    ("the deviation is left out", r'summary.standardDeviation.map { " ± \(threeDecimals($0))" } ?? ""', '""'),
)
faults(
    "Sources/Results/Reporting/ResultTable+LaTeX.swift", "Reporting",
    ("the titles of the metrics change places", "Metric.allCases", "Array(Metric.allCases.reversed())"),
    ("no entry is bold", "entry.isBest", "false"),
    ("percent signs are not escaped", r'"\\%"', '"%"'),
)
faults(
    "Sources/Results/Reporting/ResultTable+Terminal.swift", "Reporting",
    ("no entry has a star", "!styled && entry.isBest", "false"),
    ("the titles of the metrics change places", "Metric.allCases", "Array(Metric.allCases.reversed())"),
)
faults(
    "Sources/Results/Reporting/TableLines.swift", "Reporting",
    ("the paper's line shows the difference", "entry.paper.map(threeDecimals)", "entry.difference.map(threeDecimals)"),
    ("the largest class's share is one half", "metric.baseline(majorityShare: $0.test.majorityBaseline)", "0.5"),
    ("an interval's ends change places",
     r'"\(threeDecimals($0.low))–\(threeDecimals($0.high))"',
     r'"\(threeDecimals($0.high))–\(threeDecimals($0.low))"'),
)
faults(
    "Sources/Results/Reporting/NumberText.swift", "Reporting",
    ("signs change places", "value < 0", "value > 0"),
    ("thousands are grouped from the left", "(digits.count - index).isMultiple(of: 3)", "index.isMultiple(of: 3)"),
)
faults(
    "Sources/Results/Reporting/Agreement.swift", "Reporting",
    ("the half-width is the width", "($1.high - $1.low) / 2", "($1.high - $1.low)"),
)
faults(
    "Sources/Results/Reporting/TableNotes.swift", "Reporting",
    ("far begins at 0.5", "difference.magnitude > 0.05", "difference.magnitude > 0.5"),
    ("a claim of parameters holds if the smaller count agrees",
     "claim.holds(for: counts.lowerBound) && claim.holds(for: counts.upperBound)",
     "claim.holds(for: counts.lowerBound)"),
)
faults(
    "Sources/Results/Reporting/DatasetFacts.swift", "Reporting",
    ("train's majority is test's", "classCounts(.test)[label]", "(classCounts(.test).max() ?? 0)"),
    ("the majority is class 0", "classCounts(split).max() ?? 0", "classCounts(split).first ?? 0"),
)
faults(
    "Sources/Results/Reporting/DatasetTable.swift", "Reporting",
    ("a class's share is rounded down", "(2000 * count + all) / (2 * all)", "1000 * count / all"),
    ("every split has train's baseline",
     "csvNumber(entry.majorityBaseline(on: split))",
     "csvNumber(entry.majorityBaseline(on: .train))"),
)

# MARK: Stages

faults(
    "Sources/Stages/TrainingStages/EvaluateStage.swift", TOOL,
    ("the number of parameters is lost", "model.parameterCount", "0", {"at": "parameterCount: model.parameterCount"}),
    ("printed metrics are not compared", "threeDecimals(result[metric]) != printed", "false"),
    ("scores from elsewhere are always of test", "named?.split ?? .test", ".test"),
)
faults(
    "Sources/Stages/TrainingStages/TrainStage.swift", TOOL,
    ("a distilled start is read and not used",
     "parameters = try student.layout.flat(distilled.parameters, path: path)",
     "_ = try student.layout.flat(distilled.parameters, path: path)",
     {"statement": True}),
    ("a distilled student of another seed is taken", "distilled.header.seed", "seed"),
)
faults(
    "Sources/Stages/TrainingStages/DistillStage.swift", TOOL,
    ("the teacher's classifier is not copied",
     'parameters.replaceSubrange(student.layout.range("head.weight"), with: teacher.classifier.weight)',
     "_ = teacher",
     {"statement": True}),
    ("a head that was fitted is the teacher's in the end", "distillation.head == .teacher", "true"),
    ("validation has the targets of train", "val?.penultimate ?? []", "train?.penultimate ?? []"),
    ("distillation has the order of training", '"distillation shuffle"', '"shuffle"'),
    ("other labels are taken", "labels == targets.labels", "true"),
)
faults(
    "Sources/Stages/TrainingStages/StudentArtifacts.swift", TOOL,
    ("models of other data are taken", "found == contentSHA256", "true"),
    ("the regime in the header is scratch",
     "ArtifactModel(variant: variant, regime: regime, kind: kind)",
     "ArtifactModel(variant: variant, regime: .scratch, kind: kind)"),
    ("a class may be missing from validation", "!present.contains($0)", "false"),
    ("labels are in falling order",
     "labels(split).map(Int.init)",
     "labels(split).map(Int.init).reversed()",
     {"at": "logits: logits, labels: labels(split).map(Int.init)"}),
    ("equal images are those of the own split", ".train", "split", {"at": "duplicateImages[.train, default: 0]"}),
)
faults(
    "Sources/Stages/TrainingStages/FinetuneTeacherStage.swift", TOOL,
    ("the classifier is the last epoch's", "selected.epoch + 1", "selected.epoch"),
    ("targets are those of the last epoch",
     "selected.statistics",
     "learner.model.statisticValues",
     {"at": "statistics: selected.statistics\n      ) { progress.advance(by: $0) }"}),
)
faults(
    "Sources/Stages/ReportStages/ReportStage.swift", TOOL,
    ("Markdown and CSV change places", "texts[1]", "texts[2]"),
)
faults(
    "Sources/Stages/DataStages/PrepareDataStage.swift", "DataStages " + TOOL,
    ("every batch has the first labels", "labels[done..<done + count]", "labels[0..<count]"),
    ("generated images are not told",
     "configuration.source == .sample",
     "false",
     {"at": "isGenerated: configuration.source == .sample"}),
    ("leaks are not told", "source.isLeaking", "false"),
)

# MARK: Descent

faults(
    "Sources/Results/Artifacts/ArtifactHeader.swift", "Reporting " + TOOL,
    ("generated images count as unofficial", "isGenerated", "false", {"at": "isGenerated ? .generated"}),
)
faults(
    "Sources/Results/Artifacts/Descent/ImageDescent.swift", "Artifacts Tool/DescentTests",
    ("labels are not compared", "labelsSHA256 == other.labelsSHA256", "true"),
    ("images are not compared", "imagesSHA256 == other.imagesSHA256", "true"),
    ("folders are not compared", "sha256 == otherSHA256", "true"),
    ("unofficial files are trusted", "origin == .official && other.origin == .official", "true"),
)
faults(
    "Sources/Results/Artifacts/Descent/Ancestor.swift", "Artifacts Tool/DescentTests",
    ("an unofficial teacher is forgotten", "isOfficial && ancestor.isOfficial", "isOfficial"),
    ("a teacher that cannot be compared is forgotten", "isComparable && ancestor.isComparable", "isComparable"),
    ("a teacher's leak is forgotten", "isLeaking || ancestor.isLeaking", "isLeaking"),
    ("a teacher's ancestors are forgotten", "ancestors", "[]", {"at": "] + ancestors"}),
)
faults(
    "Sources/Results/Artifacts/Descent/PenultimateComponents.swift", "Artifacts Tool/DescentTests",
    ("the first image alone is looked at", "vectors[$0] == vectors[component]", "true"),
    ("what the teacher lacks counts as lost", "!other.constant.contains($0)", "true"),
)
faults(
    "Sources/Results/Reporting/DescentChecks.swift", "Reporting",
    ("lineages of mixed versions stand in one table", "$0 != cell.header.resultsVersion", "false"),
    ("models of different images stand in one column",
     "first.images.imagesSHA256 != source.images.imagesSHA256",
     "false"),
)
faults(
    "Sources/Results/Reporting/DescentNotes.swift", "Reporting",
    ("different teachers of the seeds are not told", r"Set(teachers.map(\.contentSHA256)).count > 1", "false"),
    ("dead components are not told", "worst.dead > 0", "false"),
)
faults(
    "Sources/Stages/TrainingStages/WeightsFile.swift", "Tool/DescentTests",
    ("exported weights have no ancestors", "exported.asAncestors(fileSHA256: sha256)", "[]"),
)
faults(
    "Sources/Base/Files/PendingFile.swift", "Tool/EnvironmentTests",
    ("a hard link is written through", "status.st_nlink <= 1", "true"),
    ("nobody waits for a lock", "waited < patience", "false"),
)
faults(
    "Sources/Model/TransformerKernels/Bottleneck.swift", "VisionTransformers/VariationTests",
    ("the bottleneck's way up is its way down", "splat(up[c])", "splat(down[c])"),
    ("the bottleneck's gradient replaces those before", "accumulating ? place.pointee : splat(0)", "splat(0)"),
    ("the way up has the gradient of the way down",
     "multiplyAdd(dy.channel(c)[v], narrow[v], dUp[c])",
     "multiplyAdd(dy.channel(c)[v], x.channel(c)[v], dUp[c])"),
)
faults(
    "Sources/Model/TransformerKernels/Reference/Reference+Bottleneck.swift", "VisionTransformers/BottleneckTests",
    ("the oracle's gradient of the way down lacks the way up",
     "gradient[token] * x[index]",
     "middle[token] * x[index]"),
)
faults(
    "Sources/Training/Floors/LogisticRegression.swift", "Floors",
    ("biases are penalised", "0..<outputs * features.columns", "parameters.indices", {"at": "for place in 0..<outputs * features.columns {\n      gradient"}),
    ("the penalty is twice as large", "penalty * parameters[place]", "2 * penalty * parameters[place]"),
    ("of two classes the first has the weights", "outputs == 1 ? label - 1 : label", "outputs == 1 ? -label : label"),
    ("the logits have no bias", "w[biases + m]", "0", {"at": "+ w[biases + m]"}),
)
faults(
    "Sources/Training/Floors/FeatureMatrix.swift", "Floors",
    ("what is left of a row is dropped", "sum.addProduct(Double(x[d]), w[d])", "sum.addProduct(0, w[d])", {"statement": True}),
)
faults(
    "Sources/Stages/TrainingStages/FloorEvaluation.swift", "Tool/SweepTests",
    ("scores are the same for all classes", "Float($0) / Float(dataset.count(of: .train))", "Float(0.5)"),
)
faults(
    "Sources/Base/Statistics/LeastSquares.swift", "Statistics/LeastSquaresTests",
    ("what is not determined gets a coefficient", "1e-10 * scale", "-1"),
)
faults(
    "Sources/Results/Multiverse/MultiverseReport.swift", "Multiverse",
    ("the effect of another value is shown", "model.weights[index + 1]", "model.weights[index]"),
    ("images are left out of an effect's uncertainty", "weight * found[image]", "0 * found[image]"),
    ("a sweep that lacks runs is taken", "missing == 0", "missing >= 0"),
)
faults(
    "Sources/Results/Configuration/MultiverseDeclaration.swift", "Multiverse",
    ("the grid need not begin with the base", "found == axis.values[0]", "true"),
    ("a point is there twice", "known.insert(point.settings.recorded.canonicalText).inserted",
     "known.insert(point.settings.recorded.canonicalText).memberAfterInsert != \"\""),
)
faults(
    "Sources/Stages/TrainingStages/SweepStage.swift", "Tool/SweepTests",
    ("runs of other settings are taken over", "$0.settings == point.settings", "$0.levels.count == point.levels.count"),
    ("runs of another seed are taken over", "other.seeds.firstIndex(of: seed)", "other.seeds.indices.first"),
)
faults(
    "Sources/Results/Claims/Evidence.swift", "Claims/ControlTests",
    ("a floor has one seed", "row.hasNoSeed", "false", {"at": "row.hasNoSeed || runs(of: row"}),
)
faults(
    "Sources/Results/Claims/ClaimJudge.swift", "Claims/ControlTests",
    ("tests that do not count do", "tests.filter(\\.test.counts)", "tests.filter { _ in true }"),
)
faults(
    "Sources/Model/Architectures/TinyViTVariant.swift", "TinyViT/FamilyTests",
    ("TinyViT-11M is wider", "[64, 128, 256, 448]", "[64, 128, 256, 480]"),
    ("TinyViT-21M has the first channels of 11M", "[96, 192, 384, 576]", "[64, 192, 384, 576]"),
    ("the sample's windows are smaller", "[4, 4, 2]", "[4, 2, 2]"),
)
faults(
    "Sources/Model/Architectures/TinyViTConfiguration+Operations.swift", "TinyViT/FamilyTests",
    ("a block keeps less than it does", "11 * channels[stage]", "10 * channels[stage]"),
)
faults(
    "Sources/Training/Training/Trainer.swift", "Training/TrainerTests",
    ("patience ends an epoch early", "state.epoch - 1 - best.epoch >= patience", "state.epoch - best.epoch >= patience"),
    ("patience is never at its end", "endsEarly(state)", "false", {"at": "|| endsEarly(state)"}),
)
faults(
    "Sources/Results/Configuration/TeacherSettings.swift", "Configuration/SettingsTests",
    ("the paper's architecture is recorded", "architecture == Self.paperArchitecture", "false"),
    ("the precision is never recorded", "precision == .float32", "true"),
)
faults(
    "Sources/Data/Datasets/Preparation/SquareFit.swift", "Datasets/SquareFitTests",
    ("enlarged images are averaged", "newSide % side == 0", "newSide == 0",
     {"equivalent": "the mean over a part of one pixel is that pixel: only slower"}),
    ("images of other sizes stay as they are", "side == newSide", "side == newSide || side == 7"),
)
faults(
    "Sources/Data/DatasetSources/Sample/SampleImages.swift", "DatasetSources/SampleImagesTests",
    ("images of a batch are drawn from its beginning", "part.lowerBound + number", "number"),
)
faults(
    "Sources/Stages/PlanStages/StaleRules.swift", "Tool/EstimateTests",
    ("an estimate is of everything", "seen.sorted().map { results[$0] }", "results"),
)
