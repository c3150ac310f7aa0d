"""The database engine of the product: see base.py."""
