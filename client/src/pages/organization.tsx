import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { Picker } from '../components/picker.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { type MemberRole, managerRoles, mayChangeRole, type rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { ActionForm } from './actions.tsx';
import { HandOn } from './hand-on.tsx';
import { ListRow } from './list-row.tsx';
import { regionNames, roleNames } from './names.ts';
import { DeleteOrganization } from './organization-closing.tsx';
import { InvitationRow } from './organization-invitation.tsx';
import { Keeping } from './organization-keeping.tsx';
import { MailField } from './sign-in-fields.tsx';
import { useAccount } from './signed-in.tsx';

type Organization = NonNullable<rest.Me['organization']>;

/** The organization that this browser works in: its people, its name, and the way to its audit log. */
export default function OrganizationPage() {
  const { me } = useAccount();
  const loaded = useLoad(api.members);
  const { organization } = me;
  if (organization === null) return null;
  const mayManage = managerRoles.includes(organization.role);
  return (
    <Page title={organization.name} aside={<AccountAside />}>
      <div className="stack stack-wide">
        <div className="row row-between heading">
          <div>
            <h1>{organization.name}</h1>
            <p className="muted">
              {t('Recordings are kept in {region}. Your role: {role}.', {
                region: regionNames[organization.region],
                role: t(roleNames[organization.role]),
              })}
            </p>
            <p className="hint">{t('Organization id: {id}', { id: organization.organizationId })}</p>
          </div>
          <div className="row">
            <Link to="/notices" className="button button-plain">
              {t('Notices')}
            </Link>
            {mayManage && (
              <>
                {me.isBilled && (
                  <Link to="/organization/billing" className="button button-plain">
                    {t('Plan and billing')}
                  </Link>
                )}
                <Link to="/organization/api" className="button button-plain">
                  API
                </Link>
                {organization.role === 'owner' && (
                  <Link to="/organization/keys" className="button button-plain">
                    {t('Keys')}
                  </Link>
                )}
                <Link to="/organization/deletions" className="button button-plain">
                  {t('Deleted recordings')}
                </Link>
                <Link to="/organization/audit" className="button button-plain">
                  {t('Audit log')}
                </Link>
              </>
            )}
            {organization.role === 'owner' && (
              <Link to="/organization/export" className="button button-plain">
                {t('Export')}
              </Link>
            )}
          </div>
        </div>
        <Await loaded={loaded} what={t('the members')}>
          {(people, reload) => <People people={people} organization={organization} reload={reload} />}
        </Await>
        {mayManage && <Keeping />}
        {mayManage && <Rename organization={organization} />}
        <DeleteOrganization organization={organization} />
      </div>
    </Page>
  );
}

function People(props: { people: rest.Members; organization: Organization; reload: () => Promise<void> }) {
  const { people, organization, reload } = props;
  const mayManage = managerRoles.includes(organization.role);
  return (
    <>
      <section className="card stack" aria-labelledby="members-heading">
        <h2 id="members-heading">{t('Members')}</h2>
        <ul className="list">
          {people.members.map(member => (
            <MemberRow key={member.accountId} member={member} role={organization.role} reload={reload} />
          ))}
        </ul>
      </section>
      {mayManage && (
        <section className="card stack" aria-labelledby="invitations-heading">
          <h2 id="invitations-heading">{t('Invite a member')}</h2>
          <Invite onInvited={reload} />
          {people.invitations.length > 0 && (
            <ul className="list">
              {people.invitations.map(invitation => (
                <InvitationRow
                  key={invitation.memberInvitationId}
                  invitation={invitation}
                  onChanged={reload}
                />
              ))}
            </ul>
          )}
        </section>
      )}
      {organization.role === 'owner' && <HandOn members={people.members} />}
    </>
  );
}

function MemberRow(props: { member: rest.Member; role: MemberRole; reload: () => Promise<void> }) {
  const { member, role, reload } = props;
  const { me } = useAccount();
  const { isPending, problem, run } = useAction();
  const isMe = member.accountId === me.accountId;
  const options = (['owner', 'admin', 'member'] as const)
    .filter(to => to === member.role || mayChangeRole(role, member.role, to))
    .map(id => ({ id, label: t(roleNames[id]) }));
  const mayRemove = isMe || mayChangeRole(role, member.role, null);
  // What one may do oneself may have changed, too.
  const done = () => (isMe ? location.assign('/') : reload());
  const change = (to: MemberRole) =>
    run(async () => {
      await api.changeMember(member.accountId, to);
      await done();
    });
  const remove = () =>
    run(async () => {
      await api.removeMember(member.accountId);
      await done();
    });
  return (
    <ListRow
      title={member.displayName + (isMe ? ` ${t('(you)')}` : '')}
      facts={[member.email, t('since {date}', { date: dateTime(member.since) })]}
    >
      {options.length > 1 ? (
        <Picker
          label={t('Role of {name}', { name: member.displayName })}
          isLabelHidden
          options={options}
          selected={member.role}
          onChoose={to => void change(to as MemberRole)}
        />
      ) : (
        <span className="muted">{t(roleNames[member.role])}</span>
      )}
      {mayRemove && (
        <Button
          look="danger"
          isPending={isPending}
          aria-label={isMe ? t('Leave') : t('Remove {name}', { name: member.displayName })}
          onPress={() => void remove()}
        >
          {isMe ? t('Leave') : t('Remove')}
        </Button>
      )}
      <Problem text={problem} />
    </ListRow>
  );
}

const invitedRoles = () => [
  { id: 'member', label: t('Member: records, and sees all sessions') },
  { id: 'admin', label: t('Admin: manages people, too') },
];

function Invite({ onInvited }: { onInvited: () => Promise<void> }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<'member' | 'admin'>('member');
  const invite = async () => {
    await api.inviteMember(email, role);
    setEmail('');
    await onInvited();
  };
  return (
    <ActionForm submit={t('Send the invitation')} onSubmit={invite}>
      <MailField
        label={t('Mail address')}
        missing={t('Enter their mail address.')}
        value={email}
        onChange={setEmail}
        hint={t('They get a link that works for 7 days, for this address only.')}
      />
      <Picker
        label={t('Role')}
        options={invitedRoles()}
        selected={role}
        onChoose={id => setRole(id === 'admin' ? 'admin' : 'member')}
      />
    </ActionForm>
  );
}

function Rename({ organization }: { organization: Organization }) {
  const [name, setName] = useState(organization.name);
  const { reload } = useAccount();
  const rename = async () => {
    await api.renameOrganization(name);
    await reload();
  };
  return (
    <ActionForm
      isCard
      aria-label={t('Rename')}
      submit={t('Rename')}
      look="plain"
      isDisabled={name === organization.name}
      onSubmit={rename}
    >
      <Field
        label={t('Organization name')}
        isRequired
        maxLength={80}
        problems={{ valueMissing: t('Enter a name.') }}
        value={name}
        onChange={setName}
        hint={t('Guests see it before they join.')}
      />
    </ActionForm>
  );
}
