import Glibc
import JSON
import Testing
import _Browser
import _TestSupport

@testable import HTMLReport

/// The page in a real browser. `QVIT_SCREENSHOTS=DIR` keeps what it looks like.
@Suite(
  "The page in Chromium", .serialized, .enabled(if: Browser.path != nil, "\(Browser.absence)"), .timeLimit(.minutes(20))
)
struct BrowserTests {
  private let directory: TemporaryDirectory
  private let browser: Browser

  init() throws {
    directory = try TemporaryDirectory()
    browser = try Browser()
    var example = ExampleReport()
    example.classNames = [
      "<script>document.title = 'broken'</script>",
      "immature granulocytes(myelocytes, metamyelocytes and promyelocytes)", "2",
    ]
    try directory.write(Array(ReportPage.render(try example.contents()).html.utf8), to: "report.html")
  }

  private var path: String { directory.file("report.html") }

  private func keep(_ bytes: [UInt8], as name: String) throws {
    guard let folder = getenv("QVIT_SCREENSHOTS").map({ String(cString: $0) }) else { return }
    guard let file = fopen("\(folder)/\(name)", "wb") else {
      throw BrowserProblem(description: "\(folder): cannot write")
    }
    defer { fclose(file) }
    fwrite(bytes, 1, bytes.count, file)
  }

  @Test("no error, no request to the network, whatever the data say")
  func quiet() throws {
    try browser.open(path)
    for dark in [false, true] { try browser.show(width: 1920, dark: dark) }
    #expect(try browser.complaints() == [])
    #expect(try browser.requests() == ["file://\(path)"])
    #expect(try browser.evaluate("document.title.startsWith('Quantum vision transformers')") == .bool(true))
  }

  /// What a reader would find cut off or lying over something else, as lines; details are all open.
  private static let layoutProblems = """
    (() => {
      for (const each of document.querySelectorAll("details")) each.open = true;
      const problems = [], page = document.scrollingElement;
      if (page.scrollWidth > page.clientWidth) problems.push(`page ${page.scrollWidth} wider than ${page.clientWidth}`);
      for (const each of document.querySelectorAll("body *")) {
        if (each.closest(".scroll, svg, .skip")) continue;
        const box = each.getBoundingClientRect();
        if (box.width && box.right > page.clientWidth + 1) problems.push(`${each.tagName} ${each.className} to ${box.right}`);
      }
      for (const svg of document.querySelectorAll("svg")) {
        const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
        const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBBox()]);
        const title = svg.querySelector("title").textContent;
        for (const [index, [text, box]] of texts.entries()) {
          if (box.x < -0.5 || box.x + box.width > width + 1 || box.y + box.height > height + 3)
            problems.push(`${title}: "${text}" beyond the edge`);
          for (const [other, place] of texts.slice(index + 1)) {
            const across = Math.min(box.x + box.width, place.x + place.width) - Math.max(box.x, place.x);
            const down = Math.min(box.y + box.height, place.y + place.height) - Math.max(box.y, place.y);
            if (across > 1 && down > 3) problems.push(`${title}: "${text}" on "${other}"`);
          }
        }
      }
      return problems.slice(0, 20).join("\\n");
    })()
    """

  @Test("nothing overflows and no text lies on another, narrow and wide, light and dark", arguments: [360, 768, 1920])
  func layout(width: Int) throws {
    try browser.open(path)
    try browser.show(width: width)
    let problems = try browser.evaluate(Self.layoutProblems)
    #expect(problems == .string(""))
    try keep(try browser.screenshot(), as: "report-\(width)-light.png")
    try browser.show(width: width, dark: true)
    try keep(try browser.screenshot(), as: "report-\(width)-dark.png")
    #expect(
      try browser.evaluate("getComputedStyle(document.body).backgroundColor") == .string("rgb(22, 24, 29)"))
  }

  @Test("a screen reader finds headings in order, headers of tables, a text for every picture")
  func accessibility() throws {
    try browser.open(path)
    let found = try browser.evaluate(
      """
      (() => {
        const problems = [];
        let last = 0;
        for (const each of document.querySelectorAll("h1, h2, h3, h4")) {
          const level = Number(each.tagName[1]);
          if (level > last + 1) problems.push(`h${level} after h${last}: ${each.textContent}`);
          last = level;
        }
        if (document.querySelectorAll("h1").length !== 1) problems.push("not one h1");
        if (document.documentElement.lang !== "en") problems.push("no language");
        for (const svg of document.querySelectorAll("svg")) {
          const names = (svg.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent);
          if (svg.getAttribute("role") !== "img" || names.length !== 2 || names.some((name) => !name)) problems.push("a picture without words");
        }
        for (const image of document.querySelectorAll("img")) if (!image.alt) problems.push("an image without words");
        for (const table of document.querySelectorAll("table")) {
          if (!table.caption?.textContent) problems.push("a table without a caption");
          if (!table.tHead?.querySelector("th[scope]")) problems.push("a table without headers");
          for (const row of table.tBodies[0].rows) if (!row.querySelector("th[scope=row]")) problems.push("a row without a header");
        }
        for (const box of document.querySelectorAll(".scroll"))
          if (box.tabIndex !== 0 || !box.getAttribute("aria-label")) problems.push("a scrolled box that the keyboard does not reach");
        return problems.slice(0, 20).join("\\n");
      })()
      """)
    #expect(found == .string(""))
    #expect(
      try browser.evaluate(
        "['overview', 'tables', 'entries', 'circuits', 'attention', 'datasets', 'provenance'].every((id) => document.getElementById(id))"
      )
        == .bool(true))
  }

  @Test("tables are sorted by their headers, with the keyboard too")
  func sorting() throws {
    try browser.open(path)
    let sorted = try browser.evaluate(
      """
      (() => {
        const table = document.querySelector("#tables table"), head = table.querySelectorAll("th[data-c]")[1];
        const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[1].dataset.v));
        const isOrdered = (sign) => values().every((value, i, all) => i === 0 || sign * (value - all[i - 1]) >= 0);
        const button = head.querySelector("button");
        button.focus();
        const reached = document.activeElement === button;
        button.click();
        const down = isOrdered(-1) && head.getAttribute("aria-sort") === "descending";
        button.click();
        return reached && down && isOrdered(1) && head.getAttribute("aria-sort") === "ascending";
      })()
      """)
    #expect(sorted == .bool(true))
  }

  @Test("a link to an entry opens it")
  func anchors() throws {
    try browser.open(path)
    let opened = try browser.evaluate(
      """
      (async () => {
        const target = [...document.querySelectorAll("details[id]")].find((each) => !each.open);
        document.querySelector(`a[href="#${target.id}"]`).click();
        await new Promise((done) => setTimeout(done, 200));
        return target.open;
      })()
      """)
    #expect(opened == .bool(true))
  }

  @Test("without scripts the page is whole: no dead buttons, tables as they are")
  func withoutScripts() throws {
    try browser.open(path, runsScripts: false)
    try browser.show(width: 1280)
    #expect(try browser.evaluate("document.querySelectorAll('button').length") == .number(0))
    #expect(try browser.evaluate("document.querySelectorAll('#tables td').length > 10") == .bool(true))
    #expect(try browser.complaints() == [])
  }

  @Test("on paper everything is unfolded, and the notice stands on it")
  func print() throws {
    try browser.open(path)
    try browser.show(width: 720, media: "print")
    #expect(
      try browser.evaluate(
        "[...document.querySelectorAll('details > .gallery')].every((each) => each.getBoundingClientRect().height > 20)"
      )
        == .bool(true))
    #expect(try browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == .string("none"))
    let pdf = try browser.pdf()
    #expect(pdf.starts(with: Array("%PDF".utf8)) && pdf.count > 20_000)
    try keep(pdf, as: "report.pdf")
  }
}
