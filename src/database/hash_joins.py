"""Joins with staged rows, of which Postgres has no statistics: by hashing or by merging alone.

Where its statistics are behind it takes a batch for a few rows, and would compare each staged row with each
row of the batch's matches: a minute in place of half a second. These are statements of their own. They stand
in one text with those around the joins, for a round trip takes as long as joining a hundred rows.
"""

#: From here on in the transaction, or until `AS_SET`. An error ends it with the transaction or the savepoint.
HASH_JOINS = "set local enable_nestloop = off"
AS_SET = "set local enable_nestloop to default"
