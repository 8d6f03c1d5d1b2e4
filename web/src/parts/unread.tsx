/** What a page says instead of what it could not read: that the reader may not, or that nothing answered. */
import { Refusal } from '../api/http';
import { words } from '../words';
import { Icon, Nothing } from './marks';

export const forbids = (error: Error | null): boolean => error instanceof Refusal && error.status === 403;

/** A page that its reader has no right to. */
export const NoRight = () => (
  <main class="page">
    <Nothing icon="lock" title={words.value.noRight}>
      {words.value.noRightLead}
    </Nothing>
  </main>
);

/** Above what is shown: it could not be read anew. */
export const Unread = ({ error }: { error: Error | null }) =>
  error && (
    <p class="problem">
      <Icon name="alert" />
      {words.value.httpFailed}
    </p>
  );

/** Above a list that cannot be read now: it is as it was, or not here at all. */
export const NotRead = () => <p class="small warn">{words.value.engine.unread}</p>;
