"""Hall boxes and their office: what goes up, what comes down, and what the office never does.

At the office `marking`, `keeping`, `log`, `news`, `showing`; in a hall `lineage`, `telling`, `state`,
`taking`, `link`, `running`.
"""
