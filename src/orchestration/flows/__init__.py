"""Flows: envelopes over the use cases.

The `…_flow` modules and `titan_flows` hold the flows; `collection_tasks` and `refinement_tasks` are their
steps, and `envelope` is what all of them share.
"""
