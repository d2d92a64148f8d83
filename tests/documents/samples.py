"""Contents of every kind, as the apps above would collect them, about invented companies."""

from documents.dossier import (
    Answer,
    AnswerSection,
    Attestation,
    Block,
    Clause,
    Contact,
    Count,
    Decision,
    Dossier,
    Event,
    EvidenceItem,
    Imprint,
    Instructed,
    Instruction,
    Limb,
    Message,
    Party,
    Person,
    Picture,
    Receipt,
    Register,
    Registered,
    Standing,
    Statement,
    Step,
    Thread,
)

HEAD = "9f2c4e1ab0d37765c8aa41f0e2b9d6c35a1780ee94b2c6d1f03a5e7798bcd412"
HASHES = [f"{n * 7919:08x}" * 8 for n in range(1, 400)]
CHINESE = "绍兴示例纺织有限公司"
UYGHUR = "ئۈرۈمچى ئۈلگە توقۇمىچىلىق چەكلىك شىركىتى"

BUYER = Party(
    role="Buyer",
    name="Demo Outfitters GmbH",
    country="Germany",
    registration="HRB 000000",
    address="Musterstrasse 1, 20095 Hamburg",
)
SUPPLIER = Party(
    role="Supplier",
    name=CHINESE,
    name_en="Demo Weaving (Shaoxing) Co., Ltd.",
    country="China",
    registration="91330600DEMO00001X",
    address="1 Example Road, Keqiao, Shaoxing",
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 90" width="600" height="90">'
    '<g fill="#f3f6f7" stroke="#7a8a94"><rect x="1" y="20" width="130" height="46" rx="4"/>'
    '<rect x="235" y="20" width="130" height="46" rx="4" fill="#e8f4ec"/>'
    '<rect x="468" y="20" width="130" height="46" rx="4"/></g>'
    '<g stroke="#16232b" fill="none"><path d="M131 43H229M365 43H462"/></g>'
    '<g fill="#16232b" font-family="Noto Sans" font-size="14" text-anchor="middle">'
    '<text x="66" y="48">Attest</text><text x="300" y="48">Review</text>'
    '<text x="533" y="48">Cleared</text></g></svg>'
)


def imprint(language="en", **changes):
    chinese = language != "en"
    return Imprint(
        **{
            "language": language,
            "reference": "K7QF-3MX9",
            "service": "Extricate",
            "buyer": BUYER.name,
            "zone": "Asia/Shanghai",
            "place": "上海" if chinese else "Shanghai",
            "cut": 42,
            "head": HEAD,
            "software": "Extricate 0.1.0",
            "number": 2,
            "at": "2026-11-20T06:05:09.000000Z",
        }
        | changes
    )


ATTESTATION = Attestation(
    signatory=Person(
        name="Demo Signatory / 示例签字人",
        role="Signatory",
        organisation=CHINESE,
        title="General manager",
        authority="Legal representative",
    ),
    at="2026-10-28T03:12:44Z",
    method="A fresh code, mailed to s***@weaving.example and typed within 3 minutes",
    sha256=HASHES[11],
    statements=(
        Statement(
            number="5.1",
            text="We know who made each input of the goods we sell you, up to the raw material.",
            language="English",
            sha256=HASHES[12],
            answer="Yes",
        ),
        Statement(
            number="5.2",
            text="We will tell you within ten working days when this changes.",
            language="English",
            sha256=HASHES[13],
            answer="Yes",
        ),
    ),
    result="Accepted by the ledger as entry 27",
)
ANSWERS = (
    AnswerSection(
        title="1 Sites and companies",
        answers=(
            Answer(
                number="1.1",
                question="Which sites make the goods you sell to this buyer?",
                answer="Keqiao mill (weaving), 1 Example Road\nYuecheng dye house, 8 Sample Lane",
                evidence=("E-1", "E-2"),
            ),
            Answer(
                number="1.2",
                question="Do you own, or are you owned by, a company that has a site elsewhere?",
                answer=f"Yes. {UYGHUR}, share 12 %, sold 30 June 2025.",
                before="Can't say.",
                findings=("The share was sold after the date asked for. Level: follow-up.",),
            ),
            Answer(
                number="1.3",
                question="How many people work at the sites named above?",
                answer="Can't say.",
            ),
        ),
    ),
    AnswerSection(
        title="2 Origin of inputs",
        answers=(
            Answer(
                number="2.1",
                question="Which inputs do you buy, and from whom?",
                answer="Cotton yarn 40s, Demo Spinning (Nantong) Co., Ltd.; "
                "viscose, Demo Fibre Kft.; zips, Nguyễn Demo JSC; buttons, Łódź Demo S.A.",
                evidence=("E-1",),
            ),
        ),
    ),
)
EVIDENCE = (
    EvidenceItem(
        number="E-1",
        name="报关单 2026-09.pdf",
        kind="customs_declaration",
        state="RELEASED",
        sha256=HASHES[20],
        size=482_113,
        scan="CLEAN",
        scan_database="ClamAV 1.4.2/27460/Tue Nov 17 08:43:12 2026",
        grade="A",
        issuer="Demo Customs, Ningbo",
        document_number="310120260000000001",
        issued_on="2026-09-14",
        received_at="2026-10-20T08:01:00Z",
        asked_in="2.1",
        reason="Names the order and the spinner.",
    ),
    EvidenceItem(
        number="E-2",
        name="payroll.xlsx",
        kind="payroll_totals",
        state="HELD",
        sha256=HASHES[21],
        size=12_900,
        scan="NOT_SCANNED",
        grade="B",
        proposed=True,
        received_at="2026-10-20T08:09:00Z",
        received_by="MAIL",
        received_from="Demo Contact, contact@weaving.example",
        reason="The file seems to hold numbers of identity cards.",
    ),
    EvidenceItem(
        number="E-3",
        name="letter.pdf",
        kind="own_declaration",
        state="REFUSED",
        sha256=HASHES[22],
        size=3_210,
        scan="NOT_SCANNED",
        received_at="2026-10-20T08:12:00Z",
        reason="The content of the file is not what its name says.",
    ),
)


def _events(count):
    sentences = [
        "Demo Manager instructed Demo Weaving (Shaoxing) Co., Ltd. in explicit wording.",
        "The mail with the instruction was accepted by the server of weaving.example.",
        "Demo Contact acknowledged the instruction.",
        "Demo Contact saved section 2, “Origin of inputs”.",
        f"A file was received: 报关单 2026-09.pdf, for {UYGHUR}.",
        "Demo Signatory signed the answers; the code was confirmed.",
        "Demo Analyst recommended to clear the case: nothing is open.",
        "Demo Approver cleared the case.",
    ]
    return tuple(
        Event(
            seq=n,
            at=f"2026-{1 + n % 11:02}-{1 + n % 27:02}T{n % 24:02}:{n % 60:02}:09.120000Z",
            sentence=sentences[n % len(sentences)],
            hash=HASHES[n % len(HASHES)],
        )
        for n in range(1, count + 1)
    )


def dossier(language="en", edition="COUNSEL", events=42, **changes):
    return Dossier(
        **{
            "imprint": imprint(language, cut=events),
            "edition": edition,
            "buyer": BUYER,
            "supplier": SUPPLIER,
            "opened_at": "2026-09-01T01:30:00Z",
            "standing": Standing(
                stage="Cleared",
                tone="done",
                sentence="Nothing is open. Demo Approver cleared the case on 12 November 2026, "
                "on the recommendation of Demo Analyst.",
                clauses=(
                    Clause(
                        clause="B4",
                        asked="Instructed on 1 September 2026",
                        answered="Answered and signed on 28 October 2026",
                        evidence="1 of grade A, 1 of grade B held",
                        finding="None open",
                        decided="Demo Approver",
                    ),
                    Clause(clause="A3", asked="Asked in section 4", answered="Answered: no"),
                ),
                limbs=(
                    Limb(name="The instruction arrived", state="met", why="Accepted on 1 Sept."),
                    Limb(name="A plan was given", state="open", why="Not asked for"),
                    Limb(name="The buyer's ladder is spent", state="failed"),
                ),
                policy="Version 3 of 1 August 2026",
                wording="Explicit",
                wording_by="Chosen by Demo Counsel on 28 August 2026",
            ),
            "parties": (
                BUYER,
                SUPPLIER,
                Party(role="Owned company", name=UYGHUR, country="China"),
            ),
            "people": (
                Person(
                    name="Demo Signatory",
                    role="Signatory",
                    organisation=CHINESE,
                    title="General manager",
                    authority="Legal representative",
                    signed_in_by="Mailed code",
                ),
                Person(
                    name="Demo Analyst",
                    role="Analyst",
                    organisation=BUYER.name,
                    signed_in_by="Mailed code and authenticator app",
                ),
            ),
            "instructed": Instructed(
                blocks=(
                    Block("What we ask", kind="heading"),
                    Block("Please tell us who made each input of the goods you sell us."),
                    Block("Fill in the questionnaire.", kind="item"),
                    Block("Have it signed by somebody who may sign.", kind="item"),
                ),
                version="2026.0",
                sha256=HASHES[3],
                language="English",
                list_version="List of 1 July 2026, SHA-256 1f3a9c0e…",
                steps=(
                    Step("Sent", "2026-09-01T01:31:00Z"),
                    Step("Accepted", "2026-09-01T01:31:04Z", "by mx.weaving.example"),
                    Step("Opened", "2026-09-02T02:00:00Z"),
                    Step("Acknowledged", "2026-09-02T02:04:00Z", "by Demo Contact"),
                    Step("Due", "2026-10-31T16:00:00Z"),
                ),
            ),
            "attestations": (ATTESTATION,),
            "answers": ANSWERS,
            "evidence": EVIDENCE,
            "threads": (
                Thread(
                    subject="Query of 30 October 2026: 1.2 and E-2",
                    messages=(
                        Message(
                            at="2026-10-30T07:00:00Z",
                            by="Demo Analyst",
                            text="When was the share sold? Please show the deed.",
                        ),
                        Message(
                            at="2026-11-02T02:10:00Z",
                            by="Demo Contact",
                            text="On 30 June 2025. 见附件。\nThe deed is attached.",
                        ),
                    ),
                    state="Answered",
                    due="2026-11-10",
                ),
            ),
            "contacts": (
                Contact(
                    at="2026-10-20T01:00:00Z",
                    what="Reminder",
                    to="Demo Contact",
                    result="Accepted by mx.weaving.example",
                ),
                Contact(
                    at="2026-10-22T03:00:00Z",
                    what="Call, logged by Demo Analyst",
                    to="Demo Contact",
                    result="Reached: will answer by the end of the month",
                ),
            ),
            "decisions": (
                Decision(
                    at="2026-11-11T09:00:00Z",
                    what="Recommended to clear",
                    by="Demo Analyst",
                    role="Analyst",
                    reason="Origin is shown by E-1 for the order asked about.",
                ),
                Decision(
                    at="2026-11-12T09:00:00Z",
                    what="Cleared",
                    by="Demo Approver",
                    role="Approver",
                    reason="Nothing is open under B4.",
                    counsel_note="Advice of counsel: canary-7731." if edition == "COUNSEL" else "",
                ),
            ),
            "charts": (
                Picture(svg=SVG, alt="The case went from attesting to review and was cleared."),
            ),
            "events": _events(events),
        }
        | changes
    )


def register(language="en", lines=24, **changes):
    stages = ["Answering", "In review", "Cleared", "With counsel"]
    return Register(
        **{
            "imprint": imprint(language, reference="SPRING-26"),
            "campaign": "Spring 2026, cotton",
            "questionnaire": "2026.0",
            "due": "2026-10-31",
            "launched_at": "2026-09-01T01:30:00Z",
            "list_version": "List of 1 July 2026",
            "counts": (
                Count("instructed", lines),
                Count("mail accepted", lines - 1),
                Count("acknowledged", 18),
                Count("replied", 15),
                Count("cleared", 9),
                Count("overdue", 2),
            ),
            "lines": tuple(
                Registered(
                    reference=f"{n:04}-DEMO",
                    supplier=[CHINESE, "Demo Knitwear Ltd.", UYGHUR][n % 3],
                    country=["China", "Viet Nam", "Türkiye"][n % 3],
                    wording=["Explicit", "Traceability"][n % 2],
                    instructed_at="2026-09-01T01:31:00Z",
                    delivery="Accepted by the server",
                    acknowledged_at="2026-09-02" if n % 4 else "",
                    replied_at="2026-10-28" if n % 3 else "",
                    reply="All answered" if n % 3 else "",
                    stage=stages[n % 4],
                    decision="Cleared" if n % 4 == 2 else "",
                    decided_at="2026-11-12" if n % 4 == 2 else "",
                    decided_by="Demo Approver" if n % 4 == 2 else "",
                )
                for n in range(1, lines + 1)
            ),
        }
        | changes
    )


def receipt(language="en", **changes):
    return Receipt(
        **{
            "imprint": imprint(language, service="Demo Outfitters supplier desk"),
            "supplier": SUPPLIER,
            "attestation": ATTESTATION,
            "next_steps": (
                Block("A person reads your answers, usually within 15 working days."),
                Block("If anything is unclear we ask you, here and by mail."),
            ),
            "answers": (ANSWERS[1],),
            "evidence": EVIDENCE[:1],
        }
        | changes
    )


def instruction(language="en", **changes):
    return Instruction(
        **{
            "imprint": imprint(language, service="Demo Outfitters supplier desk"),
            "supplier": SUPPLIER,
            "title": "Where the inputs of our goods come from",
            "blocks": (
                Block("Dear Demo Contact,"),
                Block(
                    "we have to know who made the goods we buy, and the inputs they are made "
                    "of. That is why we ask each of our suppliers the same questions."
                ),
                Block("What we ask", kind="heading"),
                Block("Fill in the questionnaire, section by section.", kind="item"),
                Block("Show records for one order of your choice.", kind="item"),
                Block("Have it signed by somebody who may sign.", kind="item"),
                Block("What follows", kind="heading"),
                Block("A person reads your answers. You get a receipt at once."),
            ),
            "due": "2026-10-31",
            "sender": Person(
                name="Demo Manager",
                role="Campaign manager",
                organisation=BUYER.name,
                title="Head of purchasing",
            ),
            "address": "https://answers.example/case",
            "version": "2026.0",
            "sha256": HASHES[3],
        }
        | changes
    )
