"""Who owes whom: the expenses of a group, as a web API."""
