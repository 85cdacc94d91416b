"""The bundle for support: how a machine is, in one file that holds nobody's plate, number or secret."""
