"""One page for the security officer of a partner company: what the hub does with that company's data, as declared.

Nothing on it is written by hand: fields, edges, rights, hosts and bounds come from system.yaml, mapping.yaml and
agreement.yaml, so that it cannot say anything else than what is executed; a hash over all of it is what is signed.
Next: `facts.py` (what stands on it), `page.py` (text and HTML), `rights.py` (least rights); `../passport_cli.py`.
"""
