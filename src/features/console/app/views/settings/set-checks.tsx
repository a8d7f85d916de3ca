import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';

interface SetChecksProps {
  legend: string;
  /** Null for every set. */
  chosen: string[] | null;
  onChange: (chosen: string[] | null) => void;
}

/** Chooses document sets; none chosen means all of them. */
export function SetChecks({ legend, chosen, onChange }: SetChecksProps) {
  const { data } = useData(() => docent.documentSets(), 'sets');
  if (!data || data.sets.length === 0) return null;
  const toggle = (name: string, on: boolean) => {
    const others = (chosen ?? []).filter((other) => other !== name);
    const next = on ? [...others, name] : others;
    onChange(next.length > 0 ? next : null);
  };
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="set-checks">
        {data.sets.map(({ name }) => (
          <label class="check" key={name}>
            <input
              type="checkbox"
              checked={chosen?.includes(name) ?? false}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
