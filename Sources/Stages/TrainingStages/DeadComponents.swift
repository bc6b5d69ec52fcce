import Architectures
import Artifacts
import CommandLineKit
import Learners
import VisionTransformers

// Components of the penultimate vector that are the same for all training images: nothing can be learned from them, and
// nobody would notice.

extension VisionTransformerLearner {
  /// The components of the student's penultimate vector over its training images.
  /// - Throws: what reading the images throws.
  func components(_ parameters: [Float]) throws -> PenultimateComponents {
    PenultimateComponents(
      of: try student.outputs(parameters: parameters, of: training).penultimate, width: student.architecture.qubits)
  }
}

/// One line on standard error for each kind of component that is dead.
/// - Parameters:
///   - tool: whose warnings these are.
///   - output: the model's file.
///   - teacher: the components of the teacher the model was fitted to, if it was.
func warnOfDeadComponents(
  _ components: PenultimateComponents, of tool: String, _ output: String, teacher: PenultimateComponents? = nil
) {
  func warn(_ found: [Int], _ of: String, _ rest: String) {
    guard !found.isEmpty else { return }
    let places = found.map(String.init).joined(separator: ", ")
    writeToStandardError(
      "\(tool): warning: \(output): \(found.count) of \(components.count) components of \(of) penultimate vector "
        + "(\(places)) \(found.count == 1 ? "is" : "are") the same for all training images\(rest)\n")
  }
  guard let teacher else { return warn(components.constant, "the", "") }
  let lost = components.silenced(of: teacher)
  warn(lost, "the student's", ", while the teacher's \(lost.count == 1 ? "is" : "are") not: it is not distilled")
  warn(teacher.constant, "the teacher's", ": nothing can be distilled from it")
}
