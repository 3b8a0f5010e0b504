"""Jobs that are sent by the clock.

The ledger has the schedules; each has an entry in Redis that beat reads, written when the schedule
is and mended by housekeeping. RedBeat sees to it that of several beats one sends.
"""
