"""Servers that misbehave on demand, over real sockets of this machine: for tests of what a partner may do to the hub.

`answers.py` has two small servers and hostile bytes, `org.py` a Salesforce org that answers as it is told to,
`measured.py` a process that tells how long a call took and how much memory. No company of the sandbox is meant by them.
"""
