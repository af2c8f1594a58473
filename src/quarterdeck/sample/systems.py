"""The company's systems, products and vendors, and what rests on what, as tables of values."""

from dataclasses import dataclass

# key → English, Chinese, revenue a year in EUR
PRODUCTS = {
    "velmarin-pay": ("Velmarin Pay", "维澜支付", 27_400_000),
    "velmarin-freight": ("Velmarin Freight", "维澜货运", 18_900_000),
    "velmarin-stock": ("Velmarin Stock", "维澜仓储", 8_600_000),
    "velmarin-customs": ("Velmarin Customs", "维澜关务", 4_700_000),
    "velmarin-insight": ("Velmarin Insight", "维澜数据", 1_900_000),
}
# key → English, Chinese, country
VENDORS = {
    "nordwolke": ("Nordwolke", "北云", "Germany"),
    "yunbo": ("Yunbo Cloud", "云泊云", "China"),
    "kartoria": ("Kartoria Maps", "卡拓地图", "Germany"),
    "siegelhof": ("Siegelhof", "西格安全", "Germany"),
    "robofalke": ("Robofalke", "隼行机器人", "Germany"),
    "zhice": ("Zhice Screening", "智策筛查", "China"),
    "kontoro": ("Kontoro", "康拓软件", "Germany"),
    "shuling": ("Shuling Contracting", "数领外包", "China"),
    "backbord": ("Backbord Engineers", "左舷工程", "Germany"),
}


@dataclass(frozen=True)
class System:
    """A system of the catalogue. stack: what it is written in or bought as. needs: systems it depends on.

    A need written `@x` is declared as consuming the interface that x provides, one written `x` as depending on x.
    """

    key: str
    en: str
    zh: str
    owner: str
    domain: str
    criticality: int
    product: str
    vendor: str
    stack: str
    needs: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Component or Resource."""
        return "Resource" if self.stack in ("database", "appliance") else "Component"

    @property
    def reference(self) -> str:
        """Reference in the catalogue."""
        return f"{self.kind.lower()}:default/{self.key}"


# key|English|Chinese|owner|domain|criticality|product|vendor|stack|needs
_SYSTEMS = """
payment-gateway|Payment Gateway|支付网关|payments-channels|payments|4|velmarin-pay||go|payment-router token-vault identity-hamburg identity-suzhou event-bus-hamburg event-bus-suzhou
payment-router|Payment Router|支付路由|payments-channels|payments|4|velmarin-pay||go|token-vault fx-rates
checkout-api|Checkout API|收银台接口|payments-channels|payments|4|velmarin-pay||go|@payment-gateway merchant-profile edge-hamburg edge-suzhou
qr-acquiring|QR Acquiring|二维码收单|payments-channels|payments|4|velmarin-pay||go|payment-router event-bus-hamburg event-bus-suzhou
bank-connect|Bank Connect|银行直连|payments-channels|payments|4|velmarin-pay||java|token-vault
token-vault|Token Vault|令牌保险库|payments-core|payments|4|velmarin-pay||go|hsm-hamburg hsm-suzhou vault-store-primary vault-store-standby
vault-store-primary|Vault Store, Primary|保险库存储（主）|payments-core|payments|4|velmarin-pay|nordwolke|database|
vault-store-standby|Vault Store, Standby|保险库存储（备）|payments-core|payments|4|velmarin-pay|yunbo|database|
hsm-hamburg|Key Module Hamburg|汉堡加密机|security|payments|4|velmarin-pay|siegelhof|appliance|
hsm-suzhou|Key Module Suzhou|苏州加密机|security|payments|4|velmarin-pay|siegelhof|appliance|
refund-service|Refunds|退款服务|payments-core|payments|3|velmarin-pay||go|@payment-gateway ledger-core
recurring-billing|Recurring Billing|周期扣款|payments-core|payments|3|velmarin-pay||go|@payment-gateway
fx-rates|Exchange Rates|汇率服务|payments-core|payments|2|velmarin-pay||go|
remittance|Cross-border Remittance|跨境汇款|payments-core|payments|4|velmarin-pay||java|payment-router clearing-engine @sanctions-screening
payout-service|Payouts|代付服务|payments-core|payments|3|velmarin-pay||java|clearing-engine bank-connect
ledger-core|Ledger|核心账务|ledger|payments|4|velmarin-pay||java|ledger-store
ledger-store|Ledger Store|账务数据库|ledger|payments|4|velmarin-pay|nordwolke|database|
clearing-engine|Clearing Engine|清算引擎|ledger|payments|4|velmarin-pay||java|ledger-core token-vault
settlement-batch|Settlement|结算批处理|ledger|payments|4|velmarin-pay||java|clearing-engine bank-connect
reconciliation|Reconciliation|对账平台|ledger|payments|3|velmarin-pay||java|ledger-core settlement-batch
tax-invoicing|Tax and Invoicing|税务开票|ledger|payments|3|velmarin-pay||java|ledger-core document-store
merchant-statements|Merchant Statements|商户账单|ledger|payments|2|velmarin-pay||java|ledger-core document-store
fraud-scoring|Fraud Scoring|欺诈评分|risk-control|payments|4|velmarin-pay||python|feature-store event-bus-hamburg event-bus-suzhou
sanctions-screening|Sanctions Screening|制裁名单筛查|risk-control|payments|4|velmarin-pay|zhice|python|
merchant-onboarding|Merchant Onboarding|商户准入|risk-control|payments|3|velmarin-pay||python|@sanctions-screening document-store
chargeback-desk|Chargeback Desk|拒付处理|risk-control|payments|2|velmarin-pay||python|ledger-core
order-hub|Order Hub|订单中枢|orders|logistics|4|velmarin-freight||java|@pricing-engine event-bus-hamburg event-bus-suzhou
shipment-tracking|Shipment Tracking|运单追踪|orders|logistics|3|velmarin-freight||java|@order-hub event-bus-hamburg event-bus-suzhou
carrier-connect|Carrier Connect|承运商接入|orders|logistics|3|velmarin-freight||java|event-bus-hamburg event-bus-suzhou
route-optimiser|Route Optimiser|路径优化|routing|logistics|4|velmarin-freight||python|map-tiles event-bus-hamburg event-bus-suzhou
fleet-telemetry|Fleet Telemetry|车队遥测|routing|logistics|3|velmarin-freight||python|event-bus-hamburg event-bus-suzhou
driver-dispatch|Driver Dispatch|司机调度|routing|logistics|3|velmarin-freight||python|route-optimiser identity-hamburg identity-suzhou
arrival-forecast|Arrival Forecast|到达预测|routing|logistics|2|velmarin-freight||python|fleet-telemetry feature-store
map-tiles|Map Tiles|地图瓦片|routing|logistics|3|velmarin-freight|kartoria|appliance|
warehouse-control|Warehouse Control|仓库控制|warehouse|warehouse|4|velmarin-stock||java|stock-ledger event-bus-hamburg event-bus-suzhou
stock-ledger|Stock Ledger|库存台账|warehouse|warehouse|3|velmarin-stock||java|@warehouse-control
picking-robots|Picking Robots|拣选机器人|warehouse|warehouse|3|velmarin-stock|robofalke|appliance|
customs-gateway|Customs Gateway|关务网关|customs|customs|4|velmarin-customs||java|document-store @sanctions-screening
tariff-lookup|Tariff Look-up|税则查询|customs|customs|2|velmarin-customs||java|
contract-store|Contract Store|合同库|customs|customs|3|velmarin-freight||java|@order-hub document-store
document-store|Document Store|单证库|customs|customs|3|velmarin-customs||java|
pricing-engine|Pricing Engine|计价引擎|merchant|logistics|3|velmarin-freight||node|contract-store
merchant-portal|Merchant Portal|商户门户|merchant|merchant|3|velmarin-pay||node|merchant-profile @order-hub edge-hamburg edge-suzhou identity-hamburg identity-suzhou
merchant-profile|Merchant Profile|商户档案|merchant|merchant|3|velmarin-pay||node|
partner-interface|Partner Interface|合作方接口|merchant|merchant|3|velmarin-freight||node|@order-hub @checkout-api
driver-app|Driver App|司机端|mobile|logistics|3|velmarin-freight||node|driver-dispatch
merchant-app|Merchant App|商户端|mobile|merchant|2|velmarin-pay||node|merchant-profile
data-lake|Data Lake|数据湖|data|data|3|velmarin-insight||python|
feature-store|Feature Store|特征库|data|data|3|velmarin-insight||python|data-lake
reporting|Reporting|经营报表|data|data|2|velmarin-insight||python|data-lake
event-bus-hamburg|Event Bus Hamburg|汉堡事件总线|platform|platform|4|||go|
event-bus-suzhou|Event Bus Suzhou|苏州事件总线|platform|platform|4|||go|
identity-hamburg|Identity Hamburg|汉堡身份服务|platform|platform|4|||go|
identity-suzhou|Identity Suzhou|苏州身份服务|platform|platform|4|||go|
edge-hamburg|Edge Hamburg|汉堡边缘网关|operations|platform|4||nordwolke|appliance|
edge-suzhou|Edge Suzhou|苏州边缘网关|operations|platform|4||yunbo|appliance|
build-farm|Build Farm|构建平台|platform|platform|2|||go|
observability|Observability|可观测平台|operations|platform|3|||go|
fax-bridge|Fax Bridge|传真桥|unspecified|customs|2|velmarin-customs||java|document-store
loyalty-points|Loyalty Points|积分服务|merchant-loyalty|merchant|1|velmarin-pay||node|merchant-profile
"""  # noqa: E501


def _system(line: str) -> System:
    key, en, zh, owner, domain, criticality, product, vendor, stack, needs = line.split("|")
    return System(key, en, zh, owner, domain, int(criticality), product, vendor, stack, tuple(needs.split()))


SYSTEMS = tuple(_system(line) for line in _SYSTEMS.strip().splitlines())
SYSTEM = {system.key: system for system in SYSTEMS}
DOMAINS = {
    "payments": ("Payments", "支付"),
    "logistics": ("Logistics", "物流"),
    "warehouse": ("Warehousing", "仓储"),
    "customs": ("Customs", "关务"),
    "merchant": ("Merchants", "商户"),
    "data": ("Data", "数据"),
    "platform": ("Platform", "平台"),
}
PAIRS = (  # systems that stand in for each other: name of the group, members; one of them suffices
    ("event-bus", ("event-bus-hamburg", "event-bus-suzhou")),
    ("identity", ("identity-hamburg", "identity-suzhou")),
    ("edge", ("edge-hamburg", "edge-suzhou")),
    ("hsm", ("hsm-hamburg", "hsm-suzhou")),
    ("vault-store", ("vault-store-primary", "vault-store-standby")),
)
GROUP = {member: name for name, members in PAIRS for member in members}

# What is planted in the tables above
SINGLE_POINT = "token-vault"
CYCLE = ("contract-store", "order-hub", "pricing-engine")  # of three teams, closed by an interface
CYCLE_INSIDE = ("stock-ledger", "warehouse-control")  # of one team: no decoupling between teams is needed
OWNERLESS = {"fax-bridge": "unspecified", "loyalty-points": "merchant-loyalty"}  # nobody; a team that is no more
WEAK = ("payment-router", "fx-rates")  # of criticality 4, on one of 2


def needs(system: System) -> tuple[str, ...]:
    """Keys of the systems it depends on, however that is declared."""
    return tuple(need.removeprefix("@") for need in system.needs)


def interfaces() -> tuple[str, ...]:
    """Systems that provide an interface which others consume."""
    return tuple(sorted({need[1:] for system in SYSTEMS for need in system.needs if need.startswith("@")}))
