"""Programs that measure: the product against a limit or a peer, in the same minute.

Each is one command, bounded in time, on loopback, with a PostgreSQL of its own (fsync
on) that goes away at the end: `python -m benchmarks.stamping`. Results and how to read
them: docs/benchmarks.md. Only world.py knows the product from inside.
"""
