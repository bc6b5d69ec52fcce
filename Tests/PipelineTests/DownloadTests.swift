import Testing
import _TestSupport

/// Downloads from files (file:// addresses), without a network.
@Suite("make data") struct DownloadTests {
  /// A workshop whose only known file is `breastmnist.npz` with the content "official\n".
  private static func workshop(served: String = "official", url: String? = nil) throws -> Workshop {
    let workshop = try Workshop()
    try workshop.sh(
      """
      rm -r raw && mkdir served && echo '\(served)' > served/file &&
      printf 'file\\tmd5\\turl\\tsize\\tlicence\\nbreastmnist.npz\\t%s\\t%s\\t9 B\\tCC BY 4.0\\n' \
        "$(echo official | md5sum | cut -d ' ' -f 1)" '\(url ?? "file://\(workshop.path)/served/file")' > inputs.tsv
      """)
    return workshop
  }

  private static func download(_ workshop: Workshop, _ names: String = "breastmnist.npz") throws -> (
    text: String, status: Int32
  ) {
    let found = try workshop.sh(
      "INPUTS=\"$PWD/inputs.tsv\" '\(Fixtures.packageRoot)/pipeline/download.sh' raw \(names)")
    return (found.text.replacing(workshop.path, with: "TMP"), found.status)
  }

  @Test("what is missing comes, with its licence; what is there stays")
  func missing() throws {
    let workshop = try Self.workshop()
    let first = try Self.download(workshop)
    #expect(first.status == 0)
    #expect(first.text == "breastmnist.npz (9 B, CC BY 4.0)\n")
    #expect(try workshop.sh("cat raw/breastmnist.npz; ls raw").text == "official\nbreastmnist.npz\n")
    try workshop.sh("rm served/file")
    #expect(try Self.download(workshop) == ("", 0))
  }

  @Test("an interrupted download goes on", arguments: ["offi", "official\\n"])
  func resumed(beginning: String) throws {
    let workshop = try Self.workshop()
    try workshop.sh("mkdir raw && printf '\(beginning)' > raw/breastmnist.npz.part")
    #expect(try Self.download(workshop).status == 0)
    #expect(try workshop.sh("cat raw/*; ls raw").text == "official\nbreastmnist.npz\n")
  }

  @Test("another file is refused and removed")
  func damaged() throws {
    let workshop = try Self.workshop(served: "offended")
    let found = try Self.download(workshop)
    #expect(found.status == 65)
    #expect(found.text.contains("data: error: raw/breastmnist.npz: MD5: expected "))
    #expect(try workshop.sh("ls raw").text == "")
  }

  @Test("what cannot be had is listed with address, MD5, size and place")
  func offline() throws {
    let workshop = try Self.workshop(url: "file:///nowhere/at/all")
    let found = try Self.download(workshop)
    #expect(found.status == 69)
    #expect(found.text.contains("data: error: raw/breastmnist.npz: get file:///nowhere/at/all (MD5 "))
    #expect(found.text.hasSuffix(", 9 B) and put it there\n"))
    #expect(try workshop.sh("ls raw").text == "")
  }

  @Test("OASIS comes with instructions; an unknown name is an error")
  func others() throws {
    let workshop = try Self.workshop()
    let oasis = try Self.download(workshop, "oasis breastmnist.npz")
    #expect(oasis.status == 0)
    #expect(oasis.text.hasPrefix("raw/oasis: missing; get OASIS-1 as slices"))
    #expect(try Self.download(workshop, "other.npz").status == 64)
  }

  @Test("make data asks for the files of the grid")
  func grid() throws {
    let listed = try Workshop().make("-n data DATASETS='breastmnist oasis' RESOLUTIONS='28 224'").text
    #expect(listed == "pipeline/download.sh TMP/raw breastmnist.npz breastmnist_224.npz oasis\n")
  }
}
