/// What the generated images of a dataset look like: the modality that is drawn in place of the real one.
public enum SamplePicture: String, Sendable, CaseIterable {
  /// Ultrasound of a breast.
  case breast
  /// Back of an eye.
  case retina
  /// X-ray of a chest.
  case chest
  /// Skin lesion.
  case skin
  /// Blood cell.
  case blood
  /// Organ in a slice of an abdomen.
  case organ
  /// Stained tissue.
  case tissue
  /// Slice of a brain.
  case brain
}
