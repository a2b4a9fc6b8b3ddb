"""Three companies to try the hub on: Northcable (REST), Telvoz (SOAP) and Brightnet (Salesforce).

Each is a server process with a durable store, words and pages of its own; none knows of the hub. What they share:
`vocabulary.py` (a company's words), `values.py` (judging by them), `store.py` (memory), `desk.py` and `pages.py` (what
people see and do), `run.py` (being a process). Start reading at `northcable.py`.
"""
