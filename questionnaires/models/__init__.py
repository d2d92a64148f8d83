from questionnaires.models.append_only import NeverChanges
from questionnaires.models.questionnaire import QuestionnaireVersion
from questionnaires.models.response import EvidenceLink, Response, SectionDocument
from questionnaires.models.review import Comment, Correction
from questionnaires.models.submission import CodedAnswer, CounselText, Submission

__all__ = [
    "CodedAnswer",
    "Comment",
    "Correction",
    "CounselText",
    "EvidenceLink",
    "NeverChanges",
    "QuestionnaireVersion",
    "Response",
    "SectionDocument",
    "Submission",
]
