import { useState } from 'react';
import { api } from '../api.ts';
import { Problem } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { dateTime } from '../format.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { ActionButton } from './actions.tsx';
import { ListRow } from './list-row.tsx';
import { roleNames } from './names.ts';

/** Somebody who was invited into the organization, and has not answered yet. */
export function InvitationRow(props: { invitation: rest.MemberInvitation; onChanged: () => Promise<void> }) {
  // In the place of that whose mail did not arrive, once its link was asked for.
  const [handedOn, setHandedOn] = useState<rest.MadeMemberInvitation | null>(null);
  const invitation = handedOn ?? props.invitation;
  const { memberInvitationId, email, role, expiresAt, undelivered } = invitation;
  const withdraw = async () => {
    await api.withdrawMemberInvitation(memberInvitationId);
    await props.onChanged();
  };
  const sendAgain = async () => {
    await api.inviteMember(email, role);
    await props.onChanged();
  };
  const handOn = async () => setHandedOn(await api.inviteMember(email, role, 'link'));
  return (
    <ListRow
      title={email}
      facts={[t(roleNames[role]), t('works until {date}', { date: dateTime(expiresAt) })]}
    >
      <ActionButton look="danger" aria-label={t('Withdraw {name}', { name: email })} act={withdraw}>
        {t('Withdraw')}
      </ActionButton>
      {undelivered !== null && (
        <div className="stack list-below">
          <Problem text={reasonOf(undelivered)} />
          <div className="row">
            <ActionButton act={sendAgain}>{t('Send again')}</ActionButton>
            <ActionButton act={handOn}>{t('Copy the link instead')}</ActionButton>
          </div>
        </div>
      )}
      {handedOn?.url !== undefined && (
        <div className="list-below">
          <CopyOnce
            label={t('Invitation link')}
            hint={t(
              'Copy it now: it is not shown again. It is for {address} alone, who signs in with that.',
              {
                address: email,
              },
            )}
            secret={handedOn.url}
            action={t('Copy link')}
          />
        </div>
      )}
    </ListRow>
  );
}

const reasonOf = ({ why, words }: rest.Undelivered): string =>
  why === 'refused'
    ? t('The mail did not arrive: {words}. Check the address, send it again, or copy the link.', {
        words: words.replace(/\.$/, ''),
      })
    : t('The mail has not left: the mail server takes none. Send it again later, or copy the link.');
