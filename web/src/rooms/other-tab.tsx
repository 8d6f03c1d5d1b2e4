/** Alarms and devices share a place where the dock has three columns: each leads to the other. */
import { Icon } from '../parts/marks';
import { words } from '../words';
import { dockTab } from './shown';

export const OtherTab = ({ to }: { to: 'alarms' | 'health' }) => (
  <button
    type="button"
    class="other-tab"
    data-test={`to-${to}`}
    onClick={() => {
      dockTab.value = to;
    }}
  >
    {words.value[to]}
    <Icon name="right" size={12} />
  </button>
);
