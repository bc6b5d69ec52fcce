/// P values of a family of tests, corrected so that the probability of any false rejection stays below the level.
///
/// In ascending order p₍ᵢ₎ (i from 0 of m) becomes max over j ≤ i of min(1, (m − j) p₍ⱼ₎). A NaN is no test: it does not count
/// and stays NaN.
///
/// Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65–70.
public func holmCorrected(_ pValues: [Double]) -> [Double] {
  var corrected = pValues
  let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted { pValues[$0] < pValues[$1] }
  var largest = 0.0
  for (place, index) in order.enumerated() {
    largest = max(largest, min(1, Double(order.count - place) * pValues[index]))
    corrected[index] = largest
  }
  return corrected
}
