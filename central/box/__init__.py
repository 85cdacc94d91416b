"""The machine that a hall's central runs on: its proxy, its certificates, and the copies that leave it.

What is here needs neither a database nor a running central, and is done as root.
"""
