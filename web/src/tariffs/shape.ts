/** Whether something is a tariff document at all: what the gateway cannot read, no form can show. */
import { type Refusal, send } from '../api/http';
import type { Checked, Problem } from './told';

/** Problems of the form; all others are of a document that can be shown beside them. */
const OF_FORM = new Set(['wrong_value', 'unknown_field', 'unknown_zone']);

/** What stands against showing this as a document; nothing: it can be. */
export const misshapen = (read: unknown): Promise<Problem[]> =>
  send<Checked>('/pricing/check', { document: read }).then(
    ({ problems }) => problems.filter((one) => OF_FORM.has(one.code)),
    ({ code, message }: Refusal) => [{ code, where: '', sentence: message, sentence_zh: message }],
  );
