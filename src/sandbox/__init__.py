"""A local upstream: the wire formats of FotMob, FBref and Titan007 over a made or a replayed world.

`world` says what a world is; `made` and `history` make one, and `open_world` chooses; `pages` writes what the
sources would answer; `app` maps addresses to pages, and `serve` runs it.
"""
