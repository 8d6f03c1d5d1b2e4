/** The one websocket of the page: opens, greets, follows, reconnects. What it hears goes to the ledger. */
import { decode, encode } from '@msgpack/msgpack';
import { computed, signal } from '@preact/signals';
import type { Ledger } from './ledger';
import { CLOSED, type Incoming, type Outgoing } from './wire';

export type LinePhase = 'idle' | 'connecting' | 'open' | 'cut';
export type Token = { url: string; token: string };
/** How the line gets a fresh token; null means that the user has to sign in again. */
export type Tokens = (renew: boolean) => Promise<Token | null>;

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 15000];
/** A gateway beats every second; a line that was silent this long is taken for dead. */
const SILENT_MS = 12_000;
/** Frames held while the picture is frozen; beyond them the topics are asked for anew. */
const HELD_FRAMES = 3000;

export class Line {
  readonly phase = signal<LinePhase>('idle');
  /** Local ms of the last frame, and how far behind the gateway's clock it was (ms, least ever seen = 0). */
  readonly heardAt = signal(0);
  readonly lag = signal(0);
  /** Local ms of the next attempt, and the number of attempts since the line was cut. */
  readonly nextTry = signal(0);
  readonly attempts = signal(0);
  /** Gateway µs at which the picture was frozen. */
  readonly frozenAt = signal<number | null>(null);
  readonly frozen = computed(() => this.frozenAt.value !== null);
  /** Whether every followed topic says what the gateway says. */
  readonly settled = signal(false);
  /** The parts of the city that do not answer, as the last beat said. */
  readonly away = signal<string[]>([]);
  /** Gateway clock minus own clock, µs. */
  skew = 0;

  private socket: WebSocket | null = null;
  private fastest = Number.POSITIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private held: Incoming[][] = [];
  private wanted = false;

  constructor(
    readonly ledger: Ledger,
    private readonly tokens: Tokens,
    private readonly open: (url: string) => WebSocket = (url) => new WebSocket(url),
  ) {}

  start(): void {
    this.wanted = true;
    this.watch ??= setInterval(() => this.checkSilence(), 1000);
    void this.connect(false);
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.watch = undefined;
    this.socket?.close();
    this.socket = null;
    this.phase.value = 'idle';
  }

  follow(topic: string): void {
    this.send([this.ledger.want(topic)]);
  }

  unfollow(topic: string): void {
    this.send([this.ledger.drop(topic)]);
  }

  /** Hold the picture as it is, or let it go on. */
  freeze(on: boolean): void {
    if (on === this.frozen.value) return;
    this.frozenAt.value = on ? Date.now() * 1000 + this.skew : null;
    if (on) return;
    const held = this.held;
    this.held = [];
    if (held.length >= HELD_FRAMES) this.send(this.ledger.resume());
    else for (const frame of held) this.take(frame);
  }

  /** Show a renewed token on the open line, before the one it has ends. */
  async greet(): Promise<void> {
    if (this.phase.value !== 'open') return;
    const token = await this.tokens(false).catch(() => null);
    if (token) this.send([{ t: 'hello', v: 1, token: token.token }]);
  }

  /** Try now rather than when the countdown ends. */
  retry(): void {
    if (this.phase.value === 'cut') void this.connect(false);
  }

  private async connect(renew: boolean): Promise<void> {
    clearTimeout(this.timer);
    this.phase.value = 'connecting';
    const token = await this.tokens(renew).catch(() => undefined);
    if (!this.wanted || token === null) return;
    if (token === undefined) return this.cut();
    const socket = this.open(token.url);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onopen = () => this.send([{ t: 'hello', v: 1, token: token.token }]);
    socket.onmessage = (event) => this.heard(decode(new Uint8Array(event.data as ArrayBuffer)) as Incoming[]);
    socket.onclose = (event) => this.closed(socket, event.code);
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = null;
    if (!this.wanted) return;
    if (code === CLOSED.noToken && this.attempts.value < 2) {
      this.attempts.value += 1;
      void this.connect(true);
    } else this.cut();
  }

  private cut(): void {
    const wait = BACKOFF_MS[Math.min(this.attempts.value, BACKOFF_MS.length - 1)] ?? 1000;
    const jittered = wait * (0.8 + Math.random() * 0.4);
    this.attempts.value += 1;
    this.settled.value = false;
    this.away.value = [];
    this.nextTry.value = Date.now() + jittered;
    this.phase.value = 'cut';
    this.timer = setTimeout(() => void this.connect(false), jittered);
  }

  private checkSilence(): void {
    if (this.phase.value === 'open' && Date.now() - this.heardAt.value > SILENT_MS) this.socket?.close();
  }

  private heard(frame: Incoming[]): void {
    this.heardAt.value = Date.now();
    if (frame.some((message) => message.t === 'welcome')) this.welcomed(frame);
    this.time(frame);
    if (!this.frozen.value) this.take(frame);
    else if (this.held.length < HELD_FRAMES) this.held.push(frame);
  }

  private welcomed(frame: Incoming[]): void {
    const welcome = frame.find((message) => message.t === 'welcome');
    if (!welcome || this.phase.value === 'open') return;
    this.skew = welcome.at - Date.now() * 1000;
    this.fastest = Number.POSITIVE_INFINITY;
    this.attempts.value = 0;
    this.phase.value = 'open';
    this.send(this.ledger.resume());
  }

  /** What a beat says of now, also while the picture is frozen. The lag of a frame is how much later it came than the fastest beat of this connection. */
  private time(frame: Incoming[]): void {
    const beat = frame.find((message) => message.t === 'beat');
    if (!beat) return;
    this.away.value = beat.away ?? [];
    const took = Date.now() - beat.at / 1000;
    if (took < this.fastest) this.skew = -took * 1000;
    this.fastest = Math.min(this.fastest, took);
    this.lag.value = took - this.fastest;
  }

  private take(frame: Incoming[]): void {
    const answers = frame.flatMap((message) => this.ledger.receive(message));
    this.send(answers);
    this.settled.value = this.phase.value === 'open' && this.ledger.settled;
  }

  private send(messages: Outgoing[]): void {
    if (messages.length === 0 || this.socket?.readyState !== WebSocket.OPEN) return;
    const hello = messages[0]?.t === 'hello';
    if (hello || this.phase.value === 'open') this.socket.send(encode(messages));
  }
}
