import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';

/** For whoever signs in while their account waits to be deleted: it is kept from here, and nothing else is done. */
export default function ComeBack(props: {
  purgeAfter: string;
  onKept: () => Promise<void>;
  signOut: () => Promise<void>;
}) {
  const { isPending, problem, run } = useAction();
  const keep = () =>
    run(async () => {
      await api.keepAccount();
      await props.onKept();
    });
  return (
    <Page title={t('Your account is to be deleted')} isNarrow>
      <div className="card stack">
        <h1>{t('Your account is to be deleted')}</h1>
        <p>
          {t('It will be deleted for good on {date}. Until then you can keep it.', {
            date: dateTime(props.purgeAfter),
          })}
        </p>
        <Problem text={problem} />
        <div className="row">
          <Button look="primary" isPending={isPending} onPress={() => void keep()}>
            {t('Keep my account')}
          </Button>
          <Button onPress={() => void run(props.signOut)}>{t('Sign out')}</Button>
        </div>
      </div>
    </Page>
  );
}
