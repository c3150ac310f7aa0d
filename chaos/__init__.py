"""A black-box test under faults: `make chaos` (docs/chaos.md).

Law: quality.md, "Faults it survives". The product is started as in production and seen
only from outside: through HTTP on one side and as rows of PostgreSQL on the other. The
product never imports this package.
"""
