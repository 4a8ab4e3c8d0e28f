/**
 * What the server says to whoever is in a room, or on the way there: in English, with {names} for what varies. Each
 * sentence of a longer message may stand alone.
 */
export const serverForGuests = {
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
  'A recording has {n} markers at most. Remove some on its page.':
    'Un enregistrement a {n} repères au plus. Retirez-en sur sa page.',
  'Join the room before doing that.': 'Entrez d’abord dans le studio.',
  'No {what} of the region {region} is reachable right now, and what your organization records goes to no other. Try again in a few minutes, or tell whoever runs this server.':
    'Aucun {what} de la région {region} n’est joignable pour l’instant, et ce que votre organisation enregistre ne va nulle part ailleurs. Réessayez dans quelques minutes, ou prévenez qui gère ce serveur.',
  'The organization that this link is from is gone, or about to be. Ask whoever sent it to you.':
    'L’organisation d’où vient ce lien n’existe plus, ou va disparaître. Demandez à qui vous l’a envoyé.',
  'This organization is to be deleted, and nobody can be in its sessions. An owner can undo that on any page.':
    'Cette organisation va être supprimée, et personne ne peut entrer dans ses sessions. Un propriétaire peut l’annuler sur n’importe quelle page.',
  'Nothing is being recorded.': 'Rien n’est en cours d’enregistrement.',
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
  'Something went wrong on our side. It has been logged; try again.':
    'Une erreur s’est produite de notre côté. Elle a été consignée ; réessayez.',
  'That message is larger than this server accepts.':
    'Ce message est plus grand que ce que ce serveur accepte.',
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
  'The recording was not started: {reason}': 'L’enregistrement n’a pas démarré : {reason}',
  'The {what} is not reachable right now. Try again in a few seconds.':
    'Injoignable pour l’instant : {what}. Réessayez dans quelques secondes.',
  'There is no command named “{name}”.': 'Il n’y a pas de commande nommée « {name} ».',
  'There is no such {what}, or it is not yours.': 'Introuvable, ou pas à vous : {what}.',
  'This browser cannot take part. Use a current Chrome, Edge, Firefox or Safari.':
    'Ce navigateur ne permet pas de participer. Utilisez Chrome, Edge, Firefox ou Safari, à jour.',
  'This browser could not share the screen.': 'Ce navigateur n’a pas pu partager l’écran.',
  'This link does not work (any more). Ask your host for a new one.':
    'Ce lien ne fonctionne pas (ou plus). Demandez-en un nouveau à votre hôte.',
  'This recording was erased. Nothing can bring it back.':
    'Cet enregistrement a été effacé. Rien ne peut le rétablir.',
  'Too many people wait to be let in. Try again in a few minutes.':
    'Trop de personnes attendent d’entrer. Réessayez dans quelques minutes.',
  'Too many {what}. Wait a few minutes and try again.':
    'Trop de demandes. Attendez quelques minutes, puis réessayez. ({what})',
  'The room is full: the plan of this organization allows {people} people at a time. Somebody has to leave first, or an owner of the organization to choose a larger plan.':
    'Le studio est plein : le forfait de cette organisation permet {people} personnes à la fois. Quelqu’un doit d’abord partir, ou un propriétaire de l’organisation choisir un forfait plus grand.',
  'The {hours} hours of recording that the plan has each month are used up. An owner of the organization can choose a larger plan; or wait until the next month.':
    'Les {hours} heures d’enregistrement que le forfait comprend chaque mois sont épuisées. Un propriétaire de l’organisation peut choisir un forfait plus grand ; sinon, attendez le mois prochain.',
  'Wait until the host lets you in.': 'Attendez que l’hôte vous fasse entrer.',
  'You are no longer a member of this organization. Ask one of its owners.':
    'Vous n’êtes plus membre de cette organisation. Demandez à l’un de ses propriétaires.',
  'You joined from another tab or device. Go on there, or join here again.':
    'Vous êtes entré depuis un autre onglet ou appareil. Continuez là-bas, ou revenez ici.',
  'You left the room.': 'Vous avez quitté le studio.',
  'Your place in this session is no longer valid. Open your link again.':
    'Votre place dans cette session n’est plus valable. Ouvrez à nouveau votre lien.',
  '{what} did not answer in time. Try again.': 'Pas de réponse à temps : {what}. Réessayez.',

  // What stands in the gaps above
  '{field}: a name is needed': '{field} : il faut un nom',
  database: 'la base de données',
  'do that': 'faire cela',
  'media server': 'le serveur média',
  'object store': 'le stockage',
  'recorder worker': 'l’atelier d’enregistrement',
  'the host and co-hosts': 'l’hôte et les coanimateurs',
  'an unexpected fault, which has been logged.': 'une erreur imprévue, qui a été consignée.',
  invitation: 'l’invitation',
  marker: 'le repère',
  organization: 'l’organisation',
  page: 'la page',
  person: 'la personne',
  recorder: 'l’enregistreur',
  recording: 'l’enregistrement',
  server: 'le serveur',
  session: 'la session',
  stem: 'la piste',
  store: 'le stockage',
} as const;
