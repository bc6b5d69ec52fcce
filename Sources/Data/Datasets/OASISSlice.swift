/// An axial slice of OASIS-1, as the public copy names it: `OAS1_0001_MR1_mpr-1_100.jpg`.
public struct OASISSlice: Sendable, Equatable {
  /// The person: `OAS1_0001`.
  public var participant: String
  /// The visit, 1 or 2.
  public var session: Int
  /// The repeated scan of that visit, 1 to 4.
  public var acquisition: Int
  /// Number of the slice.
  public var slice: Int

  /// A slice from its parts.
  public init(participant: String, session: Int, acquisition: Int, slice: Int) {
    self.participant = participant
    self.session = session
    self.acquisition = acquisition
    self.slice = slice
  }

  /// Reads the name of a file; nil if it is not of this form.
  public init?(fileName: String) {
    guard let match = fileName.wholeMatch(of: /(OAS1_\d{4})_MR(\d)_mpr-(\d)_(\d{1,3})\.(?i:jpe?g|png)/),
      let session = Int(match.2), let acquisition = Int(match.3), let slice = Int(match.4)
    else { return nil }
    self.init(participant: String(match.1), session: session, acquisition: acquisition, slice: slice)
  }

  /// Reads the name of a scan's header, `OAS1_0001_MR1_mpr-1_anon.hdr`; nil if it is not of this form. The slice is 0.
  public init?(headerName: String) {
    guard let match = headerName.wholeMatch(of: /(OAS1_\d{4})_MR(\d)_mpr-(\d)_anon\.hdr/), let session = Int(match.2),
      let acquisition = Int(match.3)
    else { return nil }
    self.init(participant: String(match.1), session: session, acquisition: acquisition, slice: 0)
  }

  /// The scan: `OAS1_0001_MR1_mpr-1`.
  public var volume: String { "\(participant)_MR\(session)_mpr-\(acquisition)" }
}
