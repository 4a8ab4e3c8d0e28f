/** What the server says in English, with {names} for what varies. Each sentence of a longer message may stand alone. */
export const server = {
  'This organization’s own key does not open the recording right now. Nothing is lost. An owner sees under “Keys” what to do.':
    'La clé de cette organisation n’ouvre pas l’enregistrement pour le moment. Rien n’est perdu. Un propriétaire voit sous « Clés » que faire.',
  'the key store refused: {reason} Mend that, and try again.':
    'le magasin de clés a refusé : {reason} Remédiez-y, puis réessayez.',
  'Your organization’s AWS KMS key {key} is disabled. Enable it again: nothing can be recorded or read meanwhile.':
    'La clé AWS KMS de votre organisation {key} est désactivée. Réactivez-la : d’ici là, rien ne peut être enregistré ni lu.',
  'Your organization’s AWS KMS key {key} cannot be used now; perhaps its deletion is scheduled. Cancel that, or everything recorded with it is lost.':
    'La clé AWS KMS de votre organisation {key} est inutilisable ; sa suppression est peut-être prévue. Annulez-la, ou tout ce qui a été enregistré avec elle est perdu.',
  'Your organization’s AWS KMS key {key} does not exist. Check its ARN.':
    'La clé AWS KMS de votre organisation {key} n’existe pas. Vérifiez son ARN.',
  'Your organization’s AWS KMS key {key} does not let us encrypt and decrypt. Check its key policy, and the policy of the role.':
    'La clé AWS KMS de votre organisation {key} ne nous laisse pas chiffrer et déchiffrer. Vérifiez sa politique, et celle du rôle.',
  'Your organization’s AWS KMS key {key} is not one for symmetric encryption. Make one with key type Symmetric and usage Encrypt and decrypt.':
    'La clé AWS KMS de votre organisation {key} ne sert pas au chiffrement symétrique. Créez-en une de type symétrique, pour chiffrer et déchiffrer.',
  'AWS does not let us assume the role {role}. Check that its trust policy names this installation, with the external id {id}.':
    'AWS ne nous laisse pas endosser le rôle {role}. Vérifiez que sa politique de confiance nomme cette installation, avec l’identifiant externe {id}.',
  'This installation has no AWS credentials, so it can use no key in AWS. Whoever runs it has to set them.':
    'Cette installation n’a pas d’identifiants AWS, et ne peut donc utiliser aucune clé dans AWS. Qui l’exploite doit les fournir.',
  'AWS KMS refuses more requests for the moment. Wait, or have the quota raised.':
    'AWS KMS refuse d’autres demandes pour le moment. Attendez, ou faites relever le quota.',
  'AWS KMS does not answer. Check the network, AWS_KMS_REGION and AWS_KMS_ENDPOINT, and that there are AWS credentials.':
    'AWS KMS ne répond pas. Vérifiez le réseau, AWS_KMS_REGION et AWS_KMS_ENDPOINT, et qu’il y a des identifiants AWS.',
  'A host cannot be removed: they are a member of the organization.':
    'Un hôte ne peut pas être exclu : il est membre de l’organisation.',
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
  'A recording has {n} markers at most. Remove some on its page.':
    'Un enregistrement a {n} repères au plus. Retirez-en sur sa page.',
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
  'Join the room before doing that.': 'Entrez d’abord dans le studio.',
  'It is not to be deleted, or it is too late: its keys are being destroyed.':
    'Elle ne doit pas être supprimée, ou il est trop tard : ses clés sont en cours de destruction.',
  'Something is being recorded. Stop the recording in its studio and wait until it is finished, then delete the organization.':
    'Un enregistrement est en cours. Arrêtez-le dans son studio et attendez qu’il soit terminé, puis supprimez l’organisation.',
  'There is a legal hold on the organization, or on something in it. Release it first, on the page that shows it.':
    'L’organisation, ou quelque chose en elle, est sous conservation légale. Levez-la d’abord, sur la page qui la montre.',
  'No {what} of the region {region} is reachable right now, and what your organization records goes to no other. Try again in a few minutes, or tell whoever runs this server.':
    'Aucun {what} de la région {region} n’est joignable pour l’instant, et ce que votre organisation enregistre ne va nulle part ailleurs. Réessayez dans quelques minutes, ou prévenez qui gère ce serveur.',
  'That is not its name. Type it as it is written: {name}':
    'Ce n’est pas son nom. Saisissez-le tel qu’il est écrit : {name}',
  'The organization that this link is from is gone, or about to be. Ask whoever sent it to you.':
    'L’organisation d’où vient ce lien n’existe plus, ou va disparaître. Demandez à qui vous l’a envoyé.',
  'This organization is to be deleted on {at} UTC, and can only be read until then. An owner can undo that on any page.':
    'Cette organisation sera supprimée le {at} UTC, et ne peut être que lue d’ici là. Un propriétaire peut l’annuler sur n’importe quelle page.',
  'This organization is to be deleted, and nobody can be in its sessions. An owner can undo that on any page.':
    'Cette organisation va être supprimée, et personne ne peut entrer dans ses sessions. Un propriétaire peut l’annuler sur n’importe quelle page.',
  'Nothing is being recorded.': 'Rien n’est en cours d’enregistrement.',
  'On this server your address has to be one of your organization’s mail domain.':
    'Sur ce serveur, votre adresse doit appartenir au domaine de votre organisation.',
  'One of the two codes is not right, and it can no longer be used. Ask for a new one.':
    'L’un des deux codes est faux, et ne peut plus être utilisé. Demandez-en un nouveau.',
  'One of the two codes is not right. Check the newest message; {left} tries are left.':
    'L’un des deux codes est faux. Regardez le message le plus récent ; il reste {left} essais.',
  'One of the two codes is not right. Check the newest message; 1 try is left.':
    'L’un des deux codes est faux. Regardez le message le plus récent ; il reste un essai.',
  'Only guests and co-hosts can change their roles.':
    'Seuls les invités et les coanimateurs peuvent changer de rôle.',
  'Nothing is being recorded, so there is nothing to mark.':
    'Rien n’est en cours d’enregistrement : il n’y a rien à marquer.',
  'The recording was called off.': 'L’enregistrement a été annulé.',
  'Too many markers. Wait a few seconds and try again.':
    'Trop de repères. Attendez quelques secondes, puis réessayez.',
  'Too many messages. Wait a few seconds and try again.':
    'Trop de messages. Attendez quelques secondes, puis réessayez.',
  'Only {who} can {what}.': 'Réservé : seuls {who} peuvent {what}.',
  'Only {who} of the organization can {what}.': 'Seuls les {who} de l’organisation peuvent {what}.',
  'Sign in first.': 'Connectez-vous d’abord.',
  'Something went wrong on our side. It has been logged; try again.':
    'Une erreur s’est produite de notre côté. Elle a été consignée ; réessayez.',
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
  'That message is larger than this server accepts.':
    'Ce message est plus grand que ce que ce serveur accepte.',
  'That passkey was not accepted. Try once more, or sign in with a code.':
    'Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous avec un code.',
  'That recording has been stopped.': 'Cet enregistrement a été arrêté.',
  'That request was not understood: {detail}': 'Cette demande n’a pas été comprise : {detail}',
  'The host did not let you in. If that was a mistake, ask your host, and knock again.':
    'L’hôte ne vous a pas laissé entrer. Si c’est une erreur, demandez-lui, et frappez à nouveau.',
  'The host has ended this session. You can join again when they open it again.':
    'L’hôte a terminé cette session. Vous pourrez revenir quand il la rouvrira.',
  'The host has locked the room: nobody new can come in. Ask them to unlock it.':
    'L’hôte a verrouillé le studio : personne de nouveau ne peut entrer. Demandez-lui de le déverrouiller.',
  'The host has removed you from this session. Ask them for a new link to come back.':
    'L’hôte vous a exclu de cette session. Demandez-lui un nouveau lien pour revenir.',
  'The passkey was not used: it was cancelled, or there is none here. Try again, or use a code.':
    'La clé d’accès n’a pas servi : annulée, ou absente de cet appareil. Réessayez, ou utilisez un code.',
  'The recording was not started: {reason}': 'L’enregistrement n’a pas démarré : {reason}',
  'The {what} is not reachable right now. Try again in a few seconds.':
    'Injoignable pour l’instant : {what}. Réessayez dans quelques secondes.',
  'The worker was stopped; it goes on when it is back.':
    'Le travail a été interrompu ; il reprend de lui-même.',
  'There are {n} tokens already. Revoke one that is not used.':
    'Il y a déjà {n} jetons. Révoquez-en un qui ne sert pas.',
  'There are {n} webhooks already. Delete one that is not used.':
    'Il y a déjà {n} webhooks. Supprimez-en un qui ne sert pas.',
  'There is no account with that address, and this server makes one only for whoever was invited. Ask an owner or admin there for an invitation.':
    'Aucun compte n’a cette adresse, et ce serveur n’en crée que sur invitation. Demandez une invitation à un propriétaire ou admin.',
  'There is no command named “{name}”.': 'Il n’y a pas de commande nommée « {name} ».',
  'There is no such {what}, or it is not yours.': 'Introuvable, ou pas à vous : {what}.',
  'There is no sound to be mixed yet.': 'Il n’y a pas encore de son à mixer.',
  'This browser cannot take part. Use a current Chrome, Edge, Firefox or Safari.':
    'Ce navigateur ne permet pas de participer. Utilisez Chrome, Edge, Firefox ou Safari, à jour.',
  'This browser could not share the screen.': 'Ce navigateur n’a pas pu partager l’écran.',
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
  'This link does not work (any more). Ask your host for a new one.':
    'Ce lien ne fonctionne pas (ou plus). Demandez-en un nouveau à votre hôte.',
  'This recording was erased. Nothing can bring it back.':
    'Cet enregistrement a été effacé. Rien ne peut le rétablir.',
  'This webhook is switched off. Switch it on first.': 'Ce webhook est désactivé. Réactivez-le d’abord.',
  'Too many people wait to be let in. Try again in a few minutes.':
    'Trop de personnes attendent d’entrer. Réessayez dans quelques minutes.',
  'Too many {what}. Wait a few minutes and try again.':
    'Trop de demandes. Attendez quelques minutes, puis réessayez. ({what})',
  'Nothing has been paid for yet. Choose a plan first.':
    'Rien n’a encore été payé. Choisissez d’abord un forfait.',
  'Nothing is paid for that could be changed. Choose a plan first.':
    'Il n’y a rien de payé à changer. Choisissez d’abord un forfait.',
  'The organization has Enterprise. Ask whoever runs this server to change that.':
    'L’organisation a Enterprise. Pour changer cela, demandez à ceux qui exploitent ce serveur.',
  'The organization pays for a plan already. Change that one; or, where a payment is outstanding, open “Payments and receipts”.':
    'L’organisation paie déjà un forfait. Changez celui-là ; ou, si un paiement est en attente, ouvrez « Paiements et reçus ».',
  'The plan of this organization has no keys of one’s own. An owner can choose a larger plan; what is locked by a key of yours stays so.':
    'Le forfait de cette organisation ne comprend pas de clé propre. Un propriétaire peut choisir un forfait plus grand ; ce qu’une clé à vous verrouille le reste.',
  'The plan of this organization has room for {members} members. Somebody has to leave first, or an owner to choose a larger plan.':
    'Le forfait de cette organisation comprend {members} membres. Quelqu’un doit d’abord partir, ou un propriétaire choisir un forfait plus grand.',
  'The room is full: the plan of this organization allows {people} people at a time. Somebody has to leave first, or an owner of the organization to choose a larger plan.':
    'Le studio est plein : le forfait de cette organisation permet {people} personnes à la fois. Quelqu’un doit d’abord partir, ou un propriétaire de l’organisation choisir un forfait plus grand.',
  'The {hours} hours of recording that the plan has each month are used up. An owner of the organization can choose a larger plan; or wait until the next month.':
    'Les {hours} heures d’enregistrement que le forfait comprend chaque mois sont épuisées. Un propriétaire de l’organisation peut choisir un forfait plus grand ; sinon, attendez le mois prochain.',
  '{format} is not made in the plan of this organization. An owner can choose a larger plan; the stems themselves can be downloaded in any.':
    '{format} n’est pas compris dans le forfait de cette organisation. Un propriétaire peut choisir un forfait plus grand ; les pistes elles-mêmes se téléchargent dans tous.',
  'Wait until the host lets you in.': 'Attendez que l’hôte vous fasse entrer.',
  'You are an owner already.': 'Vous êtes déjà propriétaire.',
  'You are no longer a member of this organization. Ask one of its owners.':
    'Vous n’êtes plus membre de cette organisation. Demandez à l’un de ses propriétaires.',
  'You joined from another tab or device. Go on there, or join here again.':
    'Vous êtes entré depuis un autre onglet ou appareil. Continuez là-bas, ou revenez ici.',
  'You left the room.': 'Vous avez quitté le studio.',
  'Your place in this session is no longer valid. Open your link again.':
    'Votre place dans cette session n’est plus valable. Ouvrez à nouveau votre lien.',
  '{what} did not answer in time. Try again.': 'Pas de réponse à temps : {what}. Réessayez.',
  '{email} is a member already.': '{email} est déjà membre.',
  '{name} is not ready yet.': '{name} n’est pas encore prêt.',

  // What stands in the gaps above
  '{field}: that is not a mail address': '{field} : ce n’est pas une adresse e-mail',
  '{field}: a name is needed': '{field} : il faut un nom',
  '{field}: a title is needed': '{field} : il faut un titre',
  database: 'la base de données',
  'do that': 'faire cela',
  'take note for it': 'en prendre acte pour elle',
  notice: 'l’avis',
  'say how long recordings are kept': 'fixer la durée de conservation',
  'place and release legal holds': 'ordonner et lever une conservation légale',
  '{field}: 7 days at least: people are told so long before':
    '{field} : 7 jours au moins, car on prévient aussi longtemps avant',
  '{field}: 3650 days at most; beyond that, keep them for ever':
    '{field} : 3650 jours au plus ; au-delà, conservez pour toujours',
  'hand it on': 'la transmettre',
  'media server': 'le serveur média',
  'object store': 'le stockage',
  'owners (and, for members, admins)': 'propriétaires (et, pour les membres, admins)',
  'owners and admins': 'propriétaires et admins',
  'recorder worker': 'l’atelier d’enregistrement',
  'codes were asked for': 'codes demandés',
  'the host and co-hosts': 'l’hôte et les coanimateurs',
  'an unexpected fault, which has been logged.': 'une erreur imprévue, qui a été consignée.',
  deletion: 'la suppression',
  device: 'l’appareil',
  invitation: 'l’invitation',
  marker: 'le repère',
  member: 'le membre',
  organization: 'l’organisation',
  owners: 'propriétaires',
  page: 'la page',
  'payment service': 'le service de paiement',
  'change its plan': 'changer son forfait',
  'order a plan': 'commander un forfait',
  'see its payments': 'voir ses paiements',
  'see its plan': 'voir son forfait',
  person: 'la personne',
  recorder: 'l’enregistreur',
  recording: 'l’enregistrement',
  server: 'le serveur',
  session: 'la session',
  stem: 'la piste',
  store: 'le stockage',
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
