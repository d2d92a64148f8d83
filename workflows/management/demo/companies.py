"""Companies, people and places of the demonstration: all visibly invented."""

from dataclasses import dataclass

from portal.enums import Role


@dataclass(frozen=True)
class Staff:
    """One of the buyer's people."""

    key: str
    name: str
    email: str
    role: Role


@dataclass(frozen=True)
class Step:
    """A producer at one step of a supplier's chain; `kind` is a code of the questionnaire."""

    kind: str
    country: str
    province: str
    name: str
    name_en: str
    code: str
    address: str


@dataclass(frozen=True)
class Maker:
    """A supplier with what it says of itself; `province` is a GB/T 2260 code or empty."""

    key: str
    name: str
    name_en: str
    country: str
    province: str
    code: str
    address: str
    language: str
    zone: str
    contact: str
    email: str
    product: str
    material: str
    sector: str
    steps: tuple[Step, ...]


BUYER = "Demo Outfitters GmbH"
STAFF = (
    Staff("manager", "Demo Campaign Manager", "manager@outfitters.example", Role.CAMPAIGN_MANAGER),
    Staff("analyst", "Demo Analyst", "analyst@outfitters.example", Role.ANALYST),
    Staff("analyst2", "Second Demo Analyst", "analyst2@outfitters.example", Role.ANALYST),
    Staff("approver", "Demo Approver", "approver@outfitters.example", Role.APPROVER),
    Staff("approver2", "Second Demo Approver", "approver2@outfitters.example", Role.APPROVER),
    Staff("counsel", "Demo Counsel", "counsel@outfitters.example", Role.COUNSEL),
    Staff("administrator", "Demo Administrator", "admin@outfitters.example", Role.ADMINISTRATOR),
)

FARM = Step(
    "c_grow", "BR", "", "Fazenda Exemplo Ltda.", "Demo Farm Ltd.", "00.000.000/0001-00",
    "Rodovia Exemplo, km 12, Luís Eduardo Magalhães",
)  # fmt: skip
GIN = Step(
    "c_gin", "BR", "", "Algodoeira Exemplo Ltda.", "Demo Gin Ltd.", "00.000.000/0002-00",
    "Rodovia Exemplo, km 14, Luís Eduardo Magalhães",
)  # fmt: skip
SPINNER = Step(
    "c_spin", "CN", "37", "潍坊示例纺纱有限公司", "Demo Spinning (Weifang) Co., Ltd.",
    "91370700MADEM0003C", "潍坊市示例街5号",
)  # fmt: skip
SPINNER_ABROAD = Step(
    "c_spin", "TR", "", "Örnek İplik A.Ş.", "Demo Yarn Inc.", "0000000002",
    "Örnek Cad. 7, Denizli",
)  # fmt: skip
SPINNER_THERE = Step(
    "c_spin", "CN", "65", "阿克苏示例纺纱有限公司", "Demo Spinning (Aksu) Co., Ltd.",
    "91652900MADEM0008T", "阿克苏市示例路2号",
)  # fmt: skip


FIELDS = (
    "key", "name", "name_en", "country", "province", "code", "address", "language", "zone",
    "contact", "email", "product", "material", "sector",
)  # fmt: skip


def _maker(*words: str, steps: tuple[Step, ...]) -> Maker:
    return Maker(**dict(zip(FIELDS, words, strict=True)), steps=steps)


MAKERS = (
    _maker(
        "weaver", "绍兴示例纺织有限公司", "Demo Weaving (Shaoxing) Co., Ltd.", "CN", "33",
        "91330600MADEM0001G", "绍兴市柯桥区示例路1号", "zh-hans", "Asia/Shanghai",
        "示例联系人", "contact@weaving.example", "棉府绸", "精梳棉纱32支", "cotton",
        steps=(FARM, GIN, SPINNER),
    ),
    _maker(
        "knitter", "Demo Knit (Dhaka) Ltd.", "Demo Knit (Dhaka) Ltd.", "BD", "",
        "C-000001", "Plot 1, Example Road, Gazipur, Dhaka", "en", "Asia/Dhaka",
        "Demo Knit Contact", "contact@knit.example", "Cotton jersey shirts", "Cotton yarn 30s",
        "cotton", steps=(FARM, GIN, SPINNER_ABROAD),
    ),
    _maker(
        "towels", "Örnek Havlu A.Ş.", "Demo Towels Inc.", "TR", "", "0000000001",
        "Örnek Cad. 1, Denizli", "en", "Europe/Istanbul", "Demo Towels Contact",
        "contact@towels.example", "Cotton towels", "Cotton yarn 20s", "cotton",
        steps=(FARM, GIN, SPINNER_ABROAD),
    ),
    _maker(
        "dyer", "绍兴示例印染有限公司", "Demo Dyeing (Shaoxing) Co., Ltd.", "CN", "33",
        "91330600MADEM0005W", "绍兴市柯桥区示例路9号", "zh-hans", "Asia/Shanghai",
        "示例印染联系人", "contact@dyeing.example", "染色棉布", "棉坯布", "cotton",
        steps=(FARM, GIN, SPINNER_THERE),
    ),
    _maker(
        "buttons", "宁波示例纽扣有限公司", "Demo Buttons (Ningbo) Co., Ltd.", "CN", "33",
        "91330200MADEM00045", "宁波市示例街3号", "zh-hans", "Asia/Shanghai",
        "示例纽扣联系人", "contact@buttons.example", "金属纽扣", "铝带", "aluminium", steps=(),
    ),
    _maker(
        "zips", "Demo Zips (Hanoi) Co., Ltd.", "Demo Zips (Hanoi) Co., Ltd.", "VN", "",
        "0100000001", "1 Example Street, Hanoi", "en", "Asia/Ho_Chi_Minh",
        "Demo Zips Contact", "contact@zips.example", "Zips", "Aluminium wire", "aluminium",
        steps=(),
    ),
    _maker(
        "labels", "Demo Labels Lda.", "Demo Labels Lda.", "PT", "", "500000001",
        "Rua Exemplo 1, Braga", "en", "Europe/Lisbon", "Demo Labels Contact",
        "contact@labels.example", "Woven labels", "Polyester yarn", "other", steps=(),
    ),
    _maker(
        "thread", "Demo Thread Pvt. Ltd.", "Demo Thread Pvt. Ltd.", "IN", "", "U00000TN2000",
        "1 Example Nagar, Tiruppur", "en", "Asia/Kolkata", "Demo Thread Contact",
        "contact@thread.example", "Sewing thread", "Cotton sliver", "cotton", steps=(FARM, GIN),
    ),
    _maker(
        "cartons", "Demo Cartons Sp. z o.o.", "Demo Cartons Sp. z o.o.", "PL", "", "0000000003",
        "ul. Przykładowa 1, Łódź", "en", "Europe/Warsaw", "Demo Cartons Contact",
        "contact@cartons.example", "Cartons", "Kraft paper", "other", steps=(),
    ),
    _maker(
        "socks", "诸暨示例袜业有限公司", "Demo Socks (Zhuji) Co., Ltd.", "CN", "33",
        "91330681MADEM00132", "诸暨市示例路11号", "zh-hans", "Asia/Shanghai",
        "示例袜业联系人", "contact@socks.example", "棉袜", "棉纱21支", "cotton",
        steps=(FARM, GIN, SPINNER_THERE),
    ),
    _maker(
        "elastic", "东莞示例松紧带有限公司", "Demo Elastic (Dongguan) Co., Ltd.", "CN", "44",
        "91441900MADEM0014H", "东莞市示例路12号", "zh-hans", "Asia/Shanghai",
        "示例松紧带联系人", "contact@elastic.example", "松紧带", "棉纱40支", "cotton",
        steps=(FARM, GIN, SPINNER_THERE),
    ),
    _maker(
        "batting", "南通示例絮棉有限公司", "Demo Batting (Nantong) Co., Ltd.", "CN", "32",
        "91320600MADEM0015R", "南通市示例路13号", "zh-hans", "Asia/Shanghai",
        "示例絮棉联系人", "contact@batting.example", "絮棉", "棉卷", "cotton",
        steps=(FARM, GIN, SPINNER),
    ),
    _maker(
        "gloves", "喀什示例手套有限公司", "Demo Gloves (Kashgar) Co., Ltd.", "CN", "65",
        "91653100MADEM0016Q", "喀什市示例路14号", "zh-hans", "Asia/Shanghai",
        "示例手套联系人", "contact@gloves.example", "棉手套", "棉纱16支", "cotton",
        steps=(FARM, GIN, SPINNER),
    ),
    _maker(
        "canvas", "Demo Canvas (Karachi) Ltd.", "Demo Canvas (Karachi) Ltd.", "PK", "",
        "0000004", "1 Example Road, Karachi", "en", "Asia/Karachi", "Demo Canvas Contact",
        "contact@canvas.example", "Cotton canvas", "Cotton yarn 10s", "cotton",
        steps=(FARM, GIN),
    ),
    _maker(
        "lining", "Demo Lining Spa", "Demo Lining Spa", "IT", "", "00000000005",
        "Via Esempio 1, Prato", "en", "Europe/Rome", "Demo Lining Contact",
        "contact@lining.example", "Cotton lining", "Cotton yarn 50s", "cotton",
        steps=(FARM, GIN, SPINNER_ABROAD),
    ),
)  # fmt: skip
MAKER = {maker.key: maker for maker in MAKERS}
