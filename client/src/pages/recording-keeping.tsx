import { Link } from 'react-router';
import { dateTime } from '../format.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { HoldControl, heldSince } from './hold.tsx';
import { useMayManage } from './signed-in.tsx';

/** In a few words: held, kept until, or for ever. */
export function keptWords({ until, isByPlan, hold }: rest.RecordingKeeping): string {
  if (hold !== null) return heldSince(hold);
  if (until === null) return t('Kept for ever');
  const date = dateTime(until);
  return isByPlan
    ? t('Kept until {date}, as the plan allows no longer', { date })
    : t('Kept until {date}', { date });
}

/** Why a recording stays, and, for owners and admins, the way to hold it. */
export function RecordingKeeping(props: { recording: rest.RecordingDetail; reload: () => Promise<void> }) {
  const { recordingId, keeping } = props.recording;
  if (!useMayManage()) return null;
  const { hold } = keeping;
  return (
    <section className="card stack" aria-labelledby="keeping-heading">
      <h2 id="keeping-heading">{t('Keeping this recording')}</h2>
      <p>{keptWords(keeping)}</p>
      {keeping.isByPlan && hold === null && (
        <p className="muted">
          {t('To keep it longer, choose a larger plan before that day; or download what you need.')}{' '}
          <Link to="/organization/billing">{t('Plan and billing')}</Link>
        </p>
      )}
      {hold !== null && hold.of !== 'recording' ? (
        <p className="muted">
          {hold.of === 'organization'
            ? t('All recordings of the organization are held: the hold is on the organization’s page.')
            : t('All recordings of the session are held: the hold is on the session’s page.')}
        </p>
      ) : (
        <HoldControl path={`/recordings/${recordingId}`} hold={hold} onChanged={props.reload} />
      )}
    </section>
  );
}
