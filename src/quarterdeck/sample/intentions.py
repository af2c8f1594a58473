"""What the company intends: goals with key results, initiatives with what they need and bring, as tables of values."""

from dataclasses import dataclass

Three = tuple[float, float, float]


@dataclass(frozen=True)
class KeyResult:
    """A measure of a goal. due: months after the plan's first day."""

    key: str
    goal: str
    en: str
    zh: str
    unit: str
    today: float
    drift: float
    error: float
    target: float
    due: int
    worth: int


@dataclass(frozen=True)
class Initiative:
    """Something that may be done. Money in thousand EUR, spans in months.

    team: whose lead owns it. earliest, latest, mandate, started: months from the plan's first day.
    """

    key: str
    en: str
    zh: str
    theme: str
    system: str
    team: str  # whose lead owns it
    duration: Three
    capital: Three
    running: Three
    benefit: Three
    ramp: int
    lasts: int
    efforts: tuple[tuple[str, float], ...]
    state: str
    earliest: int | None
    latest: int | None
    mandate: int | None
    started: int | None
    done: float
    excludes: str


THEMES = {
    "growth": ("Growth", "增长"),
    "efficiency": ("Efficiency", "提效"),
    "resilience": ("Resilience", "韧性"),
    "compliance": ("Compliance", "合规"),
    "foundations": ("Foundations", "技术底座"),
    "people": ("People", "人才"),
}
# key → theme, English, Chinese
GOALS = {
    "grow-payments": ("growth", "More merchants pay with us", "支付业务增长"),
    "pay-without-stop": ("resilience", "Payments never stop", "支付永不中断"),
    "deliver-faster": ("efficiency", "Ideas reach customers sooner and safer", "更快更稳地交付"),
    "freight-on-time": ("growth", "Freight arrives on time, at less cost", "货运准时且更省"),
    "warehouse-flow": ("efficiency", "Warehouses move more with fewer mistakes", "仓储提速少错"),
    "customs-in-hours": ("growth", "Customs in hours, not days", "通关以小时计"),
    "trusted-data": ("foundations", "Figures everybody trusts", "数据可信"),
    "safe-and-lawful": ("compliance", "Safe and lawful in both jurisdictions", "两地安全合规"),
    "modern-base": ("foundations", "Nothing critical on ended technology", "关键系统不用停服技术"),
    "shared-knowledge": ("people", "No system known by one person alone", "知识不系于一人"),
    "spend-wisely": ("efficiency", "Every euro of cloud has an owner", "云成本各有其主"),
}
# Key results that the company has measured from its evidence, by the name of the published figure.
FIGURES = {
    "order-lead-time": "delivery.change_lead_time",
    "change-failures": "delivery.change_fail_rate",
    "known-by-one": "knowledge.systems_with_one",
}
# key|goal|English|Chinese|unit|today|drift a month|its error|target|due|worth
_RESULTS = """
checkout-conversion|grow-payments|Share of checkouts completed|收银台完成率|%|71.5|0.02|0.03|74|18|420000
active-merchants|grow-payments|Active merchants|活跃商户|merchants|4150|18|6|4780|23|360000
payment-availability|pay-without-stop|Availability of payments|支付可用性|%|99.91|0|0.0008|99.925|18|380000
settlement-recovery|pay-without-stop|Hours to recover settlement|结算恢复时长|hours|9.5|0.02|0.05|8.8|18|180000
order-lead-time|deliver-faster|Hours from change to production|变更上线时长|hours|119|0.24|1.2|107|15|150000
change-failures|deliver-faster|Share of deployments that fail|部署失败率|share|0.08|0.0005|0.001|0.06|15|170000
deliveries-on-time|freight-on-time|Deliveries on time|准时送达率|%|91.2|-0.03|0.04|93|22|400000
cost-per-stop|freight-on-time|Cost of a stop|单停靠点成本|EUR|4.85|0.004|0.004|4.72|22|330000
lines-per-hour|warehouse-flow|Order lines picked an hour|每小时拣选行数|lines|84|0.1|0.2|91|23|300000
mispicks|warehouse-flow|Wrong picks of a thousand|千行拣错数|lines|3.4|0.01|0.02|1.8|23|140000
clearance-hours|customs-in-hours|Hours to clear a shipment|单票通关时长|hours|14|0.03|0.06|11.8|21|240000
automatic-clearance|customs-in-hours|Declarations without a hand|自动申报占比|%|58|0.2|0.2|66|21|190000
contracted-data|trusted-data|Data sets under contract|签约数据集|data sets|12|0.2|0.2|30|23|110000
report-latency|trusted-data|Age of figures when shown|报表时效|hours|26|0|0.1|6|21|90000
open-critical|safe-and-lawful|Critical advisories open|未修复严重漏洞|advisories|3|0.25|0.1|0|9|260000
audit-findings|safe-and-lawful|Open audit findings|未关闭审计问题|findings|17|0.1|0.1|15|18|200000
ended-components|modern-base|Components past their support|停服组件|components|19|0.9|0.2|4|21|220000
ended-critical|modern-base|Critical systems on ended technology|使用停服技术的关键系统|systems|6|0.25|0.1|0|18|280000
known-by-one|shared-knowledge|Systems known by one person|一人独知的系统|systems|4|0.02|0.03|0|15|240000
bench-ready|shared-knowledge|Key posts with a ready successor|关键岗位有继任者|%|35|0.5|0.3|40|21|90000
cloud-per-order|spend-wisely|Cloud cost of an order|单笔订单云成本|EUR|0.162|0.0004|0.0003|0.135|18|210000
untagged-share|spend-wisely|Cloud spending without a system|无归属云支出|%|2.6|-0.06|0.03|2.1|15|60000
"""
# key|English|Chinese|theme|system|team|duration|capital|running cost a month|benefit a month|ramp|lasts|effort|state
_INITIATIVES = """
unified-checkout|Unified checkout for Europe and China|中欧统一收银台|growth|checkout-api|payments-channels|6/8/12|150/210/330|4/6/9|38/62/95|6|36|go:12 frontend:11 product-management:3 testing:5|proposed
route-engine-two|Second-generation route engine|第二代路径引擎|efficiency|route-optimiser|routing|8/11/17|160/240/400|6/9/14|55/95/140|6|48|python:16 machine-learning:18 data-engineering:5 testing:3|funded latest=2
fraud-graph|Fraud detection on graphs|图谱反欺诈|resilience|fraud-scoring|risk-control|5/7/11|100/150/230|5/8/12|22/38/60|3|36|machine-learning:9 data-engineering:6 go:3|proposed
payments-two-sites|Payments active in two sites|支付双活|resilience|payment-gateway|platform|8/12/18|420/600/950|12/18/28|6/10/16|0|60|site-reliability:22 go:12 security:8 architecture:4|proposed
vault-standby|Standby for the token vault|令牌保险库热备|resilience|token-vault|payments-core|3/4/6|60/90/150|2/3/5|0/0/0|0|60|go:6 security:6 site-reliability:4|proposed
picking-hall-two|Picking robots for the second hall|二号仓拣选机器人|efficiency|picking-robots|warehouse|7/10/15|800/1100/1700|9/14/22|38/62/88|6|72|java:10 site-reliability:3 product-management:3|proposed
customs-single-window|Link to the customs single window|海关单一窗口对接|compliance|customs-gateway|customs|6/8/11|90/140/210|3/5/7|10/18/28|0|60|java:14 testing:4 product-management:2|funded mandate=14
card-scope|Smaller scope of card data|缩小支付卡数据范围|compliance|token-vault|security|5/7/10|80/120/190|1/2/4|6/10/16|0|60|security:14 go:6 architecture:2|proposed
data-transfer-rules|Data transfer under PIPL and GDPR|个人信息出境合规改造|compliance|data-lake|data|4/6/9|50/80/130|2/3/5|0/0/0|0|60|data-engineering:8 security:9|funded mandate=11
merchant-advance|Advances to merchants|商户预付融资|growth|fraud-scoring|risk-control|7/9/14|180/260/420|12/18/28|50/95/155|9|48|java:12 machine-learning:10 product-management:5 security:4|proposed
self-service-onboarding|Merchants join by themselves|商户自助入驻|growth|merchant-onboarding|risk-control|4/6/9|60/90/140|2/3/5|20/33/48|4|36|python:8 frontend:12 testing:3 product-management:2|proposed
driver-offline|Driver app without network|司机端离线可用|efficiency|driver-app|mobile|4/5/8|40/60/100|1/2/3|14/24/36|3|36|mobile:12 testing:4|proposed
data-contracts|Data contracts between domains|领域数据契约|foundations|data-lake|data|5/7/11|40/60/90|1/2/3|3/8/14|6|48|data-engineering:14 java:4|proposed
real-time-features|Features in real time|实时特征平台|foundations|feature-store|data|5/6/10|80/120/200|6/9/13|9/17/28|3|36|data-engineering:10 machine-learning:12 python:3|proposed
one-observability|One view of all operations|统一可观测|foundations|observability|operations|6/9/12|60/90/140|4/6/9|9/16/24|3|48|site-reliability:14 go:4|running started=-4 done=0.45
remote-build-cache|Shared build cache|共享构建缓存|efficiency|build-farm|platform|2/3/5|15/22/40|1/1/2|9/14/20|2|36|site-reliability:4 go:2|proposed
ledger-shards|Ledger in shards|账本分片|foundations|ledger-core|ledger|9/13/20|150/230/380|5/8/12|10/18/30|6|60|java:26 testing:8 site-reliability:6 architecture:4|proposed
erp-replacement|Replacement of the ERP|更换企业资源计划系统|efficiency||finance|5/6/7|1800/1950/2000|15/22/30|55/85/120|9|84|product-management:8 java:10 testing:6|proposed latest=0
own-acquiring|Own acquiring licence|自有收单牌照|growth|payment-gateway|payments-channels|6/9/12|300/420/600|150/185/240|290/420/560|12|60|go:12 security:8 product-management:5|proposed latest=3
bank-messages|ISO 20022 with all banks|银行报文 ISO 20022|compliance|bank-connect|payments-channels|7/9/12|70/110/170|2/3/5|5/9/15|0|60|java:12 testing:5|running started=-6 done=0.6 mandate=8
merchant-app-rewrite|New merchant app|商户端重写|growth|merchant-app|mobile|7/10/15|90/140/240|3/5/8|4/9/18|6|36|mobile:22 frontend:14 testing:6|proposed
lading-chain|Bills of lading on a shared chain|区块链电子提单|growth|document-store|customs|6/10/18|160/260/450|8/13/20|3/12/40|12|36|go:10 java:8 security:4|proposed
maps-in-house|Own map tiles|自建地图瓦片|efficiency|map-tiles|routing|6/9/14|140/210/340|10/15/22|12/19/28|3|48|site-reliability:6 python:8 data-engineering:4|proposed excludes=maps
maps-second-vendor|Second vendor of maps|引入第二地图供应商|resilience|map-tiles|routing|2/3/5|20/30/50|3/4/6|5/9/13|2|36|python:3|proposed excludes=maps
cloud-bill-owned|An owner for every line of the cloud bill|云账单责任到人|efficiency|observability|operations|3/4/6|25/40/60|1/2/3|12/20/30|2|36|site-reliability:5 data-engineering:2|proposed
clearing-renewal|Clearing engine on a supported platform|清算引擎平台换代|foundations|clearing-engine|ledger|8/11/16|90/140/230|2/4/6|6/12/20|0|60|java:20 testing:6 architecture:2|proposed
second-holders|A second person for every key system|关键系统 AB 角|people||architecture|6/9/12|20/35/60|1/2/3|0/0/0|0|48|java:4 python:3 architecture:2|proposed
order-hub-apart|Order hub apart from prices and contracts|订单中枢与计价、合同解耦|foundations|order-hub|orders|6/9/13|60/90/150|1/2/4|6/12/20|3|48|java:14 frontend:4 testing:5 architecture:3|proposed
passkeys|Sign-in without passwords|无密码登录|resilience|identity-hamburg|platform|4/6/8|40/60/95|1/2/3|4/8/13|3|36|go:7 security:4 frontend:3 mobile:2|proposed
signed-builds|Signed builds, each with a list of its parts|构建签名与软件物料清单|compliance|build-farm|platform|3/5/7|25/40/65|1/2/3|0/0/0|0|48|site-reliability:5 go:3 security:2|proposed
resilience-proof|Proof of resilience under the EU DORA regulation|欧盟 DORA 条例韧性达标|compliance|payment-gateway|operations|6/8/11|60/95/150|2/4/6|0/0/0|0|60|site-reliability:7 security:4 testing:5|funded mandate=13
locked-copies|Copies that nobody can alter|不可篡改备份|resilience|ledger-store|operations|3/4/6|70/105/160|3/4/6|0/0/0|0|60|site-reliability:5 security:1|proposed
weighing-tables|Parcels weighed as they are packed|打包称重复核|efficiency|warehouse-control|warehouse|4/6/9|150/210/310|2/3/5|15/24/34|3|60|java:5 testing:2 product-management:1|proposed
partner-pooling|Loads pooled with partner fleets|与合作车队拼载|growth|driver-dispatch|routing|6/8/12|60/100/160|4/6/9|28/48/76|8|48|python:9 frontend:4 product-management:4 testing:2|proposed
declaration-reading|Freight papers read by machine|货运单证智能识别|efficiency|document-store|customs|5/7/10|70/110/170|5/8/12|18/30/46|4|36|machine-learning:4 java:6 testing:3|proposed
demand-prices|Freight prices that follow demand|运价随需调整|growth|pricing-engine|merchant|6/8/12|60/95/150|5/8/12|45/80/125|6|36|machine-learning:5 data-engineering:4 frontend:5 product-management:3|proposed
pay-later|Pay later with a partner bank|联合银行先享后付|growth|checkout-api|payments-core|6/8/11|80/120/190|6/9/13|34/60/96|8|36|go:11 java:3 product-management:3 testing:3 security:2|proposed
successor-bench|A successor for every key post|关键岗位梯队建设|people||people|6/9/12|45/70/110|1/2/3|0/0/0|0|36|human-resources:5 architecture:2|proposed
release-any-day|Releases on any day, to a few first|灰度发布常态化|efficiency|build-farm|platform|5/7/10|45/70/110|2/3/5|10/17/27|3|36|site-reliability:6 testing:6 go:3|proposed
machine-room-exit|Out of the Hamburg machine room|退出汉堡自建机房|efficiency|ledger-store|operations|7/10/15|160/240/380|8/12/18|24/40/58|0|60|site-reliability:14 java:3 security:2|proposed
"""  # noqa: E501
# initiative → key results it moves and by how much
CONTRIBUTIONS: dict[str, tuple[tuple[str, Three], ...]] = {
    "unified-checkout": (("checkout-conversion", (1.8, 3.0, 4.2)), ("active-merchants", (150, 320, 520))),
    "route-engine-two": (("cost-per-stop", (-0.5, -0.34, -0.18)), ("deliveries-on-time", (1.0, 1.9, 2.9))),
    "fraud-graph": (("checkout-conversion", (0.3, 0.7, 1.2)),),
    "payments-two-sites": (("payment-availability", (0.02, 0.035, 0.045)), ("settlement-recovery", (-3.5, -2.5, -1.2))),
    "vault-standby": (("payment-availability", (0.008, 0.016, 0.024)),),
    "picking-hall-two": (("lines-per-hour", (9, 15, 21)), ("mispicks", (-0.9, -0.6, -0.3))),
    "customs-single-window": (("clearance-hours", (-5.5, -4.0, -2.2)), ("automatic-clearance", (7, 12, 17))),
    "card-scope": (("audit-findings", (-6, -4, -2)), ("open-critical", (-1, -1, 0))),
    "data-transfer-rules": (("audit-findings", (-6, -4, -3)),),
    "merchant-advance": (("active-merchants", (120, 260, 430)),),
    "self-service-onboarding": (("active-merchants", (180, 380, 600)),),
    "driver-offline": (("deliveries-on-time", (0.5, 1.1, 1.8)),),
    "data-contracts": (("contracted-data", (24, 36, 46)), ("report-latency", (-6, -4, -2))),
    "real-time-features": (("report-latency", (-14, -10, -6)), ("deliveries-on-time", (0.1, 0.3, 0.6))),
    "one-observability": (
        ("settlement-recovery", (-2.5, -1.6, -0.8)),
        ("change-failures", (-0.03, -0.02, -0.008)),
        ("cloud-per-order", (-0.008, -0.005, -0.002)),
    ),
    "remote-build-cache": (("order-lead-time", (-29, -17, -7)),),
    "ledger-shards": (
        ("payment-availability", (0.002, 0.006, 0.012)),
        ("settlement-recovery", (-1.8, -1.0, -0.3)),
        ("known-by-one", (-1, 0, 0)),
    ),
    "bank-messages": (("audit-findings", (-3, -2, -1)),),
    "merchant-app-rewrite": (("active-merchants", (20, 60, 140)),),
    "lading-chain": (("clearance-hours", (-1.5, -0.6, 0)), ("automatic-clearance", (0, 2, 5))),
    "maps-in-house": (("cost-per-stop", (-0.08, -0.05, -0.02)),),
    "maps-second-vendor": (("deliveries-on-time", (0.0, 0.2, 0.4)),),
    "cloud-bill-owned": (("cloud-per-order", (-0.02, -0.013, -0.006)), ("untagged-share", (-1.6, -1.0, -0.5))),
    "clearing-renewal": (
        ("ended-components", (-5, -4, -2)),
        ("ended-critical", (-2, -2, -1)),
        ("known-by-one", (-1, -1, 0)),
    ),
    "second-holders": (("known-by-one", (-4, -3, -1)), ("bench-ready", (2, 5, 8))),
    "order-hub-apart": (("change-failures", (-0.02, -0.013, -0.005)), ("order-lead-time", (-14, -8, -3))),
    "passkeys": (("active-merchants", (20, 60, 110)), ("audit-findings", (-2, -1, 0))),
    "signed-builds": (("open-critical", (-3, -2, -1)), ("audit-findings", (-2, -1, 0))),
    "resilience-proof": (("audit-findings", (-5, -4, -2)),),
    "locked-copies": (("settlement-recovery", (-1.2, -0.7, -0.2)),),
    "weighing-tables": (("mispicks", (-1.6, -1.1, -0.6)), ("lines-per-hour", (-2, -1, 0))),
    "partner-pooling": (("cost-per-stop", (-0.2, -0.12, -0.05)),),
    "declaration-reading": (("automatic-clearance", (4, 7, 10)), ("clearance-hours", (-1.8, -1.1, -0.4))),
    "pay-later": (("checkout-conversion", (0.4, 0.9, 1.5)),),
    "successor-bench": (("bench-ready", (5, 9, 14)),),
    "release-any-day": (("order-lead-time", (-22, -13, -5)), ("change-failures", (-0.02, -0.012, -0.004))),
    "machine-room-exit": (("cloud-per-order", (0.002, 0.004, 0.008)),),
}
PRECEDENCES = (  # initiative, after, months between
    ("payments-two-sites", "vault-standby", 0),
    ("merchant-advance", "fraud-graph", 1),
    ("real-time-features", "data-contracts", 0),
    ("ledger-shards", "one-observability", 0),
    ("lading-chain", "customs-single-window", 2),
    ("merchant-app-rewrite", "unified-checkout", 0),
    ("self-service-onboarding", "data-transfer-rules", 0),
    ("partner-pooling", "route-engine-two", 1),
    ("declaration-reading", "customs-single-window", 0),
    ("demand-prices", "order-hub-apart", 0),
    ("pay-later", "unified-checkout", 0),
    ("signed-builds", "remote-build-cache", 0),
    ("release-any-day", "remote-build-cache", 0),
    ("machine-room-exit", "locked-copies", 0),
)
CANNOT_FIT = {
    "erp-replacement": "capital",
    "own-acquiring": "running",
}  # which part of the budget it breaks even at its least
PROMISED = {  # initiatives with a day that was promised to others, and to whom
    "bank-messages": "the banks",
    "customs-single-window": "the customs authorities",
    "data-transfer-rules": "the data protection authorities",
    "resilience-proof": "the financial supervisor",
}
# months as people estimate them anew by the second collection
RE_ESTIMATED: dict[str, Three] = {"unified-checkout": (8, 12, 17)}
PRICE_OF_MONTH = (
    8_200  # EUR: what a person-month of the company's own people costs on average, for the worth of an initiative
)
_STEPS = (0.8, 1.0, 1.5)  # of the likely effort: least, likely, most


def _three(text: str) -> Three:
    low, likely, high = (float(part) for part in text.split("/"))
    return low, likely, high


def _result(line: str) -> KeyResult:
    key, goal, en, zh, unit, today, drift, error, target, due, worth = line.split("|")
    return KeyResult(
        key, goal, en, zh, unit, float(today), float(drift), float(error), float(target), int(due), int(worth)
    )


def _initiative(line: str) -> Initiative:
    key, en, zh, theme, system, team, duration, capital, running, benefit, ramp, lasts, efforts, state = line.split("|")
    counted = tuple((skill, float(months)) for skill, months in (part.split(":") for part in efforts.split()))
    word, *pairs = state.split()
    said = dict(pair.split("=") for pair in pairs)
    earliest, latest, mandate, started = (
        int(said[name]) if name in said else None for name in ("earliest", "latest", "mandate", "started")
    )
    return Initiative(
        key, en, zh, theme, system, team, _three(duration), _three(capital), _three(running), _three(benefit),
        int(ramp), int(lasts), counted, word, earliest, latest, mandate, started, float(said.get("done", 0)),
        said.get("excludes", ""),
    )  # fmt: skip


RESULTS = tuple(_result(line) for line in _RESULTS.strip().splitlines())
INITIATIVES = tuple(_initiative(line) for line in _INITIATIVES.strip().splitlines())


def effort(months: float) -> Three:
    """Least, likely and most person-months, to the half month."""
    low, likely, high = (round(months * step * 2) / 2 for step in _STEPS)
    return low, likely, high


def mean(three: Three) -> float:
    """Mean of a three-point estimate (PERT: least, four times likely, most, over six)."""
    return (three[0] + 4 * three[1] + three[2]) / 6


def worth(one: Initiative, discount: float = 0.08) -> float:
    """Net present value in EUR at the means, started at once, own people priced; no goals, no losses."""
    monthly = (1 + discount) ** (-1 / 12)
    long = round(mean(one.duration))
    spent = sum(mean(effort(months)) for _, months in one.efforts) * PRICE_OF_MONTH + mean(one.capital) * 1000
    total = -sum(spent / long * monthly**month for month in range(long))
    for month in range(long, long + one.lasts):
        share = min(1.0, (month - long + 1) / one.ramp) if one.ramp else 1.0
        total += (mean(one.benefit) * share - mean(one.running)) * 1000 * monthly**month
    return total
