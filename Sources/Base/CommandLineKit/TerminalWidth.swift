import Glibc

/// The columns of the terminal that a file descriptor leads to, 80 where it does not say; nil if it is no terminal.
public func terminalWidth(_ descriptor: Int32) -> Int? {
  guard isatty(descriptor) == 1 else { return nil }
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
  return Int(size.ws_col)
}
