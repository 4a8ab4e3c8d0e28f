/** Plans, and what is paid for them: part of what members see. */
export const billing = {
  'A payment has failed, and the limits of Free hold. They end as soon as it is paid.':
    'Un paiement a échoué, et les limites de Free s’appliquent. Elles prennent fin dès qu’il est réglé.',
  'A payment has failed. The plan goes on until {date}; pay by then, or give another card.':
    'Un paiement a échoué. Le forfait continue jusqu’au {date} ; payez d’ici là, ou donnez une autre carte.',
  'All stems, mixes and films': 'Toutes les pistes, les mixages et les films',
  'All stems; of what is made besides: {formats}': 'Toutes les pistes ; et en plus : {formats}',
  'As many members as you pay for': 'Autant de membres que vous en payez',
  'As many people in a session as come': 'Autant de personnes par session que vous voulez',
  'By agreement with those who run this server': 'Par accord avec ceux qui exploitent ce serveur',
  'Change to {plan}': 'Passer à {plan}',
  'Change to {plan}?': 'Passer à {plan} ?',
  'Choose {plan}': 'Choisir {plan}',
  'Costs nothing': 'Gratuit',
  'Ends on': 'Se termine le',
  'Granted until': 'Accordé jusqu’au',
  'It is changed at once. What is paid already counts, by the day, on the next invoice.':
    'Le changement est immédiat. Ce qui est déjà payé compte, au jour près, sur la prochaine facture.',
  'Keep {plan}': 'Garder {plan}',
  'Kept for as long as you want': 'Conservés aussi longtemps que vous voulez',
  'Kept for up to {time}': 'Conservés jusqu’à {time}',
  'Leave it': 'Ne rien changer',
  'Members as agreed': 'Nombre de membres convenu',
  'One member|{n} members': { one: 'Un membre', other: '{n} membres' },
  'One person in a session|{n} people in a session': {
    one: 'Une personne par session',
    other: '{n} personnes par session',
  },
  'One seat|{n} seats': { one: 'Un poste', other: '{n} postes' },
  'Only owners and admins see the plan. Ask one of them.':
    'Seuls les propriétaires et admins voient le forfait. Demandez à l’un d’eux.',
  'Only owners change the plan.': 'Seuls les propriétaires changent le forfait.',
  'Payment failed': 'Paiement échoué',
  'Payments and receipts': 'Paiements et reçus',
  'Plan and billing': 'Forfait et facturation',
  'Recorded in {month}': 'Enregistré en {month}',
  'Recording without limit': 'Enregistrement sans limite',
  'One recording|{n} recordings': { one: 'Un enregistrement', other: '{n} enregistrements' },
  '{recordings} older than {time} will be deleted after a warning of a week. Download what you need.':
    '{recordings} de plus de {time} : suppression après un préavis d’une semaine. Téléchargez ce dont vous avez besoin.',
  'Renews on': 'Se renouvelle le',
  'Thank you: {plan} is yours.': 'Merci : {plan} est à vous.',
  'The hours of this month are used up. What is being recorded goes on; the next recording can begin on {date}, or at once with a larger plan.':
    'Les heures de ce mois sont épuisées. L’enregistrement en cours continue ; le prochain pourra commencer le {date}, ou tout de suite avec un forfait plus grand.',
  'The price is on the next page': 'Le prix est sur la page suivante',
  'The trial ends on': 'L’essai se termine le',
  'These are not made any more: {formats}. What is there stays.':
    'Ne sont plus produits : {formats}. Ce qui existe reste.',
  'This is your plan.': 'C’est votre forfait.',
  'Try {plan} for {time}': 'Essayer {plan} pendant {time}',
  'Waiting for word of the payment. {plan} is there as soon as it comes, usually within a minute.':
    'En attente de la confirmation du paiement. {plan} est là dès qu’elle arrive, en général en moins d’une minute.',
  'What you have that does not fit {plan}:': 'Ce que vous avez, et que {plan} ne comprend pas :',
  'Your own key: what it locks stays locked by it, and no other one can be set.':
    'Votre propre clé : ce qu’elle verrouille le reste, et aucune autre ne peut être mise en place.',
  'Your own key service': 'Votre propre service de clés',
  'Your plan goes on until {date}, and is not renewed. Until then you can change your mind.':
    'Votre forfait continue jusqu’au {date}, et n’est pas renouvelé. D’ici là, vous pouvez changer d’avis.',
  'the plan': 'le forfait',
  '{amount} a month': '{amount} par mois',
  '{amount} a month for each member': '{amount} par mois et par membre',
  '{amount} a year': '{amount} par an',
  '{amount} a year for each member': '{amount} par an et par membre',
  '{have} h were recorded this month, of {allowed} h: nothing new can be recorded until the next one.':
    '{have} h enregistrées ce mois-ci, pour {allowed} h : plus rien ne peut être enregistré avant le mois prochain.',
  '{have} members, where there is room for {allowed}: all stay, and nobody new can come.':
    '{have} membres, pour {allowed} places : tous restent, et personne d’autre ne peut venir.',
  '{have} of {most}': '{have} sur {most}',
  '{n} h': '{n} h',
  '{n} h of recording a month': '{n} h d’enregistrement par mois',
  Ends: 'Se termine',
  Paid: 'Payé',
  Plans: 'Forfaits',
  Seats: 'Postes',
  Trial: 'Essai',

  // In the audit log
  'The operator has granted a plan, or taken it back': 'L’exploitant a accordé un forfait, ou l’a repris',
  'The plan has changed': 'Le forfait a changé',
  'The plan was set to end': 'La fin du forfait a été décidée',
  'The plan was set to go on': 'La poursuite du forfait a été décidée',
  'The seats that are paid for have changed': 'Le nombre de postes payés a changé',
  'ordered a plan': 'a commandé un forfait',
};
