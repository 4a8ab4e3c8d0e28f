import { planNames, renderFormat, TRIAL_DAYS } from '../../protocol/index.ts';
import type { Known, PageText, Texts } from './texts.ts';

const changes = ({ notices }: Known): ReturnType<PageText['blocks']> => [
  { h2: 'Modifications', id: 'changes' },
  'Une modification est annoncée ici, et par courrier aux propriétaires de chaque organisation, au moins 30 jours avant de s’appliquer.',
  ...(notices === null
    ? ['Les annonces sont illisibles pour le moment. Rechargez cette page dans quelques minutes.']
    : notices.length === 0
      ? ['Aucune n’a été annoncée.']
      : notices),
];

const home: PageText = {
  title: 'Enregistrez une conversation, gardez chaque voix',
  description:
    'CraterSync enregistre des conversations à distance et rend un fichier aligné par personne et par source.',
  blocks: ({ to }) => [
    { h1: 'Enregistrez une conversation, gardez chaque voix' },
    'CraterSync enregistre des podcasts, des entretiens et des tables rondes entre des personnes éloignées. Les invités entrent par un lien dans leur navigateur, sans compte. Ensuite, vous avez un fichier par personne et par source, tous de la même longueur, prêts pour le montage.',
    { action: 'Se connecter', href: '/sign-in' },
    {
      picture:
        'Le studio pendant un enregistrement : trois personnes, la durée, et jusqu’où tout est en sûreté.',
    },
    {
      cards: [
        {
          title: 'Rien d’enregistré ne se perd',
          text: 'Ce qui arrive est aussitôt écrit dans un journal. Si le stockage est absent, l’enregistrement continue et sera rangé plus tard. Le studio dit ce qui est déjà en sûreté.',
        },
        {
          title: 'Les fichiers sont alignés',
          text: 'Tout est placé d’après l’instant de la prise, et la dérive de l’horloge de chaque appareil est corrigée. Un certificat donne chaque trou et sa cause.',
        },
        {
          title: 'Les invités se débrouillent',
          text: 'Avant d’entrer, ils voient et entendent que caméra, micro et réseau fonctionnent. Si un appareil n’envoie rien, on le sait tout de suite, et non après.',
        },
        {
          title: 'Fait pour travailler',
          text: 'Écoutez toutes les voix ensemble, posez des repères, et téléchargez des WAV, des films, un mixage ou un projet pour votre logiciel. Partagez un enregistrement par un lien qui expire.',
        },
        {
          title: 'Une clé pour chacun',
          text: `Chaque enregistrement est chiffré par sa propre clé, détruite la première quand vous le supprimez. En savoir plus sur la [sécurité](${to('security')}).`,
        },
        {
          title: 'Ouvert aux programmes',
          text: 'Ce que font les pages, vos programmes le font par l’[API REST](/api), et des webhooks les avertissent quand les fichiers sont prêts.',
        },
      ],
    },
  ],
};

const pricing: PageText = {
  title: 'Tarifs',
  description: 'Les forfaits de CraterSync, ce que contient chacun, et ce qu’il coûte.',
  blocks: ({ plans }) => [
    { h1: 'Tarifs' },
    `Commencez par Free ; un propriétaire change de forfait à tout moment. Le premier forfait payant s’essaie pendant ${TRIAL_DAYS} jours. Chaque forfait donne toutes les pistes d’un enregistrement ; une limite n’arrête jamais un enregistrement en cours. Ce qui est plus ancien que ce que le forfait conserve est supprimé, une semaine après un avertissement par e-mail.`,
    {
      table: {
        id: 'plans',
        head: [
          'Forfait',
          'Prix',
          'Enregistrement',
          'Personnes',
          'Membres',
          'Conservé',
          'Fait en plus',
          'Service de clés à vous',
        ],
        rows: plans.map(({ plan, cost, limits }) => [
          planNames[plan],
          cost,
          limits.recordedHours === null ? 'sans limite' : `${limits.recordedHours} heures par mois`,
          limits.people === null ? 'sans limite' : `${limits.people} par session`,
          limits.members === null ? 'selon l’accord ou le paiement' : `${limits.members} membres`,
          limits.retentionDays === null
            ? 'aussi longtemps que vous voulez'
            : `${limits.retentionDays} jours au plus`,
          limits.formats.length === renderFormat.options.length ? 'tous les mixages et films' : 'MP3',
          limits.ownKeys ? 'oui' : 'non',
        ]),
      },
    },
    { action: 'Se connecter', href: '/sign-in' },
  ],
};

const security: PageText = {
  title: 'Sécurité',
  description: 'Comment CraterSync protège les enregistrements, les comptes et les organisations.',
  blocks: ({ operator, to }) => [
    { h1: 'Sécurité' },
    'Ce que nous faisons pour protéger vos enregistrements, et où sont les limites.',
    { h2: 'En chemin' },
    'Les pages et les requêtes passent par TLS. Le son et l’image vont de chaque navigateur à nos serveurs par DTLS-SRTP. Les serveurs les transmettent et les enregistrent ; ils les voient donc : il n’y a pas de chiffrement de bout en bout entre les personnes présentes.',
    { h2: 'Là où c’est conservé' },
    'Chaque enregistrement a une clé aléatoire de 256 bits. Il est chiffré par AES-256-GCM avant de toucher un disque ou le stockage : ni l’un ni l’autre ne contient rien de lisible. La clé elle-même est verrouillée par une clé de votre organisation, et se trouve à part des enregistrements et de la base de données. Elle ne s’ouvre que pour l’organisation et la session pour lesquelles elle a été faite.',
    'Ce qui est écrit se vérifie : chaque morceau porte l’empreinte du précédent ; un morceau modifié ou manquant se remarque.',
    { h2: 'Qui entre' },
    {
      list: [
        'Il n’y a pas de mot de passe. On se connecte par un code reçu par courrier, valable une fois, pendant dix minutes, dans le navigateur qui l’a demandé, ou par une clé d’accès.',
        'Les essais de codes sont comptés et arrêtés. Une connexion depuis un nouveau navigateur est signalée par courrier. « Votre compte » montre où vous êtes connecté, et déconnecte chaque appareil.',
        'Les invités viennent par des liens qui expirent. Quand un lien est révoqué, ceux qui sont venus par lui sont sortis en quelques secondes.',
        'Propriétaires, admins et membres d’une organisation ont des droits différents, et chaque requête est vérifiée.',
      ],
    },
    { h2: 'Les organisations sont séparées' },
    'La base de données elle-même impose qu’une requête ne voie que les lignes d’une organisation. Les programmes qui vous servent ne peuvent pas lever cette règle.',
    { h2: 'Ce qui a été fait' },
    'Les actes d’administration figurent dans le journal d’audit de l’organisation. Personne ne peut le modifier sans que cela se voie : chaque entrée porte l’empreinte de la précédente.',
    { h2: 'Quand on supprime' },
    'Un enregistrement supprimé est caché aussitôt, et peut être rétabli pendant 24 heures. Ensuite sa clé est détruite : aucune copie du stockage ne peut plus être lue ; puis ses fichiers sont supprimés, et vous recevez un reçu signé. Ce qui est sous conservation légale n’est pas supprimé.',
    { h2: 'Si vous avez trouvé une faille' },
    `Écrivez à [${operator.email}](mailto:${operator.email}), et laissez-nous le temps de la corriger avant d’en parler à d’autres. Ce que nous conservons sur les personnes se trouve sous [Vie privée](${to('privacy')}).`,
  ],
};

const privacy: PageText = {
  title: 'Vie privée',
  description: 'Ce que CraterSync conserve sur les personnes, pourquoi, combien de temps, et ses cookies.',
  blocks: known => [
    { h1: 'Vie privée' },
    `Ce service est exploité par ${known.operator.name}, ${known.operator.address}. Pour toute question, et pour faire voir, corriger ou supprimer ce qui vous concerne : [${known.operator.email}](mailto:${known.operator.email}).`,
    { h2: 'Les enregistrements' },
    'Ce qui est enregistré appartient à l’organisation dont c’est la session. Elle décide qui l’écoute, combien de temps le garder et quand le supprimer ; nous le gardons pour elle. Si vous avez été enregistré et voulez en savoir plus, ou le faire supprimer, adressez-vous à qui vous a invité.',
    'Avant que vous entriez, la page dit que l’on enregistre, qui, où c’est conservé et combien de temps. Dans la salle, vous voyez toujours si un enregistrement est en cours. L’essai du son avant d’entrer se fait dans votre navigateur et n’est envoyé nulle part.',
    { h2: 'Les personnes qui ont un compte' },
    'Nous conservons votre adresse, votre nom, votre fuseau horaire et votre langue, les organisations dont vous faites partie, vos clés d’accès (leur moitié publique) et les sortes de navigateurs avec lesquels vous vous êtes connecté. Il le faut pour vous laisser entrer et vous écrire. Le journal d’audit d’une organisation note qui a fait quoi, quand et depuis quelle adresse réseau.',
    '« Votre compte » supprime votre compte : vous êtes déconnecté aussitôt, pouvez revenir pendant 30 jours, et ensuite il ne reste de vous qu’une entrée qui ne mène à personne.',
    { h2: 'Les invités' },
    'Des invités, nous conservons le nom qu’ils donnent et quand ils étaient dans la salle, pour l’organisation qu’ils ont visitée. Le chat d’une salle n’est écrit nulle part.',
    { h2: 'Combien de temps' },
    'Les enregistrements sont conservés jusqu’à ce que l’organisation les supprime ou que la durée qu’elle a fixée, ou que permet son forfait, soit passée. Ils peuvent alors être rétablis pendant 24 heures, puis sont effacés définitivement. Sous conservation légale, ils restent jusqu’à ce qu’elle soit levée.',
    { h2: 'Qui d’autre' },
    `Les autres entreprises qui travaillent pour nous figurent sous [Sous-traitants](${known.to('sub-processors')}). Nous ne vendons rien de ce qui vous concerne, et n’affichons aucune publicité.`,
    { h2: 'Les cookies, et ce que votre navigateur garde d’autre', id: 'cookies' },
    ...(known.countsVisits
      ? [
          'Sur les pages ouvertes à tous, comme celle-ci, nous comptons les visites avec Google Analytics : pour savoir quelles pages sont lues. Il ne tourne jamais sur les pages des personnes connectées, ni là où l’on rejoint une conversation. Les fonctions publicitaires sont désactivées.',
          'Dans l’Espace économique européen, au Royaume-Uni et en Suisse, et partout où nous ignorons le pays, rien n’en est chargé avant que vous l’autorisiez. Partout, vous pouvez refuser par « Choix des cookies » au bas de chaque page ; ses cookies sont alors supprimés. Un navigateur qui envoie Global Privacy Control a déjà refusé.',
        ]
      : [
          'Les pages ouvertes à tous, comme celle-ci, ne posent aucun cookie et ne chargent rien d’ailleurs.',
        ]),
    'Ce qui est dit nécessaire est posé quand vous vous connectez ou entrez dans une salle, et il le faut pour cela.',
    known.stored,
    ...changes(known),
  ],
};

const terms: PageText = {
  title: 'Conditions',
  description: 'Ce que vous et nous pouvons attendre les uns des autres avec CraterSync.',
  blocks: known => [
    { h1: 'Conditions' },
    `Ces conditions lient vous, ou l’organisation pour laquelle vous agissez, et ${known.operator.name}, ${known.operator.address}, qui exploite ce service.`,
    { h2: 'Le service' },
    `Vous tenez des conversations par vos navigateurs, vous les enregistrez, et vous avez ensuite les fichiers. Ce qui les protège se trouve sous [Sécurité](${known.to('security')}) ; comment va le service en ce moment, sous [État](${known.to('status')}).`,
    { h2: 'Ce qui est à vous' },
    'Tout ce que vous enregistrez est à vous. Nous ne nous en servons que pour vous rendre ce service, et ne le regardons que si vous nous le demandez.',
    { h2: 'Ce que nous vous demandons' },
    {
      list: [
        'N’enregistrez personne qui ne le sache ou n’y ait consenti, et respectez la loi des lieux où ces personnes se trouvent.',
        'Gardez pour vous ce qui vous fait entrer : les codes, liens et jetons que vous recevez. Dites-nous si quelqu’un d’autre les a.',
        'N’utilisez le service ni pour nuire à des personnes, ni pour le troubler à d’autres.',
      ],
    },
    { h2: 'Ce que nous ne pouvons pas promettre' },
    'Nous faisons ce service pour que rien d’enregistré ne se perde. Réseaux et appareils tombent pourtant en panne : regardez ce que dit le studio pendant que vous enregistrez, et gardez une copie de ce qui compte pour vous. Rien ici ne vous retire les droits que la loi vous donne.',
    { h2: 'La fin' },
    'Vous pouvez partir à tout moment, et supprimer votre compte vous-même. Si quelqu’un enfreint gravement ces conditions, nous pouvons fermer son accès ; nous disons pourquoi, et laissons le temps de télécharger les enregistrements, sauf si la loi l’interdit.',
    { h2: 'Le droit' },
    `Cet accord est soumis ${known.operator.law.fr}. Écrivez d’abord à [${known.operator.email}](mailto:${known.operator.email}) : la plupart des choses se règlent ainsi. Comment nous traitons ce qui concerne les personnes se trouve sous [Vie privée](${known.to('privacy')}).`,
    ...changes(known),
  ],
};

const subProcessors: PageText = {
  title: 'Sous-traitants',
  description: 'Les autres entreprises qui traitent des données de personnes pour ce service.',
  blocks: known => [
    { h1: 'Sous-traitants' },
    `Ces entreprises traitent des données de personnes pour le compte de ${known.operator.name}.`,
    known.subProcessors ?? 'Il n’y en a pas.',
    ...changes(known),
  ],
};

const status: PageText = {
  title: 'État',
  description: 'Si CraterSync fonctionne en ce moment.',
  blocks: ({ status: { rows, at } }) => {
    const names = {
      pages: 'Pages et connexion',
      conversations: 'Conversations',
      recording: 'Enregistrement',
      files: 'Fichiers et téléchargements',
    };
    return [
      {
        h1: rows.every(([, works]) => works)
          ? 'Tout fonctionne'
          : 'Quelque chose ne fonctionne pas en ce moment',
      },
      `Vérifié le ${at}. Rechargez la page pour vérifier de nouveau.`,
      {
        table: {
          id: 'status',
          head: ['Quoi', 'Fonctionne'],
          rows: rows.map(([service, works]) => [names[service], works ? 'oui' : 'non']),
        },
      },
    ];
  },
};

export const fr: Texts = {
  names: {
    home: 'Accueil',
    pricing: 'Tarifs',
    security: 'Sécurité',
    privacy: 'Vie privée',
    terms: 'Conditions',
    'sub-processors': 'Sous-traitants',
    status: 'État',
  },
  pages: { home, pricing, security, privacy, terms, 'sub-processors': subProcessors, status },
  words: {
    otherLanguage: 'English',
    signIn: 'Se connecter',
    skip: 'Aller au contenu',
    menu: 'Pages',
    runBy: name => `Ce service est exploité par ${name}.`,
    holdsFrom: day => `S’applique à partir du ${day}.`,
    stored: {
      head: ['Nom', 'Sorte', 'Quand', 'Pourquoi', 'Combien de temps'],
      kinds: { cookie: 'Cookie', storage: 'Stockage local' },
      whens: { 'signed-in': 'Nécessaire', choice: 'Quand vous répondez', analytics: 'Compte des visites' },
      purposes: {
        session: 'vous garde connecté',
        browser: 'distingue un navigateur que vous avez utilisé d’un nouveau',
        organization: 'dans laquelle de vos organisations ce navigateur travaille',
        choice: 'ce que vous avez répondu sur le compte des visites',
        visitor: 'Google Analytics : distingue un visiteur d’un autre',
        visit: 'Google Analytics : quelles pages font une même visite',
        settings: 'ce que vous avez choisi : votre nom dans une salle, appareils, langue, vue',
        seat: 'vous laisse revenir dans une salle comme la même personne',
      },
    },
    days: days => (days === null ? 'jusqu’à ce que vous l’effaciez' : `${days} jours`),
    costs: {
      free: 'gratuit',
      agreed: 'sur accord',
      unknown: 'indiqué avant la commande',
      paid: (amount, { byMonth, byMember }) =>
        `${amount} par ${byMonth ? 'mois' : 'an'}${byMember ? ' et par membre' : ''}`,
    },
    subProcessors: {
      stripe: {
        name: 'Stripe',
        country: 'Irlande, États-Unis',
        purpose: 'encaisse les paiements des forfaits',
        data: 'des propriétaires qui commandent : adresse, carte et factures, nombre de membres',
      },
      head: ['Entreprise', 'Pays', 'Pourquoi', 'Quelles données'],
      google: {
        name: 'Google (Google Analytics)',
        country: 'Irlande, États-Unis',
        purpose: 'compte les visites des pages ouvertes à tous',
        data: 'pages visitées, sorte de navigateur, un nombre aléatoire ; des visiteurs que l’on compte',
      },
    },
  },
  cookies: {
    title: 'Pouvons-nous compter votre visite ?',
    question:
      'Nous aimerions savoir lesquelles de ces pages sont lues, et utilisons pour cela Google Analytics. Il pose deux cookies. Rien ne dépend de votre réponse, et vous pouvez la changer au bas de chaque page.',
    allow: 'Autoriser',
    refuse: 'Refuser',
    preferences: 'Choix des cookies',
  },
};
