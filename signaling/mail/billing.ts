import {
  type HoursUsedUp,
  type PaymentFailed,
  planNames,
  type Receipt,
  type TrialEnding,
} from '../protocol/index.ts';
import { dayFor, inLanguage, type Message, moneyFor, type Reader } from './letter.ts';

/** To owners: something was paid. */
export function receiptMail(reader: Reader, receipt: Receipt): Message {
  const { organization, number } = receipt;
  const amount = moneyFor(reader, receipt.amount, receipt.currency);
  const day = dayFor(reader, receipt.paidAt);
  return inLanguage(reader.language, {
    en: {
      subject: `Receipt: ${amount} for ${organization}`,
      paragraphs: [
        `Thank you. ${amount} were paid for “${organization}” on ${day}.`,
        `Invoice ${number}`,
        'The invoice itself, to download: open your organization, “Plan and billing”, “Payments and receipts”.',
      ],
    },
    fr: {
      subject: `Reçu : ${amount} pour ${organization}`,
      paragraphs: [
        `Merci. ${amount} ont été payés pour « ${organization} » le ${day}.`,
        `Facture ${number}`,
        'La facture elle-même, à télécharger : ouvrez votre organisation, « Forfait et facturation », « Paiements et reçus ».',
      ],
    },
  });
}

/** To owners: a payment did not go through. */
export function paymentFailedMail(reader: Reader, failed: PaymentFailed): Message {
  const { organization } = failed;
  const amount = moneyFor(reader, failed.amount, failed.currency);
  const day = dayFor(reader, failed.graceEndsAt);
  return inLanguage(reader.language, {
    en: {
      subject: `The payment for ${organization} failed`,
      paragraphs: [
        `${amount} for “${organization}” could not be paid. We will try again.`,
        `Your plan goes on until ${day}. After that the limits of Free hold: what is older than Free keeps will be deleted then, a week after another letter.`,
        'To pay, or give another card: open your organization, “Plan and billing”, “Payments and receipts”.',
      ],
    },
    fr: {
      subject: `Le paiement pour ${organization} a échoué`,
      paragraphs: [
        `${amount} pour « ${organization} » n’ont pas pu être payés. Nous essaierons à nouveau.`,
        `Votre forfait continue jusqu’au ${day}. Ensuite, les limites de Free s’appliquent : ce qui est plus ancien que ce que Free conserve sera supprimé, une semaine après une autre lettre.`,
        'Pour payer, ou donner une autre carte : ouvrez votre organisation, « Forfait et facturation », « Paiements et reçus ».',
      ],
    },
  });
}

/** To owners: the first payment is near. */
export function trialEndingMail(reader: Reader, trial: TrialEnding): Message {
  const { organization } = trial;
  const plan = planNames[trial.plan];
  const day = dayFor(reader, trial.trialEndsAt);
  return inLanguage(reader.language, {
    en: {
      subject: `Your trial of ${plan} ends on ${day}`,
      paragraphs: [
        `“${organization}” tries ${plan} until ${day}. Then it is paid for the first time.`,
        'You want to go on? Then there is nothing to do.',
        'You do not? Open your organization, “Plan and billing”, and choose Free before that day.',
      ],
    },
    fr: {
      subject: `Votre essai de ${plan} se termine le ${day}`,
      paragraphs: [
        `« ${organization} » essaie ${plan} jusqu’au ${day}. Ensuite vient le premier paiement.`,
        'Vous voulez continuer ? Alors il n’y a rien à faire.',
        'Sinon, ouvrez votre organisation, « Forfait et facturation », et choisissez Free avant ce jour.',
      ],
    },
  });
}

/** To owners: what is being recorded goes on, and the next recording would not begin. */
export function hoursUsedUpMail(reader: Reader, used: HoursUsedUp): Message {
  const { organization, hours } = used;
  const plan = planNames[used.plan];
  const day = dayFor({ ...reader, timeZone: 'UTC' }, used.until);
  return inLanguage(reader.language, {
    en: {
      subject: `The recording hours of ${organization} are used up`,
      paragraphs: [
        `“${organization}” has recorded for the ${hours} hours that ${plan} has each month.`,
        'What is being recorded now goes on, and is kept whole.',
        `The next recording can begin on ${day}; or at once with a larger plan: open your organization, “Plan and billing”.`,
      ],
    },
    fr: {
      subject: `Les heures d’enregistrement de ${organization} sont épuisées`,
      paragraphs: [
        `« ${organization} » a enregistré pendant les ${hours} heures que ${plan} comprend chaque mois.`,
        'L’enregistrement en cours continue, et sera gardé en entier.',
        `Le prochain enregistrement pourra commencer le ${day} ; ou tout de suite avec un forfait plus grand : ouvrez votre organisation, « Forfait et facturation ».`,
      ],
    },
  });
}
