import Testing
import _TestSupport

/// Downloads from files (file:// addresses) and from a server on this machine, without a network.
@Suite("make data") struct DownloadTests {
  /// A workshop whose only known file is `breastmnist.npz` with the content "official\n".
  private static func workshop(served: String = "official", url: String? = nil) throws -> Workshop {
    let workshop = try Workshop()
    try workshop.sh(
      """
      rm -r raw && mkdir served && echo '\(served)' > served/file &&
      printf 'name\\tfiles\\tmd5_28\\tsize_28\\tlicence\\tterms\\nbreastmnist\\t%s\\t%s\\t9 B\\tCC BY 4.0\\t-\\n' \
        '\(url ?? "file://\(workshop.path)/served/file")' "$(echo official | md5sum | cut -d ' ' -f 1)" > datasets.tsv
      """)
    return workshop
  }

  private static func download(_ workshop: Workshop, _ names: String = "breastmnist.npz") throws -> (
    text: String, status: Int32
  ) {
    let found = try workshop.sh(
      "CATALOGUE=\"$PWD/datasets.tsv\" '\(Fixtures.packageRoot)/pipeline/download.sh' raw \(names)")
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
    #expect(found.text.contains("; get file:///nowhere/at/all (MD5 "))
    #expect(found.text.hasSuffix(", 9 B) and put it there\n"))
    #expect(try workshop.sh("ls raw").text == "")
  }

  /// 300 kB that no two places of are alike.
  private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }

  /// A workshop whose only known file is `breastmnist.npz`, `content` at `server`; `beginning` of it came before.
  private static func workshop(_ server: FileServer, beginning: [UInt8]? = nil) throws -> Workshop {
    let workshop = try Self.workshop(url: "\(server.address)/{file}?download=1")
    try workshop.write(Self.content, to: "content")
    try workshop.sh("sed -i \"s/[0-9a-f]\\{32\\}/$(md5sum < content | cut -d ' ' -f 1)/\" datasets.tsv")
    if let beginning {
      try workshop.sh("mkdir raw")
      try workshop.write(beginning, to: "raw/breastmnist.npz.part")
    }
    return workshop
  }

  @Test("a server's file comes whole")
  func served() throws {
    let server = try FileServer(Self.content)
    defer { server.stop() }
    let workshop = try Self.workshop(server)
    #expect(try Self.download(workshop) == ("breastmnist.npz (9 B, CC BY 4.0)\n", 0))
    #expect(try workshop.sh("cmp content raw/breastmnist.npz && ls raw").text == "breastmnist.npz\n")
    #expect(server.requestedRanges == [""])
  }

  @Test("only what is missing is asked for")
  func range() throws {
    let server = try FileServer(Self.content)
    defer { server.stop() }
    let workshop = try Self.workshop(server, beginning: Array(Self.content[..<123_456]))
    #expect(try Self.download(workshop).status == 0)
    #expect(try workshop.sh("cmp content raw/breastmnist.npz && ls raw").text == "breastmnist.npz\n")
    #expect(server.requestedRanges == ["123456"])
  }

  @Test("a connection that is cut is taken up again, for as long as bytes arrive")
  func cut() throws {
    let server = try FileServer(Self.content, .cut(after: 100_001))
    defer { server.stop() }
    let workshop = try Self.workshop(server)
    #expect(try Self.download(workshop).status == 0)
    #expect(try workshop.sh("cmp content raw/breastmnist.npz && ls raw").text == "breastmnist.npz\n")
    #expect(server.requestedRanges == ["", "100001", "200002"])
  }

  @Test("what came before a connection broke for good is kept for the next attempt")
  func broken() throws {
    let server = try FileServer(Self.content, .cut(after: 0))
    defer { server.stop() }
    let workshop = try Self.workshop(server, beginning: Array(Self.content[..<1000]))
    #expect(try Self.download(workshop).status == 69)
    #expect(try workshop.sh("wc -c < raw/breastmnist.npz.part; ls raw").text == "1000\nbreastmnist.npz.part\n")
    #expect(server.requestedRanges == ["1000"])
  }

  @Test("a server that cannot begin in the middle is asked for all of it")
  func withoutRanges() throws {
    let server = try FileServer(Self.content, .withoutRanges)
    defer { server.stop() }
    let workshop = try Self.workshop(server, beginning: [1, 2, 3])
    #expect(try Self.download(workshop).status == 0)
    #expect(try workshop.sh("cmp content raw/breastmnist.npz && ls raw").text == "breastmnist.npz\n")
    #expect(server.requestedRanges == ["3", ""])
  }

  @Test("a beginning that is longer than the file is given up")
  func tooLong() throws {
    let server = try FileServer(Self.content)
    defer { server.stop() }
    let workshop = try Self.workshop(server, beginning: Self.content + [0])
    #expect(try Self.download(workshop).status == 0)
    #expect(try workshop.sh("cmp content raw/breastmnist.npz && ls raw").text == "breastmnist.npz\n")
  }

  @Test("another beginning is refused once, and the next attempt begins anew")
  func otherBeginning() throws {
    let server = try FileServer(Self.content)
    defer { server.stop() }
    let workshop = try Self.workshop(server, beginning: [9, 9, 9])
    let found = try Self.download(workshop)
    #expect(found.status == 65)
    #expect(found.text.hasSuffix("; removed, the next attempt begins anew\n"))
    #expect(try workshop.sh("ls raw").text == "")
    #expect(try Self.download(workshop).status == 0)
  }

  @Test("a file that is not there, or a server that is not, ends with 69 and instructions", arguments: [404, 403, nil])
  func unavailable(status: Int?) throws {
    let server = try FileServer(Self.content, .status(status ?? 404))
    defer { server.stop() }
    let workshop = try Self.workshop(server)
    // Port 1 is nobody's.
    if status == nil { try workshop.sh("sed -i 's|http://127.0.0.1:[0-9]*|http://127.0.0.1:1|' datasets.tsv") }
    let found = try Self.download(workshop)
    #expect(found.status == 69)
    let url = "\(status == nil ? "http://127.0.0.1:1" : server.address)/breastmnist.npz?download=1"
    let md5 = try workshop.sh("md5sum < content").text.prefix(32)
    #expect(found.text.hasSuffix("; get \(url) (MD5 \(md5), 9 B) and put it there\n"))
    #expect(try workshop.sh("ls raw").text == "")
  }

  @Test("offline, every file of the grid is listed, and the terms of each are shown")
  func allOffline() throws {
    let workshop = try Workshop()
    try workshop.sh(
      """
      sed 's|https://zenodo.org|http://127.0.0.1:1|' '\(Fixtures.packageRoot)/Sources/Data/Datasets/datasets.tsv' \
        > datasets.tsv; rm -r raw
      """
    )
    let names = "dermamnist.npz dermamnist_224.npz pathmnist_224.npz oasis"
    let found = try Self.download(workshop, names)
    #expect(found.status == 69)
    #expect(found.text.contains("dermamnist.npz (19.7 MB, CC BY-NC 4.0: not for commercial use)\n"))
    #expect(found.text.contains("raw/oasis: nobody may pass it on; get OASIS-1 as slices"))
    for (name, line) in [
      ("dermamnist", "http://127.0.0.1:1/records/10519652/files/dermamnist.npz?download=1 (MD5 0744692d530f"),
      ("dermamnist_224", ""), ("pathmnist_224", ""),
    ] {
      // One line for each: the name when it begins, and why it failed.
      let lines = found.text.split(separator: "\n").filter { $0.contains("raw/\(name).npz") }
      #expect(lines.count == 1 && lines[0].contains("127.0.0.1"), "\(found.text)")
      #expect(lines[0].contains("; get \(line)"), "\(found.text)")
    }
    #expect(!found.text.contains("curl"))
  }

  @Test("OASIS comes with instructions; an unknown name is an error")
  func others() throws {
    let workshop = try Self.workshop()
    let oasis = try Self.download(workshop, "oasis breastmnist.npz")
    #expect(oasis.status == 0)
    #expect(oasis.text.hasPrefix("data: raw/oasis: nobody may pass it on; get OASIS-1 as slices"))
    #expect(try Self.download(workshop, "other.npz").status == 64)
  }

  /// A workshop whose only known weights are `w.safetensors`, `content` at `server`.
  private static func weights(_ server: FileServer, sha256: String? = nil) throws -> Workshop {
    let workshop = try Self.workshop()
    try workshop.write(Self.content, to: "content")
    try workshop.sh(
      """
      printf 'file\\tsha256\\tsize\\turl\\tlicence\\nw.safetensors\\t%s\\t9 B\\t\(server.address)/w\\tApache-2.0\\n' \
        "\(sha256 ?? "$(sha256sum < content | cut -d ' ' -f 1)")" > weights.tsv
      """)
    return workshop
  }

  private static func downloadWeights(_ workshop: Workshop) throws -> (text: String, status: Int32) {
    try workshop.sh(
      "CATALOGUE=datasets.tsv WEIGHTS_TABLE=weights.tsv '\(Fixtures.packageRoot)/pipeline/download.sh' raw w.safetensors"
    )
  }

  @Test("pretrained weights come the same way, go on where they were interrupted, and are compared by SHA-256")
  func pretrainedWeights() throws {
    let server = try FileServer(Self.content)
    defer { server.stop() }
    let workshop = try Self.weights(server)
    try workshop.sh("mkdir raw && head -c 1234 content > raw/w.safetensors.part")
    let found = try Self.downloadWeights(workshop)
    #expect(found.text == "w.safetensors (9 B, Apache-2.0)\n" && found.status == 0)
    #expect(try workshop.sh("cmp content raw/w.safetensors && ls raw").text == "w.safetensors\n")
    #expect(server.requestedRanges == ["1234"])

    let other = try Self.weights(server, sha256: String(repeating: "0", count: 64))
    let refused = try Self.downloadWeights(other)
    #expect(refused.status == 65)
    #expect(refused.text.contains("data: error: raw/w.safetensors: SHA256: expected 00000"))
    #expect(try other.sh("ls raw").text == "")

    let unknown = try Self.weights(server, sha256: "-")
    let told = try Self.downloadWeights(unknown)
    let digest = try workshop.sh("sha256sum < content").text.prefix(64)
    #expect(told.status == 0)
    #expect(told.text.contains("data: raw/w.safetensors: SHA-256 \(digest); none is noted here to compare it with"))
    #expect(try unknown.sh("cmp content raw/w.safetensors && ls raw").text == "w.safetensors\n")
  }

  @Test("make data asks for the files of the grid")
  func grid() throws {
    let listed = try Workshop().make("-n data PROFILE=paper DATASETS='breastmnist oasis' RESOLUTIONS='28 224'").text
    #expect(
      listed == "pipeline/download.sh TMP/raw breastmnist.npz breastmnist_224.npz oasis "
        + "tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors\n")
    let larger = try Workshop().make(
      "-n data PROFILE=paper DATASETS=breastmnist RESOLUTIONS=28 WEIGHTS='$(RAW)/tiny_vit_21m_224.dist_in22k_ft_in1k.safetensors'"
    ).text
    #expect(larger.hasSuffix(" tiny_vit_21m_224.dist_in22k_ft_in1k.safetensors\n"), "\(larger)")
    let own = try Workshop().make("-n data PROFILE=paper DATASETS=breastmnist WEIGHTS=own.safetensors").text
    #expect(!own.contains("safetensors"), "\(own)")
    let sample = try Workshop().make("data")
    #expect(sample.status == 0)
    #expect(sample.text == "data: profile sample draws its images; nothing is needed (PROFILE=paper has real ones)\n")
  }

  @Test("make data with a table fetches what the table needs and lacks, and only then goes on")
  func table() throws {
    let workshop = try Workshop()
    let settings = "PROFILE=paper DATASETS='breastmnist bloodmnist' RESOLUTIONS=28 SEEDS=1"
    // No teacher, no weights; breastmnist.npz is there.
    let listed = try workshop.make("-n data table1 \(settings)")
    #expect(listed.text.contains("pipeline/download.sh TMP/raw bloodmnist.npz\n"), "\(listed.text)")
    let both = try workshop.make("-n data table1 table2 \(settings)")
    #expect(
      both.text.contains(
        "pipeline/download.sh TMP/raw bloodmnist.npz bloodmnist_224.npz tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors\n"
      ),
      "\(both.text)")

    try workshop.write(
      "#!/bin/sh\necho \"$*\" >> '\(workshop.path)/fetched'\nprintf '000 no network'\nexit 6\n", to: "first/curl")
    try workshop.sh("chmod +x first/curl")
    let refused = try workshop.make("data table1 \(settings)")
    #expect(refused.status == 2)
    #expect(refused.text.contains("data: error: TMP/raw/bloodmnist.npz: no network; get https://"), "\(refused.text)")
    #expect(try workshop.stagesRun() == [])
    #expect(try workshop.sh("grep -c . fetched").text == "1\n")

    // With everything at hand nothing is fetched.
    let made = try workshop.make("data table1 \(settings) DATASETS=breastmnist VARIANTS=vit")
    #expect(made.status == 0, "\(made.text)")
    #expect(
      try workshop.stagesRun() == [
        "evaluate paper/evaluations/vit-scratch/breastmnist-28-s1.h5", "prepare-data paper/data/breastmnist-28.h5",
        "report paper/tables/table1@breastmnist-28-vit-s1", "train paper/students/vit-scratch/breastmnist-28-s1.h5",
      ])
    #expect(try workshop.sh("grep -c . fetched").text == "1\n")
  }
}
