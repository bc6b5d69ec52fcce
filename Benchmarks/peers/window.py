"""How every peer is timed."""

import time


def rate(step, amount, seconds, clock=time.process_time):
    """How much a second: `step` is taken until at least `seconds` have passed, each time for `amount` of whatever is counted.

    By default of processor time, to which other programs on the machine do not add.
    """
    start, done = clock(), 0
    while True:
        step()
        done += amount
        elapsed = clock() - start
        if elapsed >= seconds:
            return done / elapsed
