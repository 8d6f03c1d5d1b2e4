/** What became of something that the reader asked for, in one line. */
import { Icon } from './marks';

export type Said = { text: string; well: boolean };

export const Told = ({ said, test }: { said: Said | null; test?: string }) =>
  said && (
    <p class={said.well ? 'said good' : 'said warn'} role="status" data-test={test}>
      <Icon name={said.well ? 'check' : 'alert'} />
      {said.text}
    </p>
  );
