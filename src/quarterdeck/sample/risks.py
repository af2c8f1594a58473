"""What may go wrong, in money, and what initiatives do about it, as tables of values."""

from dataclasses import dataclass

from quarterdeck.sample.intentions import Three


@dataclass(frozen=True)
class Scenario:
    """A loss scenario: events a year, and the 5 % and 95 % quantile of one event's loss in thousand EUR."""

    key: str
    category: str
    system: str
    en: str
    zh: str
    frequency: Three
    low: float
    high: float


# key|category|system|English|Chinese|events a year|loss, thousand EUR
_SCENARIOS = """
card-data-theft|attack|token-vault|Card data stolen|支付卡数据被窃|0.01/0.03/0.08|250/5200
warehouse-ransom|attack|warehouse-control|Ransom demanded for the warehouse|仓库系统遭勒索|0.02/0.05/0.12|120/2600
fraud-wave|attack|fraud-scoring|Wave of payment fraud|欺诈攻击潮|0.4/0.9/1.8|30/420
account-takeover|attack|merchant-portal|Merchant accounts taken over|商户账号被盗|0.6/1.4/2.8|6/90
build-compromise|attack|build-farm|Build chain compromised|构建链被植入|0.005/0.02/0.06|150/3800
ledger-insider|attack|ledger-core|Postings forged by an insider|内部人员伪造记账|0.01/0.03/0.07|60/1500
edge-flood|attack|edge-hamburg|Flood of requests at the edge|边缘遭流量攻击|0.3/0.7/1.5|8/120
vault-down|failure|token-vault|Token vault is down|令牌保险库不可用|0.15/0.35/0.8|110/1300
bus-down|failure|event-bus-hamburg|Both event buses are down|事件总线同时中断|0.02/0.06/0.15|90/1100
ledger-lost|failure|ledger-store|Ledger store lost beyond its copy|账务库丢失|0.005/0.015/0.05|400/6400
settlement-late|failure|settlement-batch|Settlement misses the cut-off|结算错过截止时间|0.5/1.1/2.2|15/260
gateway-outage|failure|payment-gateway|Payment gateway is down|支付网关中断|0.8/1.6/3.0|20/310
routes-missing|failure|route-optimiser|No routes in the morning|早班无路径可用|0.4/0.9/1.9|12/160
warehouse-stop|failure|warehouse-control|Warehouse stands still|仓库停摆|0.3/0.7/1.4|25/340
customs-outage|failure|customs-gateway|No declarations for a day|整日无法申报|0.2/0.5/1.1|20/280
certificate-expiry|failure|bank-connect|A certificate expires unseen|证书过期未察觉|2.5/4.5/7|5/60
lake-corrupt|failure|data-lake|Data lake silently wrong|数据湖静默出错|0.1/0.3/0.7|15/240
portal-peak|failure|merchant-portal|Portal fails at the peak|大促门户崩溃|0.3/0.8/1.6|10/130
identity-outage|failure|identity-hamburg|Nobody can sign in|无法登录|0.1/0.25/0.6|40/520
region-lost|failure|edge-suzhou|A cloud region is lost|云区域不可用|0.02/0.05/0.12|180/2400
order-faults|failure|order-hub|Faulty release of the order hub|订单中枢发布缺陷|4/7/11|4/55
clearing-knowledge|key-person|clearing-engine|Nobody left who knows clearing|清算知识流失|0.06/0.15/0.35|120/1500
routing-knowledge|key-person|route-optimiser|Nobody left who knows routing|路径知识流失|0.06/0.15/0.3|60/700
customs-knowledge|key-person|customs-gateway|Nobody left who knows customs messages|关务报文知识流失|0.05/0.12/0.3|50/620
maps-stop|supplier|map-tiles|The map vendor stops|地图供应商停服|0.03/0.08/0.2|60/800
screening-stop|supplier|sanctions-screening|The screening vendor stops|筛查供应商停服|0.02/0.06/0.15|90/1000
robots-stop|supplier|picking-robots|Robots without spare parts|机器人备件断供|0.05/0.12/0.3|40/450
cloud-price|supplier|data-lake|Cloud prices jump|云价格上涨|0.1/0.25/0.5|80/600
hsm-end|supplier|hsm-hamburg|Key modules lose support|加密机停止支持|0.03/0.08/0.2|50/500
clearing-ended|obsolescence|clearing-engine|Weakness in ended clearing platform|清算平台停服漏洞|0.08/0.2/0.45|70/900
store-ended|obsolescence|ledger-store|Fault in the ended ledger database|账务数据库停服故障|0.05/0.15/0.35|60/850
routing-ended|obsolescence|route-optimiser|Routing stuck on ended runtime|路径系统困于停服版本|0.1/0.25/0.6|15/180
window-late|delivery|customs-gateway|Single window not ready by the date|单一窗口未按期上线|0.1/0.2/0.4|120/900
iso-late|delivery|bank-connect|Banks cut old messages off|银行停用旧报文|0.05/0.12/0.3|80/700
erp-overrun|delivery||The ERP project overruns|企业资源计划项目超支|0.05/0.1/0.2|150/1200
transfer-fine|law|data-lake|Fine for data transfer|数据出境处罚|0.03/0.08/0.2|120/2800
privacy-breach|law|merchant-profile|Merchants' data disclosed|商户数据泄露|0.06/0.15/0.35|60/1300
card-finding|law|token-vault|Card audit failed|支付卡审计不通过|0.05/0.12/0.3|80/900
sanctions-missed|law|sanctions-screening|A listed party is paid|误付制裁对象|0.02/0.05/0.12|150/2600
resilience-finding|law|payment-gateway|Finding under the EU DORA regulation|欧盟 DORA 条例检查问题|0.08/0.2/0.4|50/600
"""  # noqa: E501
# initiative → scenarios and what is left of their frequency and magnitude
TREATMENTS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "vault-standby": (("vault-down", 0.25, 0.6), ("resilience-finding", 0.8, 1.0)),
    "payments-two-sites": (
        ("gateway-outage", 0.55, 0.5),
        ("region-lost", 1.0, 0.35),
        ("settlement-late", 0.75, 0.9),
        ("resilience-finding", 0.5, 0.9),
    ),
    "card-scope": (("card-data-theft", 0.6, 0.4), ("card-finding", 0.35, 0.7)),
    "fraud-graph": (("fraud-wave", 0.7, 0.55), ("account-takeover", 0.75, 0.8)),
    "data-transfer-rules": (("transfer-fine", 0.3, 0.6), ("privacy-breach", 0.9, 0.8)),
    "customs-single-window": (("window-late", 0.1, 1.0), ("customs-outage", 0.8, 1.0)),
    "bank-messages": (("iso-late", 0.1, 1.0),),
    "one-observability": (
        ("certificate-expiry", 0.45, 0.8),
        ("gateway-outage", 0.95, 0.85),
        ("lake-corrupt", 0.7, 0.8),
        ("order-faults", 1.0, 0.8),
    ),
    "ledger-shards": (("ledger-lost", 0.8, 0.5), ("store-ended", 0.3, 0.8), ("settlement-late", 0.85, 0.9)),
    "maps-second-vendor": (("maps-stop", 1.0, 0.3),),
    "maps-in-house": (("maps-stop", 0.3, 0.6),),
    "data-contracts": (("lake-corrupt", 0.6, 0.8),),
    "remote-build-cache": (("build-compromise", 0.9, 1.0),),
    "erp-replacement": (("erp-overrun", 2.5, 1.0),),
    "picking-hall-two": (("robots-stop", 1.3, 1.1), ("warehouse-stop", 0.9, 0.9)),
    "self-service-onboarding": (("account-takeover", 1.1, 1.0),),
    "driver-offline": (("routes-missing", 1.0, 0.7),),
    "clearing-renewal": (
        ("clearing-ended", 0.2, 0.7),
        ("clearing-knowledge", 0.6, 0.8),
        ("settlement-late", 0.85, 0.9),
    ),
    "second-holders": (
        ("clearing-knowledge", 0.4, 0.8),
        ("routing-knowledge", 0.45, 0.8),
        ("customs-knowledge", 0.4, 0.8),
    ),
    "order-hub-apart": (("order-faults", 0.6, 0.85),),
    "passkeys": (("account-takeover", 0.35, 0.85),),
    "signed-builds": (("build-compromise", 0.35, 0.8),),
    "resilience-proof": (("resilience-finding", 0.25, 0.7), ("edge-flood", 0.9, 0.9)),
    "locked-copies": (("warehouse-ransom", 1.0, 0.45), ("ledger-lost", 0.35, 0.5)),
    "pay-later": (("fraud-wave", 1.1, 1.05),),
    "release-any-day": (("gateway-outage", 0.85, 0.9), ("order-faults", 0.8, 0.9)),
    "machine-room-exit": (("ledger-lost", 0.8, 0.9), ("cloud-price", 1.0, 1.25)),
}
APPETITE = (("one-year-in-twenty", 0.95, 6_700_000), ("one-year-in-a-hundred", 0.99, 10_800_000))


def _scenario(line: str) -> Scenario:
    key, category, system, en, zh, frequency, loss = line.split("|")
    least, likely, most = (float(part) for part in frequency.split("/"))
    low, high = (float(part) for part in loss.split("/"))
    return Scenario(key, category, system, en, zh, (least, likely, most), low, high)


SCENARIOS = tuple(_scenario(line) for line in _SCENARIOS.strip().splitlines())
