from documents.models.dossier import Dossier
from documents.models.evidence import Evidence

__all__ = ["Dossier", "Evidence"]
