"""The queue API: takes arrivals, keeps the order, says who may be lit, shows the board.

`yard` has every use case of a station; `web` speaks HTTP with it, `serving` runs both as one process.
"""
