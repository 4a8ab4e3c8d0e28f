import { account } from './account.ts';
import { billing } from './billing.ts';
import { keeping } from './keeping.ts';
import { keys } from './keys.ts';
import { organization } from './organization.ts';
import { recordings } from './recordings.ts';

export { serverForMembers } from './server-members.ts';

/** What only members of an organization see, behind the sign-in. Under the English that stands in the code. */
export const members = {
  ...account,
  ...keeping,
  ...keys,
  ...billing,
  ...organization,
  ...recordings,
  // Sessions
  'By title, or by who was there.': 'Par titre, ou par participant.',
  'May stay empty. In the time of this browser ({zone}).':
    'Peut rester vide. À l’heure de ce navigateur ({zone}).',
  'No session was found.': 'Aucune session trouvée.',
  'Planned for': 'Prévue pour',
  'Planned for {date}': 'Prévue pour le {date}',
  'Were there: {people}': 'Étaient là : {people}',
  'one more|{n} more': { one: '{n} autre', other: '{n} autres' },
  Past: 'Passées',
  Search: 'Rechercher',
  Upcoming: 'À venir',
  'A session is one conversation, with its own guests and recordings. Create the first one.':
    'Une session est une conversation, avec ses invités et ses enregistrements. Créez la première.',
  'Created {date}': 'Créée le {date}',
  'Enter a title, such as the topic or the number of the episode.':
    'Saisissez un titre, comme le sujet ou le numéro de l’épisode.',
  'Enter the studio': 'Entrer dans le studio',
  'New session': 'Nouvelle session',
  'No sessions yet': 'Pas encore de session',
  'Nothing recorded yet. Enter the studio to start a recording.':
    'Rien n’a encore été enregistré. Entrez dans le studio pour démarrer un enregistrement.',
  'Show older sessions': 'Afficher les sessions plus anciennes',
  'Watch as producer': 'Suivre en réalisation',
  'You are the host: you and your co-hosts start and stop the recording.':
    'Vous êtes l’hôte : vous et vos coanimateurs démarrez et arrêtez l’enregistrement.',
  'You follow the conversation as a producer.': 'Vous suivez la conversation depuis la réalisation.',
  'the session': 'la session',
  'your sessions': 'vos sessions',
  Recordings: 'Enregistrements',
  Session: 'Session',
  Sessions: 'Sessions',
  Studio: 'Studio',
  Title: 'Titre',

  // Links
  'Any number of people': 'Nombre illimité',
  'Co-host link of {date}': 'Lien de coanimation du {date}',
  'Co-host: runs the room, too': 'Coanimation : dirige aussi le studio',
  'Copy it now: it is not shown again. Everybody with the link can join.':
    'Copiez-le maintenant : il ne sera plus affiché. Toute personne munie du lien peut entrer.',
  'Copy link': 'Copier le lien',
  'Create invitation link': 'Créer un lien d’invitation',
  'Guest link of {date}': 'Lien d’invité du {date}',
  'Guest: is recorded': 'Invité : est enregistré',
  'Guests and producers who come by a link wait until a host or co-host lets them in.':
    'Qui arrive par un lien, invité ou réalisation, attend qu’un hôte ou coanimateur le fasse entrer.',
  'Invitation link': 'Lien d’invitation',
  'Lets in': 'Laisse entrer',
  'Make a link and send it to your guests. They need no account.':
    'Créez un lien et envoyez-le à vos invités. Ils n’ont pas besoin de compte.',
  'Nobody new comes in by a link; who was inside can come back.':
    'Personne de nouveau n’entre par un lien ; qui était à l’intérieur peut revenir.',
  'One person|{n} people': { one: 'Une personne', other: '{n} personnes' },
  'Producer link of {date}': 'Lien de réalisation du {date}',
  'Producer: never recorded': 'Réalisation : jamais enregistrée',
  'Revoking a link sends everybody out who came by it.':
    'Révoquer un lien fait sortir toutes les personnes venues par lui.',
  'Who it is for': 'Pour qui',
  'expired {date}': 'expiré le {date}',
  'used up': 'épuisé',
  '{uses} came by it': 'Arrivées : {uses}',
  '{uses} of {maxUses} came by it': 'Arrivées : {uses} sur {maxUses}',
  Links: 'Liens',
  Revoke: 'Révoquer',
  Copied: 'Copié',
  Copy: 'Copier',
} as const;
