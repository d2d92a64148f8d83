"""A case, collected into what documents print; texts in the document's language."""

from workflows.collect.dossier import dossier
from workflows.collect.letters import letter, receipt
from workflows.collect.register import register

__all__ = ["dossier", "letter", "receipt", "register"]
