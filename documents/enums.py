"""The stored words of evidence and documents, with their labels."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EvidenceKind(TextChoices):
    """What a piece of evidence is; the values are those of the questionnaires."""

    CUSTOMS_DECLARATION = "customs_declaration", _("Customs declaration")
    BILL_OF_LADING = "bill_of_lading", _("Bill of lading or waybill")
    BANK_SLIP = "bank_slip", _("Bank payment slip")
    LICENCE_EXTRACT = "licence_extract", _("Business licence or its extract")
    REGISTRY_EXTRACT = "registry_extract", _("Extract from the company registry")
    DEREGISTRATION = "deregistration", _("Notice of deregistration")
    OFFICIAL_CERTIFICATE = "official_certificate", _("Certificate from an authority")
    OFFICIAL_NOTICE = "official_notice", _("Notice from an authority")
    GIN_BALE_RECORD = "gin_bale_record", _("Bale or gin record")
    MILL_CERTIFICATE = "mill_certificate", _("Mill or smelter certificate")
    INSURANCE_TOTALS = "insurance_totals", _("Social insurance totals, without names")
    PURCHASE_ORDER = "purchase_order", _("Purchase order")
    INVOICE = "invoice", _("Invoice")
    CONTRACT = "contract", _("Contract")
    LEASE = "lease", _("Lease")
    AGENCY_CONTRACT = "agency_contract", _("Contract with an employment agency")
    TRANSPORT_NOTE = "transport_note", _("Delivery or transport note")
    PRODUCTION_LOG = "production_log", _("Production record")
    STOCK_LEDGER = "stock_ledger", _("Stock ledger")
    PAYROLL_TOTALS = "payroll_totals", _("Payroll totals, without names")
    ANNUAL_REPORT = "annual_report", _("Annual report")
    GROUP_CHART = "group_chart", _("Chart of the group of companies")
    BOM = "bom", _("Bill of materials")
    FLOOR_PLAN = "floor_plan", _("Floor plan")
    FARM_LIST = "farm_list", _("List of farms")
    TERMINATION_LETTER = "termination_letter", _("Letter of termination")
    SALE_DEED = "sale_deed", _("Deed of sale")
    QUOTE = "quote", _("Quotation")
    UTILITY_BILL = "utility_bill", _("Utility bill")
    OWN_DECLARATION = "own_declaration", _("Own declaration")
    POLICY = "policy", _("Company policy")
    GATE_PHOTO = "gate_photo", _("Photograph of the gate, without people")
    LAB_REPORT = "lab_report", _("Laboratory report")
    OUTSIDE_SOURCE = "outside_source", _("Record from another source")


class Grade(TextChoices):
    """How much a piece of evidence proves (rule B4 of the domain)."""

    A = "A", _("A: official or third-party record")
    B = "B", _("B: record kept in the ordinary course of business")
    C = "C", _("C: declaration, policy or certificate alone")
    S = "S", _("S: supports other evidence only")


def _graded(grade: Grade, kinds: str) -> dict[EvidenceKind, Grade]:
    return {EvidenceKind(kind): grade for kind in kinds.split()}


# What a supplier shows; the other kind is the buyer's own.
SHOWN_KINDS = tuple(kind for kind in EvidenceKind if kind != EvidenceKind.OUTSIDE_SOURCE)

# The grade a kind proposes; a reviewer sets the one that counts.
GRADE_OF: dict[EvidenceKind, Grade] = {
    **_graded(
        Grade.A,
        "customs_declaration bill_of_lading bank_slip licence_extract registry_extract "
        "deregistration official_certificate official_notice gin_bale_record mill_certificate "
        "insurance_totals",
    ),
    **_graded(
        Grade.B,
        "purchase_order invoice contract lease agency_contract transport_note production_log "
        "stock_ledger payroll_totals annual_report group_chart bom floor_plan farm_list "
        "termination_letter sale_deed quote utility_bill",
    ),
    **_graded(Grade.C, "own_declaration policy gate_photo outside_source"),
    **_graded(Grade.S, "lab_report"),
}


class EvidenceState(TextChoices):
    UPLOADING = "UPLOADING", _("Being uploaded")
    RECEIVED = "RECEIVED", _("Received, waiting to be checked")
    CHECKING = "CHECKING", _("Being checked")
    RELEASED = "RELEASED", _("Checked and released")
    HELD = "HELD", _("Held until a person has looked at it")
    REFUSED = "REFUSED", _("Refused, the file was not kept")
    DESTROYED = "DESTROYED", _("Destroyed")


class Scan(TextChoices):
    """What the virus scanner said; nothing but its own OK is ever CLEAN."""

    NOT_SCANNED = "NOT_SCANNED", _("Not scanned for viruses")
    CLEAN = "CLEAN", _("Scanned, no virus found")
    INFECTED = "INFECTED", _("A virus was found")


class ReceivedBy(TextChoices):
    """The way a piece of evidence came in."""

    PORTAL = "PORTAL", _("Uploaded in the portal")
    MAIL = "MAIL", _("Came by mail")
    POST = "POST", _("Came by post")


class Origin(TextChoices):
    """Whose record a file is; what a buyer learned elsewhere never reaches the supplier."""

    SUPPLIER = "SUPPLIER", _("The supplier's")
    BUYER = "BUYER", _("The buyer's own source")


class DossierKind(TextChoices):
    """What a rendered document is."""

    DOSSIER = "DOSSIER", _("Dossier")
    REGISTER = "REGISTER", _("Campaign register")
    RECEIPT = "RECEIPT", _("Receipt")
    INSTRUCTION = "INSTRUCTION", _("Instruction")
    LETTER = "LETTER", _("Letter")


class Edition(TextChoices):
    """Who a document is for, and so how much it says."""

    COUNSEL = "COUNSEL", _("Counsel's edition")
    WORKING = "WORKING", _("Working edition")
    SUPPLIER = "SUPPLIER", _("Supplier's copy")


class DossierState(TextChoices):
    REQUESTED = "REQUESTED", _("Requested")
    RENDERED = "RENDERED", _("Written, not yet issued")
    SEALED = "SEALED", _("Sealed, not yet issued")
    ISSUED = "ISSUED", _("Issued")
    FAILED = "FAILED", _("Could not be written")


class Problem(TextChoices):
    """Why a file was held or refused, as a sentence for whoever sent it."""

    EMPTY = "EMPTY", _("The file is empty.")
    WRONG_TYPE = (
        "WRONG_TYPE",
        _(
            "This type of file cannot be taken. Send PDF, OFD, JPEG, PNG, HEIC, TXT, CSV, "
            "DOCX, XLSX, DOC or XLS."
        ),
    )
    MISNAMED = (
        "MISNAMED",
        _(
            "The content of the file is not what its name says. Save it again in the program "
            "it comes from, and send that."
        ),
    )
    BROKEN = (
        "BROKEN",
        _("The file is damaged and cannot be opened. Save it again, and send that."),
    )
    POLYGLOT = (
        "POLYGLOT",
        _(
            "The file is two kinds of file at once, which a genuine record never is. Print the "
            "record to PDF, and send that."
        ),
    )
    INFECTED = "INFECTED", _("The virus scanner found something harmful in the file.")
    BOMB = (
        "BOMB",
        _("Unpacked, the file is far larger than it looks, so it was not opened."),
    )
    ENCRYPTED = (
        "ENCRYPTED",
        _(
            "The file is locked with a password, so nobody could look inside. Send a copy "
            "without a password."
        ),
    )
    ACTIVE = (
        "ACTIVE",
        _(
            "The file can run commands or fetch things when it is opened. A person looks at it "
            "first; a copy printed to PDF is quicker."
        ),
    )
    EMBEDDED = (
        "EMBEDDED",
        _(
            "Other files are packed inside this one. A person looks at it first; send the "
            "inner files one by one if you can."
        ),
    )
    ID_NUMBERS = (
        "ID_NUMBERS",
        _(
            "The file seems to hold numbers of identity cards. Records of persons are not "
            "wanted here: send a copy without them, or say that they are something else."
        ),
    )
    GEOTAGGED = (
        "GEOTAGGED",
        _(
            "The photograph says where it was taken. Send a copy without the location, or say "
            "that the location may be passed on."
        ),
    )
    TOO_MUCH = (
        "TOO_MUCH",
        _("The file is too large or too complex to be checked here. A person looks at it."),
    )
    SCANNER_SILENT = (
        "SCANNER_SILENT",
        _("The virus scanner did not answer. A person decides whether to release the file."),
    )


# A file with one of these is not kept; with any other it waits for a person.
REFUSED_FOR = frozenset(
    {
        Problem.EMPTY,
        Problem.WRONG_TYPE,
        Problem.MISNAMED,
        Problem.BROKEN,
        Problem.POLYGLOT,
        Problem.INFECTED,
        Problem.BOMB,
    }
)
# Personal data: the supplier says what becomes of these files, not the buyer.
DECIDED_BY_SUPPLIER = frozenset({Problem.ID_NUMBERS, Problem.GEOTAGGED})
