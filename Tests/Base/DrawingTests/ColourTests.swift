import Glibc
import Testing

@testable import Drawing

/// A colour as linear red, green and blue.
private struct Light {
  var parts: SIMD3<Double>

  init(_ text: String) {
    let value = Int(text.dropFirst(), radix: 16) ?? 0
    let bytes = SIMD3<Double>(Double(value >> 16), Double(value >> 8 & 255), Double(value & 255))
    parts = SIMD3(Self.linear(bytes.x), Self.linear(bytes.y), Self.linear(bytes.z))
  }

  private static func linear(_ byte: Double) -> Double {
    byte / 255 <= 0.04045 ? byte / 255 / 12.92 : pow((byte / 255 + 0.055) / 1.055, 2.4)
  }

  var luminance: Double { 0.2126 * parts.x + 0.7152 * parts.y + 0.0722 * parts.z }

  /// As it is seen with a deficiency. Source: G. Machado et al., IEEE TVCG 15:1291, 2009, severity 1.
  func seen(_ matrix: [SIMD3<Double>]) -> Light {
    var light = self
    light.parts = SIMD3((0..<3).map { min(max((matrix[$0] * parts).sum(), 0), 1) })
    return light
  }

  /// CIE L*a*b*, white D65.
  var lab: SIMD3<Double> {
    let x = (SIMD3(0.4124, 0.3576, 0.1805) * parts).sum() / 0.9505
    let z = (SIMD3(0.0193, 0.1192, 0.9505) * parts).sum() / 1.089
    func f(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16 / 116 }
    return SIMD3(116 * f(luminance) - 16, 500 * (f(x) - f(luminance)), 200 * (f(luminance) - f(z)))
  }

  func distance(_ other: Light) -> Double { ((lab - other.lab) * (lab - other.lab)).sum().squareRoot() }
}

@Suite("Colours") struct ColourTests {
  enum Ground: CaseIterable {
    case light, dark

    func text(_ colour: Colour) -> String { self == .light ? colour.light : colour.dark }
  }

  @Test("every text can be read on its ground: a contrast of 4.5 at least (WCAG 2.2, AA)", arguments: Ground.allCases)
  func contrast(ground: Ground) {
    let back = Light(ground.text(.ground)).luminance
    for colour in Colour.allCases where ![.ground, .grid, .heat].contains(colour) {
      let front = Light(ground.text(colour)).luminance
      let contrast = (max(front, back) + 0.05) / (min(front, back) + 0.05)
      #expect(contrast >= 4.5, "\(colour): \(contrast)")
    }
  }

  private static let deficiencies: [(name: String, matrix: [SIMD3<Double>])] = [
    ("none", [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]),
    (
      "protanopia",
      [
        SIMD3(0.152286, 1.052583, -0.204868), SIMD3(0.114503, 0.786281, 0.099216),
        SIMD3(-0.003882, -0.048116, 1.051998),
      ]
    ),
    (
      "deuteranopia",
      [SIMD3(0.367322, 0.860646, -0.227968), SIMD3(0.280085, 0.672501, 0.047413), SIMD3(-0.011820, 0.042940, 0.968881)]
    ),
    (
      "tritanopia",
      [
        SIMD3(1.255528, -0.076749, -0.178779), SIMD3(-0.078411, 0.930809, 0.147602),
        SIMD3(0.004733, 0.691367, 0.303900),
      ]
    ),
  ]

  @Test("hues are told apart with and without each deficiency of colour vision", arguments: Ground.allCases)
  func hues(ground: Ground) {
    for (name, matrix) in Self.deficiencies {
      for (index, first) in Colour.series.enumerated() {
        for second in Colour.series[(index + 1)...] {
          let distance = Light(ground.text(first)).seen(matrix).distance(Light(ground.text(second)).seen(matrix))
          #expect(distance > 12, "\(name): \(first) and \(second): \(distance)")
        }
      }
      // The two that a verdict is told by.
      let verdict = Light(ground.text(.blue)).seen(matrix).distance(Light(ground.text(.vermillion)).seen(matrix))
      #expect(verdict > 30, "\(name): \(verdict)")
    }
  }
}
