"""The epics of the teams, four a team in the order in which they are begun: English, Chinese."""

_EPICS = """
payments-core|Network tokens for stored cards|已存卡网络令牌|Refunds within a day|退款当日达|Instalment payments|分期付款|Remittance to Poland and Czechia|波兰捷克汇款
payments-channels|QR codes across borders|跨境二维码|Weekend settlement with banks|银行周末清算|Retry of soft declines|软拒付自动重试|Peak season of the Double Eleven|双十一保障
ledger|Paperless closing of the month|月结无纸化|Second source for bank holidays|银行假日双源|Corrections without a database script|账务冲正去脚本化|Statements within the hour|小时级账单
risk-control|Screening in four scripts|四种文字名单筛查|Rules that explain themselves|风控规则可解释|Chargeback evidence in one click|拒付举证一键化|Onboarding in a day|一日准入
orders|One waybill for every carrier|统一电子运单|Returns without a call|免电话退货|Retire the old order interface|旧订单接口下线|Delivery windows by the hour|小时级配送时段
routing|Routes for electric vans|电动车路径|Traffic by the minute|分钟级路况|Night shifts in the plan|夜班排线|Pooling with partner fleets|合作车队拼载
warehouse|Waves without waiting|免等待波次|Counting stock while picking|拣选时盘点|Dangerous goods by zone|危险品分区|Cold chain hall|冷链库区
customs|Duties shown before the order|下单前显示关税|Certificates of origin without paper|原产地证无纸化|Carbon border declarations|碳边境申报|Contracts signed on line|合同在线签署
merchant|Dashboard by store|门店看板|Prices by segment|分层计价|Sign-in without passwords|免密登录|Partner interface, third version|合作方接口三期
mobile|Proof of delivery by photo|拍照签收|Larger type for drivers|司机端大字版|Merchant app in six languages|商户端六语言|Fewer permissions|权限最小化
data|Consent carried with the data|数据携带授权|Reports without spreadsheets|报表去表格化|Lineage to the column|字段级血缘|Half the nightly load|夜间任务减半
platform|Builds in ten minutes|十分钟构建|Identity for machines|机器身份|Event bus without downtime|总线免停机升级|One way to deploy|统一部署方式
operations|Alerts that somebody answers|告警有人应|Certificates renewed by themselves|证书自动续期|Restore drills every quarter|季度恢复演练|On-call without nights|值班免熬夜
security|Secrets out of the code|代码去密钥|Phishing drill for everybody|全员钓鱼演练|Access that expires|权限到期回收|Key ceremony in two sites|两地密钥仪式
quality|Tests that do not flicker|消除不稳定测试|Load test with real patterns|真实流量压测|Contract tests for partners|合作方契约测试|Test data without persons|测试数据去标识
architecture|Map of all systems|系统全景图|Standards for interfaces|接口规范|Target picture for payments|支付目标架构|Cost of every service|服务成本归集
"""  # noqa: E501


def _pairs(line: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    team, *names = line.split("|")
    return team, tuple(zip(names[::2], names[1::2], strict=True))


EPICS = dict(_pairs(line) for line in _EPICS.strip().splitlines())
