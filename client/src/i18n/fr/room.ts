/** The room itself: part of what guests may see. */
export const room = {
  // Who is there
  '1 person waits to be let in|{n} people wait to be let in': {
    one: 'Une personne attend d’être admise',
    other: '{n} personnes attendent d’être admises',
  },
  'Get an invitation link': 'Obtenir un lien d’invitation',
  'Hand raised': 'Main levée',
  'How people come in': 'Comment on entre',
  'Let all in': 'Tous les admettre',
  'Let in': 'Admettre',
  'Let {name} in': 'Admettre {name}',
  'Lock the room': 'Verrouiller le studio',
  'Lower hand': 'Baisser la main',
  'Make co-host': 'Nommer à la coanimation',
  'Make guest again': 'Redevenir simple invité',
  'Nobody else is here yet.': 'Personne d’autre n’est encore là.',
  'Nobody new comes in by a link.': 'Plus personne de nouveau n’entre par un lien.',
  'Options for {name}': 'Options pour {name}',
  'People ({n})': 'Personnes ({n})',
  'People in the room': 'Personnes dans le studio',
  'Producer: nobody sees or hears you, and you are not recorded':
    'Réalisation : personne ne vous voit ni ne vous entend, et vous n’êtes pas enregistré',
  'Raise hand': 'Lever la main',
  'Remove {name} from the session? A link that is still open lets anybody in again, under another name: lock the room, or revoke the link.':
    'Exclure {name} de la session ? Un lien encore ouvert laisse rentrer n’importe qui, sous un autre nom : verrouillez le studio, ou révoquez le lien.',
  'Remove {name}?': 'Exclure {name} ?',
  'Remove…': 'Exclure…',
  'Screen of {name}': 'Écran de {name}',
  'Turn all away': 'Tous les refuser',
  'Turn away': 'Refuser',
  'Turn {name} away': 'Refuser {name}',
  'Who comes by a link waits until you let them in.': 'Qui vient par un lien attend que vous l’admettiez.',
  'camera off': 'caméra éteinte',
  'joining…': 'arrive…',
  'microphone off': 'micro coupé',
  'not recorded': 'non enregistré',
  'reconnecting…': 'se reconnecte…',
  '{name} (you)': '{name} (vous)',
  Joining: 'Entrée',
  Keep: 'Garder',
  Lobby: 'Salle d’attente',
  People: 'Personnes',
  Screens: 'Écrans',
  somebody: 'quelqu’un',

  // What one does
  'A device was unplugged. Another one has taken its place.':
    'Un appareil a été débranché. Un autre a pris sa place.',
  'Back in the room. Reconnecting your sound and picture…':
    'De retour dans le studio. Reconnexion de votre son et de votre image…',
  'Your device has no network. Reconnecting by itself as soon as it has…':
    'Votre appareil n’a pas de réseau. Reconnexion automatique dès qu’il en aura…',
  'Connecting your sound and picture…': 'Connexion de votre son et de votre image…',
  'Connection lost. Reconnecting by itself…': 'Connexion perdue. Reconnexion automatique…',
  'End for everybody?': 'Terminer pour tous ?',
  'End for everybody…': 'Terminer pour tous…',
  'End it': 'Terminer',
  'Go on': 'Continuer',
  'Microphone and camera': 'Micro et caméra',
  'Share screen': 'Partager l’écran',
  'Stop sharing': 'Arrêter le partage',
  'Studio controls': 'Commandes du studio',
  'The recording stops, and everybody has to leave. Only a host can open the session again.':
    'L’enregistrement s’arrête et tout le monde doit sortir. Seul un hôte peut rouvrir la session.',
  'This browser could not share the screen.': 'Ce navigateur n’a pas pu partager l’écran.',
  'Turn camera off': 'Éteindre la caméra',
  'Turn camera on': 'Allumer la caméra',
  'You are muted: nobody hears you. Unmute (M), or hold the space bar to speak.':
    'Votre micro est coupé : personne ne vous entend. Rétablissez-le (M), ou tenez la barre d’espace pour parler.',
  'Your connection is unsteady. Restoring it…': 'Votre connexion est instable. Rétablissement…',
  '{name} has muted your microphone. Unmute it when you want to speak.':
    '{name} a coupé votre micro. Rétablissez-le quand vous voudrez parler.',
  Dismiss: 'Fermer',
  Mute: 'Couper',
  Settings: 'Réglages',
  Unmute: 'Rétablir',

  // Chat
  'Chat ({n} new)': 'Messages ({n} nouveaux)',
  'Nothing yet. Everybody in the room reads what is written here, and it is gone when the room is empty.':
    'Rien encore. Tous ceux qui sont dans le studio lisent ce qui est écrit ici ; tout disparaît quand le studio est vide.',
  '{name} writes: {text}': '{name} écrit : {text}',
  Chat: 'Messages',
  Message: 'Message',
  'Messages#list': 'Messages',
  Send: 'Envoyer',

  // How it looks, and the keys
  'Hide yourself from your own view': 'Vous cacher de votre propre vue',
  'Keyboard shortcuts': 'Raccourcis clavier',
  'Mark this moment of the recording': 'Marquer cet instant de l’enregistrement',
  'Mute or unmute your microphone': 'Couper ou rétablir votre micro',
  'Off, no single key does anything in the room.': 'Sans eux, aucune touche seule n’agit dans le studio.',
  'Open or close the chat': 'Ouvrir ou fermer les messages',
  'Open or close the list of people': 'Ouvrir ou fermer la liste des personnes',
  'Raise or lower your hand': 'Lever ou baisser la main',
  'Show everybody alike': 'Montrer tout le monde pareil',
  'Show the speaker large': 'Montrer en grand qui parle',
  'Show the speaker large, or everybody alike': 'Montrer en grand qui parle, ou tout le monde pareil',
  'Show this help': 'Montrer cette aide',
  'Show yourself': 'Vous montrer',
  'They do nothing while you type.': 'Ils ne font rien pendant que vous écrivez.',
  'Turn your camera on or off': 'Allumer ou éteindre votre caméra',
  'Use shortcuts': 'Utiliser les raccourcis',
  'While you hold it: be heard, though you are muted':
    'Tant que vous la tenez : être entendu, bien que votre micro soit coupé',
  Close: 'Fermer',
  Space: 'Espace',
  View: 'Vue',

  // How somebody's page is doing
  'Nothing has been heard of you for a minute. Is your microphone muted on the device itself?':
    'On ne vous entend plus depuis une minute. Le micro est-il coupé sur l’appareil lui-même ?',
  'Nothing has been heard of {name} for a minute.': 'On n’entend plus {name} depuis une minute.',
  'Poor connection: everything arrives very late': 'Mauvaise connexion : tout arrive avec beaucoup de retard',
  'Poor connection: much is lost on the way': 'Mauvaise connexion : beaucoup se perd en route',
  'Poor connection: there is hardly room for the sound':
    'Mauvaise connexion : il y a à peine la place pour le son',
  'Slow connection: everything arrives late': 'Connexion lente : tout arrive en retard',
  'The device is too slow for the picture': 'L’appareil est trop lent pour l’image',
  'Thin connection: there is not enough room for the picture':
    'Connexion étroite : il n’y a pas assez de place pour l’image',
  'Unsteady connection: some is lost on the way': 'Connexion instable : une partie se perd en route',
  'What helps: a cable, a place nearer to the router, other programs closed.':
    'Ce qui aide : un câble, une place plus près de la box, les autres programmes fermés.',
  'Your microphone hears the others. Wear headphones, or turn echo cancellation on in the settings.':
    'Votre micro entend les autres. Mettez un casque, ou activez l’annulation d’écho dans les réglages.',
  'Your microphone is too loud and its sound is cut off. Move back, or turn its level down.':
    'Votre micro est trop fort et sature. Reculez, ou baissez son niveau.',
  'Your picture is very dark. A lamp in front of you helps.':
    'Votre image est très sombre. Une lampe devant vous aide.',
  '{name}’s microphone is too loud: it is cut off.': 'Le micro de {name} est trop fort : il sature.',

  // The recording
  'Before recording': 'Avant d’enregistrer',
  'Call off': 'Annuler',
  'Check before recording': 'Vérifier avant d’enregistrer',
  'Count down': 'Compte à rebours',
  'Everybody sees 3, 2, 1 before the light comes on.': 'Tous voient 3, 2, 1 avant que le voyant s’allume.',
  'Go on recording': 'Reprendre l’enregistrement',
  'Its disk alone would hold an hour of this.|Its disk alone would hold {n} hours of this.': {
    one: 'Son disque seul en tiendrait {n} heure.',
    other: 'Son disque seul en tiendrait {n} heures.',
  },
  'Marked at {time}': 'Marqué à {time}',
  'Nobody is here who could be recorded.': 'Personne ici ne peut être enregistré.',
  'Not yet': 'Pas encore',
  'Note about this moment': 'Note sur cet instant',
  'Pause recording': 'Suspendre l’enregistrement',
  'Paused: nothing is recorded': 'En pause : rien n’est enregistré',
  'Record anyway': 'Enregistrer quand même',
  'Recording stopped': 'Enregistrement arrêté',
  'Slate tone': 'Signal de clap',
  'Start recording': 'Démarrer l’enregistrement',
  'Starting to record…': 'L’enregistrement démarre…',
  'Stop recording': 'Arrêter l’enregistrement',
  'Storing the last moments…': 'Les derniers instants sont mis en sûreté…',
  'The recorder, its store and its keys are ready.': 'L’enregistreur, son stockage et ses clés sont prêts.',
  'Time recorded': 'Durée enregistrée',
  'What will be recorded': 'Ce qui sera enregistré',
  'When the light comes on, a short tone is in everybody’s stem.':
    'Quand le voyant s’allume, un bref signal est dans la piste de chacun.',
  'While it records, B marks a moment, and notes are written here.':
    'Pendant l’enregistrement, B marque un instant, et les notes s’écrivent ici.',
  'microphone heard': 'micro entendu',
  'microphone just opened': 'micro tout juste ouvert',
  'microphone muted': 'micro coupé',
  'no microphone': 'pas de micro',
  'nothing heard: have them say something': 'rien entendu : faites-lui dire quelque chose',
  '{name} starts the recording': '{name} démarre l’enregistrement',
  Note: 'Noter',
  Record: 'Enregistrer',

  // How safe it is
  'All that was said before {stored} is encrypted and in the store. What came since, up to {kept}, is encrypted on the recorder’s disk and follows by itself.':
    'Tout ce qui a été dit avant {stored} est chiffré et dans le stockage. Ce qui a suivi, jusqu’à {kept}, est chiffré sur le disque de l’enregistreur et suivra de soi-même.',
  'How safe the recording is': 'À quel point l’enregistrement est en sûreté',
  'In the store': 'Dans le stockage',
  'Not fully recorded': 'Pas entièrement enregistré',
  'On disk': 'Sur disque',
  'Safe up to {time}': 'En sûreté jusqu’à {time}',
  'Somebody who left': 'Quelqu’un qui est parti',
  'The recorder has said nothing for some seconds. This is how it was then; it goes on by itself when the recorder is back.':
    'L’enregistreur ne dit rien depuis quelques secondes. C’était l’état d’alors ; cela reprend de soi-même à son retour.',
  'The recorder’s disk is nearly full. Sound is still recorded, pictures are not.':
    'Le disque de l’enregistreur est presque plein. Le son est encore enregistré, les images ne le sont plus.',
  'The store takes nothing just now. What is recorded waits on the recorder’s disk, encrypted, and follows by itself.':
    'Le stockage n’accepte rien pour l’instant. Ce qui est enregistré attend, chiffré, sur le disque de l’enregistreur, et suivra de soi-même.',
  'Trouble with the recording': 'Problèmes de l’enregistrement',
  'Waiting for the recorder…': 'En attente de l’enregistreur…',
  'Your recording is safe': 'Votre enregistrement est en sûreté',
  'Your {source} sends nothing. Choose it again in the settings.':
    'Rien ne vient de votre côté ({source}). Choisissez l’appareil à nouveau dans les réglages.',
  'is being recorded': 'est enregistré',
  'is not fully recorded': 'n’est pas entièrement enregistré',
  'is recorded, and waits for the store': 'est enregistré, et attend le stockage',
  'not known': 'inconnu',
  'nothing to record': 'rien à enregistrer',
  'sends nothing': 'n’envoie rien',
  'the disk is nearly full': 'le disque est presque plein',
  'the recorder has said nothing for some seconds': 'l’enregistreur ne dit rien depuis quelques secondes',
  'waiting for the recorder': 'en attente de l’enregistreur',
  'waits for the store': 'attend le stockage',
  '{name}’s {source}': '{source} de {name}',
  '{name}’s {source} sends nothing.': 'Rien ne vient de {name} ({source}).',
  Track: 'Piste',
  closed: 'fermé',
  muted: 'coupé',
  off: 'éteint',
  paused: 'en pause',
  recorded: 'enregistré',
} as const;
