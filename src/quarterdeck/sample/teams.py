"""The company, its departments, teams, posts, skills and cost bands, as tables of values."""

from dataclasses import dataclass

COMPANY_EN, COMPANY_ZH, DOMAIN = "Velmarin", "维澜科技", "velmarin.example"


@dataclass(frozen=True)
class Team:
    """People who work together; project is the code before the number of their issues, empty where they track none."""

    key: str
    en: str
    zh: str
    department: str
    place: str
    project: str
    skills: tuple[tuple[str, int], ...]  # how many people have which main skill, the lead not counted
    purpose: str


_TEAMS = """
payments-core|Payments Core|支付核心|Payments|Suzhou|PCO|go:7 java:2 testing:2 product-management:1|tokens, refunds, remittance
payments-channels|Payment Channels|支付渠道|Payments|Suzhou|PCH|go:7 java:1 testing:2 product-management:1|gateway, routing, bank links
ledger|Ledger and Clearing|账务与清算|Payments|Hamburg|LED|java:7 testing:1 product-management:1|ledger, clearing, settlement
risk-control|Risk Control|风险控制|Payments|Chengdu|RSK|python:4 machine-learning:3 data-engineering:1 product-management:1|fraud, sanctions
orders|Order Management|订单管理|Logistics|Hamburg|ORD|java:7 testing:2 product-management:1|orders, carriers, tracking
routing|Routing and Fleet|路径与车队|Logistics|Chengdu|RTE|python:6 machine-learning:2 data-engineering:1 product-management:1 testing:1|routes
warehouse|Warehouse|仓储|Logistics|Suzhou|WHS|java:7 testing:1 product-management:1|stock, picking, docks
customs|Customs|关务|Logistics|Hamburg|CUS|java:5 product-management:1|declarations, contracts, documents
merchant|Merchant Experience|商户体验|Product|Chengdu|MER|frontend:6 java:2 testing:1 product-management:1|portal, pricing, partners
mobile|Mobile Apps|移动应用|Product|Chengdu|MOB|mobile:7 testing:1 product-management:1|driver and merchant apps
data|Data Platform|数据平台|Platform|Chengdu|DAT|data-engineering:7 python:2 product-management:1|lake, features, reports
platform|Platform Engineering|平台工程|Platform|Hamburg|PLT|site-reliability:5 go:4|event bus, identity, builds
operations|Operations|运行维护|Platform|Suzhou|OPS|site-reliability:6|watch, backup, certificates
security|Security|信息安全|Security|Hamburg|SEC|security:4|protection and response
quality|Quality Engineering|质量工程|Platform|Chengdu|QUA|testing:7|test automation
architecture|Architecture|架构|Office of the CTO|Hamburg|ARC|architecture:3|target architecture, standards
sales|Sales and Support|销售与客户支持|Commercial|Suzhou||sales:10|merchants and shippers
finance|Finance|财务|Administration|Hamburg||finance:4|accounts and controlling
people|Human Resources|人力资源|Administration|Suzhou||human-resources:4|hiring and development
legal|Legal|法务|Administration|Hamburg||legal:2|contracts and regulation
executive|Executive Office|总经办|Management|Hamburg||management:3|direction
"""  # noqa: E501


def _team(line: str) -> Team:
    key, en, zh, department, place, project, skills, purpose = line.split("|")
    counted = tuple((name, int(number)) for name, number in (part.split(":") for part in skills.split()))
    return Team(key, en, zh, department, place, project, counted, purpose)


TEAMS = tuple(_team(line) for line in _TEAMS.strip().splitlines())
TEAM = {team.key: team for team in TEAMS}

# key → English, Chinese, category
SKILLS = {
    "go": ("Go", "Go 语言", "engineering"),
    "java": ("Java", "Java", "engineering"),
    "python": ("Python", "Python", "engineering"),
    "frontend": ("Web front end", "前端", "engineering"),
    "mobile": ("Mobile development", "移动开发", "engineering"),
    "data-engineering": ("Data engineering", "数据工程", "data"),
    "machine-learning": ("Machine learning", "机器学习", "data"),
    "site-reliability": ("Site reliability", "可靠性工程", "operations"),
    "security": ("Security", "信息安全", "operations"),
    "testing": ("Test engineering", "测试工程", "engineering"),
    "architecture": ("Architecture", "架构设计", "engineering"),
    "product-management": ("Product management", "产品管理", "product"),
    "management": ("Management", "管理", "management"),
    "sales": ("Sales and support", "销售与支持", "commercial"),
    "finance": ("Finance", "财务", "administration"),
    "human-resources": ("Human resources", "人力资源", "administration"),
    "legal": ("Law", "法务", "administration"),
}
# a second skill that people of the first often have
SECOND = {
    "go": "site-reliability",
    "java": "testing",
    "python": "data-engineering",
    "frontend": "java",
    "mobile": "frontend",
    "data-engineering": "python",
    "machine-learning": "python",
    "site-reliability": "go",
    "security": "site-reliability",
    "testing": "java",
    "architecture": "java",
    "product-management": "testing",
    "management": "product-management",
    "sales": "product-management",
    "finance": "management",
    "human-resources": "management",
    "legal": "management",
}
# main skill → post's key, its name
POSTS = {
    "go": ("engineer-go", "Software Engineer (Go)", "软件工程师（Go）"),
    "java": ("engineer-java", "Software Engineer (Java)", "软件工程师（Java）"),
    "python": ("engineer-python", "Software Engineer (Python)", "软件工程师（Python）"),
    "frontend": ("engineer-frontend", "Front-end Engineer", "前端工程师"),
    "mobile": ("engineer-mobile", "Mobile Engineer", "移动开发工程师"),
    "data-engineering": ("engineer-data", "Data Engineer", "数据工程师"),
    "machine-learning": ("scientist", "Machine Learning Scientist", "算法工程师"),
    "site-reliability": ("engineer-reliability", "Site Reliability Engineer", "可靠性工程师"),
    "security": ("engineer-security", "Security Engineer", "安全工程师"),
    "testing": ("engineer-test", "Test Engineer", "测试工程师"),
    "architecture": ("architect", "Architect", "架构师"),
    "product-management": ("product-manager", "Product Manager", "产品经理"),
    "management": ("team-lead", "Team Lead", "团队负责人"),
    "sales": ("account-manager", "Account Manager", "客户经理"),
    "finance": ("controller", "Controller", "财务管理"),
    "human-resources": ("hr-partner", "HR Partner", "人力资源伙伴"),
    "legal": ("counsel", "Counsel", "法律顾问"),
}
EXECUTIVES = (  # of the executive office, in the order of its people: post, English, Chinese
    ("general-manager", "General Manager", "总经理"),
    ("cto", "Chief Technology Officer", "首席技术官"),
    ("cfo", "Chief Financial Officer", "首席财务官"),
    ("coo", "Chief Operating Officer", "首席运营官"),
)
# level → step of the cost bands; people of the executive office stand at the top
LEVELS = {"E1": 1, "E2": 2, "E3": 3, "E4": 4, "M1": 4, "M2": 5, "X": 6}
# full-time place a year: Hamburg in EUR, Suzhou and Chengdu in CNY
BANDS = {
    "DE-1": (58_000, "EUR"),
    "DE-2": (72_000, "EUR"),
    "DE-3": (88_000, "EUR"),
    "DE-4": (108_000, "EUR"),
    "DE-5": (138_000, "EUR"),
    "DE-6": (210_000, "EUR"),
    "CN-1": (210_000, "CNY"),
    "CN-2": (300_000, "CNY"),
    "CN-3": (410_000, "CNY"),
    "CN-4": (560_000, "CNY"),
    "CN-5": (760_000, "CNY"),
    "CN-6": (1_200_000, "CNY"),
}
CALENDARS = {"Hamburg": "de-hamburg", "Suzhou": "cn", "Chengdu": "cn"}
