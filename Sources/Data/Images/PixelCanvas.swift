/// A colour picture to draw labels and images on.
public struct PixelCanvas: Sendable {
  /// A colour: red, green, blue.
  public typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)

  /// What was drawn so far.
  public private(set) var image: PixelImage

  /// A canvas filled with one colour.
  public init(height: Int, width: Int, background: Colour) {
    image = PixelImage(
      height: height, width: width, channels: 3,
      pixels: (0..<height * width).flatMap { _ in [background.red, background.green, background.blue] })
  }

  /// Width of a text of size 1, in pixels.
  public static func width(of text: String) -> Int { max(0, text.count * (BitmapFont.width + 1) - 1) }

  /// Draws one line of text with its top left corner at (`x`, `y`), each pixel of the typeface `size` pixels large; what lies
  /// outside is cut off.
  public mutating func draw(_ text: String, x: Int, y: Int, size: Int = 1, colour: Colour) {
    for (index, character) in text.enumerated() {
      let left = x + index * (BitmapFont.width + 1) * size
      for (row, bits) in BitmapFont.rows(of: character).enumerated() {
        for column in 0..<BitmapFont.width where bits >> (BitmapFont.width - 1 - column) & 1 == 1 {
          fill(x: left + column * size, y: y + row * size, width: size, height: size, colour: colour)
        }
      }
    }
  }

  /// Fills a rectangle; what lies outside is cut off.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, colour: Colour) {
    for row in max(y, 0)..<max(min(y + height, image.height), max(y, 0)) {
      for column in max(x, 0)..<max(min(x + width, image.width), max(x, 0)) { set(row, column, colour) }
    }
  }

  /// Draws an image with its top left corner at (`x`, `y`); what lies outside is cut off.
  public mutating func draw(_ other: PixelImage, x: Int, y: Int) {
    for row in 0..<other.height where (0..<image.height).contains(y + row) {
      for column in 0..<other.width where (0..<image.width).contains(x + column) {
        let index = (row * other.width + column) * other.channels
        let blue = other.pixels[index + other.channels - 1]
        let green = other.pixels[index + other.channels / 2]
        set(y + row, x + column, (other.pixels[index], green, blue))
      }
    }
  }

  private mutating func set(_ row: Int, _ column: Int, _ colour: Colour) {
    let index = (row * image.width + column) * 3
    image.pixels[index] = colour.red
    image.pixels[index + 1] = colour.green
    image.pixels[index + 2] = colour.blue
  }
}
