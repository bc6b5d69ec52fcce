import Markup
import Testing

@testable import Drawing

@Suite("Drawing") struct DrawingTests {
  @Test(
    "numbers without zeros at their end",
    arguments: [
      (0.0, 1, "0"), (12.0, 1, "12"), (12.34, 1, "12.3"), (-0.04, 1, "0"), (-0.05, 1, "-0.1"), (0.5, 2, "0.5"),
      (1.005, 1, "1"), (100, 0, "100"), (0.049, 2, "0.05"), (.nan, 1, "0"), (.infinity, 1, "0"),
      (-1e21, 2, "-1e+21"),
    ] as [(Double, Int, String)])
  func decimals(value: Double, places: Int, text: String) {
    #expect(decimal(value, places) == text)
  }

  @Test(
    "round numbers along an axis",
    arguments: [
      (0...1, 5, ["0.0", "0.5", "1.0"]), (0...1, 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0.55...0.93, 5, ["0.6", "0.7", "0.8", "0.9"]), (1...200, 5, ["50", "100", "150", "200"]),
      (0...2300, 3, ["0", "1K", "2K"]), (0.001...0.0042, 4, ["0.001", "0.002", "0.003", "0.004"]),
    ] as [(ClosedRange<Double>, Int, [String])])
  func linearTicks(domain: ClosedRange<Double>, count: Int, labels: [String]) {
    #expect(Scale(domain, from: 0, to: 100).ticks(atMost: count).map(\.label) == labels)
  }

  @Test("a logarithmic axis of less than two powers of ten has numbers between them")
  func shortLogarithmicTicks() {
    let scale = Scale(136_733...875_160, from: 0, to: 100, kind: .logarithmic)
    #expect(scale.ticks(atMost: 5).map(\.label) == ["200K", "500K"])
    let short = Scale(0.8...3, from: 0, to: 100, kind: .logarithmic)
    #expect(short.ticks(atMost: 5).map(\.value) == [1, 2])
  }

  @Test("powers of ten along a logarithmic axis")
  func logarithmicTicks() {
    let scale = Scale(800...2e7, from: 0, to: 100, kind: .logarithmic)
    #expect(scale.ticks(atMost: 5).map(\.label) == ["1K", "10K", "100K", "1M", "10M"])
    #expect(scale.ticks(atMost: 3).map(\.label) == ["1K", "100K", "10M"])
    #expect(abs(scale(126_491.106) - 50) < 1e-4, "the geometric mean is in the middle")
  }

  @Test("powers of two along an axis of doublings")
  func doublingTicks() {
    let scale = Scale(3...80, from: 0, to: 100, kind: .doubling)
    #expect(scale.ticks(atMost: 8).map(\.label) == ["4", "8", "16", "32", "64"])
    #expect(scale.ticks(atMost: 3).map(\.label) == ["4", "16", "64"])
    #expect(Scale(5...7, from: 0, to: 1, kind: .doubling).ticks(atMost: 3).isEmpty)
    #expect(abs(scale(240.0.squareRoot()) - 50) < 1e-9, "the geometric mean is in the middle")
  }

  @Test("every tick lies in the domain, at most as many as wanted", arguments: 1...9)
  func tickLimits(count: Int) {
    for domain in [0...1, 0.2...0.9, -3...7, 99...101, 0...1e-5, 5...7e6] as [ClosedRange<Double>] {
      let ticks = Scale(domain, from: 0, to: 1).ticks(atMost: count)
      #expect(ticks.count <= count)
      #expect(ticks.allSatisfy { domain.lowerBound - 1e-9 <= $0.value && $0.value <= domain.upperBound * (1 + 1e-9) })
      #expect(Set(ticks.map(\.label)).count == ticks.count, "\(domain): \(ticks)")
    }
  }

  @Test("a number outside the domain is drawn at its end")
  func clamped() {
    let scale = Scale(0...1, from: 10, to: 20)
    #expect(scale(-3) == 10 && scale(7) == 20 && scale(0.5) == 15)
  }

  @Test("a path is relative, in tenths")
  func paths() {
    #expect(pathData([(1, 2), (3.25, 2), (3.25, -0.5)]) == "M1 2l2.3 0 0-2.5")
    #expect(pathData([(0.04, -0.04), (.nan, 5)]) == "M0 0l0 5")
  }

  @Test(
    "base64 as RFC 4648 has it",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
  func letters(text: String, expected: String) { #expect(base64(Array(text.utf8)) == expected) }

  @Test("a text is cut to its width, and says so")
  func fits() {
    let long = "immature granulocytes (myelocytes, metamyelocytes and promyelocytes)"
    let cut = fitted(long, to: 100, size: 8)
    #expect(cut.hasSuffix("…") && textWidth(cut, size: 8) <= 100 && textWidth(cut, size: 8) > 80)
    #expect(fitted("short", to: 100, size: 8) == "short")
  }

  @Test("no label lies on another one or on a point, wherever the points are", arguments: 0..<20)
  func labels(seed: Int) throws {
    // Points that crowd in a corner.
    let points = (0..<24).map { index in
      (x: 30 + Double((index * 37 + seed * 11) % 90), y: 30 + Double((index * 53 + seed * 7) % 60))
    }
    let taken = points.map { Box(left: $0.x - 3, top: $0.y - 3, right: $0.x + 3, bottom: $0.y + 3) }
    let field = Box(left: 0, top: 0, right: 340, bottom: 250)
    var placement = LabelPlacement(field: field, points: taken)
    var boxes: [Box] = []
    for point in points {
      let found = placement.place(width: 42, height: 8, at: point.x, point.y)
      let place = try #require(found)
      #expect(!boxes.contains(where: place.box.overlaps) && !taken.contains(where: place.box.overlaps))
      #expect(place.box.left >= 0 && place.box.right <= 340 && place.box.top >= 0 && place.box.bottom <= 250)
      boxes.append(place.box)
    }
    let tooWide = placement.place(width: 400, height: 8, at: 10, 10)
    #expect(tooWide == nil)
  }

  @Test("a file is whole by itself: colours written out, texts escaped")
  func file() {
    var picture = Picture(height: 50, title: "<b>", description: "a & b")
    picture.text("<script>", x: 1, y: 2, colour: .blue)
    picture.circle(3, 4, radius: 5, .vermillion)
    let file = picture.file
    #expect(file.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg viewBox=\"0 0 340 50\""))
    #expect(file.contains("<title>&lt;b&gt;</title><desc>a &amp; b</desc>") && file.contains(">&lt;script&gt;</text>"))
    #expect(file.contains(".fb{fill:#2c45b5}") && !file.contains("var("))
    let inline = Node(picture.element(name: "p")).markup
    #expect(inline.contains("role=\"img\" aria-labelledby=\"pt pd\"") && inline.contains("<title id=\"pt\">"))
  }
}
