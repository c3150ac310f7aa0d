"""Benchmarks: each program measures the product against a limit or a peer.

Each is one command with a time limit, `python -m benchmarks.stamping`. It runs on
loopback with a temporary PostgreSQL (fsync on). docs/benchmarks.md has the results.
Only world.py and the *_inside.py modules use the product's own code.
"""
