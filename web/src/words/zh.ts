/** The words of the pages in Chinese; the other languages must have every one of them. */
import type { State } from '../live/wire';

const states: Record<State, string> = {
  free: '空闲', occupied: '占用', reserved: '预约', owing: '欠费或超时', verify: '待核', faulty: '故障', stale: '数据陈旧', unknown: '未知',
};
const stateForms: Record<State, string> = {
  free: '轮廓，空的', occupied: '实心，有车', reserved: '折角，留着', owing: '叹号，要办', verify: '半满，有争议', faulty: '打叉，坏了',
  stale: '点线，太久没有消息', unknown: '点线，还没有消息',
};

export const zh = {
  product: 'YunParking',
  states,
  stateForms,
  // sign-in
  signInTitle: '登录指挥中心', signInLead: '一座城市的车位，每一次驶入和驶离，都在这里。',
  name: '用户名', password: '密码', showPassword: '显示密码', hidePassword: '隐藏密码', signIn: '登录', signingIn: '正在登录',
  signInRefused: '用户名或密码不对。没有登录。请核对后再试。',
  signInTooMany: '试得太多，登录已暂停。没有登录。过一分钟再试。',
  signInUnreachable: '网关没有应答。没有登录。请检查网关是否在运行。',
  signInNeeded: '登录已到期，画面已收起。请重新登录。',
  firstStart: '首次启动时，管理员的密码写在启动它的终端里。',
  signOut: '退出登录',
  // places
  city: '全市', region: '片区', road: '道路', lot: '路段', bay: '车位', device: '设备', offStreet: '场库', street: '路内',
  where: '位置', level: '层级', occupancyShort: '占用', freeShort: '空闲', thisLot: '本路段', bays: (n: string) => `${n} 个车位`,
  up: '上一级', backTo: (name: string) => `回到${name}`,
  // rail and head
  centre: '指挥中心', alarms: '告警', intake: '接入', docs: '接口文档', navigation: '主导航', openPanel: '打开侧栏', closePanel: '收起侧栏',
  findHint: '找车位、路段、道路、设备', findNothing: '没有符合的地点', findNothingLead: '试试车位号、路名或设备号。',
  account: '账户', theme: '主题', dark: '深色', light: '浅色', language: '语言',
  roles: { administrator: '管理员', operator: '值班员', viewer: '只读' } as Record<string, string>,
  // standing
  live: (s: string) => `实时 ${s} 秒`, syncing: '追赶中', late: (s: number) => `延迟 ${s} 秒`, cut: '已断开', frozen: '画面定格',
  connecting: '正在连接',
  standingTitle: '连接与数据时效', standingChanges: (n: string) => `已收 ${n} 次变更`,
  standingLive: '2 秒内到达，正常显示', standingSync: '正在补齐缺的变更，数字先变淡', standingLate: '数字带时间，变化暂停闪动', standingCut: '画面冻结标时间，自动重连',
  cutBar: (at: string, s: number, n: number) => `画面停在 ${at}，${s} 秒后第 ${n} 次重连`, lateBar: (at: string) => `数据停在 ${at}，新的还没到`,
  syncBar: '正在补齐断开时的变更', frozenBar: (at: string) => `画面定格在 ${at}，新的变更先存着`, goOn: '继续', reconnectNow: '立即重连', gaps: (n: string) => `补过 ${n} 次缺口`,
  sources: { replay: '回放', simulated: '模拟', live: '实况' },
  sourceLeads: {
    replay: '真实传感器的历史记录正在加速重放，不是此刻的街道。', simulated: '需求由模拟产生，不是真实的车。', live: '来自现场设备的真实消息。',
  },
  // counters
  counters: '全市指标', occupancy: '占用率', freeBays: '空闲车位', parked: '在停', parkedUnit: '辆', devicesOnline: '设备在线', offlineN: (n: string) => `${n} 台失联`,
  eventsRate: '进出事件', perMinute: '次/分钟', delayMid: (s: string) => `中位延迟 ${s}`, unknownFrames: '未知帧', framesUnit: '帧', notYet: '等待首个数据', noAge: '尚无',
  secondsAgo: (n: number) => `${n} 秒前`, minutesAgo: (n: number) => `${n} 分钟前`, hoursAgo: (n: number) => `${n} 小时前`, daysAgo: (n: number) => `${n} 天前`, justNow: '刚刚',
  all: (n: string) => `/ ${n}`, ofKnown: (n: string) => `${n} 位有数据`,
  // durations
  dur: { d: '天', h: '小时', m: '分', s: '秒' }, ms: '毫秒', sec: '秒',
  // map
  map: '车位实时地图', zoomIn: '放大', zoomOut: '缩小', wholeCity: '看全市', layers: '图层', north: '正北朝上', freeze: '定格画面', mapLoading: '正在画地图',
  mapFailed: '地图画不出来', mapFailedLead: '浏览器没有可用的 WebGL 2。数据照常更新，右侧和下方的列表可以看全部车位。',
  zoomCity: '全市级', zoomDistrict: '片区级', zoomStreet: '街区级', zoomKerb: '路沿级', legend: '图例', ramp: '路段占用', rampLow: '空', rampFull: '满',
  layerRibbons: '路段占用带', layerBays: '车位', layerLabels: '名称与空位', layerWash: '变化提示', full: '满', freeN: (n: string) => `空 ${n}`,
  // panel
  drillDown: '下钻', byState: '按状态', fullest: '最满的路段', regions: '片区', roads: '道路', lots: '路段', noPlace: '在地图上点一个车位，或在上面选一级。',
  sides: (n: number) => `${n} 位`, sideA: '一侧', sideB: '另一侧', stripAlt: '路段车位示意，按真实位置拉直', metres: (n: number) => `${n} 米`,
  since: '自', lasting: '已持续', sensor: '地磁', battery: '电量', signal: '信号', lastSeen: '上次消息', lost: '丢帧', drift: '时钟偏差', offlineSince: '失联自', noDevice: '没有设备', unknownValue: '未报',
  tabNow: '现状', tabPassages: '进出', tabFrames: '原始帧', tabs: '车位详情', noPassages: '还没有进出记录', noFrames: '还没有收到过帧', passagesLead: '本车位最近的驶入和驶离。', framesLead: '设备发来的原始帧，最新在上。',
  bayTitle: (n: string) => `车位 ${n}`, close: '关闭', sees: '传感器', receivedAt: '收到', outcome: '结果', topic: '主题', size: '字节', time: '时间', needsLook: '传感器说法不一，需要人看一眼。',
  bayTypes: { standard: '普通', disabled: '无障碍', loading: '装卸', ev: '充电', motorcycle: '摩托', taxi: '出租', permit: '专用' } as Record<string, string>,
  // dock
  dock: '趋势、事件与告警', trend: '全市占用率', trendLead: (span: string) => `${span}，%`, today: '今日', lastHour: '近 1 小时', asTable: '看表格', asChart: '看曲线', trendEmpty: '还没有满一个时段的数据', value: '占用率', known: '有数据',
  ticker: '进出事件', tickerLead: (n: string, s: string) => `每分钟 ${n} 次 · 中位延迟 ${s}`, tickerEmpty: '还没有车驶入或驶离', taken: '驶入', freed: '驶离',
  alarmsOpen: (n: string) => `${n} 未消除`, alarmsNone: '没有告警', alarmsNoneLead: '设备都在按时说话。', show: '查看', alarmsAll: '全部',
  health: '设备', healthLead: (n: string) => `${n} 台`, online: '在线', offline: '失联', lowBattery: '低电量', kind: '类型', total: '合计', healthOk: '没有失联或低电量的设备', offlineFor: (d: string) => `失联 ${d}`, batteryAt: (n: string) => `电量 ${n}%`,
  moreRows: (n: string) => `另有 ${n} 条`, severities: { critical: '紧急', error: '严重', major: '严重', warning: '注意', info: '提示' } as Record<string, string>,
  alarmCodes: {
    device_offline: '设备失联', device_offline_lot: '多台设备同时失联', battery_low: '设备电量低', bay_faulty: '车位故障', frame_parked: '有帧处理不了，已搁置', message_parked: '有消息处理不了，已搁置', unknown_devices: '收到未登记设备的帧',
  } as Record<string, string>,
  devicesN: (n: string) => `${n} 台设备`,
  // intake page
  intakeTitle: '接入', intakeLead: '网关收到的每一帧，连同看不懂的，都存着、数着。', intakeRefresh: '重新读取', recentFrames: '最近的帧', allOutcomes: '全部', framesNone: '没有这类帧', backToMap: '回到地图', payload: '内容', detail: '说明',
  outcomes: {
    accepted: '已采纳', repeat: '重复', late: '迟到', unknown_device: '未登记设备', undecodable: '无法解读', oversized: '过大', wrong_topic: '主题不对', parked: '已搁置',
  } as Record<string, string>,
  outcomeLeads: {
    accepted: '成为事实', repeat: '同一帧再次到达，没有重复记', late: '比已知状态更早，只作记录', unknown_device: '设备不在册', undecodable: '格式不对', oversized: '超过长度上限', wrong_topic: '不在约定的主题下', parked: '处理不了，先搁置并确认',
  } as Record<string, string>,
  // keys
  keys: '快捷键', keyFind: '查找', keyHelp: '显示快捷键', keyUp: '上一级', keyDown: '下一级', keyCity: '全市', keyZoom: '放大、缩小', keyPan: '平移地图', keyBack: '返回或关闭', keyFreeze: '定格画面', keyLayers: '图层', keyMap: '回地图', keyAlarms: '看告警',
  // errors
  loadFailed: '城市资料没有读到', loadFailedLead: '网关没有给出街道和车位。没有任何改动。可以再读一次，或先看网关是否在运行。', readAgain: '再读一次', trace: '报修时提供编号', copy: '复制', copied: '已复制',
  httpFailed: '没有读到。已有的内容不变。', loading: '正在读取', noRight: '你的角色不能看这里', noRightLead: '需要管理员为你开通。',
  announce: (free: string, all: string) => `空闲 ${free}，共 ${all} 个车位`, announceAlarm: (what: string) => `新告警：${what}`,
};

/** Every word the pages need: same keys, same arguments, in each language. */
export type Words = typeof zh;
