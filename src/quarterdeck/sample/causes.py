"""Why incidents happen that no deployment caused: many causes, each so rare that none of them comes back in earnest."""

# category|its share, then causes: English|Chinese
_CAUSES = """
capacity|0.22
queue overflow at peak load|大促高峰队列积压
too few threads for the closing of the month|月结时线程数不够
slow query holds all connections of the pool|慢查询占满连接池
log node ran out of disk space, volume full|日志节点磁盘写满
heap exhausted by a very large manifest|超大舱单耗尽内存
one large merchant reaches the rate limit|单一大商户触及限流
index too large for its node|索引超出节点容量
batch window too short for the volume of the day|当日单量超出批处理窗口
cache evicted too early|缓存过早淘汰
line to the warehouse used up|仓库专线带宽占满
dependency|0.17
carrier interface down|承运商接口中断
maintenance of a bank that nobody announced|银行维护未提前通知
exchange rates delivered late|汇率数据迟到
map tiles answer slowly|地图瓦片响应缓慢
customs authority closes its gateway early|海关端口提前关闭
text messages delayed by the provider|短信通道延迟
sanctions list withdrawn by its vendor|供应商撤回制裁名单
cloud region short of machines|云区域机器紧张
network|0.13
packet loss between sites|两地专线丢包
route withdrawn by the carrier of the line|运营商撤销路由
firewall rule too narrow|防火墙规则过严
load balancer keeps dead targets|负载均衡保留失效节点
clocks of two nodes drift apart|节点时钟漂移
fibre cut by roadworks|道路施工挖断光缆
dns answers with old addresses|域名解析返回旧地址
hardware|0.08
failed disk|硬盘损坏
power supply of a rack|机柜电源损坏
parity errors in a memory module|内存条校验出错
cooling of the machine room|机房空调停机
network card resets itself|网卡反复重启
scanner at the dock dropped|月台扫描枪摔坏
data|0.12
duplicate master data|主数据重复
country code missing in an import|导入缺少国家代码
time zone converted twice|时区被换算两次
negative weight in a waybill|运单出现负重量
currency with too many decimals|币种小数位有误
price list loaded for another week|价目表装错周次
names lost their encoding|姓名编码丢失
human|0.10
wrong batch started by hand|手工误启批次
table dropped on another host|在另一台主机误删表
night shift began without a handover|夜班未交接
customers addressed by a test mailing|测试邮件误发客户
plug pulled while cleaning|清洁时误拔电源
feature switched on a day early|开关提前一天打开
configuration|0.11
limit lowered instead of raised|限额改小而非改大
time-out shorter than the retry|超时短于重试间隔
test address left in production|生产残留测试地址
switch set differently in the two sites|两地开关不一致
log level left at debug|日志级别停在调试
proxy bypassed by one host|个别主机绕过代理
holiday calendar not loaded|节假日历未加载
security|0.07
password spraying|密码喷洒攻击
cards tried out from rented addresses|租用地址试刷卡
price pages scraped|价格页遭爬取
flood of requests from one network|单一网段流量攻击
laptop lost on a train|笔记本遗失在列车上
"""


def _read(text: str) -> tuple[tuple[str, float, tuple[tuple[str, str], ...]], ...]:
    found: list[tuple[str, float, list[tuple[str, str]]]] = []
    for line in text.strip().splitlines():
        first, second = line.split("|")
        if second.startswith("0."):
            found.append((first, float(second), []))
        else:
            found[-1][2].append((first, second))
    return tuple((category, share, tuple(causes)) for category, share, causes in found)


CAUSES = _read(_CAUSES)  # category, its share, its causes in English and Chinese, which take turns
