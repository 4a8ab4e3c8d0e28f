import { useState } from 'react';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { Picker } from '../components/picker.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { useAccount } from './signed-in.tsx';

/** For an owner: somebody else becomes owner in their place, and they an admin. */
export function HandOn({ members }: { members: readonly rest.Member[] }) {
  const { me } = useAccount();
  const others = members.filter(member => member.accountId !== me.accountId);
  const [chosen, setChosen] = useState('');
  const { isPending, problem, run } = useAction();
  const [first] = others;
  if (first === undefined) return null;
  const to = others.find(member => member.accountId === chosen) ?? first;
  const handOn = () =>
    run(async () => {
      await api.transferOwnership(to.accountId);
      // What one may do oneself has changed.
      location.reload();
    });
  return (
    <section className="card stack" aria-labelledby="hand-on">
      <h2 id="hand-on">{t('Hand ownership on')}</h2>
      <p className="muted">
        {t(
          'They become owner, and you an admin. Only they can give it back. To have several owners, change their role instead.',
        )}
      </p>
      <Picker
        label={t('New owner')}
        options={others.map(member => ({ id: member.accountId, label: member.displayName }))}
        selected={to.accountId}
        onChoose={setChosen}
      />
      <Problem text={problem} />
      <div className="row">
        <Button look="danger" isPending={isPending} onPress={() => void handOn()}>
          {t('Hand it on to {name}', { name: to.displayName })}
        </Button>
      </div>
    </section>
  );
}
