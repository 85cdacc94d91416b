"""The fleet: how machines are, which releases there are, and which machine should run which."""
