import { room } from './room.ts';

export { serverForGuests } from './server-guests.ts';

/** What guests may see: the way in, the green room, the room. Under the English that stands in the code. */
export const guests = {
  ...room,
  // Pages and their loading
  'Go to your sessions': 'Aller à vos sessions',
  '{organization} keeps them in {region} for {time}, if it does not delete them before; a day later they are erased for good.':
    '{organization} les conserve ({region}) {time}, sauf suppression avant ; un jour plus tard, ils sont effacés pour de bon.',
  '{organization} keeps them in {region} for {time}, as its plan allows no longer, if it does not delete them before; a day later they are erased for good.':
    '{organization} les conserve ({region}) {time}, son forfait ne permettant pas plus, sauf suppression avant ; un jour plus tard, ils sont effacés pour de bon.',
  '{organization} keeps them in {region} until it deletes them; a day later they are erased for good.':
    '{organization} les conserve ({region}) jusqu’à leur suppression ; un jour plus tard, ils sont effacés pour de bon.',
  '{organization} keeps them in {region}. A legal hold is in force there: they are not deleted for as long as it lasts.':
    '{organization} les conserve ({region}). Une conservation légale y est en vigueur : ils ne sont pas supprimés tant qu’elle dure.',
  'Load it again': 'La recharger',
  'Loading {what}…': 'Chargement : {what}…',
  'Not found': 'Introuvable',
  'That is a fault of ours, not yours. Nothing that was recorded is lost.':
    'C’est notre faute, pas la vôtre. Rien de ce qui a été enregistré n’est perdu.',
  'The address may be incomplete. If somebody sent you a link, ask them to send it again.':
    'L’adresse est peut-être incomplète. Si quelqu’un vous a envoyé un lien, demandez-lui de l’envoyer à nouveau.',
  'There is nothing here': 'Il n’y a rien ici',
  'This did not load': 'Le chargement a échoué',
  'This is gone': 'Cela n’existe plus',
  'This link has ended': 'Ce lien a pris fin',
  'This page stopped working': 'Cette page a cessé de fonctionner',
  'Try again': 'Réessayer',
  'You cannot join by this link': 'Ce lien ne permet pas d’entrer',
  'the page': 'la page',
  'the room': 'le studio',
  'your invitation': 'votre invitation',
  Save: 'Enregistrer',

  // Devices
  'Allow the microphone and the camera when your browser asks.':
    'Autorisez le micro et la caméra quand votre navigateur le demande.',
  'Another program or tab uses {devices}. Close that one, and try again.':
    'Un autre programme ou onglet utilise {devices}. Fermez-le, puis réessayez.',
  'Automatic gain': 'Gain automatique',
  'Browsers allow {devices} only on secure pages. Open this page by its https:// address.':
    'Les navigateurs n’autorisent {devices} que sur des pages sécurisées. Ouvrez cette page par son adresse https://.',
  'Camera blocked by this device': 'Caméra bloquée par cet appareil',
  'Camera does not start': 'La caméra ne démarre pas',
  'Camera is busy': 'La caméra est occupée',
  'Camera not allowed': 'Caméra non autorisée',
  'Camera not allowed yet': 'Caméra pas encore autorisée',
  'Camera not available on this address': 'Caméra indisponible à cette adresse',
  'Camera was unplugged': 'La caméra a été débranchée',
  'Camera {n}': 'Caméra {n}',
  'Choose another below, or restart the browser.':
    'Choisissez-en une autre ci-dessous, ou redémarrez le navigateur.',
  'Click the crossed-out icon left of this page’s address, take the block away, and try again. Firefox then asks for {devices} anew: allow it.':
    'Cliquez sur l’icône barrée à gauche de l’adresse de cette page, levez le blocage, puis réessayez. Firefox redemande alors {devices} : autorisez.',
  'Click the icon beside this page’s address, allow {devices}, and try again.':
    'Cliquez sur l’icône à côté de l’adresse de cette page, autorisez {devices}, puis réessayez.',
  'Click the icon left of this page’s address, allow {devices}, and try again.':
    'Cliquez sur l’icône à gauche de l’adresse de cette page, autorisez {devices}, puis réessayez.',
  'Default camera': 'Caméra par défaut',
  'Default microphone': 'Micro par défaut',
  'Echo cancellation': 'Suppression de l’écho',
  'Microphone and camera are busy': 'Le micro et la caméra sont occupés',
  'Microphone and camera blocked by this device': 'Micro et caméra bloqués par cet appareil',
  'Microphone and camera do not start': 'Le micro et la caméra ne démarrent pas',
  'Microphone and camera not allowed': 'Micro et caméra non autorisés',
  'Microphone and camera not allowed yet': 'Micro et caméra pas encore autorisés',
  'Microphone and camera not available on this address': 'Micro et caméra indisponibles à cette adresse',
  'Microphone and camera were unplugged': 'Le micro et la caméra ont été débranchés',
  'Microphone blocked by this device': 'Micro bloqué par cet appareil',
  'Microphone does not start': 'Le micro ne démarre pas',
  'Microphone is busy': 'Le micro est occupé',
  'Microphone level': 'Niveau du micro',
  'Microphone not allowed': 'Micro non autorisé',
  'Microphone not allowed yet': 'Micro pas encore autorisé',
  'Microphone not available on this address': 'Micro indisponible à cette adresse',
  'Microphone was unplugged': 'Le micro a été débranché',
  'Microphone {n}': 'Micro {n}',
  'No camera (only sound)': 'Sans caméra (son seul)',
  'No camera found': 'Aucune caméra trouvée',
  'No microphone (only listen)': 'Sans micro (écouter seulement)',
  'No microphone found': 'Aucun micro trouvé',
  'No microphone or camera found': 'Aucun micro ni caméra trouvé',
  'Noise suppression': 'Réduction du bruit',
  'Open the Settings of this device, choose this browser, allow {devices}, come back, and try again.':
    'Ouvrez les Réglages de cet appareil, choisissez ce navigateur, autorisez {devices}, revenez ici, puis réessayez.',
  'Open the menu Safari, “Settings for this website”, allow {devices}, and try again.':
    'Ouvrez le menu Safari, « Réglages pour ce site web », autorisez {devices}, puis réessayez.',
  'Open the privacy settings of this computer or phone, let this browser use {devices}, and try again.':
    'Ouvrez les réglages de confidentialité de cet ordinateur ou téléphone, laissez ce navigateur utiliser {devices}, puis réessayez.',
  'Plug in or switch on what is missing, and try again.':
    'Branchez ou allumez ce qui manque, puis réessayez.',
  'Plug it in and try again, or choose another below.':
    'Rebranchez l’appareil et réessayez, ou choisissez-en un autre ci-dessous.',
  'Press “Try again”, and allow {devices} when your browser asks.':
    'Appuyez sur « Réessayer », et autorisez {devices} quand votre navigateur le demande.',
  'Sound processing': 'Traitement du son',
  'Starting the camera…': 'Démarrage de la caméra…',
  'Tap the icon in the address bar, “Website Settings”, allow {devices}, and try again.':
    'Touchez l’icône dans la barre d’adresse, « Réglages du site web », autorisez {devices}, puis réessayez.',
  'Tap the icon left of this page’s address, “Permissions”, allow {devices}, and try again.':
    'Touchez l’icône à gauche de l’adresse de cette page, « Autorisations », autorisez {devices}, puis réessayez.',
  'Tap the lock left of this page’s address, allow {devices}, and try again.':
    'Touchez le cadenas à gauche de l’adresse de cette page, autorisez {devices}, puis réessayez.',
  'Turn it off in a quiet room, or for music.':
    'À désactiver dans une pièce silencieuse, ou pour de la musique.',
  'Turn it off when you set the level yourself.': 'À désactiver si vous réglez le niveau vous-même.',
  'Turn it off when you wear headphones.': 'À désactiver si vous portez un casque.',
  'You can also join and only listen.': 'Vous pouvez aussi entrer et seulement écouter.',
  'You can also join without a picture.': 'Vous pouvez aussi entrer sans image.',
  'Your camera is off': 'Votre caméra est coupée',
  'the camera': 'la caméra',
  'the microphone': 'le micro',
  'the microphone and the camera': 'le micro et la caméra',
  Camera: 'Caméra',
  Microphone: 'Micro',

  // Green room
  'Enter the name that the others will see.': 'Indiquez le nom que verront les autres.',
  'The others see your name, and that you are a producer.':
    'Les autres voient votre nom, et que vous êtes à la réalisation.',
  'You join as {name}.': 'Vous entrez sous le nom de {name}.',
  'You join to listen only.': 'Vous entrez pour écouter seulement.',
  'You join with picture only: the others will not hear you.':
    'Vous entrez avec l’image seule : les autres ne vous entendront pas.',
  'You join with sound and picture.': 'Vous entrez avec le son et l’image.',
  'You join with sound only.': 'Vous entrez avec le son seul.',
  'You see and hear everybody. Nobody sees or hears you, and nothing of you is recorded.':
    'Vous voyez et entendez tout le monde. Personne ne vous voit ni ne vous entend, et rien de vous n’est enregistré.',
  'Your name': 'Votre nom',
  '{organization} invites you to a recorded conversation.':
    '{organization} vous invite à une conversation enregistrée.',
  '{organization} invites you to follow a recorded conversation.':
    '{organization} vous invite à suivre une conversation enregistrée.',
  '{organization} invites you to run a recorded conversation with the host.':
    '{organization} vous invite à animer une conversation enregistrée avec l’hôte.',
  Join: 'Entrer',

  'About {speed} Mbit/s upwards.': 'Environ {speed} Mbit/s en envoi.',
  'Check the network again': 'Revérifier le réseau',
  'Checking the network…': 'Vérification du réseau…',
  'Default speaker': 'Haut-parleur par défaut',
  'Nothing was heard. Is the right microphone chosen, and is it switched on?':
    'Rien n’a été entendu. Le bon micro est-il choisi, et allumé ?',
  'Recording for three seconds: say something…':
    'Enregistrement pendant trois secondes : dites quelque chose…',
  'Speaker {n}': 'Haut-parleur {n}',
  'Test your sound': 'Tester votre son',
  'The network could not be checked. You can join all the same.':
    'Le réseau n’a pas pu être vérifié. Vous pouvez entrer malgré tout.',
  'The network is good.': 'Le réseau est bon.',
  'The network is slow: your picture may be left out. Your sound comes first.':
    'Le réseau est lent : votre image peut être omise. Votre son passe d’abord.',
  'The network will do; your picture may be small.': 'Le réseau suffit ; votre image sera peut-être petite.',
  'The test could not be made. Your microphone works all the same if its level moves.':
    'Le test n’a pas pu être fait. Votre micro fonctionne malgré tout si son niveau bouge.',
  'There is much noise around you. Find a quieter place, or turn noise suppression on.':
    'Il y a beaucoup de bruit autour de vous. Trouvez un endroit plus calme, ou activez la réduction du bruit.',
  'This browser is too old.': 'Ce navigateur est trop ancien.',
  'This is how the others hear you…': 'Voici comment les autres vous entendent…',
  'This network blocks UDP: TCP is used, and sound may lag at times.':
    'Ce réseau bloque UDP : TCP est utilisé, et le son peut prendre du retard par moments.',
  'This network blocks every direct way to the media server: a relay (TURN) is used, and sound may lag at times.':
    'Ce réseau bloque tout accès direct au serveur de médias : un relais (TURN) est utilisé, et le son peut prendre du retard par moments.',
  'This network lets no sound or picture through. Try another network, such as your phone’s, or switch a VPN or firewall off.':
    'Ce réseau ne laisse passer ni son ni image. Essayez un autre réseau, comme celui de votre téléphone, ou désactivez VPN ou pare-feu.',
  'Too loud: the sound is cut off.': 'Trop fort : le son est écrêté.',
  'Update it, or open your link in a current Chrome, Edge, Firefox or Safari.':
    'Mettez-le à jour, ou ouvrez votre lien dans une version récente de Chrome, Edge, Firefox ou Safari.',
  'When you join, you agree to be recorded while the light is red: your sound, your picture, and a screen that you share, each as a file of its own.':
    'En entrant, vous acceptez d’être enregistré tant que le voyant est rouge : votre son, votre image, et l’écran que vous partagez, chacun dans son propre fichier.',
  'You are too loud: the sound is cut off. Move away a little, or turn the microphone down.':
    'Vous êtes trop fort : le son est écrêté. Éloignez-vous un peu, ou baissez le micro.',
  'You are very quiet. Come closer, or turn the microphone up.':
    'Vous êtes très faible. Rapprochez-vous, ou montez le micro.',
  'Your microphone hears your loudspeaker. Use headphones, or turn echo cancellation on.':
    'Votre micro entend votre haut-parleur. Utilisez un casque, ou activez la suppression de l’écho.',
  'Your sound is good.': 'Votre son est bon.',
  Speaker: 'Haut-parleur',

  // Lobby, and after the room
  'Back to the session': 'Retour à la session',
  'Join again': 'Entrer à nouveau',
  'Join here again': 'Revenir ici',
  'Keep this page open: it goes on by itself. Nobody sees or hears you meanwhile.':
    'Gardez cette page ouverte : elle continue d’elle-même. En attendant, personne ne vous voit ni ne vous entend.',
  'Knock again': 'Frapper à nouveau',
  'Open recording': 'Ouvrir l’enregistrement',
  'The host is not here yet, and will see you when they come.':
    'L’hôte n’est pas encore là, et vous verra en arrivant.',
  'The host sees that you are here.': 'L’hôte voit que vous êtes là.',
  'Waiting to be let in.': 'En attente d’être admis.',
  'Waiting – {title}': 'En attente – {title}',
  'You are no longer in the room': 'Vous n’êtes plus dans le studio',
  'You could not join': 'Vous n’avez pas pu entrer',
  'You left': 'Vous êtes parti',
  'You were not let in': 'Vous n’avez pas été admis',
  Leave: 'Quitter',

  // Who and what, in the room and elsewhere
  'Co-host': 'Coanimation',
  'sound of the screen': 'son de l’écran',
  Guest: 'Invité',
  Host: 'Hôte',
  Producer: 'Réalisation',
  camera: 'caméra',
  microphone: 'micro',
  screen: 'écran',

  // Markers
  'Mark this moment': 'Marquer cet instant',
  'Name of {marker}': 'Nom de {marker}',
  'Rename {name}': 'Renommer {name}',
  Markers: 'Repères',
  Remove: 'Retirer',
  Rename: 'Renommer',
} as const;
