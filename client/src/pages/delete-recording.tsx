import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { useMayManage } from './signed-in.tsx';

/** The way to be rid of a recording, for owners and admins; asked twice, as it is a click away from the files. */
export function DeleteRecording({ recording }: { recording: rest.RecordingDetail }) {
  const mayManage = useMayManage();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const { isPending, problem, run } = useAction();
  const { hold } = recording.keeping;
  const isOver = recording.state === 'complete' || recording.state === 'incomplete';
  if (!isOver || !mayManage) return null;
  // Why, and what to do about it, stands right above.
  if (hold !== null) return null;
  const remove = () =>
    run(async () => {
      await api.deleteRecording(recording.recordingId);
      await navigate('/organization/deletions');
    });
  return (
    <section className="card stack" aria-labelledby="delete-heading">
      <h2 id="delete-heading">{t('Delete this recording')}</h2>
      {isAsking ? (
        <>
          <p role="status">
            {t(
              'Everybody loses sight of it now. For a day it can be brought back; then it is erased with all its files, for good.',
            )}
          </p>
          <div className="row">
            <Button look="danger" isPending={isPending} onPress={() => void remove()}>
              {t('Delete it')}
            </Button>
            <Button autoFocus onPress={() => setAsking(false)}>
              {t('Keep it')}
            </Button>
          </div>
          <Problem text={problem} />
        </>
      ) : (
        <div>
          <Button onPress={() => setAsking(true)}>{t('Delete…')}</Button>
        </div>
      )}
    </section>
  );
}
