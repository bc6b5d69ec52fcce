import Testing

@testable import Markup

@Suite("Markup") struct MarkupTests {
  @Test("whatever is a text is escaped, in content as in attributes")
  func escaping() {
    let hostile = #"<script>alert("x")</script> & 'y'"#
    let markup = Node(Element("td", ["title": hostile], .text(hostile), "\(hostile)")).markup
    let safe = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"
    #expect(markup == "<td title=\"\(safe)\">\(safe)\(safe)</td>")
  }

  @Test("characters that XML does not allow, or that turn the direction of text, become U+FFFD")
  func controls() {
    #expect(
      escaped("a\u{0}b\u{1B}c\u{202E}d\u{2067}e\u{85}\n\tü") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}\n\tü")
  }

  @Test("elements end as HTML and SVG want it")
  func ends() {
    #expect(Node(Element("br")).markup == "<br>")
    #expect(Node(Element("path", ["d": "M0 0"])).markup == "<path d=\"M0 0\"/>")
    #expect(Node(Element("td")).markup == "<td></td>")
    #expect(Node(Element("p", [:], "a", .element(Element("b", [:], "c")))).markup == "<p>a<b>c</b></p>")
    #expect(Node(nil).markup == "")
  }

  @Test("only the program's own text is written as it is")
  func code() {
    #expect(Node(Element("style", [:], .code(ProgramText("a>b{}")))).markup == "<style>a>b{}</style>")
  }

  #if !QVIT_SANITIZED
    @Test("a program text that would end its element is a mistake")
    func endTag() async {
      await #expect(processExitsWith: .failure) { _ = ProgramText("</style><script>") }
    }
  #endif
}
