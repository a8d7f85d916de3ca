import { t } from '../text/texts.js';
import { Progress } from './controls.js';

const nearlyFull = 0.9;

interface MeterProps {
  name: string;
  used: number;
  /** Null where there is no limit. */
  limit: number | null;
  format: (value: number) => string;
  note?: string[];
}

/** How much of a limit is used, in words and as a bar; without a limit in words only. */
export function Meter({ name, used, limit, format, note = [] }: MeterProps) {
  const share = limit === null ? 0 : used / Math.max(1, limit);
  const notes = note.filter((words) => words !== '');
  return (
    <div class={share >= nearlyFull ? 'meter full' : 'meter'}>
      <p>
        <span>{name}</span>
        <strong>{limit === null ? format(used) : t().settings.of(format(used), format(limit))}</strong>
      </p>
      {limit === null ? null : <Progress value={share} label={name} />}
      <p class="hint">{[limit === null ? t().settings.noLimit : '', ...notes].filter(Boolean).join(' · ')}</p>
    </div>
  );
}
