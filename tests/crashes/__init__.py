"""What the books hold after a crash: killed programs, cut power, full disks.

Each kind is tried a little whenever the tests run, and as long as one likes by a program of its own:

    python -m tests.crashes.kills --rounds 200
    python -m tests.crashes.sqlite_power --cuts 10000
    python -m tests.crashes.postgres_power --cuts 50

Each prints its seed, what it found, and the first faults with where they were found; the same seed sends the same acts
again. The two that cut the power end with controls: settings under which something must be lost. Each ends with 1 when
anything was lost that should not be, or a control lost nothing. PostgreSQL's power is cut where the machine can mount
FUSE (Debian: `apt-get install fuse3`).
"""
