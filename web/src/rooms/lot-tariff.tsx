/** Which tariff a lot has now, and the way to it; nothing where none is assigned. */
import { session } from '../api/session';
import { openRoom } from '../city/place';
import { Icon } from '../parts/marks';
import { useReading } from '../parts/reading';
import type { Assignment, OccupancyPrice } from '../tariffs/told';
import { wallOf } from '../tariffs/wall';
import { words } from '../words';

const LAST = 20;

export function LotTariff({ lot }: { lot: string }) {
  const may = session.value?.user.permissions.includes('tariffs.read') ?? false;
  const path = may ? `/assignments?lot=${encodeURIComponent(lot)}&limit=${LAST}` : null;
  const { value } = useReading<{ items: Assignment[] }>(path);
  const tariff = value?.items.find((one) => one.standing === 'in_force')?.tariff;
  const floating = useReading<OccupancyPrice>(
    tariff ? `/lots/${encodeURIComponent(lot)}/price-by-occupancy` : null,
  ).value;
  const next = floating?.steps.find((one) => one.standing === 'coming');
  const w = words.value.tariffs;
  if (!tariff) return null;
  return (
    <p class="small row lot-tariff" data-test="lot-tariff">
      <Icon name="yuan" size={14} />
      <span class="ink3">{words.value.tariffs.title}</span>
      <button type="button" class="link" onClick={() => openRoom('tariffs', `of/${tariff}`)}>
        {tariff}
      </button>
      {floating?.steering && (
        <span class="ink3" data-test="by-occupancy">
          {w.byOccupancy(floating.factor)}
          {next &&
            `, ${w.byOccupancyNext(wallOf(next.effective_us, floating.steering.zone).slice(11, 16), next.factor)}`}
        </span>
      )}
    </p>
  );
}
