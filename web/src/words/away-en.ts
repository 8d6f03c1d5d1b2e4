/** The words for parts of the city that do not answer, in English. */
import type { away as zh } from './away-zh';

const NAMES: Record<string, string> = {
  database: 'Database',
  broker: 'Message broker',
  intake: 'Device intake',
  views: 'Live views',
  projector: 'Projector',
};
const MEANS: Record<string, (at: string) => string> = {
  database: () =>
    'What you see is as it was, and changes wait for it. Nothing acknowledged is lost. It goes on by itself.',
  broker: () =>
    'No news of devices arrives: what you see is as it was. Nothing acknowledged is lost. It goes on by itself.',
  intake: () => 'Messages of devices wait at the broker: what you see is as it was. It catches up by itself.',
  views: (at) => `The picture stands at ${at}. It catches up by itself.`,
  projector: () => 'The map is live. Lists and reports are as they were, and catch up by themselves.',
};

export const away: typeof zh = {
  name: (part) => NAMES[part] ?? part,
  title: (names) => `No answer: ${names.join(', ')}`,
  badge: (name, more) => `No answer: ${name}${more > 0 ? ` +${more}` : ''}`,
  means: (part, at) =>
    MEANS[part]?.(at) ??
    'Its bays are as they were. What devices say meanwhile waits, none of it is lost. It goes on by itself.',
  mark: 'No answer',
  lead: 'A part of the city is away, named above',
};
