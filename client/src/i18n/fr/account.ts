/** The way in, and one’s own account: part of what members see. */
export const account = {
  // Signing in
  'A code has six digits.': 'Un code a six chiffres.',
  'A code is on its way to {email}. It works once, for 10 minutes. If the message holds a link instead, open it in this browser.':
    'Un code est en route vers {email}. Il fonctionne une fois, pendant 10 minutes. Si le message contient un lien, ouvrez-le dans ce navigateur.',
  'Ask for a new one': 'En demander un nouveau',
  'Enter the code from the message.': 'Saisissez le code du message.',
  'Enter your code': 'Saisissez votre code',
  'Enter your mail address.': 'Saisissez votre adresse e-mail.',
  'Mail address': 'Adresse e-mail',
  'Record a conversation': 'Enregistrer une conversation',
  'Send another code': 'Envoyer un autre code',
  'Send me a code': 'M’envoyer un code',
  'Sign in': 'Se connecter',
  'Sign in by your link': 'Connexion par votre lien',
  'Sign in, invite your guests by a link, and get one aligned file for each person.':
    'Connectez-vous, invitez vos participants par un lien, et recevez un fichier synchronisé par personne.',
  'Six digits. Look in the junk folder if it does not come.':
    'Six chiffres. Regardez dans les indésirables s’il n’arrive pas.',
  'That is not a mail address. One looks like ada@example.org.':
    'Ce n’est pas une adresse e-mail. Exemple : ada@example.org.',
  'The link works once, in the browser where you asked for it.':
    'Le lien fonctionne une fois, dans le navigateur où vous l’avez demandé.',
  'Use a passkey': 'Utiliser une clé d’accès',
  'Use another address': 'Utiliser une autre adresse',
  'We send a code there. No password is needed, and an account is made if you have none.':
    'Nous y envoyons un code. Aucun mot de passe n’est nécessaire, et un compte est créé si vous n’en avez pas.',
  Code: 'Code',

  // Welcome
  'Enter a name. You are free to use your own.': 'Saisissez un nom. Le vôtre convient aussi.',
  'Enter the name that others will see.': 'Indiquez le nom que verront les autres.',
  'Organization name': 'Nom de l’organisation',
  'Others in the room see it, and your files bear it.': 'Les autres le voient, et vos fichiers le portent.',
  'Recordings are kept in': 'Lieu de conservation des enregistrements',
  'Two names, and you can record.': 'Deux noms, et vous pouvez enregistrer.',
  'Your name, and you are in.': 'Votre nom, et vous y êtes.',
  'Your show, studio or company. Guests see it before they join.':
    'Votre émission, studio ou entreprise. Les invités le voient avant d’entrer.',
  Continue: 'Continuer',
  Welcome: 'Bienvenue',

  // Leaving
  'Delete my account': 'Supprimer mon compte',
  'Delete your account': 'Supprimer votre compte',
  'Delete your account…': 'Supprimer votre compte…',
  'Deleted person': 'Personne supprimée',
  'Enter the mail address of your account.': 'Saisissez l’adresse e-mail de votre compte.',
  'Keep my account': 'Garder mon compte',
  'It will be deleted for good on {date}. Until then you can keep it.':
    'Il sera supprimé définitivement le {date}. D’ici là, vous pouvez le garder.',
  'Type {email} to confirm': 'Tapez {email} pour confirmer',
  'You are then signed out everywhere. For 30 days you can sign in and keep your account. Then your name, your address, your passkeys and devices are deleted for good. What you recorded belongs to your organizations, and stays there without your name.':
    'Vous êtes aussitôt déconnecté partout. Pendant 30 jours, vous pouvez vous connecter et garder votre compte. Ensuite votre nom, votre adresse, vos clés d’accès et vos appareils sont supprimés définitivement. Ce que vous avez enregistré appartient à vos organisations et y reste, sans votre nom.',
  'You are signed out. Your account will be deleted on {date}. To keep it, sign in before.':
    'Vous êtes déconnecté. Votre compte sera supprimé le {date}. Pour le garder, connectez-vous avant.',
  'Your account is to be deleted': 'Votre compte va être supprimé',
  'asked for their account to be deleted': 'a demandé la suppression de son compte',
  'kept their account': 'a gardé son compte',
  'An account was deleted': 'Un compte a été supprimé',
  'To the start': 'À l’accueil',

  // Account
  'A code goes there, and another one to the address that you have now. You need both.':
    'Un code y est envoyé, et un autre à votre adresse actuelle. Il faut les deux.',
  'A passkey signs you in with a finger, a face or a PIN of this device: quicker than a code, and nobody can talk you out of it.':
    'Une clé d’accès vous connecte par l’empreinte, le visage ou le code PIN de cet appareil : plus vite qu’un code, et personne ne peut vous la soutirer.',
  'Add a passkey': 'Ajouter une clé d’accès',
  'Another mail address': 'Une autre adresse e-mail',
  'Change the address': 'Changer l’adresse',
  'Code sent to {email}': 'Code envoyé à {email}',
  'Confirm the new address': 'Confirmer la nouvelle adresse',
  'Dates and times are shown in it. Empty: wherever this browser is (now {zone}).':
    'Les dates et heures y sont affichées. Vide : celui de ce navigateur (à présent {zone}).',
  'Enter your new mail address.': 'Saisissez votre nouvelle adresse e-mail.',
  'Keep the old one': 'Garder l’ancienne',
  'Language of the pages and of our mail': 'Langue des pages et de nos messages',
  'Last seen {date}': 'Dernière visite : {date}',
  'Last used {date}': 'Dernière utilisation : {date}',
  'Made with {browser}': 'Créée avec {browser}',
  'Members and settings': 'Membres et réglages',
  'Never used': 'Jamais utilisée',
  'New mail address': 'Nouvelle adresse e-mail',
  'New organization': 'Nouvelle organisation',
  'Remove the passkey': 'Retirer la clé d’accès',
  'Send both codes': 'Envoyer les deux codes',
  'Sign out': 'Se déconnecter',
  'Sign out everywhere': 'Se déconnecter partout',
  'Sign out {device}': 'Se déconnecter : {device}',
  'There is no such time zone. Type the name of a large city near you, such as Paris, and choose from the list.':
    'Ce fuseau horaire n’existe pas. Tapez le nom d’une grande ville proche, comme Paris, et choisissez dans la liste.',
  'This browser': 'Ce navigateur',
  'Time zone': 'Fuseau horaire',
  'Two codes are on their way: one to {old}, one to {new}. They work once, for 10 minutes, in this browser. All others will be signed out.':
    'Deux codes sont en route : l’un vers {old}, l’autre vers {new}. Ils fonctionnent une fois, pendant 10 minutes, dans ce navigateur. Tous les autres seront déconnectés.',
  'Where you are signed in': 'Où vous êtes connecté',
  'Work here': 'Travailler ici',
  'Work here: {organization}': 'Travailler ici : {organization}',
  'Your account': 'Votre compte',
  'Your organizations': 'Vos organisations',
  'Your profile is saved.': 'Votre profil est enregistré.',
  'your account': 'votre compte',
  'your devices': 'vos appareils',
  'your mail address': 'votre adresse e-mail',
  'your passkeys': 'vos clés d’accès',
  Account: 'Compte',
  Cancel: 'Annuler',
  Create: 'Créer',
  Passkeys: 'Clés d’accès',
  Profile: 'Profil',
} as const;
