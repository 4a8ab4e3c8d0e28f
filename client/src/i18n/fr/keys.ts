/** The page of an organization’s keys: part of what members see. */
export const keys = {
  'A symmetric key for encryption, such as arn:aws:kms:eu-west-3:111122223333:key/…':
    'Une clé symétrique de chiffrement, comme arn:aws:kms:eu-west-3:111122223333:key/…',
  'ARN of the key': 'ARN de la clé',
  'ARN of the role that we assume to use it': 'ARN du rôle que nous endossons pour l’utiliser',
  'All your recordings are locked by it.': 'Tous vos enregistrements sont verrouillés par elle.',
  'All your recordings are locked by the key of this server then. Leave us your key until this page says that it is over: what is locked by it opens with it alone.':
    'Tous vos enregistrements seront alors verrouillés par la clé de ce serveur. Laissez-nous votre clé jusqu’à ce que cette page dise que c’est fini : ce qu’elle verrouille ne s’ouvre qu’avec elle.',
  'Enter the ARN of a key in AWS KMS.': 'Saisissez l’ARN d’une clé dans AWS KMS.',
  'Every recording has a key, and lies nowhere but locked. That key is locked in turn: by this server, or by a key of your own in AWS KMS, which you can take away from us at any time.':
    'Chaque enregistrement a une clé, et n’existe que verrouillé. Cette clé est verrouillée à son tour : par ce serveur, ou par votre propre clé dans AWS KMS, que vous pouvez nous retirer à tout moment.',
  'Have the role ask for the external id {id}, and allow kms:Encrypt and kms:Decrypt on the key.':
    'Faites exiger par le rôle l’identifiant externe {id}, et autorisez kms:Encrypt et kms:Decrypt sur la clé.',
  'Keep it': 'La garder',
  'Leave us the key from before until this is over.': 'Laissez-nous la clé d’avant jusqu’à la fin.',
  'May stay empty where the policy of the key lets this server use it.':
    'Peut rester vide si la politique de la clé laisse ce serveur l’utiliser.',
  'New recordings are locked by': 'Les nouveaux enregistrements sont verrouillés par',
  'Nothing is lost. We try again every minute.': 'Rien n’est perdu. Nous réessayons chaque minute.',
  'Recordings gone through': 'Enregistrements parcourus',
  'So since {date}.': 'Depuis le {date}.',
  'Stop using it': 'Ne plus l’utiliser',
  'Stop using your own key?': 'Ne plus utiliser votre propre clé ?',
  'The key is being tried: what it locks must open, and only for its own session.':
    'La clé est à l’essai : ce qu’elle verrouille doit s’ouvrir, et seulement pour sa propre session.',
  'The key of this server': 'La clé de ce serveur',
  'This key is not used.': 'Cette clé n’est pas utilisée.',
  'This organization’s own key refuses: what is locked by it does not open.':
    'La clé de votre organisation refuse : ce qu’elle verrouille ne s’ouvre pas.',
  'See why': 'Voir pourquoi',
  'Try it, and use it': 'L’essayer, et l’utiliser',
  'Use a key of your own': 'Utiliser votre propre clé',
  'Use another key': 'Utiliser une autre clé',
  '{done} of {total} recordings were gone through, to lock them by it.':
    '{done} enregistrements sur {total} ont été parcourus, pour être verrouillés par elle.',
  'as {role}': 'en tant que {role}',
  'the keys': 'les clés',
  Keys: 'Clés',
  Refuses: 'Refuse',
  // The audit log
  'brought a key of the organization’s own': 'a apporté une clé propre à l’organisation',
  'gave the organization’s own key back': 'a rendu la clé de l’organisation',
  'The organization’s own key is used': 'La clé de l’organisation est utilisée',
  'The organization’s key was rotated': 'La clé de l’organisation a été renouvelée',
} as const;
