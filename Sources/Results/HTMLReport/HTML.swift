import Drawing
import Markup

// The few forms that the page is built of.

/// A column of a table.
struct Column {
  let title: String
  /// Whether it holds numbers: flush right.
  var isNumeric = false

  static func text(_ title: String) -> Column { Column(title: title) }
  static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
}

/// A cell: what it shows, and what rows are sorted by where that is not the text.
struct Cell: ExpressibleByStringInterpolation {
  var content: Node
  var sortKey: Double?

  init(_ content: Node, sortKey: Double? = nil) {
    self.content = content
    self.sortKey = sortKey
  }

  init(stringLiteral value: String) { content = .text(value) }

  static func text(_ text: String) -> Cell { Cell(.text(text)) }

  /// A number, or a dash that comes after all numbers. What reads as the number it is needs no key.
  static func measure(_ text: String, _ value: Double) -> Cell {
    guard value.isFinite else { return Cell("—", sortKey: -1e9) }
    return Cell(.text(text), sortKey: Double(text) == nil ? value : nil)
  }
}

/// A table that scrolls within itself where it is too wide, and can be sorted where scripts run. The first cell of a row is its
/// header.
func table(_ caption: String, _ columns: [Column], _ rows: [[Cell]]) -> Node {
  let head = columns.enumerated().map { index, column in
    var cell = Element("th", ["scope": "col"], .text(column.title))
    if column.isNumeric { cell = cell.with("class", "n") }
    return Node(cell.with("data-c", "\(index)"))
  }
  let body = rows.map { row in
    Node(
      Element(
        "tr", [:],
        row.enumerated().map { index, cell in
          var element =
            index == 0
            ? Element("th", ["scope": "row"], cell.content) : Element("td", [:], cell.content)
          if columns[index].isNumeric { element = element.with("class", "n") }
          if let key = cell.sortKey { element = element.with("data-v", decimal(key, 4)) }
          return Node(element)
        }))
  }
  return tableElement(caption, head: [head], body: body)
}

/// A table of rows that are made already.
func tableElement(_ caption: String, head: [[Node]], body: [Node]) -> Node {
  Node(
    Element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      .element(
        Element(
          "table", [:],
          .element(Element("caption", [:], .text(caption))),
          .element(Element("thead", [:], head.map { Node(Element("tr", [:], $0)) })),
          .element(Element("tbody", [:], body))))))
}

func section(_ id: String, _ title: String, _ content: [Node]) -> Node {
  Node(Element("section", ["id": id], [.element(Element("h2", [:], .text(title)))] + content))
}

func paragraph(_ content: Node...) -> Node { Node(Element("p", [:], content)) }

func note(_ text: String) -> Node { Node(Element("p", ["class": "note"], .text(text))) }

func heading(_ level: Int, _ text: String) -> Node { Node(Element("h\(level)", [:], .text(text))) }

func code(_ text: String) -> Node { Node(Element("code", [:], .text(text))) }

func link(_ target: String, _ content: Node) -> Node { Node(Element("a", ["href": "#\(target)"], content)) }

func list(_ items: [Node]) -> Node { Node(Element("ul", [:], items.map { Node(Element("li", [:], $0)) })) }

/// Pictures side by side, as many as there is room for.
func gallery(_ pictures: [Node], wide: Bool = false) -> Node {
  Node(Element("div", ["class": wide ? "gallery wide" : "gallery"], pictures))
}

/// A picture with what is said about it.
func figure(_ picture: Element, _ caption: String? = nil) -> Node {
  Node(
    Element(
      "figure", [:],
      [.element(picture)] + (caption.map { [Node(Element("figcaption", [:], .text($0)))] } ?? [])))
}
