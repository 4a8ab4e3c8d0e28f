/** What the server says only to members of an organization, and to whoever a recording is shared with. */
export const serverForMembers = {
  'This organization’s own key does not open the recording right now. Nothing is lost. An owner sees under “Keys” what to do.':
    'La clé de cette organisation n’ouvre pas l’enregistrement pour le moment. Rien n’est perdu. Un propriétaire voit sous « Clés » que faire.',
  'A legal hold keeps this recording: “{reason}”. An owner or admin has to release it on the organization’s page first.':
    'Une conservation légale garde cet enregistrement : « {reason} ». Un propriétaire ou admin doit d’abord la lever sur la page de l’organisation.',
  'A legal hold keeps this recording: “{reason}”. An owner or admin has to release it on the recording’s page first.':
    'Une conservation légale garde cet enregistrement : « {reason} ». Un propriétaire ou admin doit d’abord la lever sur la page de l’enregistrement.',
  'A legal hold keeps this recording: “{reason}”. An owner or admin has to release it on the session’s page first.':
    'Une conservation légale garde cet enregistrement : « {reason} ». Un propriétaire ou admin doit d’abord la lever sur la page de la session.',
  'You are the only member of {name}. Delete the organization first, on its page.':
    'Vous êtes le seul membre de {name}. Supprimez d’abord l’organisation, sur sa page.',
  'You are the only owner of {name}. Make somebody else an owner first, or delete the organization, on its page.':
    'Vous êtes le seul propriétaire de {name}. Nommez d’abord quelqu’un d’autre propriétaire, ou supprimez l’organisation, sur sa page.',
  'Your account is to be deleted. To go on, choose “Keep my account” first.':
    'Votre compte va être supprimé. Pour continuer, choisissez d’abord « Garder mon compte ».',
  'Nothing is to be undone: your account is not to be deleted, or it is too late.':
    'Rien à annuler : votre compte ne doit pas être supprimé, ou il est trop tard.',
  'That needs a fresh sign-in. Sign out, sign in again, and do it within 15 minutes.':
    'Il faut une connexion récente. Déconnectez-vous, reconnectez-vous, et faites-le dans les 15 minutes.',
  '{field}: type the mail address of your account': '{field} : tapez l’adresse e-mail de votre compte',
  'It is held already.': 'La conservation légale est déjà en vigueur.',
  'It is not held.': 'Aucune conservation légale n’est en vigueur ici.',
  'A recording has {n} markers at most. Remove some.':
    'Un enregistrement a {n} repères au plus. Retirez-en quelques-uns.',
  'An organization needs an owner. Make somebody else an owner first.':
    'Une organisation a besoin d’un propriétaire. Nommez d’abord quelqu’un d’autre propriétaire.',
  'Another account has that address. Sign in with it, or choose another one.':
    'Un autre compte a cette adresse. Connectez-vous avec elle, ou choisissez-en une autre.',
  'It is still being recorded. Stop the recording in its studio, then delete it.':
    'L’enregistrement est en cours. Arrêtez-le dans son studio, puis supprimez-le.',
  'It is too late: its key is destroyed, and nothing opens that recording again.':
    'Il est trop tard : sa clé est détruite, et plus rien n’ouvre cet enregistrement.',
  'It is not to be deleted, or it is too late: its keys are being destroyed.':
    'Elle ne doit pas être supprimée, ou il est trop tard : ses clés sont en cours de destruction.',
  'Something is being recorded. Stop the recording in its studio and wait until it is finished, then delete the organization.':
    'Un enregistrement est en cours. Arrêtez-le dans son studio et attendez qu’il soit terminé, puis supprimez l’organisation.',
  'There is a legal hold on the organization, or on something in it. Release it first, on the page that shows it.':
    'L’organisation, ou quelque chose en elle, est sous conservation légale. Levez-la d’abord, sur la page qui la montre.',
  'That is not its name. Type it as it is written: {name}':
    'Ce n’est pas son nom. Saisissez-le tel qu’il est écrit : {name}',
  'This organization is to be deleted on {at} UTC, and can only be read until then. An owner can undo that on any page.':
    'Cette organisation sera supprimée le {at} UTC, et ne peut être que lue d’ici là. Un propriétaire peut l’annuler sur n’importe quelle page.',
  'On this server your address has to be one of your organization’s mail domain.':
    'Sur ce serveur, votre adresse doit appartenir au domaine de votre organisation.',
  'One of the two codes is not right, and it can no longer be used. Ask for a new one.':
    'L’un des deux codes est faux, et ne peut plus être utilisé. Demandez-en un nouveau.',
  'One of the two codes is not right. Check the newest message; {left} tries are left.':
    'L’un des deux codes est faux. Regardez le message le plus récent ; il reste {left} essais.',
  'One of the two codes is not right. Check the newest message; 1 try is left.':
    'L’un des deux codes est faux. Regardez le message le plus récent ; il reste un essai.',
  'Only {who} of the organization can {what}.': 'Seuls les {who} de l’organisation peuvent {what}.',
  'Sign in first.': 'Connectez-vous d’abord.',
  'That code has expired or has been used. Ask for a new one.':
    'Ce code a expiré ou a déjà servi. Demandez-en un nouveau.',
  'That code is not right, and it can no longer be used. Ask for a new one.':
    'Ce code est faux, et ne peut plus être utilisé. Demandez-en un nouveau.',
  'That code is not right. Check the newest message; 1 try is left.':
    'Ce code est faux. Regardez le message le plus récent ; il reste un essai.',
  'That code is not right. Check the newest message; {left} tries are left.':
    'Ce code est faux. Regardez le message le plus récent ; il reste {left} essais.',
  'That is the address of your account already.': 'C’est déjà l’adresse de votre compte.',
  'That link has expired, has been used, or was asked for in another browser. Ask for a new one here.':
    'Ce lien a expiré, a déjà servi, ou a été demandé dans un autre navigateur. Demandez-en un nouveau ici.',
  'That passkey was not accepted. Try once more, or sign in with a code.':
    'Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous avec un code.',
  'The passkey was not used: it was cancelled, or there is none here. Try again, or use a code.':
    'La clé d’accès n’a pas servi : annulée, ou absente de cet appareil. Réessayez, ou utilisez un code.',
  'The worker was stopped; it goes on when it is back.':
    'Le travail a été interrompu ; il reprend de lui-même.',
  'There are {n} tokens already. Revoke one that is not used.':
    'Il y a déjà {n} jetons. Révoquez-en un qui ne sert pas.',
  'There are {n} webhooks already. Delete one that is not used.':
    'Il y a déjà {n} webhooks. Supprimez-en un qui ne sert pas.',
  'There is no account with that address, and this server makes one only for whoever was invited. Ask an owner or admin there for an invitation.':
    'Aucun compte n’a cette adresse, et ce serveur n’en crée que sur invitation. Demandez une invitation à un propriétaire ou admin.',
  'There is no sound to be mixed yet.': 'Il n’y a pas encore de son à mixer.',
  'This browser could not use a passkey. Use a code.':
    'Ce navigateur n’a pas pu utiliser de clé d’accès. Utilisez un code.',
  'This device has a passkey for your account already.':
    'Cet appareil a déjà une clé d’accès pour votre compte.',
  'This invitation has expired, was withdrawn, or has been answered. Ask whoever invited you for a new one.':
    'Cette invitation a expiré, a été retirée, ou a déjà reçu une réponse. Demandez-en une nouvelle à qui vous a invité.',
  'This link has expired or was ended, or it is not whole. Ask whoever sent it for a new one.':
    'Ce lien a expiré, a été désactivé, ou n’est pas entier. Demandez-en un nouveau à qui vous l’a envoyé.',
  'There are {n} links already. End one that is not used.':
    'Il y a déjà {n} liens. Mettez fin à un lien qui ne sert pas.',
  'This webhook is switched off. Switch it on first.': 'Ce webhook est désactivé. Réactivez-le d’abord.',
  'Nothing has been paid for yet. Choose a plan first.':
    'Rien n’a encore été payé. Choisissez d’abord un forfait.',
  'Nothing is paid for that could be changed. Choose a plan first.':
    'Il n’y a rien de payé à changer. Choisissez d’abord un forfait.',
  'The organization has Enterprise. Ask whoever runs this server to change that.':
    'L’organisation a Enterprise. Pour changer cela, demandez à ceux qui exploitent ce serveur.',
  'The organization pays for a plan already. Change that one; or, where a payment is outstanding, open “Payments and receipts”.':
    'L’organisation paie déjà un forfait. Changez celui-là ; ou, si un paiement est en attente, ouvrez « Paiements et reçus ».',
  'The plan of this organization, {plan}, keeps recordings for {days} days at most. Choose no longer time, or have an owner choose a larger plan.':
    'Le forfait de cette organisation, {plan}, conserve les enregistrements {days} jours au plus. Choisissez une durée qui ne soit pas plus longue, ou demandez à un propriétaire de choisir un forfait plus grand.',
  'The plan of this organization has no keys of one’s own. An owner can choose a larger plan; what is locked by a key of yours stays so.':
    'Le forfait de cette organisation ne comprend pas de clé propre. Un propriétaire peut choisir un forfait plus grand ; ce qu’une clé à vous verrouille le reste.',
  'The plan of this organization has room for {members} members. Somebody has to leave first, or an owner to choose a larger plan.':
    'Le forfait de cette organisation comprend {members} membres. Quelqu’un doit d’abord partir, ou un propriétaire choisir un forfait plus grand.',
  '{format} is not made in the plan of this organization. An owner can choose a larger plan; the stems themselves can be downloaded in any.':
    '{format} n’est pas compris dans le forfait de cette organisation. Un propriétaire peut choisir un forfait plus grand ; les pistes elles-mêmes se téléchargent dans tous.',
  'Their account is to be deleted. Choose somebody who stays.':
    'Son compte va être supprimé. Choisissez quelqu’un qui reste.',
  'You are an owner already.': 'Vous êtes déjà propriétaire.',
  '{email} is a member already.': '{email} est déjà membre.',
  '{name} is not ready yet.': '{name} n’est pas encore prêt.',

  // What stands in the gaps above
  '{field}: that is not a mail address': '{field} : ce n’est pas une adresse e-mail',
  '{field}: a title is needed': '{field} : il faut un titre',
  'take note for it': 'en prendre acte pour elle',
  notice: 'l’avis',
  'say how long recordings are kept': 'fixer la durée de conservation',
  'place and release legal holds': 'ordonner et lever une conservation légale',
  '{field}: 7 days at least: people are told so long before':
    '{field} : 7 jours au moins, car on prévient aussi longtemps avant',
  '{field}: 3650 days at most; beyond that, keep them for ever':
    '{field} : 3650 jours au plus ; au-delà, conservez pour toujours',
  'hand it on': 'la transmettre',
  'owners (and, for members, admins)': 'propriétaires (et, pour les membres, admins)',
  'owners and admins': 'propriétaires et admins',
  'codes were asked for': 'codes demandés',
  'invitations to that address': 'invitations à cette adresse',
  deletion: 'la suppression',
  device: 'l’appareil',
  member: 'le membre',
  owners: 'propriétaires',
  'payment service': 'le service de paiement',
  'change its plan': 'changer son forfait',
  'order a plan': 'commander un forfait',
  'see its payments': 'voir ses paiements',
  'see its plan': 'voir son forfait',
  token: 'le jeton',
  webhook: 'le webhook',
  'It is over: there is nothing to cancel.': 'C’est terminé : il n’y a rien à annuler.',
  'It waits for {name}, which is still being made.':
    'Il attend {name}, qui est encore en cours de production.',
  'Its secret cannot be opened any more. Order a new one.':
    'Son secret ne peut plus être ouvert. Demandez-en un nouveau.',
  'One is being made already. Wait for it, or cancel it.':
    'Un autre est déjà en cours. Attendez-le, ou annulez-le.',
  'Something went wrong. It has been logged, and is tried again.':
    'Une erreur s’est produite. Elle a été consignée, et un nouvel essai aura lieu.',
  'The database is not reachable. It goes on by itself.':
    'La base de données n’est pas joignable. La suite vient d’elle-même.',
  'The key store is not reachable. It goes on by itself.':
    'Le magasin de clés n’est pas joignable. La suite vient d’elle-même.',
  'The object store is not reachable. It goes on by itself.':
    'Le stockage n’est pas joignable. La suite vient d’elle-même.',
  '{field}: at least 12 characters: it is all that protects the file':
    '{field} : au moins 12 caractères : c’est tout ce qui protège le fichier',
  '{field}: an age public key begins with age1': '{field} : une clé publique age commence par age1',
  '{field}: that is no age public key; copy it whole, as age-keygen shows it (age1…)':
    '{field} : ce n’est pas une clé publique age ; copiez-la en entier, telle que age-keygen l’affiche (age1…)',
  'export it': 'l’exporter',
  export: 'l’export',
} as const;
