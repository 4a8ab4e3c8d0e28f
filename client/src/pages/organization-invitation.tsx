import { useState } from 'react';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { roleNames } from './names.ts';

/** Somebody who was invited into the organization, and has not answered yet. */
export function InvitationRow(props: { invitation: rest.MemberInvitation; onChanged: () => Promise<void> }) {
  // In the place of that whose mail did not arrive, once its link was asked for.
  const [handedOn, setHandedOn] = useState<rest.MadeMemberInvitation | null>(null);
  const invitation = handedOn ?? props.invitation;
  const { memberInvitationId, email, role, expiresAt, undelivered } = invitation;
  const { isPending, problem, run } = useAction();
  const withdraw = () =>
    run(async () => {
      await api.withdrawMemberInvitation(memberInvitationId);
      await props.onChanged();
    });
  const sendAgain = () =>
    run(async () => {
      await api.inviteMember(email, role);
      await props.onChanged();
    });
  const handOn = () => run(async () => setHandedOn(await api.inviteMember(email, role, 'link')));
  return (
    <li className="list-row">
      <span className="list-title">
        {email}
        <span className="muted">
          {' '}
          · {t(roleNames[role])} · {t('works until {date}', { date: dateTime(expiresAt) })}
        </span>
      </span>
      <Button
        look="danger"
        isPending={isPending}
        aria-label={t('Withdraw {name}', { name: email })}
        onPress={() => void withdraw()}
      >
        {t('Withdraw')}
      </Button>
      {undelivered !== null && (
        <div className="stack list-below">
          <Problem text={reasonOf(undelivered)} />
          <div className="row">
            <Button isPending={isPending} onPress={() => void sendAgain()}>
              {t('Send again')}
            </Button>
            <Button isPending={isPending} onPress={() => void handOn()}>
              {t('Copy the link instead')}
            </Button>
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
      <Problem text={problem} />
    </li>
  );
}

const reasonOf = ({ why, words }: rest.Undelivered): string =>
  why === 'refused'
    ? t('The mail did not arrive: {words}. Check the address, send it again, or copy the link.', {
        words: words.replace(/\.$/, ''),
      })
    : t('The mail has not left: the mail server takes none. Send it again later, or copy the link.');
