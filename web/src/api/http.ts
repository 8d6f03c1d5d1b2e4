/** Asking the gateway: one place that adds the token, renews it, and turns refusals into errors. */
import { lang } from '../words';
import { renewed, session } from './session';

/** What the gateway said when it refused, in its own form. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly trace: string,
    readonly details: Record<string, string> = {},
  ) {
    super(message);
  }
}

export async function refusalOf(response: Response): Promise<Refusal> {
  const body = (await response.json().catch(() => ({}))) as Partial<{
    code: string;
    message: string;
    message_zh: string;
    trace_id: string;
    details: Record<string, string>;
  }>;
  const message = (lang.peek() === 'zh' && body.message_zh) || body.message || response.statusText;
  return new Refusal(response.status, body.code ?? 'http', message, body.trace_id ?? '', body.details);
}

function ask(path: string, body?: unknown, method = 'POST'): Promise<Response> {
  const headers = { Authorization: `Bearer ${session.value?.access ?? ''}`, Accept: 'application/json' };
  if (body === undefined) return fetch(`/api/v1${path}`, { headers });
  return fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function answer<T>(path: string, body?: unknown, method?: string): Promise<T> {
  let response = await ask(path, body, method);
  if (response.status === 401 && (await renewed())) response = await ask(path, body, method);
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as T;
}

/** GET a path below /api/v1. */
export const get = <T>(path: string): Promise<T> => answer<T>(path);

/** POST a command to a path below /api/v1. */
export const send = <T>(path: string, body: unknown): Promise<T> => answer<T>(path, body);

/** PUT a whole new value. */
export const put = <T>(path: string, body: unknown): Promise<T> => answer<T>(path, body, 'PUT');

export type Page<T> = { items: T[]; next: string | null };

/** Every item of a list, page after page. */
export async function all<T>(path: string, limit = 500): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = '';
  const join = path.includes('?') ? '&' : '?';
  while (after !== null) {
    const cursor: string = after ? `&after=${encodeURIComponent(after)}` : '';
    const page: Page<T> = await get<Page<T>>(`${path}${join}limit=${limit}${cursor}`);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}
