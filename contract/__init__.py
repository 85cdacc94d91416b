"""The shared words: plates, visits, calls, leases, wire types and problem types.  No input or output here."""
