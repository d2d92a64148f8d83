"""What ends an inspection, and the limits it works within."""

from documents.enums import Problem

SECONDS = 60
MEMORY = 1536 * 1024 * 1024

MOST_UNPACKED = 500 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_RATIO = 100
RATIO_FROM = 1024 * 1024
MOST_PIXELS = 120_000_000
MOST_TEXT = 20_000_000

PDF, OFD, JPEG, PNG, HEIC = "pdf", "ofd", "jpeg", "png", "heic"
TXT, CSV, DOCX, XLSX, DOC, XLS = "txt", "csv", "docx", "xlsx", "doc", "xls"


class Found(Exception):
    """Something that ends the inspection."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail
