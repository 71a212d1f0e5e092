"""The embedded servers and their supervisor.

`plan` says what is to run and where, `services` declares each part as a `service`; `run` starts the
`supervisor`, which keeps a `unit` for each, and each process runs under a `guard`. `home` is the folder.
"""
