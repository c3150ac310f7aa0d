"""A black-box test under faults: `make chaos` (docs/chaos.md).

Law: quality.md, "Faults it survives". The product is started as in production and seen
only from outside: HTTP on one side, the rows of PostgreSQL on the other. Nothing in
the product knows of this package.
"""
