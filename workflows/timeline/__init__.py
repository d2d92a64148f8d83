"""Events as plain sentences, for the case page and the dossier."""

from workflows.timeline.lines import BOTH, COUNSEL, Line, Step, of, stages, way
from workflows.timeline.sentences import SENTENCES, sentence

__all__ = ["BOTH", "COUNSEL", "SENTENCES", "Line", "Step", "of", "sentence", "stages", "way"]
