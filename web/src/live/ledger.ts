/** The live store: what each topic says, changed strictly by (epoch, prev, seq). Knows nothing of sockets. */
import { type Signal, signal } from '@preact/signals';
import { merge } from './merge';
import type { Beat, Body, Delta, Incoming, Outgoing, Snap, Sub } from './wire';

/** waiting: no body yet · resuming: asked to catch up · current: says what the gateway says · gone: not for us */
export type Phase = 'waiting' | 'resuming' | 'current' | 'gone';

export type Topic = {
  readonly name: string;
  body: Body | null;
  epoch: string;
  seq: number;
  phase: Phase;
  /** Last time at which this body was known to be what the gateway says, µs of the gateway's clock. */
  confirmed: number;
  /** Beats in a row that found us behind. */
  behind: number;
  /** Grows with every change of the body; read it to be told of changes. */
  readonly version: Signal<number>;
};

export type Change = { kind: 'snap' | 'delta'; body: Body; at: number };
export type Listener = (change: Change) => void;

export class Ledger {
  readonly topics = new Map<string, Topic>();
  /** Changes applied since the page was opened, and gaps that were found and closed. */
  applied = 0;
  gaps = 0;
  private readonly listeners = new Map<string, Set<Listener>>();

  topic(name: string): Topic {
    const known = this.topics.get(name);
    if (known) return known;
    const fresh: Topic = {
      name,
      body: null,
      epoch: '',
      seq: -1,
      phase: 'waiting',
      confirmed: 0,
      behind: 0,
      version: signal(0),
    };
    this.topics.set(name, fresh);
    return fresh;
  }

  /** Follow a topic; the answer is what to send. */
  want(name: string): Sub {
    return this.subscription(this.topic(name));
  }

  /** Stop following a topic and forget what it said. */
  drop(name: string): Outgoing {
    this.topics.delete(name);
    return { t: 'unsub', topic: name };
  }

  on(name: string, listener: Listener): () => void {
    const set = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, set.add(listener));
    return () => set.delete(listener);
  }

  /** After a new connection: every topic asks for what it missed. */
  resume(): Sub[] {
    return [...this.topics.values()].map((topic) => {
      topic.phase = topic.body ? 'resuming' : 'waiting';
      return this.subscription(topic);
    });
  }

  get settled(): boolean {
    return [...this.topics.values()].every((topic) => topic.phase === 'current' || topic.phase === 'gone');
  }

  /** Take one message; the answer is what to send because of it. */
  receive(message: Incoming): Outgoing[] {
    if (message.t === 'snap') return this.snap(message);
    if (message.t === 'delta') return this.delta(message);
    if (message.t === 'beat') return this.beat(message);
    if (message.t === 'gone') this.gone(message.topic);
    return [];
  }

  /** The gateway does not tell this topic to us; a new connection asks again. */
  private gone(name: string): void {
    const topic = this.topics.get(name);
    if (!topic) return;
    topic.phase = 'gone';
    topic.body = null;
    topic.version.value += 1;
  }

  private subscription(topic: Topic): Sub {
    if (!topic.body) return { t: 'sub', topic: topic.name };
    return { t: 'sub', topic: topic.name, epoch: topic.epoch, seq: topic.seq };
  }

  private snap(message: Snap): Outgoing[] {
    const topic = this.topics.get(message.topic);
    if (!topic) return [];
    topic.body = message.body;
    this.moved(topic, message, 'snap');
    return [];
  }

  private delta(message: Delta): Outgoing[] {
    const topic = this.topics.get(message.topic);
    if (!topic?.body) return [];
    if (message.epoch === topic.epoch && message.seq <= topic.seq) return [];
    if (message.epoch !== topic.epoch || message.prev !== topic.seq) return this.gap(topic);
    merge(topic.name, topic.body, message.body);
    this.moved(topic, message, 'delta');
    return [];
  }

  /** Something was missed and cannot be guessed: ask for the whole, and ask once. */
  private gap(topic: Topic): Outgoing[] {
    if (topic.phase === 'waiting') return [];
    topic.phase = 'waiting';
    this.gaps += 1;
    return [{ t: 'sub', topic: topic.name }];
  }

  private beat(message: Beat): Outgoing[] {
    const out: Outgoing[] = [];
    for (const [name, [epoch, seq]] of Object.entries(message.seqs)) {
      const topic = this.topics.get(name);
      if (!topic) continue;
      if (topic.body && topic.epoch === epoch && topic.seq >= seq) this.confirm(topic, message.at);
      else out.push(...this.late(topic));
    }
    return out;
  }

  /** The gateway is ahead of us: catch up by deltas; if that does not help within three beats, ask for the whole. */
  private late(topic: Topic): Sub[] {
    topic.behind += 1;
    if (topic.behind % 3 === 0) return [{ t: 'sub', topic: topic.name }];
    if (topic.phase !== 'current') return [];
    topic.phase = 'resuming';
    return [this.subscription(topic)];
  }

  private confirm(topic: Topic, at: number): void {
    topic.behind = 0;
    if (topic.phase !== 'waiting') topic.phase = 'current';
    topic.confirmed = at;
  }

  private moved(topic: Topic, message: Snap | Delta, kind: Change['kind']): void {
    topic.epoch = message.epoch;
    topic.seq = message.seq;
    if (kind === 'snap' || topic.phase !== 'resuming') topic.phase = 'current';
    topic.confirmed = message.at;
    this.applied += 1;
    topic.version.value += 1;
    for (const listener of this.listeners.get(topic.name) ?? []) {
      listener({ kind, body: message.body, at: message.at });
    }
  }
}
