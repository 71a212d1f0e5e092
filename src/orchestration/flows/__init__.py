"""Flows: envelopes over the use cases.

The `…_flow` modules and `titan_flows` hold the flows; `collection_tasks` and `refinement_tasks` are their
steps, and `envelope` is what all of them share. `pausing` lets a flow pause between two items and go on
later; `outcome_hooks` tell the ledger how each run ended, and `fire_of_run` for which fire.
"""
