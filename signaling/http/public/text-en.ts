import { planNames, renderFormat, TRIAL_DAYS } from '../../protocol/index.ts';
import type { Known, PageText, Texts } from './texts.ts';

const changes = ({ notices }: Known): ReturnType<PageText['blocks']> => [
  { h2: 'Changes', id: 'changes' },
  'A change is announced here and by mail to the owners of every organization, at least 30 days before it holds.',
  ...(notices === null
    ? ['What was announced cannot be read just now. Please load this page again in some minutes.']
    : notices.length === 0
      ? ['None has been announced.']
      : notices),
];

const home: PageText = {
  title: 'Record a conversation, keep every voice',
  description:
    'CraterSync records remote conversations and gives back one aligned file for each person and source.',
  blocks: ({ to }) => [
    { h1: 'Record a conversation, keep every voice' },
    'CraterSync records podcasts, interviews and panels with people in different places. Guests join by a link in their browser, without an account. Afterwards there is one file for each person and source, all equally long, ready for an editor.',
    { action: 'Sign in', href: '/sign-in' },
    {
      picture: 'The studio during a recording: three people, the time recorded, and up to where it is safe.',
    },
    {
      cards: [
        {
          title: 'Nothing recorded is lost',
          text: 'What arrives is written to a journal at once. When the store is away, the recording goes on and is stored later. The studio tells how much of it is safe.',
        },
        {
          title: 'The files line up',
          text: 'Everything is placed by the instant at which it was captured, and the drift of each device’s clock is taken out. A certificate lists every gap and its cause.',
        },
        {
          title: 'Guests need no help',
          text: 'Before they join they see and hear that camera, microphone and network work. Whose device sends nothing is told at once, not after the recording.',
        },
        {
          title: 'Made to be worked with',
          text: 'Listen to all voices together, set markers, and download WAV, films, a mix, or a project for your editor. Share a recording by a link that ends.',
        },
        {
          title: 'Under a key of its own',
          text: `Every recording is encrypted under its own key, which goes first when you delete it. More about [security](${to('security')}).`,
        },
        {
          title: 'Open to programs',
          text: 'Whatever the pages do, your own programs can do by the [REST API](/api), and webhooks tell them when files are ready.',
        },
      ],
    },
  ],
};

const pricing: PageText = {
  title: 'Pricing',
  description: 'The plans of CraterSync, what is in each, and what it costs.',
  blocks: ({ plans }) => [
    { h1: 'Pricing' },
    `Begin with Free; an owner changes the plan at any time. The first paid plan can be tried for ${TRIAL_DAYS} days. Every plan has all stems of a recording; a recording that runs is never stopped by a limit. What is older than the plan keeps is deleted, a week after a warning by mail.`,
    {
      table: {
        id: 'plans',
        head: ['Plan', 'Price', 'Recording', 'People', 'Members', 'Kept', 'Made besides', 'Own key service'],
        rows: plans.map(({ plan, cost, limits }) => [
          planNames[plan],
          cost,
          limits.recordedHours === null ? 'without limit' : `${limits.recordedHours} hours a month`,
          limits.people === null ? 'without limit' : `${limits.people} in a session`,
          limits.members === null ? 'as agreed or paid for' : `${limits.members} members`,
          limits.retentionDays === null ? 'as long as you want' : `up to ${limits.retentionDays} days`,
          limits.formats.length === renderFormat.options.length ? 'all mixes and films' : 'MP3',
          limits.ownKeys ? 'yes' : 'no',
        ]),
      },
    },
    { action: 'Sign in', href: '/sign-in' },
  ],
};

const security: PageText = {
  title: 'Security',
  description: 'How CraterSync protects recordings, accounts and organizations.',
  blocks: ({ operator, to }) => [
    { h1: 'Security' },
    'What we do to protect what you record, and where the limits are.',
    { h2: 'On the way' },
    'Pages and requests go over TLS. Sound and pictures go between each browser and our servers by DTLS-SRTP. The servers pass media on and record it, so they do see it: it is not encrypted from end to end between the people in the room.',
    { h2: 'Where it is kept' },
    'Every recording has a random key of 256 bits. It is encrypted with AES-256-GCM before it touches a disk or the store, so neither holds anything readable. The key itself is locked by a key of your organization, and lies apart from the recordings and from the database. It opens only for the organization and the session it was made for.',
    'What was written is checked: each piece tells the checksum of the one before it, so a piece that was changed or left out is found.',
    { h2: 'Who gets in' },
    {
      list: [
        'There are no passwords. One signs in by a code that is mailed and works once, for ten minutes, in the browser that asked for it, or by a passkey.',
        'Guesses at codes are counted and stopped. A sign-in from a browser that is new is told by mail. “Your account” lists where you are signed in, and signs out any device.',
        'Guests come by links that expire. When a link is revoked, whoever came by it is out of the room within seconds.',
        'Owners, admins and members of an organization may do different things, and every request is checked for that.',
      ],
    },
    { h2: 'Organizations are kept apart' },
    'The database itself enforces that a request sees only the rows of one organization. The programs that serve you cannot switch that off.',
    { h2: 'What was done' },
    'Administrative actions stand in the audit log of the organization. Nobody can change it unnoticed: each entry holds the checksum of the one before.',
    { h2: 'When something is deleted' },
    'A deleted recording is hidden at once, and can be brought back for 24 hours. Then its key is destroyed, so that no copy of the store can be read any more; then its files are deleted; and you get a signed receipt. A recording under a legal hold is not deleted.',
    { h2: 'If you have found a weakness' },
    `Please write to [${operator.email}](mailto:${operator.email}), and give us time to mend it before you tell others. What is kept about people stands in [Privacy](${to('privacy')}).`,
  ],
};

const privacy: PageText = {
  title: 'Privacy',
  description: 'What CraterSync keeps about people, why, for how long, and which cookies it sets.',
  blocks: known => [
    { h1: 'Privacy' },
    `This service is run by ${known.operator.name}, ${known.operator.address}. Questions, and whatever you want to have seen, corrected or deleted: [${known.operator.email}](mailto:${known.operator.email}).`,
    { h2: 'Recordings' },
    'What is recorded belongs to the organization whose session it is. It decides who hears it, how long it is kept and when it is deleted; we keep it for them. If you were recorded and want to know more, or want it deleted, ask whoever invited you.',
    'Before you join, the page says that it is recorded, by whom, where it is kept and for how long. In the room you always see whether a recording runs. The test of sound before you join happens in your browser and is sent nowhere.',
    { h2: 'People with an account' },
    'We keep your mail address, name, time zone and language, the organizations you belong to, your passkeys (their public half), and the kinds of browsers you signed in with. We need them to let you in and to write to you. The audit log of an organization notes who did what, when and from which network address.',
    '“Your account” deletes your account: you are signed out at once, may come back for 30 days, and then nothing is left of you but an entry that leads to nobody.',
    { h2: 'Guests' },
    'Of guests we keep the name that they give and when they were in the room, for the organization that they visited. The chat of a room is written down nowhere.',
    { h2: 'How long' },
    'Recordings are kept until the organization deletes them or the time that it has set, or that its plan allows, is over. After that they can be brought back for 24 hours; then they are erased for good. Where a legal hold has been placed, they stay until it is released.',
    { h2: 'Who else' },
    `Other companies that work for us stand under [Sub-processors](${known.to('sub-processors')}). We sell nothing about you to anybody, and show no advertisements.`,
    { h2: 'Cookies, and what else your browser keeps', id: 'cookies' },
    ...(known.countsVisits
      ? [
          'On the pages that anybody can see, such as this one, we count visits with Google Analytics: to learn which pages are read. It never runs on the pages of whoever is signed in, nor where people join a conversation. Features for advertising are switched off.',
          'In the European Economic Area, the United Kingdom and Switzerland, and wherever we cannot tell the country, nothing of it is loaded before you allow it. Everywhere you can say no by “Cookie preferences” at the end of each page; its cookies are then deleted. A browser that sends Global Privacy Control has said no already.',
        ]
      : [
          'The pages that anybody can see, such as this one, set no cookies and load nothing from anybody else.',
        ]),
    'What is listed as needed is set when you sign in or join, and is necessary for that.',
    known.stored,
    ...changes(known),
  ],
};

const terms: PageText = {
  title: 'Terms',
  description: 'What you and we may expect from each other when you use CraterSync.',
  blocks: known => [
    { h1: 'Terms' },
    `These terms hold between you, or the organization that you act for, and ${known.operator.name}, ${known.operator.address}, who runs this service.`,
    { h2: 'The service' },
    `You hold conversations by way of your browsers, record them, and have the files afterwards. What protects them stands under [Security](${known.to('security')}); how it is doing just now under [Status](${known.to('status')}).`,
    { h2: 'What is yours' },
    'Everything that you record is yours. We use it for nothing but to give you this service, and look at it only if you ask us to.',
    { h2: 'What we ask of you' },
    {
      list: [
        'Record nobody who does not know it or has not agreed, and keep to the law of the places where they are.',
        'Keep to yourself what lets you in: the codes, links and tokens that you are sent. Tell us when somebody else has got them.',
        'Do not use the service to harm people, or to disturb it for others.',
      ],
    },
    { h2: 'What we cannot promise' },
    'We build the service so that nothing recorded is lost. Networks and devices fail nevertheless: look at what the studio tells while you record, and keep a copy of what matters to you. Nothing here takes from you the rights that the law gives you.',
    { h2: 'The end of it' },
    'You may leave at any time, and delete your account yourself. If somebody breaks these terms seriously, we may close their access; we say why, and leave time to download recordings unless the law forbids it.',
    { h2: 'The law' },
    `This agreement is under ${known.operator.law.en}. Write to [${known.operator.email}](mailto:${known.operator.email}) first: most things can be settled so. How we treat what is about people stands under [Privacy](${known.to('privacy')}).`,
    ...changes(known),
  ],
};

const subProcessors: PageText = {
  title: 'Sub-processors',
  description: 'Other companies that work with people’s data for this service.',
  blocks: known => [
    { h1: 'Sub-processors' },
    `These companies work with people’s data on behalf of ${known.operator.name}.`,
    known.subProcessors ?? 'There are none.',
    ...changes(known),
  ],
};

const status: PageText = {
  title: 'Status',
  description: 'Whether CraterSync works just now.',
  blocks: ({ status: { rows, at } }) => {
    const names = {
      pages: 'Pages and sign-in',
      conversations: 'Conversations',
      recording: 'Recording',
      files: 'Files and downloads',
    };
    return [
      { h1: rows.every(([, works]) => works) ? 'Everything works' : 'Something does not work just now' },
      `Looked at on ${at}. Load the page again to have it looked at anew.`,
      {
        table: {
          id: 'status',
          head: ['What', 'Works'],
          rows: rows.map(([service, works]) => [names[service], works ? 'yes' : 'no']),
        },
      },
    ];
  },
};

export const en: Texts = {
  names: {
    home: 'Home',
    pricing: 'Pricing',
    security: 'Security',
    privacy: 'Privacy',
    terms: 'Terms',
    'sub-processors': 'Sub-processors',
    status: 'Status',
  },
  pages: { home, pricing, security, privacy, terms, 'sub-processors': subProcessors, status },
  words: {
    otherLanguage: 'Français',
    signIn: 'Sign in',
    skip: 'Skip to the content',
    menu: 'Pages',
    runBy: name => `This service is run by ${name}.`,
    holdsFrom: day => `Holds from ${day} on.`,
    stored: {
      head: ['Name', 'Kind', 'When', 'What for', 'How long'],
      kinds: { cookie: 'Cookie', storage: 'Local storage' },
      whens: { 'signed-in': 'Needed', choice: 'When you answer', analytics: 'Counting visits' },
      purposes: {
        session: 'keeps you signed in',
        browser: 'tells a browser that you have used from a new one',
        organization: 'in which of your organizations this browser works',
        choice: 'what you have answered about counting visits',
        visitor: 'Google Analytics: tells one visitor from another',
        visit: 'Google Analytics: which pages belong to one visit',
        settings: 'what you chose last: your name in a room, devices, language, view',
        seat: 'lets you come back into a room as the same person',
      },
    },
    days: days => (days === null ? 'until you clear it' : `${days} days`),
    costs: {
      free: 'costs nothing',
      agreed: 'by agreement',
      unknown: 'shown before you order',
      paid: (amount, { byMonth, byMember }) =>
        `${amount} a ${byMonth ? 'month' : 'year'}${byMember ? ' for each member' : ''}`,
    },
    subProcessors: {
      stripe: {
        name: 'Stripe',
        country: 'Ireland, United States',
        purpose: 'takes payments for plans',
        data: 'of owners who order: mail address, card and invoices, number of members',
      },
      head: ['Company', 'Country', 'What for', 'Which data'],
      google: {
        name: 'Google (Google Analytics)',
        country: 'Ireland, United States',
        purpose: 'counts visits to the public pages',
        data: 'pages visited, kind of browser, a random number; of visitors who are counted',
      },
    },
  },
  cookies: {
    title: 'May we count your visit?',
    question:
      'We would like to know which of these pages are read, and use Google Analytics for that. It sets two cookies. Nothing depends on your answer, and you can change it at the end of each page.',
    allow: 'Allow',
    refuse: 'Refuse',
    preferences: 'Cookie preferences',
  },
};
