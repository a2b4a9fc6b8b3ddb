"""The agreement as a page and a PDF, in a company's language: what its managers sign, and what its agents learn from.

One content, made once from the agreement (`content.py`, in the words of `words.py`), drawn twice: as HTML by Jinja2 and
as PDF by Typst. Each bears the hash of the text; the hash is the same in every language. Knows no ledger and no clock.
Next: `content.py`; `../signatures.py` for what a signature is good for.
"""

from hub.agreement_page.content import content
from hub.agreement_page.drawing import html, pdf

__all__ = ["content", "html", "pdf"]
