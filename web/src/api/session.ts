/** Who is signed in. The access token lives in memory only; the refresh token for as long as the tab does. */
import { signal } from '@preact/signals';

export type User = { name: string; role: string; permissions: string[] };
export type Session = { access: string; expires: number; liveUrl: string; user: User };
type Granted = { access_token: string; expires_us: number; refresh_token?: string; live_url?: string; user?: User };
/** How a sign-in ended. */
export type Verdict = 'in' | 'refused' | 'too_many' | 'unreachable';

const KEPT = 'yunparking.refresh';
const USER = 'yunparking.user';

export const session = signal<Session | null>(null);
/** Whether the page still has to find out if it is signed in. */
export const asking = signal(true);
/** Set when a session ended by itself, so that the sign-in page can say so. */
export const expired = signal(false);

let renewing: Promise<boolean> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

const liveUrlOf = (told: string | undefined): string => {
  if (!told) return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.hostname}:8081/`;
  return new URL(told, location.href.replace(/^http/, 'ws')).href;
};

function rememberedUser(): User {
  try {
    return JSON.parse(sessionStorage.getItem(USER) ?? '') as User;
  } catch {
    return { name: '', role: 'viewer', permissions: [] };
  }
}

function accept(granted: Granted): void {
  const user = granted.user ?? session.value?.user ?? rememberedUser();
  if (granted.refresh_token) sessionStorage.setItem(KEPT, granted.refresh_token);
  sessionStorage.setItem(USER, JSON.stringify(user));
  const liveUrl = granted.live_url ? liveUrlOf(granted.live_url) : (session.value?.liveUrl ?? liveUrlOf(undefined));
  session.value = { access: granted.access_token, expires: granted.expires_us, liveUrl, user };
  expired.value = false;
  const left = granted.expires_us / 1000 - Date.now();
  clearTimeout(timer);
  timer = setTimeout(() => void renewed(), Math.min(Math.max(left * 0.8, 5000), 3_600_000));
}

export async function signIn(name: string, password: string): Promise<Verdict> {
  const response = await post('/session', { name, password }).catch(() => null);
  if (!response || response.status >= 500) return 'unreachable';
  if (response.status === 429) return 'too_many';
  if (!response.ok) return 'refused';
  accept((await response.json()) as Granted);
  return 'in';
}

function forget(): void {
  clearTimeout(timer);
  sessionStorage.removeItem(KEPT);
  sessionStorage.removeItem(USER);
  session.value = null;
}

async function renew(): Promise<boolean> {
  const token = sessionStorage.getItem(KEPT);
  if (!token) return false;
  const response = await post('/session/refresh', { refresh_token: token });
  if (response.ok) {
    accept((await response.json()) as Granted);
    return true;
  }
  if (response.status < 500) {
    expired.value = session.value !== null;
    forget();
  }
  return false;
}

/** Get a new access token; many callers share one request. False if that was refused. */
export function renewed(): Promise<boolean> {
  renewing ??= renew().finally(() => {
    renewing = null;
  });
  return renewing;
}

/** On start: go on with the session of this tab if there is one. */
export async function restore(): Promise<void> {
  await renewed().catch(() => false);
  asking.value = false;
}

export async function signOut(): Promise<void> {
  const access = session.value?.access;
  forget();
  if (!access) return;
  await fetch('/api/v1/session', { method: 'DELETE', headers: { Authorization: `Bearer ${access}` } }).catch(
    () => null,
  );
}

/** The token for the live line. Throws while the gateway cannot be reached; null if the user has to sign in. */
export async function liveToken(fresh: boolean): Promise<{ url: string; token: string } | null> {
  const soon = (session.value?.expires ?? 0) / 1000 < Date.now() + 5000;
  if ((fresh || soon) && !(await renewed()) && !session.value) return null;
  const held = session.value;
  return held ? { url: held.liveUrl, token: held.access } : null;
}
