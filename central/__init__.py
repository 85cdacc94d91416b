"""The queue API: takes arrivals, keeps the order, says who may be lit, shows the board."""
