/** The words for parts of the city that do not answer, in Chinese. */
const NAMES: Record<string, string> = {
  database: '数据库',
  broker: '消息服务器',
  intake: '设备接入',
  views: '实时视图',
  projector: '投影',
};
const MEANS: Record<string, (at: string) => string> = {
  database: () => '画面保持原样，新的变化要等它。已确认的都在，恢复后自动继续。',
  broker: () => '设备的新消息暂时到不了，画面保持原样。已确认的都在，恢复后自动继续。',
  intake: () => '设备的消息在消息服务器里等着，画面保持原样。接上后自动补齐。',
  views: (at) => `画面停在 ${at}，恢复后自动追上。`,
  projector: () => '地图仍是实时的；列表和报表保持原样，恢复后自动追上。',
};

export const away = {
  name: (part: string) => NAMES[part] ?? part,
  title: (names: string[]) => `${names.join('、')}没有应答`,
  badge: (name: string, more: number) => `${name}${more > 0 ? ` 等 ${more + 1} 项` : ''}无应答`,
  means: (part: string, at: string) =>
    MEANS[part]?.(at) ?? '它承载的车位保持原样，期间的消息排队等着，不会丢。恢复后自动继续。',
  mark: '无应答',
  lead: '城市的一部分没有应答，名字在上方',
};
