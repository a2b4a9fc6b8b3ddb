"""Somewhere to try the hub: companies with systems of their own, and real traffic for them. Start: `companies/`."""
