import { useState } from 'react';
import { api } from '../api.ts';
import { Field } from '../components/controls.tsx';
import { Picker } from '../components/picker.tsx';
import { Toggle } from '../components/toggle.tsx';
import { dateTime, duration } from '../format.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import { type rest, type TokenScope, tokenScope } from '../protocol.ts';
import { ActionButton, ActionForm } from './actions.tsx';
import { IntegrationsSection } from './integrations-section.tsx';
import { ListRow } from './list-row.tsx';

const scopes: Record<TokenScope, PlainKey> = {
  'sessions:read': 'List and read sessions',
  'sessions:write': 'Create sessions, make and revoke guest links',
  'recordings:read': 'List recordings, and download everything that was made of them',
  'recordings:write': 'Have stems made again, order MP3s, films, mixes, name places',
  'members:read': 'List the members',
  'audit:read': 'Read and export the audit log',
};

export function Tokens() {
  return (
    <IntegrationsSection
      title={t('Tokens')}
      newLabel={t('New token')}
      load={api.tokens}
      secretLabel={t('Token')}
      secretHint={t('Copy it now: it is not shown again. Whoever has it can do all that it may do.')}
      form={props => <NewToken {...props} />}
      rows={({ tokens }, onGone) =>
        tokens.map(token => <TokenRow key={token.tokenId} token={token} onRevoked={onGone} />)
      }
      none={t('No program has access.')}
    />
  );
}

const lifetimesDays = [7, 30, 90, 365];

function NewToken({ onCancel, onMade }: { onCancel: () => void; onMade: (token: string) => Promise<void> }) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly TokenScope[]>([]);
  const [days, setDays] = useState('90');
  const make = async () => {
    const wanted = { name, scopes: [...chosen], expiresInDays: Number(days) };
    await onMade((await api.createToken(wanted)).token);
  };
  return (
    <ActionForm
      aria-label={t('New token')}
      submit={t('Make the token')}
      isDisabled={chosen.length === 0}
      onSubmit={make}
      onCancel={onCancel}
    >
      <Field
        label={t('Name')}
        autoFocus
        isRequired
        maxLength={60}
        problems={{ valueMissing: t('Enter a name, such as that of the program which gets it.') }}
        value={name}
        onChange={setName}
        hint={t('Everything that is done with it stands in the audit log under this name.')}
      />
      <fieldset className="switches">
        <legend>{t('What it may do')}</legend>
        {tokenScope.options.map(scope => (
          <Toggle
            key={scope}
            label={t(scopes[scope])}
            hint={scope}
            isOn={chosen.includes(scope)}
            onChange={isOn => setChosen(isOn ? [...chosen, scope] : chosen.filter(each => each !== scope))}
          />
        ))}
      </fieldset>
      <Picker
        label={t('Works for')}
        options={lifetimesDays.map(each => ({ id: String(each), label: duration(each, 'day') }))}
        selected={days}
        onChoose={setDays}
      />
      <p className="hint">{t('It ends earlier if you leave, or are no owner or admin any more.')}</p>
    </ActionForm>
  );
}

function TokenRow({ token, onRevoked }: { token: rest.ApiToken; onRevoked: () => Promise<void> }) {
  const revoke = async () => {
    await api.revokeToken(token.tokenId);
    await onRevoked();
  };
  const hasEnded = Date.parse(token.expiresAt) <= Date.now();
  return (
    <ListRow
      title={
        <>
          {token.name} <code>cs_…{token.hint}</code>
        </>
      }
      facts={[
        token.scopes.join(', '),
        t('by {name}', { name: token.createdBy }),
        hasEnded ? t('has expired') : t('works until {date}', { date: dateTime(token.expiresAt) }),
        token.lastUsedAt === null
          ? t('never used')
          : t('last used about {date}', { date: dateTime(token.lastUsedAt) }),
      ]}
    >
      <ActionButton look="danger" aria-label={t('Revoke {name}', { name: token.name })} act={revoke}>
        {t('Revoke')}
      </ActionButton>
    </ListRow>
  );
}
