"""The RFCs that more than one place names."""

KEMPER = "EKU9003173C9"  # its user is clara@demo.mx
SHARED = "TRB0602151KA"  # client of both resellers, each with its own balance
