/** How long recordings are kept: part of what members see. */
export const keeping = {
  'All recordings of the organization are held: the hold is on the organization’s page.':
    'Tous les enregistrements de l’organisation sont sous conservation légale, ordonnée sur la page de l’organisation.',
  'All recordings of the session are held: the hold is on the session’s page.':
    'Tous les enregistrements de la session sont sous conservation légale, ordonnée sur la page de la session.',
  'As long as the plan allows': 'Aussi longtemps que le permet le forfait',
  'As long as the organization says': 'Aussi longtemps que le dit l’organisation',
  'Counted from when each recording began. Owners and whoever made the session are told by mail a week before; for a day afterwards it can be brought back.':
    'À compter du début de chaque enregistrement. Les propriétaires et qui a créé la session sont prévenus par e-mail une semaine avant ; pendant un jour ensuite, on peut le rétablir.',
  'Enter a number from {least} to {most}.': 'Saisissez un nombre de {least} à {most}.',
  'Enter the number of days.': 'Saisissez le nombre de jours.',
  'Enter why, such as the number of the case.': 'Saisissez pourquoi, par exemple le numéro de l’affaire.',
  'For a number of days': 'Pendant un nombre de jours',
  'For ever': 'Pour toujours',
  'Held since {date}: {reason}': 'Conservation légale depuis le {date} : {reason}',
  'Hold it': 'Ordonner',
  'Keeping recordings': 'Conservation des enregistrements',
  'Keeping this recording': 'Conservation de cet enregistrement',
  'Keeps every recording of the organization, whatever its time, for as long as the hold lasts.':
    'Garde tous les enregistrements de l’organisation, quelle que soit leur durée, tant qu’elle est en vigueur.',
  'Keeps every recording of this session, whatever its time, for as long as the hold lasts.':
    'Garde tous les enregistrements de cette session, quelle que soit leur durée, tant qu’elle est en vigueur.',
  'Kept for ever': 'Conservé pour toujours',
  'Kept until {date}': 'Conservé jusqu’au {date}',
  'Kept until {date}, as the plan allows no longer':
    'Conservé jusqu’au {date}, le forfait ne permettant pas plus',
  'Legal hold': 'Conservation légale',
  'Nobody can delete what is held, and nothing of it ends by itself.':
    'Personne ne peut supprimer ce qui est sous conservation légale, et rien n’en disparaît de soi-même.',
  'Place a legal hold': 'Ordonner une conservation légale',
  'Recordings are held: nobody can delete them.':
    'Les enregistrements sont sous conservation légale : personne ne peut les supprimer.',
  'Recordings are kept': 'Durée de conservation',
  'Recordings are kept for ever.': 'Les enregistrements sont conservés pour toujours.',
  'Recordings are kept for {time}.': 'Les enregistrements sont conservés {time}.',
  'Recordings are kept for {time}, as the plan allows no longer.':
    'Les enregistrements sont conservés {time}, le forfait ne permettant pas plus.',
  'Release the hold': 'Lever la conservation légale',
  'A session may have a time of its own. When the time is shortened, nothing is deleted within a week.':
    'Une session peut avoir sa propre durée. Quand la durée est raccourcie, rien n’est supprimé avant une semaine.',
  'To keep it longer, choose a larger plan before that day; or download what you need.':
    'Pour le garder plus longtemps, choisissez un forfait plus grand avant ce jour ; ou téléchargez ce dont vous avez besoin.',
  'Your plan, {plan}, keeps recordings for {time} at most. You may choose a shorter time.':
    'Votre forfait, {plan}, conserve les enregistrements {time} au plus. Vous pouvez choisir une durée plus courte.',
  'Whoever tries to delete it reads this.': 'Qui essaie de supprimer lit ceci.',
  'how long recordings are kept': 'la durée de conservation',
  'its time was over': 'durée écoulée',
  'not erased while a legal hold lasts': 'pas effacé tant que dure la conservation légale',
  'A recording was deleted, as its time was over': 'Un enregistrement a été supprimé, sa durée étant écoulée',
  'changed how long recordings are kept': 'a changé la durée de conservation',
  'placed a legal hold': 'a ordonné une conservation légale',
  'released a legal hold': 'a levé une conservation légale',
  'Saved.': 'Enregistré.',
  Days: 'Jours',
  Reason: 'Motif',
} as const;
