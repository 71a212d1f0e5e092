"""A local upstream: the wire formats of FotMob, FBref and Titan007 over a made or a replayed world."""
