import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Icon } from '../components/icon.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { rich, t } from '../i18n/t.ts';
import { type rest, toAppError } from '../protocol.ts';
import { useAccount } from './signed-in.tsx';

type Organization = NonNullable<rest.Me['organization']>;

/** On every page of an organization that is to be deleted: until when it can be read, and how an owner keeps it. */
export function ClosingBanner(props: { organization: Organization; reload: () => Promise<void> }) {
  const { organization, reload } = props;
  const { isPending, problem, run } = useAction();
  const { eraseAfter, isLocked, name, role } = organization;
  if (eraseAfter === null) return null;
  const keep = () =>
    run(async () => {
      await api.keepOrganization();
      await reload();
    });
  return (
    <section className="closing" aria-label={t('This organization will be deleted')}>
      <div className="notice notice-problem">
        <Icon name="alert" />
        <div>
          <p>
            {rich('{name} will be erased on {date}, with everything in it. Until then it can only be read.', {
              name: <strong>{name}</strong>,
              date: dateTime(eraseAfter),
            })}{' '}
            {isLocked &&
              t('What it recorded does not open meanwhile: its key waits for its deletion at AWS.')}{' '}
            {role !== 'owner' && t('An owner can keep it.')}
          </p>
          {role === 'owner' && (
            <Button isPending={isPending} onPress={() => void keep()}>
              {t('Keep the organization')}
            </Button>
          )}
        </div>
      </div>
      <Problem text={problem} />
    </section>
  );
}

/** For an owner: the way to be rid of all of it. Its name is typed, as nothing else on the page asks for so much care. */
export function DeleteOrganization({ organization }: { organization: Organization }) {
  const { reload, signOut } = useAccount();
  const [isAsking, setAsking] = useState(false);
  const [name, setName] = useState('');
  const [mustSignIn, setMustSignIn] = useState(false);
  const { isPending, problem, run } = useAction();
  if (organization.role !== 'owner' || organization.eraseAfter !== null) return null;
  const remove = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      try {
        await api.deleteOrganization(name);
      } catch (thrown) {
        setMustSignIn(toAppError(thrown).code === 'sign_in_again');
        throw thrown;
      }
      await reload();
    });
  };
  return (
    <section className="card stack" aria-labelledby="delete-organization">
      <h2 id="delete-organization">{t('Delete this organization')}</h2>
      {isAsking ? (
        <Form className="stack" onSubmit={remove}>
          <p role="status">
            {t(
              'From now on it can only be read, and nobody can be in its sessions. In seven days it is erased: every session, recording and file, for everybody, for good. Until then any owner can keep it. All owners are told by mail.',
            )}
          </p>
          <Field
            label={t('Its name, to confirm: {name}', { name: organization.name })}
            isRequired
            autoFocus
            autoComplete="off"
            problems={{ valueMissing: t('Type the name of the organization.') }}
            value={name}
            onChange={setName}
          />
          <Problem text={problem} />
          <div className="row">
            {mustSignIn && (
              <Button look="primary" onPress={() => void signOut()}>
                {t('Sign out')}
              </Button>
            )}
            <Button type="submit" look="danger" isPending={isPending}>
              {t('Delete the organization')}
            </Button>
            <Button onPress={() => setAsking(false)}>{t('Keep it')}</Button>
          </div>
        </Form>
      ) : (
        <div>
          <Button onPress={() => setAsking(true)}>{t('Delete the organization…')}</Button>
        </div>
      )}
    </section>
  );
}
