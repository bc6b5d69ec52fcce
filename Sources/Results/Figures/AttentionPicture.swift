public import Drawing
import Markup

/// An image, and beside it the same image for each head of each student with how much attention the head pays to each patch.
public struct AttentionPicture {
  private let image: DataURL
  private let map: DataURL
  private let heads: [Head]
  private let name: String

  /// A head.
  public struct Head: Sendable, Equatable {
    /// Whose it is: "QViT_28 h1".
    public var name: String
    /// The share of the attention that the most attended tenth of the patches gets.
    public var topShare: Double

    /// A head.
    public init(name: String, topShare: Double) {
      self.name = name
      self.topShare = topShare
    }
  }

  /// The tiles in a line.
  public static let columns = 5
  /// Between tiles, in patches of the map.
  public static let gap = 1
  /// Patches along a side of a tile.
  public static let patches = 14

  /// The size of the map of so many heads, in patches: the image itself is the first tile, and has nothing laid over it.
  public static func mapSize(heads: Int) -> (width: Int, height: Int) {
    let (across, down) = (min(heads + 1, columns), (heads + columns) / columns)
    return (across * (patches + gap) - gap, down * (patches + lineGap) - lineGap)
  }

  /// The place of the first patch of a head's tile in the map.
  public static func place(ofHead head: Int) -> (x: Int, y: Int) {
    ((head + 1) % columns * (patches + gap), (head + 1) / columns * (patches + lineGap))
  }

  /// Between lines of tiles, where names stand.
  private static let lineGap = 3
  /// A patch in units of the picture.
  private static let unit = 5.0

  /// The picture of an image called `name`.
  /// - Parameter map: grey, of `mapSize`: white where the most attention goes, black between tiles.
  public init(_ image: DataURL, map: DataURL, heads: [Head], name: String) {
    self.image = image
    self.map = map
    self.heads = heads
    self.name = name
  }

  /// The picture. `key` is unique in the page: masks are known by names.
  public func picture(key: String) -> Picture {
    let size = Self.mapSize(heads: heads.count)
    let (width, height) = (Self.unit * Double(size.width), Self.unit * Double(size.height))
    let side = Self.unit * Double(Self.patches)
    var picture = Picture(
      width: width, height: height + 13, title: "Attention on \(name)",
      description: "Of the attention, the most attended tenth of the patches gets "
        + heads.map { "\(Int(($0.topShare * 100).rounded())) % from \($0.name)" }.joined(separator: ", ") + ".")
    let pixelated: (name: String, value: String) = ("image-rendering", "pixelated")
    var whole = Element("image", ["id": key, "width": decimal(side), "height": decimal(side), "href": image.text])
    whole.attributes.append(pixelated)
    // The image is there once, however often it is seen.
    picture.add(Element("defs", [:], .element(whole)))
    for tile in 0...heads.count {
      let place = tile == 0 ? (0, 0) : Self.place(ofHead: tile - 1)
      let (x, y) = (Self.unit * Double(place.0), Self.unit * Double(place.1))
      picture.add(Element("use", ["href": "#\(key)", "x": decimal(x), "y": decimal(y)]))
      picture.text(
        tile == 0 ? "the image" : fitted(heads[tile - 1].name, to: side + 3, size: 8), x: x, y: y + side + 9,
        colour: .faint)
    }
    let box: KeyValuePairs = ["width": decimal(width), "height": decimal(height)]
    var mask = Element("image", box).with("href", map.text)
    mask.attributes.append(pixelated)
    picture.add(Element("mask", ["id": "\(key)m"], .element(mask)))
    picture.add(
      Element("rect", box).with("class", "f\(Colour.heat.rawValue)").with("mask", "url(#\(key)m)")
        .with("fill-opacity", "0.7"))
    return picture
  }
}
