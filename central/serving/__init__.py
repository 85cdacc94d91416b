"""Central as a running process: its port, its local socket, its second hand."""
