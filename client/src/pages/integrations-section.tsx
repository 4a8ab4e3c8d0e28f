import { type ReactNode, useId, useState } from 'react';
import { Button } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { Await } from '../components/page.tsx';
import { useLoad } from '../hooks/use-load.ts';

interface SectionProps<List> {
  title: string;
  /** What a new one is called, on the button. */
  newLabel: string;
  load: () => Promise<List>;
  /** Of the secret, which is shown when one was made. */
  secretLabel: string;
  secretHint: string;
  form: (props: { onCancel: () => void; onMade: (secret: string) => Promise<void> }) => ReactNode;
  rows: (list: List, onGone: () => Promise<void>) => ReactNode[];
  /** Said when there is none. */
  none: string;
}

/** Things that an organization makes for programs, each with a secret that is shown once. */
export function IntegrationsSection<List>(props: SectionProps<List>) {
  const { title, newLabel, load, secretLabel, secretHint, form, rows, none } = props;
  const loaded = useLoad(load);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const id = useId();
  const content = (list: List, reload: () => Promise<void>) => {
    const onMade = async (secret: string) => {
      setMade(secret);
      setMaking(false);
      await reload();
    };
    const onGone = async () => {
      setMade(null);
      await reload();
    };
    const listed = rows(list, onGone);
    return (
      <>
        {isMaking && form({ onCancel: () => setMaking(false), onMade })}
        {listed.length === 0 && !isMaking && <p className="muted">{none}</p>}
        {listed.length > 0 && <ul className="list">{listed}</ul>}
      </>
    );
  };
  return (
    <section className="card stack" aria-labelledby={id}>
      <div className="row row-between">
        <h2 id={id}>{title}</h2>
        {!isMaking && <Button onPress={() => setMaking(true)}>{newLabel}</Button>}
      </div>
      {made !== null && <CopyOnce label={secretLabel} secret={made} hint={secretHint} />}
      <Await loaded={loaded} what={title.toLowerCase()}>
        {content}
      </Await>
    </section>
  );
}
